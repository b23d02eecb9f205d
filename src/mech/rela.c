/* mech/rela.c -- rectified linear attention (Zhang, Titov and Sennrich 2021): relu(scale q_i.k_j), the outputs
 * divided by their root mean square, times g, and a gate sigma(h o) if wanted.
 *
 * Weights are rational, a row of them may be 0. Over a box the division is taken coordinate by coordinate at ends:
 * z_c / sqrt((z_c^2 + rest) / dv + eps) rises in z_c and falls in rest / sign z_c [L-MCH-15].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { SCALE = 1, NORM, EPS, GATE };

#define MECH_FILE "mech/rela.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_MASK_PARAM,
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"norm", "of the outputs", "rms", "rms|none", NULL, SBX_PARAM_NAME},
    {"eps", "is added to the mean square", "1e-8", "0", NULL, SBX_PARAM_OPEN_LO},
    {"gate", "of the outputs: sigma(h o), o before its norm", "no", "no|yes", NULL,
     SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"g", "factors of the outputs, 1 x dv", "one"},
                                       {"h", "factors in the gate, 1 x dv", "one"}};

static sbx_norm_class kind(const sbx_mech_args *a, sbx_mech_shape s)
{
    if (sbx_mech_long(a, GATE) == 1) return SBX_NORM_TRANSCENDENTAL;
    return sbx_mech_long(a, NORM) == 1 &&
                   (!sbx_value_is(&a->value[SCALE], 0) || sbx_mech_square(s.d))
               ? SBX_NORM_RATIONAL
               : SBX_NORM_ALGEBRAIC;
}

static unsigned traits(const sbx_mech_args *a) { return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE); }

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = 1;
    *columns = s.dv;
}

/* a row of weights, squares, sums of those before and behind */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.m + 3 * s.dv + 6;
}

const sbx_mech sbx_mech_rela = {
    .info = {.name = "rela",
             .formula = "relu(scale q_i.k_j); outputs g o / sqrt(mean o^2 + eps), gated",
             .note = "one head; eps is 1e-8 where the code takes its own default",
             .from = "Zhang, Titov and Sennrich, EMNLP 2021",
             .kind = SBX_NORM_ALGEBRAIC,
             .traits = SBX_MECH_NONNEGATIVE,
             .param = params,
             .n_params = 5,
             .extra = extra,
             .n_extra = 2},
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .kind = kind,
    .dims = dims,
    .work = work,
    .fits = sbx_mech_mask_fits};
#else
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t to = sbx_mech_sees(r->a, i, r->m);
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t, r, SCALE, r->d, err));
    SBX_TRY(FN(sbx_mech_scores)(w, &t, i, r, err));
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(j < to ? FN(sbx_mech_relu)(&w[j], &w[j], r, err)
                       : NUM_(set_si)(&w[j], 0, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* z = x / sqrt((x^2 + rest) / n + eps), t[0..2) scratch */
static sbx_status FN(quotient)(NUM *z, const NUM *x, const NUM *rest, const NUM *n, const NUM *eps,
                               NUM *t, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(NUM_(sqr)(&t[0], x, ctx, err));
    SBX_TRY(NUM_(add)(&t[0], &t[0], rest, ctx, err));
    SBX_TRY(NUM_(div)(&t[0], &t[0], n, ctx, err));
    SBX_TRY(NUM_(add)(&t[0], &t[0], eps, ctx, err));
    SBX_TRY(NUM_(sqrt)(&t[0], &t[0], ctx, err));
    SBX_TRY(NUM_(div)(z, x, &t[0], ctx, err));
done:
    return st;
}

#if NUM_ENCLOSE
/* At the ends of x: the lower end is least where rest is least below 0, greatest above; the upper the other
 * way. */
static sbx_status FN(divided)(NUM *z, const NUM *x, const NUM *rest, const NUM *n, const NUM *eps,
                              NUM *t, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (int e = 0; e < 2; e++) {
        NUM *const at = &t[1], *const side = &t[2];
        NUM_(set)(side, rest);
        SBX_TRY(NUM_(end)(at, x, e ? SBX_HI : SBX_LO, err));
        SBX_TRY(NUM_(set_si)(&t[0], 0, ctx, err));
        if (NUM_(le)(&t[0], at) == SBX_TRUE)
            SBX_TRY(NUM_(end)(side, rest, e ? SBX_LO : SBX_HI, err));
        else if (NUM_(lt)(at, &t[0]) == SBX_TRUE)
            SBX_TRY(NUM_(end)(side, rest, e ? SBX_HI : SBX_LO, err));
        SBX_TRY(FN(quotient)(at, at, side, n, eps, t, ctx, err));
        if (e == 0)
            NUM_(set)(&t[3], at);
        else
            SBX_TRY(NUM_(hull)(z, &t[3], at, ctx, err));
    }
done:
    return st;
}
#else
static sbx_status FN(divided)(NUM *z, const NUM *x, const NUM *rest, const NUM *n, const NUM *eps,
                              NUM *t, const sbx_ctx *ctx, sbx_err *err)
{
    return FN(quotient)(z, x, rest, n, eps, t, ctx, err);
}
#endif

/* o[0..dv) divided by its root mean square, times g */
static sbx_status FN(rms)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const sq = r->work + r->m, *const pre = sq + r->dv, *const suf = pre + r->dv + 1,
               *const t = suf + r->dv + 1;
    sbx_status st = SBX_OK;
    NUM n, eps;
    NUM_(init)(&n, r->ctx);
    NUM_(init)(&eps, r->ctx);
    SBX_TRY(NUM_(set_si)(&n, (long)r->dv, r->ctx, err));
    SBX_TRY(FN(sbx_mech_param)(&eps, r, EPS, 0, err));
    SBX_TRY(NUM_(set_si)(&pre[0], 0, r->ctx, err));
    SBX_TRY(NUM_(set_si)(&suf[r->dv], 0, r->ctx, err));
    for (size_t c = 0; c < r->dv; c++) {
        SBX_TRY(NUM_(sqr)(&sq[c], &o[c], r->ctx, err));
        SBX_TRY(NUM_(add)(&pre[c + 1], &pre[c], &sq[c], r->ctx, err));
    }
    for (size_t c = r->dv; c-- > 0;)
        SBX_TRY(NUM_(add)(&suf[c], &suf[c + 1], &sq[c], r->ctx, err));
    for (size_t c = 0; c < r->dv; c++) {
        SBX_TRY(NUM_(add)(&sq[c], &pre[c], &suf[c + 1], r->ctx, err)); /* the others' squares */
        SBX_TRY(FN(divided)(&o[c], &o[c], &sq[c], &n, &eps, t, r->ctx, err));
        SBX_TRY(NUM_(mul)(&o[c], &o[c], &r->in.extra[0][c], r->ctx, err));
    }
done:
    NUM_(clear)(&eps);
    NUM_(clear)(&n);
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const bool rms = sbx_mech_long(r->a, NORM) == 0, gate = sbx_mech_long(r->a, GATE) == 1;
    sbx_status st = SBX_OK;
    NUM *g = FN(sbx_mech_new)(r->dv, r->ctx);
    if (!g) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", r->dv);
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        SBX_TRY(FN(row)(r->work, r, i, err));
        SBX_TRY(FN(sbx_mech_mix)(o, r->work, r->in.v, r->m, r->dv, r, err));
        for (size_t c = 0; c < r->dv && gate; c++) {
            SBX_TRY(NUM_(mul)(&g[c], &r->in.extra[1][c], &o[c], r->ctx, err));
            SBX_TRY(NUM_(sigmoid)(&g[c], &g[c], r->ctx, err));
        }
        if (rms) SBX_TRY(FN(rms)(o, r, err));
        for (size_t c = 0; c < r->dv && gate; c++)
            SBX_TRY(NUM_(mul)(&o[c], &o[c], &g[c], r->ctx, err));
    }
done:
    FN(sbx_mech_free)(g, r->dv);
    return st;
}
#endif
