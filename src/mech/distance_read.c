/* mech/distance_read.c -- one look at two mechanisms: all numbers at once, in one number system.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/distance.h"

#include "num/round.h"

#include <math.h>

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

/* ---- the whole ------------------------------------------------------------------------ */

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
sbx_status sbx_distance_evaluate(sbx_distance *z, sbx_reading *r, sbx_num how, sbx_err *err)
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
