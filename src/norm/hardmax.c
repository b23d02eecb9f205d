/* norm/hardmax.c -- the limit of softmax for lambda to infinity: ties share.
 *
 * Over a box: s scores are surely greatest, m more may be. A sure one has between 1/(s + m) and 1/s; one
 * that may be, between 0 and 1/(s + 1) [L-NRM-16]. Its derivatives are 0 where one score is surely the
 * greatest; where two may tie it jumps [L-NRM-83].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/hardmax.c"
#include "norm/every.h"

const sbx_norm sbx_norm_hardmax = {.info = {.name = "hardmax",
                                            .formula = "1/k where x_i = max x, k such; 0 elsewhere",
                                            .kind = SBX_NORM_RATIONAL,
                                            .shape = SBX_NORM_BRANCH,
                                            .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE |
                                                      SBX_NORM_SHIFT | SBX_NORM_SCALE |
                                                      SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
                                            .n_params = 0},
                                   SBX_NORM_EVAL(eval),
                                   SBX_NORM_JACOBIAN(jacobian)};
#else
/* is x_i the greatest: 2 surely, 1 perhaps, 0 no */
static sbx_status FN(greatest)(unsigned char *in, const NUM *x, size_t n, const sbx_ctx *ctx,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx);
    size_t ties = 0;
    if (!s) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_sort)(s, x, n, ctx, err));
    for (size_t i = 0; i < n; i++) {
        in[i] = NUM_(lt)(&x[i], &s[0]) == SBX_TRUE ? 0 : 1;
        ties += in[i];
    }
    for (size_t i = 0; i < n; i++) {
        bool sure = in[i];
        for (size_t k = 0; k < n && sure && ties > 1; k++)
            sure = k == i || !in[k] || NUM_(le)(&x[k], &x[i]) == SBX_TRUE;
        if (sure) in[i] = 2;
    }
done:
    FN(sbx_norm_free)(s, n);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    unsigned char *in = sbx_alloc(n, 1);
    long sure = 0, maybe = 0;
    (void)a;
    if (!t || !in) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(greatest)(in, x, n, ctx, err));
    for (size_t i = 0; i < n; i++) {
        sure += in[i] == 2;
        maybe += in[i] == 1;
    }
    (void)maybe; /* of enclosures alone */
    SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
    for (size_t i = 0; i < n; i++) {
        if (!in[i]) {
            SBX_TRY(NUM_(set_si)(&p[i], 0, ctx, err));
            continue;
        }
        SBX_TRY(NUM_(set_si)(&t[1], in[i] == 2 ? sure : sure + 1, ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &t[0], &t[1], ctx, err));
#if NUM_ENCLOSE
        if (in[i] == 2) {
            SBX_TRY(NUM_(set_si)(&t[1], sure + maybe, ctx, err));
            SBX_TRY(NUM_(div)(&t[2], &t[0], &t[1], ctx, err));
        } else {
            SBX_TRY(NUM_(set_si)(&t[2], 0, ctx, err));
        }
        SBX_TRY(NUM_(hull)(&p[i], &p[i], &t[2], ctx, err));
#endif
    }
done:
    sbx_free(in);
    FN(sbx_norm_free)(t, 4);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)ctx;
    (void)j; /* 0 */
    if (FN(sbx_norm_first)(x, n) == n)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "%s jumps where the greatest scores tie%s",
                 a->norm->info.name, NUM_ENCLOSE ? ", perhaps in this box" : ", as here");
done:
    return st;
}
#endif
