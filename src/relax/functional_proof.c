/* relax/functional_proof.c -- the constant that given slopes need, proved piece by piece.
 *
 * All terms are relative to the point c: -a_j x = -a_j c_j - a_j (x - c_j), so that a box far
 * from 0 costs no digits; -a.c is added last, as an exact sum with its bracket.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/functional.h"

#include "base/alloc.h"
#include "relax/affine.h"
#include "relax/exp.h"

/* ---- the question and its leaves --------------------------------------------------- */

sbx_status sbx_fun_open(sbx_fun *f, const double *v, const double *c, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *d;
    *f = (sbx_fun){.n = n, .v = v, .c = c};
    f->mem = d = sbx_alloc(n, 7 * sizeof(double));
    f->order = sbx_alloc(2 * n, sizeof *f->order);
    if (!d || !f->order) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a bound of %zu numbers", n);
    f->key = d;
    f->mu = d + 2 * n;
    f->z = d + 4 * n;
    f->y = d + 5 * n;
    f->k = d + 6 * n;
done:
    return st;
}

void sbx_fun_close(sbx_fun *f)
{
    sbx_free(f->mem);
    sbx_free(f->order);
    *f = (sbx_fun){0};
}

static sbx_ivd minus(double a, double b) { return (sbx_ivd){sbx_sub_lo(a, b), sbx_sub_hi(a, b)}; }

sbx_status sbx_leaf_open(sbx_leaf *b, const sbx_fun *f, const sbx_ivd *x, sbx_err *err)
{
    const size_t n = f->n;
    sbx_status st = SBX_OK;
    sbx_ivd range, *v;
    double *d;

    *b = (sbx_leaf){.n = n, .K = -HUGE_VAL};
    b->mem = b->x = sbx_alloc(n, 6 * sizeof *b->x + 6 * sizeof *d);
    if (!b->mem) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a box of %zu", n);
    b->dl = b->x + n;
    b->du = b->x + 2 * n;
    b->cl = b->x + 3 * n;
    b->cu = b->x + 4 * n;
    v = b->x + 5 * n;
    d = (double *)(b->x + 6 * n);
    b->el = d;
    b->eu = d + n;
    b->hl = d + 2 * n;
    b->hu = d + 3 * n;
    b->l = d + 4 * n;
    b->u = d + 5 * n;
    for (size_t j = 0; j < n; j++) {
        b->x[j] = x[j];
        v[j] = (sbx_ivd){f->v[j], f->v[j]};
        b->K = fmax(b->K, x[j].hi);
    }
    SBX_TRY(sbx_softmax_functional_ivd(&range, v, x, n, NULL, err));
    b->t_lo = range.lo;
    b->t_hi = range.hi;
    for (size_t j = 0; j < n; j++) {
        sbx_ivd e;
        b->dl[j] = minus(x[j].lo, b->K);
        b->du[j] = minus(x[j].hi, b->K);
        b->cl[j] = minus(x[j].lo, f->c[j]);
        b->cu[j] = minus(x[j].hi, f->c[j]);
        b->l[j] = x[j].lo - f->c[j];
        b->u[j] = x[j].hi - f->c[j];
        SBX_TRY(exp_ivd(&e, &b->dl[j], NULL, err));
        b->el[j] = e.lo / 2 + e.hi / 2;
        b->hl[j] = e.hi;
        SBX_TRY(exp_ivd(&e, &b->du[j], NULL, err));
        b->eu[j] = e.lo / 2 + e.hi / 2;
        b->hu[j] = e.hi;
    }
done:
    if (st != SBX_OK) sbx_leaf_close(b);
    return st;
}

void sbx_leaf_close(sbx_leaf *b)
{
    sbx_free(b->mem);
    *b = (sbx_leaf){0};
}

/* ---- phi, rounded up --------------------------------------------------------------- */

/* >= a y for y in the interval */
static double times_hi(double a, sbx_ivd y) { return sbx_mul_hi(a, a > 0.0 ? y.hi : y.lo); }

/* Where -a y + k e^y is largest, about: below, z - K is what is used, whatever it is. */
static double tangent(double a, double k, double K, sbx_ivd x)
{
    double z = a < 0.0 ? log_guess(a / k) + K : x.lo; /* e^y = a / k */
    if (!(z >= x.lo)) z = x.lo;
    if (z > x.hi) z = x.hi;
    return z - K;
}

/* phi(t, mu) + a.c, rounded up [L-RLX-111] */
static double phi(const sbx_fun *f, const sbx_leaf *b, const double *a, double t, double mu)
{
    double total = t;
    for (size_t j = 0; j < f->n; j++) {
        const double k = mu > 0.0 ? sbx_mul_hi(mu, sbx_sub_hi(f->v[j], t)) : 0.0;
        f->z[j] = k < 0.0 ? tangent(a[j], k, b->K, b->x[j]) : 0.0;
        if (!(fabs(f->z[j]) <= 1e6)) f->z[j] = -1e6;
    }
    sbx_exp_bulk(f->y, f->k, f->z, f->n);
    for (size_t j = 0; j < f->n; j++) {
        const double k = mu > 0.0 ? sbx_mul_hi(mu, sbx_sub_hi(f->v[j], t)) : 0.0;
        double low = times_hi(-a[j], b->cl[j]), high = times_hi(-a[j], b->cu[j]);
        if (k > 0.0) { /* convex: an end */
            low = sbx_add_hi(low, sbx_mul_hi(k, b->hl[j]));
            high = sbx_add_hi(high, sbx_mul_hi(k, b->hu[j]));
        } else if (k < 0.0 && f->z[j] >= -700.0) { /* e^y >= e (1 + y - z), e <= e^z */
            const double e = ldexp(fma(-5 * 0x1p-54, f->y[j], f->y[j]), (int)f->k[j]);
            const double one = sbx_sub_lo(1.0, f->z[j]), q_lo = sbx_mul_lo(k, e),
                         q_hi = sbx_mul_hi(k, e);
            const double at_l = sbx_add_lo(one, b->dl[j].lo), at_u = sbx_add_lo(one, b->du[j].lo);
            low = sbx_add_hi(low, sbx_mul_hi(at_l > 0.0 ? q_hi : q_lo, at_l));
            high = sbx_add_hi(high, sbx_mul_hi(at_u > 0.0 ? q_hi : q_lo, at_u));
        }
        total = sbx_add_hi(total, low > high ? low : high);
        if (!(low <= DBL_MAX && high <= DBL_MAX)) return HUGE_VAL; /* a NaN too */
    }
    return total <= DBL_MAX && total >= -DBL_MAX ? total : HUGE_VAL;
}

static sbx_piece piece_of(const sbx_fun *f, const sbx_leaf *b, const double *a, double t1,
                          double t2)
{
    sbx_level m;
    double p, q;
    sbx_fun_level(&m, NULL, f, b, a, t1 / 2 + t2 / 2);
    if (!(m.mu >= 0.0 && m.mu <= DBL_MAX)) m.mu = 0.0;
    p = phi(f, b, a, t1, m.mu);
    q = phi(f, b, a, t2, m.mu);
    return (sbx_piece){t1, t2, m.mu, p > q ? p : q};
}

void sbx_fun_prove(double *top, sbx_piece *piece, size_t *n, size_t max, const sbx_fun *f,
                   const sbx_leaf *b, const double *a, double goal)
{
    *n = 1;
    piece[0] = piece_of(f, b, a, b->t_lo, b->t_hi);
    for (;;) {
        size_t worst = 0;
        sbx_piece p;
        double t;
        for (size_t k = 1; k < *n; k++)
            if (piece[k].top > piece[worst].top) worst = k;
        *top = piece[worst].top;
        if (*top <= goal || *n >= max) return;
        p = piece[worst];
        t = p.t1 / 2 + p.t2 / 2;
        if (!(t > p.t1 && t < p.t2)) return;
        piece[worst] = piece_of(f, b, a, p.t1, t);
        piece[(*n)++] = piece_of(f, b, a, t, p.t2);
    }
}

double sbx_fun_constant(const sbx_fun *f, const double *a, double top)
{
    sbx_acc s = {top, 0.0, 0.0};
    for (size_t j = 0; j < f->n; j++)
        sbx_acc_mul(&s, -a[j], f->c[j]);
    return sbx_acc_hi(&s);
}
