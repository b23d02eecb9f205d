/* mech/aff.c -- affine arithmetic: storage, sums, products.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/aff.h"

#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"

#include <string.h>

#define OP1(op) \
    sbx_status sbx_aff_##op(sbx_aff *z, const sbx_aff *x, const sbx_ctx *ctx, sbx_err *err)
#define OP2(op)                                                                                 \
    sbx_status sbx_aff_##op(sbx_aff *z, const sbx_aff *x, const sbx_aff *y, const sbx_ctx *ctx, \
                            sbx_err *err)

/* ---- storage ------------------------------------------------------------------------------------- */

void sbx_aff_init(sbx_aff *z, const sbx_ctx *ctx)
{
    (void)ctx;
    *z = (sbx_aff){0};
}
void sbx_aff_clear(sbx_aff *z)
{
    sbx_free(z->a);
    *z = (sbx_aff){0};
}

/* z's affine part is given up. */
static void drop(sbx_aff *z)
{
    sbx_free(z->a);
    z->a = NULL;
    z->n = 0;
    z->c = 0.0;
    z->r = HUGE_VAL;
}

void sbx_aff_interval(sbx_aff *z, sbx_ivd v)
{
    const double c = v.lo / 2 + v.hi / 2;
    drop(z);
    z->z = v;
    if (!(fabs(v.lo) <= DBL_MAX && fabs(v.hi) <= DBL_MAX)) return;
    z->c = v.lo == v.hi ? v.lo : c;
    z->r = fmax(sbx_sub_hi(v.hi, z->c), sbx_sub_hi(z->c, v.lo));
}

/* z is t, whose memory it takes. */
static void take(sbx_aff *z, sbx_aff *t)
{
    sbx_free(z->a);
    *z = *t;
}

void sbx_aff_set(sbx_aff *z, const sbx_aff *x)
{
    sbx_aff t = *x;
    if (z == x) return;
    t.a = x->n ? sbx_alloc(x->n, sizeof *t.a) : NULL;
    if (x->n && !t.a) {
        t.n = 0;
        drop(&t);
    }
    if (t.a) memcpy(t.a, x->a, x->n * sizeof *t.a);
    take(z, &t);
}

/* sum |a_k|, rounded up: n additions of numbers >= 0 */
static double magnitude(const sbx_aff *x)
{
    double s = 0.0;
    for (size_t k = 0; k < x->n; k++)
        s += fabs(x->a[k]);
    return sbx_mul_hi(s, 1.0 + (double)(x->n + 2) * 0x1p-52);
}

/* what n roundings of results of the total magnitude s lose, at most: u |result|, or the least number */
static double lost(double s, size_t n)
{
    return sbx_add_hi(sbx_mul_hi(s, 0x1p-52), sbx_mul_hi((double)n, SBX_ETA));
}

/* Makes t whole: its interval is that of interval arithmetic, cut by its affine range; z takes it. */
static sbx_status settle(sbx_aff *z, sbx_aff *t, sbx_ivd v, sbx_err *err)
{
    const double dev = sbx_add_hi(magnitude(t), t->r);
    t->z = v;
    if (!(fabs(t->c) <= DBL_MAX && dev <= DBL_MAX)) {
        drop(t);
    } else {
        const double lo = sbx_sub_lo(t->c, dev), hi = sbx_add_hi(t->c, dev);
        if (lo > v.hi || hi < v.lo) {
            sbx_free(t->a);
            return sbx_fail(err, SBX_ERR_SOUNDNESS, SBX_HERE, "affine and interval range apart");
        }
        if (lo > v.lo) t->z.lo = lo;
        if (hi < v.hi) t->z.hi = hi;
    }
    take(z, t);
    return SBX_OK;
}

static sbx_status fresh(sbx_aff *t, size_t n, sbx_err *err)
{
    *t = (sbx_aff){.n = n, .a = n ? sbx_alloc(n, sizeof *t->a) : NULL};
    if (n && !t->a) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory for %zu symbols", n);
    return SBX_OK;
}

static bool whole(const sbx_aff *x) { return x->r < HUGE_VAL; }

sbx_status sbx_aff_symbol(sbx_aff *z, size_t k, const sbx_ivd *t, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_aff y;
    if (k >= SBX_AFF_MAX || t->lo == t->hi) {
        sbx_aff_interval(z, *t);
        return SBX_OK;
    }
    SBX_TRY(fresh(&y, k + 1, err));
    y.c = t->lo / 2 + t->hi / 2;
    y.a[k] = fmax(sbx_sub_hi(t->hi, y.c), sbx_sub_hi(y.c, t->lo)); /* c +- a covers t */
    SBX_TRY(settle(z, &y, *t, err));
done:
    return st;
}

/* ---- constants, ends, comparisons ------------------------------------------------------------------ */

#define THROUGH(name, type)                                                         \
    sbx_status sbx_aff_##name(sbx_aff *z, type v, const sbx_ctx *ctx, sbx_err *err) \
    {                                                                               \
        sbx_ivd t;                                                                  \
        const sbx_status st = sbx_ivd_##name(&t, v, ctx, err);                      \
        if (st == SBX_OK) sbx_aff_interval(z, t);                                   \
        return st;                                                                  \
    }
THROUGH(set_si, long)
THROUGH(set_d, double)
THROUGH(set_q, mpq_srcptr)

sbx_status sbx_aff_set_below(sbx_aff *z, const sbx_aff *x, sbx_err *err)
{
    (void)err;
    sbx_aff_interval(z, (sbx_ivd){-HUGE_VAL, x->z.hi});
    return SBX_OK;
}
sbx_status sbx_aff_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_aff *x, sbx_err *err)
{
    return sbx_ivd_get_q(lo, hi, &x->z, err);
}
sbx_status sbx_aff_end(sbx_aff *z, const sbx_aff *x, sbx_end e, sbx_err *err)
{
    sbx_ivd t;
    const sbx_status st = sbx_ivd_end(&t, &x->z, e, err);
    if (st == SBX_OK) sbx_aff_interval(z, t);
    return st;
}
bool sbx_aff_is_finite(const sbx_aff *x) { return sbx_ivd_is_finite(&x->z); }
sbx_truth sbx_aff_lt(const sbx_aff *x, const sbx_aff *y) { return sbx_ivd_lt(&x->z, &y->z); }
sbx_truth sbx_aff_le(const sbx_aff *x, const sbx_aff *y) { return sbx_ivd_le(&x->z, &y->z); }
sbx_truth sbx_aff_eq(const sbx_aff *x, const sbx_aff *y) { return sbx_ivd_eq(&x->z, &y->z); }

/* ---- sums --------------------------------------------------------------------------------------------- */

static double at(const sbx_aff *x, size_t k) { return k < x->n ? x->a[k] : 0.0; }

/* x + s y, s = 1 or -1 */
static sbx_status sum(sbx_aff *z, const sbx_aff *x, const sbx_aff *y, double s, sbx_ivd v,
                      sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_aff t;
    if (!whole(x) || !whole(y)) {
        sbx_aff_interval(z, v);
        return SBX_OK;
    }
    SBX_TRY(fresh(&t, x->n > y->n ? x->n : y->n, err));
    t.c = x->c + s * y->c;
    for (size_t k = 0; k < t.n; k++)
        t.a[k] = at(x, k) + s * at(y, k);
    t.r = sbx_add_hi(x->r, y->r);
    if (t.n || t.c != 0.0)
        t.r = sbx_add_hi(t.r, sbx_mul_hi(sbx_add_hi(magnitude(&t), fabs(t.c)), 0x1p-52));
    SBX_TRY(settle(z, &t, v, err));
done:
    return st;
}

OP2(add)
{
    sbx_ivd v;
    (void)ctx;
    const sbx_status st = sbx_ivd_add(&v, &x->z, &y->z, NULL, err);
    return st == SBX_OK ? sum(z, x, y, 1.0, v, err) : st;
}
OP2(sub)
{
    sbx_ivd v;
    (void)ctx;
    const sbx_status st = sbx_ivd_sub(&v, &x->z, &y->z, NULL, err);
    return st == SBX_OK ? sum(z, x, y, -1.0, v, err) : st;
}
OP1(neg)
{
    (void)ctx;
    (void)err;
    sbx_aff_set(z, x);
    z->c = -z->c;
    for (size_t k = 0; k < z->n; k++)
        z->a[k] = -z->a[k];
    z->z = (sbx_ivd){-z->z.hi, -z->z.lo};
    return SBX_OK;
}

/* ---- products ------------------------------------------------------------------------------------------ */

/* (c + A + e)(d + B + f), |e| <= r, |f| <= s: c d + c B + d A, then |c| s + |d| r + r |B| + s |A| + r s and
 * A B = sum over k, l of a_k b_l e_k e_l: the terms k = l are a_k b_k [0, 1], the others at most |A| |B| less
 * their magnitudes. */
static sbx_status product(sbx_aff *z, const sbx_aff *x, const sbx_aff *y, sbx_ivd v, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t both = x->n < y->n ? x->n : y->n;
    double ma, mb, square = 0.0, diag = 0.0, rounding = 0.0, r;
    sbx_aff t;
    if (!whole(x) || !whole(y)) {
        sbx_aff_interval(z, v);
        return SBX_OK;
    }
    SBX_TRY(fresh(&t, x->n > y->n ? x->n : y->n, err));
    ma = magnitude(x);
    mb = magnitude(y);
    for (size_t k = 0; k < t.n; k++) {
        const double p = x->c * at(y, k), q = y->c * at(x, k);
        t.a[k] = p + q;
        rounding += fabs(p) + fabs(q) + fabs(t.a[k]);
    }
    for (size_t k = 0; k < both; k++) {
        const double p = x->a[k] * y->a[k];
        diag += p;
        square += fabs(p);
    }
    t.c = x->c * y->c + 0.5 * diag;
    rounding += fabs(x->c * y->c) + fabs(t.c);
    /* sums of n terms of one magnitude: n u of it, and the products' own roundings */
    rounding = sbx_mul_hi(rounding, 1.0 + (double)(t.n + 4) * 0x1p-52);
    r = lost(rounding, 3 * t.n + 3);
    r = sbx_add_hi(r, sbx_mul_hi(square, (double)(both + 3) * 0x1p-52));
    r = sbx_add_hi(r, sbx_mul_hi((double)both, SBX_ETA));
    /* |A| |B| less half of the squares: those have [0, 1], half of it is in c */
    square = sbx_mul_lo(square, 1.0 - (double)(both + 4) * 0x1p-52);
    square = sbx_sub_lo(square, sbx_mul_hi((double)both, SBX_ETA));
    r = sbx_add_hi(r, sbx_sub_hi(sbx_mul_hi(ma, mb), square > 0.0 ? 0.5 * square : 0.0));
    r = sbx_add_hi(r, sbx_mul_hi(sbx_add_hi(fabs(x->c), ma), y->r));
    r = sbx_add_hi(r, sbx_mul_hi(sbx_add_hi(fabs(y->c), mb), x->r));
    t.r = sbx_add_hi(r, sbx_mul_hi(x->r, y->r));
    if (t.c != t.c || t.r != t.r) drop(&t);
    SBX_TRY(settle(z, &t, v, err));
done:
    return st;
}

OP2(mul)
{
    sbx_ivd v;
    sbx_status st;
    (void)ctx;
    st = x == y ? sbx_ivd_sqr(&v, &x->z, NULL, err) : sbx_ivd_mul(&v, &x->z, &y->z, NULL, err);
    return st == SBX_OK ? product(z, x, y, v, err) : st;
}
OP1(sqr) { return sbx_aff_mul(z, x, x, ctx, err); }

sbx_status sbx_aff_fma(sbx_aff *z, const sbx_aff *x, const sbx_aff *y, const sbx_aff *a,
                       const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_aff t = {0};
    SBX_TRY(sbx_aff_mul(&t, x, y, ctx, err));
    SBX_TRY(sbx_aff_add(z, &t, a, ctx, err));
done:
    sbx_aff_clear(&t);
    return st;
}

sbx_status sbx_aff_line(sbx_aff *z, const sbx_aff *x, double alpha, sbx_ivd b, sbx_ivd range,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_aff f = {0}, g = {0};
    const bool finite = whole(x) && fabs(alpha) <= DBL_MAX && sbx_ivd_is_finite(&b);
    if (!finite) {
        sbx_aff_interval(z, range);
        return SBX_OK;
    }
    sbx_aff_interval(&f, (sbx_ivd){alpha, alpha});
    sbx_aff_interval(&g, b);
    SBX_TRY(sbx_aff_mul(&f, &f, x, NULL, err));
    SBX_TRY(sbx_aff_add(&f, &f, &g, NULL, err));
    SBX_TRY(sbx_ivd_intersect(&f.z, &f.z, &range, NULL, err));
    take(z, &f);
    f = (sbx_aff){0};
done:
    sbx_aff_clear(&f);
    sbx_aff_clear(&g);
    return st;
}

/* ---- without an affine part, or with one of them --------------------------------------------------------- */

OP2(hull)
{
    sbx_ivd v;
    const sbx_status st = sbx_ivd_hull(&v, &x->z, &y->z, ctx, err);
    if (st == SBX_OK) sbx_aff_interval(z, v);
    return st;
}

/* x and y are the same number: the narrower of the two forms */
OP2(intersect)
{
    sbx_ivd v;
    const sbx_status st = sbx_ivd_intersect(&v, &x->z, &y->z, ctx, err);
    if (st != SBX_OK) return st;
    sbx_aff_set(z, sbx_add_hi(magnitude(x), x->r) <= sbx_add_hi(magnitude(y), y->r) ? x : y);
    z->z = v;
    return SBX_OK;
}
