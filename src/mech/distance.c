/* mech/distance.c -- the distance of two mechanisms: which numbers are precise enough, and over a box a
 * cover of sub-boxes against points inside.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/distance.h"

#include "num/round.h"

#include <math.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>

#define EXACT_MAX 16384 /* weights in rationals: at most so many */
#define FINE_MAX  4096  /* ranks in ivf                          */
#define SPLIT_MAX 64    /* free numbers of a box that is split   */
#define CLOSE     0x1p-26

/* ---- the instances ---------------------------------------------------------------------------- */

static void outer_mpq(sbx_ivd *z, const sbx_mpq *x)
{
    if (sbx_ivd_set_q(z, x->v, NULL, NULL) != SBX_OK) *z = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
}
static void outer_ivd(sbx_ivd *z, const sbx_ivd *x) { *z = *x; }
static void outer_ivf(sbx_ivd *z, const sbx_ivf *x)
{
    z->lo = mpfr_get_d(x->lo, MPFR_RNDD);
    z->hi = mpfr_get_d(x->hi, MPFR_RNDU);
}

static void outer_aff(sbx_ivd *z, const sbx_aff *x) { *z = x->z; }

#define NO_NOTE(S)                                                                        \
    static sbx_status note_##S(sbx_reading *z, const sbx_##S *x, size_t of, sbx_err *err) \
    {                                                                                     \
        (void)z;                                                                          \
        (void)x;                                                                          \
        (void)of;                                                                         \
        (void)err;                                                                        \
        return SBX_OK;                                                                    \
    }                                                                                     \
    static void row_end_##S(sbx_reading *z) { (void)z; }
NO_NOTE(mpq)
NO_NOTE(ivd)
NO_NOTE(ivf)

/* where the number grows; double guesses */
static void lean(sbx_reading *z, const sbx_aff *x, size_t of)
{
    const double top = fmax(fabs(x->z.lo), fabs(x->z.hi)), sign = x->c < 0.0 ? -1.0 : 1.0;
    const size_t n = z->loose->n;
    double *const at = z->lean + 2 * of * n;
    for (size_t k = 0; k < x->n && k < n; k++)
        at[n + k] += x->c * x->a[k];
    if (!(top > z->top[of])) return;
    z->top[of] = top;
    for (size_t k = 0; k < n; k++)
        at[k] = k < x->n ? sign * x->a[k] : 0.0;
}

/* A difference of weights (0) or of outputs (1) goes into the sums of forms. */
static sbx_status note_aff(sbx_reading *z, const sbx_aff *x, size_t of, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_aff t = {0};
    if (z->lean) lean(z, x, of);
    if (!z->sums) return SBX_OK;
    SBX_TRY(sbx_aff_sqr(&t, x, z->ctx, err));
    SBX_TRY(sbx_aff_add(&z->sums->square[of], &z->sums->square[of], &t, z->ctx, err));
    if (of) goto done;
    SBX_TRY(sbx_aff_abs(&t, x, z->ctx, err));
    SBX_TRY(sbx_aff_add(&z->sums->row, &z->sums->row, &t, z->ctx, err));
done:
    sbx_aff_clear(&t);
    return st;
}
static void row_end_aff(sbx_reading *z)
{
    sbx_sums *s = z->sums;
    if (!s) return;
    s->most.lo = fmax(s->most.lo, s->row.z.lo);
    s->most.hi = fmax(s->most.hi, s->row.z.hi);
    sbx_aff_clear(&s->row);
}

static void keep_mpq(sbx_reading *z, size_t at, const sbx_mpq *w, size_t m)
{
    for (size_t j = 0; j < m && z->keep_q; j++)
        sbx_mpq_set(&z->keep_q[at + j], &w[j]);
}
static void keep_ivd(sbx_reading *z, size_t at, const sbx_ivd *w, size_t m)
{
    (void)z;
    (void)at;
    (void)w;
    (void)m;
}
static void keep_aff(sbx_reading *z, size_t at, const sbx_aff *w, size_t m)
{
    (void)z;
    (void)at;
    (void)w;
    (void)m;
}
static void keep_ivf(sbx_reading *z, size_t at, const sbx_ivf *w, size_t m)
{
    for (size_t j = 0; j < m && z->keep_f; j++)
        sbx_ivf_set(&z->keep_f[at + j], &w[j]);
}

/* Only a point is looked at in rationals. */
static sbx_status symbol_mpq(sbx_mpq *z, size_t k, const sbx_ivd *t, const sbx_ctx *ctx,
                             sbx_err *err)
{
    (void)k;
    return sbx_mpq_set_d(z, t->lo, ctx, err);
}
static sbx_status symbol_ivd(sbx_ivd *z, size_t k, const sbx_ivd *t, const sbx_ctx *ctx,
                             sbx_err *err)
{
    (void)k;
    (void)ctx;
    (void)err;
    *z = *t;
    return SBX_OK;
}
static sbx_status symbol_aff(sbx_aff *z, size_t k, const sbx_ivd *t, const sbx_ctx *ctx,
                             sbx_err *err)
{
    (void)ctx;
    return sbx_aff_symbol(z, k, t, err);
}
static sbx_status symbol_ivf(sbx_ivf *z, size_t k, const sbx_ivd *t, const sbx_ctx *ctx,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivf hi;
    (void)k;
    sbx_ivf_init(&hi, ctx);
    SBX_TRY(sbx_ivf_set_d(z, t->lo, ctx, err));
    SBX_TRY(sbx_ivf_set_d(&hi, t->hi, ctx, err));
    SBX_TRY(sbx_ivf_hull(z, z, &hi, ctx, err));
done:
    sbx_ivf_clear(&hi);
    return st;
}

#include "softbox/bind/mpq.h"
#include "mech/distance.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivd.h"
#include "mech/distance.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include "mech/distance.tmpl.c"
#include "softbox/bind/unbind.h"

#include "mech/bind_aff.h"
#include "mech/distance.tmpl.c"
#include "softbox/bind/unbind.h"

/* ---- one evaluation: all numbers at once ----------------------------------------------------------- */

/* what a box is split for: the place in sbx_distance, and is it a greatest or a least */
static const struct {
    size_t place;
    bool most;
} parts[] = {
    {offsetof(sbx_distance, entry), true},       {offsetof(sbx_distance, row_tv), true},
    {offsetof(sbx_distance, frobenius), true},   {offsetof(sbx_distance, spectral), true},
    {offsetof(sbx_distance, out_entry), true},   {offsetof(sbx_distance, out_frobenius), true},
    {offsetof(sbx_distance, mass_least), false}, {offsetof(sbx_distance, mass_most), true},
    {offsetof(sbx_distance, least), false},      {offsetof(sbx_distance, most), true},
};
#define N_PARTS (sizeof parts / sizeof *parts)

static sbx_ivd *part(sbx_distance *z, size_t k)
{
    return (sbx_ivd *)(void *)((char *)z + parts[k].place);
}
static sbx_ivd value(const sbx_distance *z, size_t k)
{
    return *(const sbx_ivd *)(const void *)((const char *)z + parts[k].place);
}

static bool has_weights(const sbx_mech_args *a)
{
    return !(sbx_mech_traits(a) & SBX_MECH_NO_WEIGHTS) && a->mech->row_ivd;
}

static void meters_free(sbx_reading *r)
{
    sbx_mat_meter_free(r->o);
    sbx_mat_meter_free(r->a);
    sbx_mat_meter_free(r->e);
    r->o = r->a = r->e = NULL;
}

static sbx_status meters_new(sbx_reading *r, sbx_err *err)
{
    const sbx_mech_shape s = r->ask->of_x->shape;
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_mat_meter_new(&r->e, s.m, r->want & SBX_DISTANCE_SPECTRAL ? SBX_MAT_GRAM : 0, err));
    SBX_TRY(sbx_mat_meter_new(&r->a, s.m, 0, err));
    if (r->want & SBX_DISTANCE_OUTPUTS) SBX_TRY(sbx_mat_meter_new(&r->o, s.dv, 0, err));
done:
    return st;
}

/* Is it more than a point? */
static bool is_box(const sbx_reading *r)
{
    for (size_t k = 0; r->t && k < r->loose->n; k++)
        if (r->t[k].lo < r->t[k].hi) return true;
    return false;
}

/* *z cut to what b says of the same number, >= 0 */
static void cut(sbx_ivd *z, sbx_ivd b)
{
    if (b.lo > z->lo) z->lo = b.lo;
    if (b.hi < z->hi) z->hi = b.hi;
}

/* Forms' sums are enclosures of the same sums. */
static sbx_status cut_sums(sbx_distance *z, const sbx_reading *r, sbx_err *err)
{
    const sbx_sums *s = r->sums;
    sbx_status st = SBX_OK;
    sbx_ivd v;
    if (!s || !is_box(r)) return SBX_OK;
    if (z->has_weights) {
        cut(&z->row_tv, (sbx_ivd){sbx_mul_lo(s->most.lo, 0.5), sbx_mul_hi(s->most.hi, 0.5)});
        SBX_TRY(sbx_ivd_sqrt(&v, &s->square[0].z, NULL, err));
        cut(&z->frobenius, v);
        cut(&z->spectral, (sbx_ivd){0.0, v.hi});
    }
    if (z->has_outputs) {
        SBX_TRY(sbx_ivd_sqrt(&v, &s->square[1].z, NULL, err));
        cut(&z->out_frobenius, v);
    }
done:
    return st;
}

/* *z = what the numbers of system `how` say; r says where. */
static sbx_status evaluate(sbx_distance *z, sbx_reading *r, sbx_num how, sbx_err *err)
{
    const bool a = has_weights(r->ask->of), e = a && has_weights(r->ask->from);
    sbx_status st = SBX_OK;
    sbx_mat_norms norms;
    *z = (sbx_distance){.shape = r->ask->of_x->shape,
                        .has_mass = a,
                        .has_weights = e,
                        .has_outputs = r->want & SBX_DISTANCE_OUTPUTS,
                        .how = how,
                        .prec = how == SBX_NUM_IVF ? r->ctx->prec : 53};
    if (r->sums) {
        sbx_aff_interval(&r->sums->square[0], (sbx_ivd){0.0, 0.0});
        sbx_aff_interval(&r->sums->square[1], (sbx_ivd){0.0, 0.0});
        sbx_aff_clear(&r->sums->row);
        r->sums->most = (sbx_ivd){0.0, 0.0};
    }
    r->mass_least = (sbx_ivd){HUGE_VAL, HUGE_VAL};
    r->mass_most = (sbx_ivd){-HUGE_VAL, -HUGE_VAL};
    SBX_TRY(meters_new(r, err));
    SBX_TRY(how == SBX_NUM_MPQ   ? read_mpq(r, err)
            : how == SBX_NUM_IVF ? read_ivf(r, err)
            : is_box(r)          ? read_aff(r, err)
                                 : read_ivd(r, err));
    if (a) {
        SBX_TRY(sbx_mat_meter_get(&norms, r->a, r->ctx, err));
        z->least = norms.least;
        z->most = norms.most;
        z->mass_least = r->mass_least;
        z->mass_most = r->mass_most;
    }
    if (e) {
        SBX_TRY(sbx_mat_meter_get(&norms, r->e, r->ctx, err));
        z->entry = norms.entry;
        z->row_tv = (sbx_ivd){sbx_mul_lo(norms.row_l1.lo, 0.5), sbx_mul_hi(norms.row_l1.hi, 0.5)};
        z->frobenius = norms.frobenius;
        z->spectral = norms.spectral;
    }
    if (r->o) {
        SBX_TRY(sbx_mat_meter_get(&norms, r->o, r->ctx, err));
        z->out_entry = norms.entry;
        z->out_frobenius = norms.frobenius;
    }
    SBX_TRY(cut_sums(z, r, err));
done:
    meters_free(r);
    return st;
}

/* Is it wide for its size; of zeros, for that of the weights? */
static bool wide(const sbx_ivd *z, double size)
{
    const double w = z->hi - z->lo;
    return !(w <= CLOSE * z->hi || w <= 0x1p-40 * size);
}

static bool too_wide(const sbx_distance *z)
{
    const double size = z->has_mass ? fmax(fabs(z->most.hi), fabs(z->least.lo)) : 0.0;
    bool yes = false;
    if (z->has_weights) yes = wide(&z->entry, size) || wide(&z->frobenius, size);
    if (z->has_mass) yes = yes || !(size <= DBL_MAX);
    if (z->has_outputs) yes = yes || wide(&z->out_entry, size);
    return yes;
}

static bool rational(const sbx_mech_args *a)
{
    return sbx_mech_get_info(a->mech)->kind == SBX_NORM_RATIONAL &&
           !sbx_mech_get_info(a->mech)->need;
}

/* A point: the first of the systems that is precise enough, else the last that has a value. */
static sbx_status at_point(sbx_distance *z, sbx_reading *r, sbx_err *err)
{
    static const long bits[] = {0, 128, 320};
    const sbx_mech_shape s = r->ask->of_x->shape;
    const sbx_ctx *outer = r->ctx;
    sbx_status st = SBX_ERR_UNSUPPORTED;
    bool any = false;
    if (rational(r->ask->of) && rational(r->ask->from) && s.n <= EXACT_MAX / s.m) {
        st = evaluate(z, r, SBX_NUM_MPQ, err);
        if (st != SBX_ERR_UNSUPPORTED) return st;
    }
    for (size_t k = 0; k < 3 && (k == 0 || !any || too_wide(z)); k++) {
        sbx_ctx fine = outer ? *outer : sbx_ctx_default;
        sbx_distance y;
        fine.prec = bits[k];
        r->ctx = k ? &fine : outer;
        st = evaluate(&y, r, k ? SBX_NUM_IVF : SBX_NUM_IVD, err);
        r->ctx = outer;
        if (st == SBX_OK) *z = y;
        any = any || st == SBX_OK;
        if (st != SBX_OK && st != SBX_ERR_DOMAIN) break;
    }
    return any && st == SBX_ERR_DOMAIN ? SBX_OK : st;
}

/* ---- a box: a cover of sub-boxes, and their middles [L-MCH-71] --------------------------------------- */

typedef struct cell {
    sbx_distance z;
    bool failed;
    sbx_ivd *t;
} cell;

typedef struct cover {
    sbx_reading *r;
    cell *cells;
    size_t n, room, turn;
    sbx_distance in; /* what points inside prove */
    bool any;
} cover;

static sbx_ivd greatest(sbx_ivd a, sbx_ivd b)
{
    return (sbx_ivd){fmax(a.lo, b.lo), fmax(a.hi, b.hi)};
}
static sbx_ivd least(sbx_ivd a, sbx_ivd b) { return (sbx_ivd){fmin(a.lo, b.lo), fmin(a.hi, b.hi)}; }

/* What the point t proves. */
static sbx_status inside(cover *c, const sbx_ivd *t, sbx_err *err)
{
    sbx_distance p;
    sbx_status st;
    c->r->t = t;
    st = evaluate(&p, c->r, SBX_NUM_IVD, err);
    for (size_t k = 0; k < N_PARTS && st == SBX_OK; k++) {
        sbx_ivd *a = part(&c->in, k);
        const sbx_ivd b = *part(&p, k);
        *a = !c->any ? b : parts[k].most ? greatest(*a, b) : least(*a, b);
    }
    c->any = c->any || st == SBX_OK;
    return st == SBX_ERR_DOMAIN ? SBX_OK : st;
}

/* The cell's numbers, no wider than those of the cell that it was cut from. */
static sbx_status look(cover *c, cell *z, const cell *parent, sbx_err *err)
{
    sbx_err why = {SBX_OK, NULL, ""};
    sbx_ivd *mid = NULL;
    sbx_status st;
    if (c->r->lean) memset(c->r->lean, 0, 4 * c->r->loose->n * sizeof *c->r->lean);
    c->r->top[0] = c->r->top[1] = -1.0;
    c->r->t = z->t;
    st = evaluate(&z->z, c->r, SBX_NUM_IVD, &why);
    z->failed = st != SBX_OK;
    if (st != SBX_OK && st != SBX_ERR_DOMAIN) goto out;
    if (st != SBX_OK && parent && !parent->failed) {
        z->z = parent->z;
        z->failed = false;
    } else if (st == SBX_OK && parent && !parent->failed) {
        for (size_t k = 0; k < N_PARTS; k++) {
            sbx_ivd *a = part(&z->z, k);
            const sbx_ivd b = value(&parent->z, k);
            if (parts[k].most)
                a->hi = fmin(a->hi, b.hi);
            else
                a->lo = fmax(a->lo, b.lo);
        }
    }
    mid = sbx_alloc(c->r->loose->n + 1, sizeof *mid);
    if (!mid) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory");
    for (size_t k = 0; k < c->r->loose->n; k++)
        mid[k].lo = mid[k].hi = z->t[k].lo / 2 + z->t[k].hi / 2;
    st = inside(c, mid, &why);
    for (size_t f = 0; f < 4 && c->r->lean && st == SBX_OK; f++) {
        for (size_t k = 0; k < c->r->loose->n; k++) {
            const double v = c->r->lean[f * c->r->loose->n + k];
            mid[k].lo = mid[k].hi = v > 0.0   ? z->t[k].hi
                                    : v < 0.0 ? z->t[k].lo
                                              : z->t[k].lo / 2 + z->t[k].hi / 2;
        }
        st = inside(c, mid, &why);
    }
out:
    c->r->t = NULL;
    sbx_free(mid);
    if (st != SBX_OK && err) *err = why;
    return st;
}

/* What the cells prove together, of number k: the far end. */
static double far_end(const cover *c, size_t k)
{
    double v = parts[k].most ? -HUGE_VAL : HUGE_VAL;
    for (size_t i = 0; i < c->n; i++) {
        const sbx_ivd z = value(&c->cells[i].z, k);
        if (c->cells[i].failed) return parts[k].most ? HUGE_VAL : -HUGE_VAL;
        v = parts[k].most ? fmax(v, z.hi) : fmin(v, z.lo);
    }
    return v;
}

/* The cell to split: a failed one; else the one that keeps the far end of the next number that is not near
 * its near end. n: none. */
static size_t choose(cover *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->cells[i].failed) return i;
    for (size_t tries = 0; tries < N_PARTS; tries++) {
        const size_t k = c->turn++ % N_PARTS;
        const double far = far_end(c, k);
        const sbx_ivd in = *part(&c->in, k);
        const double near = parts[k].most ? in.lo : in.hi;
        if (c->any && fabs(far - near) <= 1e-3 * fabs(far)) continue;
        for (size_t i = 0; i < c->n; i++)
            if ((parts[k].most ? part(&c->cells[i].z, k)->hi : part(&c->cells[i].z, k)->lo) == far)
                return i;
    }
    return c->n;
}

static sbx_status new_cell(cover *c, sbx_err *err)
{
    cell *z = &c->cells[c->n];
    *z = (cell){.t = sbx_alloc(c->r->loose->n + 1, sizeof *z->t)};
    if (!z->t) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory");
    c->n++;
    return SBX_OK;
}

/* Cuts cell i along the number that is widest there, and looks at both. */
static sbx_status split(cover *c, size_t i, sbx_err *err)
{
    const sbx_loose *f = c->r->loose;
    sbx_status st = SBX_OK;
    cell parent, *a, *b;
    size_t at = 0;
    double widest = -1.0;
    SBX_TRY(new_cell(c, err));
    a = &c->cells[i];
    b = &c->cells[c->n - 1];
    parent = *a;
    for (size_t k = 0; k < f->n; k++) {
        const double w = (a->t[k].hi - a->t[k].lo) * mpq_get_d(f->radius[k]);
        if (w > widest) {
            widest = w;
            at = k;
        }
    }
    memcpy(b->t, a->t, f->n * sizeof *b->t);
    b->t[at].lo = a->t[at].hi = a->t[at].lo / 2 + a->t[at].hi / 2;
    SBX_TRY(look(c, a, &parent, err));
    SBX_TRY(look(c, b, &parent, err));
done:
    return st;
}

static sbx_status over_box(sbx_distance *z, sbx_reading *r, sbx_err *err)
{
    const size_t most = r->loose->n > SPLIT_MAX ? 1
                        : r->ask->boxes         ? r->ask->boxes
                                                : SBX_DISTANCE_BOXES;
    sbx_status st = SBX_OK;
    cover c = {.r = r, .room = most, .cells = sbx_alloc(most, sizeof *c.cells)};
    sbx_sums sums = {0};
    r->lean = sbx_alloc(4 * r->loose->n, sizeof *r->lean);
    r->sums = &sums;
    if (!c.cells || !r->lean) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu boxes", most);
    SBX_TRY(new_cell(&c, err));
    for (size_t k = 0; k < r->loose->n; k++)
        c.cells[0].t[k] = (sbx_ivd){-1.0, 1.0};
    SBX_TRY(look(&c, &c.cells[0], NULL, err));
    while (c.n < most) {
        const size_t i = choose(&c);
        if (i == c.n) break;
        SBX_TRY(split(&c, i, err));
    }
    for (size_t i = 0; i < c.n; i++)
        if (c.cells[i].failed) {
            r->t = c.cells[i].t;
            st = evaluate(z, r, SBX_NUM_IVD, err); /* for its reason */
            if (st == SBX_OK) SBX_FAIL(err, SBX_ERR_DOMAIN, "no value somewhere, perhaps");
            goto done;
        }
    *z = c.cells[0].z;
    z->boxes = c.n;
    for (size_t k = 0; k < N_PARTS; k++) {
        const sbx_ivd in = *part(&c.in, k);
        const double far = far_end(&c, k);
        *part(z, k) = parts[k].most ? (sbx_ivd){c.any ? in.lo : -HUGE_VAL, far}
                                    : (sbx_ivd){far, c.any ? in.hi : HUGE_VAL};
        if (k < 6 && !c.any) part(z, k)->lo = 0.0;
    }
done:
    for (size_t i = 0; i < c.n; i++)
        sbx_free(c.cells[i].t);
    sbx_free(c.cells);
    sbx_free(r->lean);
    sbx_aff_clear(&sums.row);
    sbx_aff_clear(&sums.square[0]);
    sbx_aff_clear(&sums.square[1]);
    r->lean = NULL;
    r->sums = NULL;
    r->t = NULL;
    return st;
}

/* ---- ranks --------------------------------------------------------------------------------------------- */

/* ... and what else of the weights is exact then */
static sbx_status rank_exact(size_t *rank, sbx_distance *own, sbx_reading *r, size_t n, size_t m,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_distance z;
    r->keep_q = sbx_mech_new_mpq(n * m, r->ctx);
    if (!r->keep_q) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu rationals", n * m);
    SBX_TRY(evaluate(&z, r, SBX_NUM_MPQ, err));
    SBX_TRY(sbx_mat_rank(rank, r->keep_q, n, m, r->ctx, err));
    own->mass_least = z.mass_least;
    own->mass_most = z.mass_most;
    own->least = z.least;
    own->most = z.most;
done:
    sbx_mech_free_mpq(r->keep_q, n * m);
    r->keep_q = NULL;
    return st;
}

static sbx_status rank_fine(size_t *rank, sbx_reading *r, size_t n, size_t m, sbx_err *err)
{
    const sbx_ctx *outer = r->ctx;
    sbx_ctx fine = outer ? *outer : sbx_ctx_default;
    sbx_status st = SBX_OK;
    sbx_distance z;
    fine.prec = 320;
    r->ctx = &fine;
    r->keep_f = sbx_mech_new_ivf(n * m, &fine);
    if (!r->keep_f) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n * m);
    SBX_TRY(evaluate(&z, r, SBX_NUM_IVF, err));
    SBX_TRY(sbx_mat_rank_least_ivf(rank, r->keep_f, n, m, &fine, err));
done:
    sbx_mech_free_ivf(r->keep_f, n * m);
    r->keep_f = NULL;
    r->ctx = outer;
    return st;
}

static sbx_status rank_plain(size_t *rank, sbx_reading *r, size_t n, size_t m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_distance z;
    r->keep = sbx_alloc(n * m, sizeof *r->keep);
    if (!r->keep) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu intervals", n * m);
    SBX_TRY(evaluate(&z, r, SBX_NUM_IVD, err));
    SBX_TRY(sbx_mat_rank_least(rank, r->keep, n, m, r->ctx, err));
done:
    sbx_free(r->keep);
    r->keep = NULL;
    return st;
}

/* The mechanism against itself: no other one is evaluated. */
static sbx_status ranks(sbx_distance *z, const sbx_reading *at, sbx_err *err)
{
    const sbx_mech_shape s = z->shape;
    sbx_distance_ask own = *at->ask;
    sbx_reading r = {.ask = &own, .loose = at->loose, .ctx = at->ctx};
    sbx_ivd *all = NULL;
    sbx_status st = SBX_OK;
    size_t rank = 0;
    own.from = own.of;
    own.from_x = own.of_x;
    z->rank_most = sbx_mech_rank(own.of, s);
    z->has_rank = true;
    if (at->loose->n) {
        all = sbx_alloc(at->loose->n, sizeof *all);
        if (!all) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
        for (size_t k = 0; k < at->loose->n; k++)
            all[k] = (sbx_ivd){-1.0, 1.0};
        r.t = all;
    } else if (rational(own.of) && s.n <= EXACT_MAX / s.m) {
        SBX_TRY(rank_exact(&rank, z, &r, s.n, s.m, err));
        z->rank_least = z->rank_most = rank;
        goto done;
    }
    st = rank_plain(&rank, &r, s.n, s.m, err);
    if (st == SBX_ERR_DOMAIN) st = SBX_OK; /* what is not proved is 0 */
    SBX_TRY(st);
    z->rank_least = rank;
    if (rank < z->rank_most && !r.t && s.n <= FINE_MAX / s.m) {
        SBX_TRY(rank_fine(&rank, &r, s.n, s.m, err));
        if (rank > z->rank_least) z->rank_least = rank;
    }
    if (z->rank_least > z->rank_most)
        SBX_FAIL(err, SBX_ERR_SOUNDNESS, "%s: a rank of at least %zu, but at most %zu",
                 sbx_mech_get_info(own.of->mech)->name, z->rank_least, z->rank_most);
done:
    sbx_free(all);
    return st;
}

/* ---- the whole ------------------------------------------------------------------------------------------ */

static void loose_clear(sbx_loose *f)
{
    for (size_t k = 0; f->radius && k < f->n; k++)
        mpq_clear(f->radius[k]);
    sbx_free(f->radius);
    sbx_free(f->place);
}

static sbx_status loose_new(sbx_loose *f, const sbx_distance_ask *a, sbx_err *err)
{
    const sbx_mech_shape s = a->of_x->shape;
    const size_t size[] = {s.n * s.d, s.m * s.d, s.m * s.dv};
    mpq_t *const none = NULL;
    mpq_t *const r[] = {a->radius ? a->radius->q : none, a->radius ? a->radius->k : none,
                        a->radius ? a->radius->v : none};
    sbx_status st = SBX_OK;
    size_t count = 0, at = 0;
    *f = (sbx_loose){0};
    for (size_t p = 0; p < 3; p++)
        for (size_t k = 0; r[p] && k < size[p]; k++) {
            if (mpq_sgn(r[p][k]) < 0) SBX_FAIL(err, SBX_ERR_ARG, "a radius below 0");
            count += mpq_sgn(r[p][k]) != 0;
        }
    f->place = sbx_alloc(count + 1, sizeof *f->place);
    f->radius = sbx_alloc(count + 1, sizeof *f->radius);
    if (!f->place || !f->radius) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", count);
    for (size_t p = 0; p < 3; at += size[p++])
        for (size_t k = 0; r[p] && k < size[p]; k++) {
            if (mpq_sgn(r[p][k]) == 0) continue;
            f->place[f->n] = at + k;
            mpq_init(f->radius[f->n]);
            mpq_set(f->radius[f->n++], r[p][k]);
        }
done:
    return st;
}

static sbx_status same_input(const sbx_distance_ask *a, sbx_err *err)
{
    const sbx_mech_shape s = a->of_x->shape, t = a->from_x->shape;
    if (s.n != t.n || s.m != t.m || s.d != t.d || s.dv != t.dv)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "the two inputs have different shapes");
    return SBX_OK;
}

sbx_status sbx_mech_distance(sbx_distance *z, const sbx_distance_ask *ask, const sbx_ctx *ctx,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_loose f = {0};
    sbx_reading r = {.ask = ask,
                     .loose = &f,
                     .ctx = ctx ? ctx : &sbx_ctx_default,
                     .want = ask->want & (SBX_DISTANCE_SPECTRAL | SBX_DISTANCE_OUTPUTS)};
    *z = (sbx_distance){0};
    SBX_TRY(same_input(ask, err));
    SBX_TRY(loose_new(&f, ask, err));
    SBX_TRY(f.n ? over_box(z, &r, err) : at_point(z, &r, err));
    if ((ask->want & SBX_DISTANCE_RANK) && z->has_mass) SBX_TRY(ranks(z, &r, err));
    if (!z->boxes) z->boxes = 1;
done:
    loose_clear(&f);
    return st;
}
