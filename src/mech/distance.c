/* mech/distance.c -- the distance of two mechanisms: which numbers are precise enough, and ranks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/distance.h"

#include <float.h>
#include <math.h>
#include <stdint.h>

#define EXACT_MAX 16384 /* weights in rationals: at most so many */
#define FINE_MAX  4096  /* ranks in ivf                          */
#define CLOSE     0x1p-26

/* ---- a point ------------------------------------------------------------------------- */

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

static bool rational(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_kind(a, s) == SBX_NORM_RATIONAL && !sbx_mech_get_info(a->mech)->need;
}

/* A point: the first of the systems that is precise enough, else the last that has a value. */
static sbx_status at_point(sbx_distance *z, sbx_reading *r, sbx_err *err)
{
    static const long bits[] = {0, 128, 320};
    const sbx_mech_shape s = r->ask->of_x->shape;
    const sbx_ctx *outer = r->ctx;
    sbx_status st = SBX_ERR_UNSUPPORTED;
    bool any = false;
    if (rational(r->ask->of, s) && rational(r->ask->from, s) && s.n <= EXACT_MAX / s.m) {
        st = sbx_distance_evaluate(z, r, SBX_NUM_MPQ, err);
        if (st != SBX_ERR_UNSUPPORTED) return st;
    }
    for (size_t k = 0; k < 3 && (k == 0 || !any || too_wide(z)); k++) {
        sbx_ctx fine = outer ? *outer : sbx_ctx_default;
        sbx_distance y;
        fine.prec = bits[k];
        r->ctx = k ? &fine : outer;
        st = sbx_distance_evaluate(&y, r, k ? SBX_NUM_IVF : SBX_NUM_IVD, err);
        r->ctx = outer;
        if (st == SBX_OK) *z = y;
        any = any || st == SBX_OK;
        if (st != SBX_OK && st != SBX_ERR_DOMAIN) break;
    }
    return any && st == SBX_ERR_DOMAIN ? SBX_OK : st;
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
    SBX_TRY(sbx_distance_evaluate(&z, r, SBX_NUM_MPQ, err));
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
    SBX_TRY(sbx_distance_evaluate(&z, r, SBX_NUM_IVF, err));
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
    SBX_TRY(sbx_distance_evaluate(&z, r, SBX_NUM_IVD, err));
    SBX_TRY(sbx_mat_rank_least(rank, r->keep, n, m, r->ctx, err));
done:
    sbx_free(r->keep);
    r->keep = NULL;
    return st;
}

/* What a look at the weights proved: nothing, where they may have no value in that system. */
static sbx_status proved(sbx_distance *z, const size_t *rank, sbx_status st)
{
    if (st == SBX_OK && *rank > z->rank_least) z->rank_least = *rank;
    return st == SBX_ERR_DOMAIN ? SBX_OK : st;
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
    } else if (rational(own.of, s) && s.n <= EXACT_MAX / s.m) {
        SBX_TRY(rank_exact(&rank, z, &r, s.n, s.m, err));
        z->rank_least = z->rank_most = rank;
        goto done;
    }
    SBX_TRY(proved(z, &rank, rank_plain(&rank, &r, s.n, s.m, err)));
    if (z->rank_least < z->rank_most && !r.t && s.n <= FINE_MAX / s.m)
        SBX_TRY(proved(z, &rank, rank_fine(&rank, &r, s.n, s.m, err)));
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
    SBX_TRY(sbx_mech_fits(ask->of, ask->of_x->shape, err));
    SBX_TRY(same_input(ask, err));
    SBX_TRY(sbx_mech_fits(ask->from, ask->from_x->shape, err));
    SBX_TRY(loose_new(&f, ask, err));
    SBX_TRY(f.n ? sbx_distance_over_box(z, &r, err) : at_point(z, &r, err));
    if ((ask->want & SBX_DISTANCE_RANK) && z->has_mass) SBX_TRY(ranks(z, &r, err));
    if (!z->boxes) z->boxes = 1;
done:
    loose_clear(&f);
    return st;
}
