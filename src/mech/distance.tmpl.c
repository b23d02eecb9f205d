/* mech/distance.tmpl.c -- two mechanisms on one input, row by row, in one number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "mech/distance.h"
#endif

/* the input with its free numbers at centre + radius t */
static sbx_status FN(input)(FN(sbx_mech_in) * in, const sbx_mech_data *x, const sbx_reading *z,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM r, t;
    NUM_(init)(&r, z->ctx);
    NUM_(init)(&t, z->ctx);
    SBX_TRY(FN(sbx_mech_in_of)(in, x, z->ctx, err));
    for (size_t k = 0; z->t && k < z->loose->n; k++) {
        NUM *const at = &in->block[z->loose->place[k]];
        SBX_TRY(FN(symbol)(&t, k, &z->t[k], z->ctx, err));
        SBX_TRY(NUM_(set_q)(&r, z->loose->radius[k], z->ctx, err));
        SBX_TRY(NUM_(mul)(&t, &t, &r, z->ctx, err));
        SBX_TRY(NUM_(add)(at, at, &t, z->ctx, err));
    }
done:
    NUM_(clear)(&t);
    NUM_(clear)(&r);
    return st;
}

/* Two rows: the difference, the mass [L-MCH-70]. */
static sbx_status FN(rows)(sbx_reading *z, sbx_ivd *e, size_t i, const NUM *a, const NUM *b,
                           size_t m, unsigned traits, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd s = {1.0, 1.0};
    NUM t;
    NUM_(init)(&t, z->ctx);
    for (size_t j = 0; j < m; j++)
        FN(outer)(&e[j], &a[j]);
    SBX_TRY(sbx_mat_meter_add(z->a, e, err));
    for (size_t j = 0; j < m && z->keep; j++)
        z->keep[i * m + j] = e[j];
    if (!(traits & SBX_MECH_SUMS_TO_ONE)) {
        for (size_t j = 0; j < m; j++)
            SBX_TRY(NUM_(add)(&t, &t, &a[j], z->ctx, err));
        FN(outer)(&s, &t);
    }
    z->mass_least.lo = fmin(z->mass_least.lo, s.lo);
    z->mass_least.hi = fmin(z->mass_least.hi, s.hi);
    z->mass_most.lo = fmax(z->mass_most.lo, s.lo);
    z->mass_most.hi = fmax(z->mass_most.hi, s.hi);
    if (!b) goto done;
    for (size_t j = 0; j < m; j++) {
        SBX_TRY(NUM_(sub)(&t, &a[j], &b[j], z->ctx, err));
        FN(outer)(&e[j], &t);
        SBX_TRY(FN(note)(z, &t, 0, err));
    }
    FN(row_end)(z);
    SBX_TRY(sbx_mat_meter_add(z->e, e, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* Rows and outputs of one mechanism: what its row gives to the outputs is not computed twice. */
typedef struct FN(side) {
    FN(sbx_mech_in) in;
    FN(sbx_mech_run) * run;
    NUM *w, *o;
    bool weights, mixes; /* the outputs are the weights times v */
} FN(side);

static sbx_status FN(side_open)(FN(side) * s, const sbx_reading *z, const sbx_mech_args *a,
                                const sbx_mech_data *x, sbx_err *err)
{
    const sbx_mech_shape sh = x->shape;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(input)(&s->in, x, z, err));
    SBX_TRY(FN(sbx_mech_open)(&s->run, a, &s->in, z->ctx, err));
    s->weights = !(sbx_mech_traits(a) & SBX_MECH_NO_WEIGHTS) && a->mech->FN(row);
    s->mixes = s->weights && (!a->mech->FN(output) || a->mech == sbx_mech_find("softmax"));
    s->w = FN(sbx_mech_new)(sh.m, z->ctx);
    s->o = FN(sbx_mech_new)(sh.n * sh.dv, z->ctx);
    if (!s->w || !s->o) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", sh.n * sh.dv);
done:
    return st;
}

static void FN(side_close)(FN(side) * s, sbx_mech_shape sh)
{
    FN(sbx_mech_free)(s->o, sh.n * sh.dv);
    FN(sbx_mech_free)(s->w, sh.m);
    FN(sbx_mech_close)(s->run);
    FN(sbx_mech_in_free)(&s->in);
}

static sbx_status FN(side_row)(FN(side) * s, const sbx_reading *z, size_t i, sbx_err *err)
{
    const sbx_mech_shape sh = s->in.shape;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_row)(s->w, s->run, i, err));
    if (s->mixes && z->o)
        SBX_TRY(FN(sbx_mech_mix)(s->o + i * sh.dv, s->w, s->in.v, sh.m, sh.dv, s->run, err));
done:
    return st;
}

static sbx_status FN(outputs)(sbx_reading *z, sbx_ivd *e, const FN(side) * a, const FN(side) * b,
                              sbx_err *err)
{
    const sbx_mech_shape s = a->in.shape;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, z->ctx);
    if (!a->mixes) SBX_TRY(FN(sbx_mech_output)(a->o, a->run, err));
    if (!b->mixes) SBX_TRY(FN(sbx_mech_output)(b->o, b->run, err));
    for (size_t i = 0; i < s.n; i++) {
        for (size_t c = 0; c < s.dv; c++) {
            SBX_TRY(NUM_(sub)(&t, &a->o[i * s.dv + c], &b->o[i * s.dv + c], z->ctx, err));
            FN(outer)(&e[c], &t);
            SBX_TRY(FN(note)(z, &t, 1, err));
        }
        SBX_TRY(sbx_mat_meter_add(z->o, e, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(read)(sbx_reading *z, sbx_err *err)
{
    const sbx_mech_shape s = z->ask->of_x->shape;
    const unsigned traits = sbx_mech_traits(z->ask->of);
    sbx_status st = SBX_OK;
    FN(side) a = {0}, b = {0};
    sbx_ivd *e = sbx_alloc((s.m > s.dv ? s.m : s.dv) + 1, sizeof *e);
    if (!e) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", s.m);
    SBX_TRY(FN(side_open)(&a, z, z->ask->of, z->ask->of_x, err));
    SBX_TRY(FN(side_open)(&b, z, z->ask->from, z->ask->from_x, err));
    for (size_t i = 0; i < s.n; i++) {
        if (z->ctx && z->ctx->stop && z->ctx->stop(z->ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "stopped");
        if (a.weights) SBX_TRY(FN(side_row)(&a, z, i, err));
        if (b.weights) SBX_TRY(FN(side_row)(&b, z, i, err));
        if (a.weights) SBX_TRY(FN(rows)(z, e, i, a.w, b.weights ? b.w : NULL, s.m, traits, err));
        if (a.weights) FN(keep)(z, i * s.m, a.w, s.m);
    }
    if (z->o) SBX_TRY(FN(outputs)(z, e, &a, &b, err));
done:
    FN(side_close)(&b, s);
    FN(side_close)(&a, s);
    sbx_free(e);
    return st;
}
