/* mech/softmax.c -- softmax attention, softmax(scale Q K^T) V: what every other mechanism is compared with.
 *
 * form, for outputs: `shifted` by the row's maximum, `naive` without, `online` with a running maximum, the
 * output rescaled when it grows (Milakov and Gimelshein 2018), `flash` the same a tile of keys at a time (Dao
 * et al. 2022). The four are the same numbers [L-MCH-06], rounded differently.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { SCALE, FORM, TILE };
enum { SHIFTED, NAIVE, ONLINE, FLASH };

#define MECH_FILE "mech/softmax.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"form", "how the exponentials are kept in range", "shifted", "shifted|naive|online|flash",
     NULL, SBX_PARAM_NAME},
    {"tile", "keys of a tile", "16", "1", "1000000", SBX_PARAM_INTEGER}};

/* scores; maximum so far, the new one, a factor, their sum */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.m + 5;
}

const sbx_mech sbx_mech_softmax = {.info = {.name = "softmax",
                                            .formula = "softmax(scale q_i.k_j)",
                                            .from = "Vaswani et al. 2017",
                                            .kind = SBX_NORM_TRANSCENDENTAL,
                                            .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
                                            .need = SBX_CAN_EXP,
                                            .param = params,
                                            .n_params = 3},
                                   SBX_MECH_ROW(row),
                                   SBX_MECH_OUTPUT(output),
                                   .work = work};
#else
/* s = the scores of row i */
static sbx_status FN(scored)(NUM *s, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t, r, SCALE, r->d, err));
    SBX_TRY(FN(sbx_mech_scores)(s, &t, i, r, err));
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(scored)(w, r, i, err));
    SBX_TRY(FN(sbx_mech_softmax)(w, w, r->m, r, err));
done:
    return st;
}

/* A row of outputs by tiles: a running maximum, the outputs and the sum rescaled when it grows. */
static sbx_status FN(tiles)(NUM *o, NUM *s, size_t tile, FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const t = r->work + r->m, *const top = t, *const now = t + 1, *const f = t + 2,
               *const sum = t + 3, *const e = t + 4;
    sbx_status st = SBX_OK;
    for (size_t from = 0; from < r->m; from += tile) {
        const size_t to = r->m - from < tile ? r->m : from + tile;
        SBX_TRY(FN(sbx_mech_top)(now, s + from, to - from, r, err));
        if (from) {
            SBX_TRY(NUM_(max)(now, now, top, r->ctx, err));
            SBX_TRY(FN(sbx_mech_below)(f, top, now, r, err));
            SBX_TRY(NUM_(exp)(f, f, r->ctx, err));
            SBX_TRY(NUM_(mul)(sum, sum, f, r->ctx, err));
        } else {
            SBX_TRY(NUM_(set_si)(sum, 0, r->ctx, err));
        }
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(from ? NUM_(mul)(&o[c], &o[c], f, r->ctx, err)
                         : NUM_(set_si)(&o[c], 0, r->ctx, err));
        for (size_t j = from; j < to; j++) {
            SBX_TRY(FN(sbx_mech_below)(e, &s[j], now, r, err));
            SBX_TRY(NUM_(exp)(e, e, r->ctx, err));
            SBX_TRY(NUM_(add)(sum, sum, e, r->ctx, err));
            for (size_t c = 0; c < r->dv; c++)
                SBX_TRY(FN(sbx_mech_fma)(&o[c], e, &r->in.v[j * r->dv + c], r, err));
        }
        NUM_(set)(top, now);
    }
#ifdef NUM_MACHINE
    NUM_(sure)(sum);
#endif
    for (size_t c = 0; c < r->dv; c++)
        SBX_TRY(NUM_(div)(&o[c], &o[c], sum, r->ctx, err));
done:
    return st;
}

static sbx_status FN(naive)(NUM *s, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(NUM_(exp)(&s[j], &s[j], r->ctx, err));
    SBX_TRY(FN(sbx_mech_weights)(s, r->m, r, err));
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const long form = sbx_mech_long(r->a, FORM);
    NUM *const s = r->work;
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        SBX_TRY(FN(scored)(s, r, i, err));
        if (form == ONLINE || form == FLASH) {
            SBX_TRY(FN(tiles)(o, s, form == ONLINE ? 1 : sbx_mech_size(r->a, TILE), r, err));
            continue;
        }
        SBX_TRY(form == NAIVE ? FN(naive)(s, r, err) : FN(sbx_mech_softmax)(s, s, r->m, r, err));
        SBX_TRY(FN(sbx_mech_mix)(o, s, r->in.v, r->m, r->dv, r, err));
    }
done:
    return st;
}
#endif
