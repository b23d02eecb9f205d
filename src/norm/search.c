/* norm/search.c -- the range of an output that no lemma gives: branch and bound [L-NRM-04].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "norm/eval.h"
#include "softbox/opt.h"

#define BOXES      3000
#define BOXES_FEW  600     /* without slopes a search soon gets nowhere */
#define GAP        0x1p-40 /* of weights, which are about 1 */
#define SLOPES_MAX 8       /* a Jacobian is n^2 numbers: only where that is little */

typedef struct question {
    const sbx_norm_args *a;
    const sbx_ctx *ctx;
    size_t i, m, n;
    sbx_ivd *p, *j; /* all outputs; the Jacobian */
} question;

static sbx_status value(sbx_ivd *z, const sbx_ivd *x, size_t n, void *arg, sbx_err *err)
{
    const question *q = arg;
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_norm_eval_ivd(q->p, q->a, x, n, q->ctx, err));
    *z = q->p[q->i];
done:
    return st;
}

static sbx_status slope(sbx_ivd *g, const sbx_ivd *x, size_t n, void *arg, sbx_err *err)
{
    const question *q = arg;
    const sbx_status st = sbx_norm_jacobian_ivd(q->j, q->a, x, n, q->ctx, NULL);
    (void)err;
    for (size_t k = 0; k < n; k++)
        g[k] = st == SBX_OK ? q->j[q->i * n + k] : (sbx_ivd){-HUGE_VAL, HUGE_VAL};
    return st == SBX_ERR_NOMEM || st == SBX_ERR_STOPPED ? sbx_fail(err, st, SBX_HERE, "slopes")
                                                        : SBX_OK;
}

sbx_status sbx_norm_search(sbx_ivd *z, const sbx_norm_args *a, size_t i, const sbx_ivd *x, size_t n,
                           const sbx_ctx *ctx, sbx_err *err)
{
    question q = {.a = a, .ctx = ctx, .i = i, .n = n, .m = sbx_norm_outputs(a, n)};
    sbx_opt_problem f = {.value = value, .arg = &q, .gap = GAP, .max_boxes = BOXES_FEW};
    sbx_opt_result lo, hi;
    sbx_status st = SBX_OK;
    q.p = sbx_alloc(q.m, sizeof *q.p);
    q.j = sbx_alloc(n <= SLOPES_MAX ? q.m * n : 1, sizeof *q.j);
    if (!q.p || !q.j) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a search");
    if (n <= SLOPES_MAX && a->norm->jacobian_ivd) {
        f.slope = slope;
        if ((sbx_norm_traits(a) & SBX_NORM_CONTINUOUS) ||
            sbx_norm_jacobian_ivd(q.j, a, x, n, ctx, NULL) == SBX_OK)
            f.max_boxes = BOXES;
    }
    SBX_TRY(sbx_opt_min(&lo, NULL, &f, x, n, ctx, err));
    SBX_TRY(sbx_opt_max(&hi, NULL, &f, x, n, ctx, err));
    *z = (sbx_ivd){lo.bound.lo, hi.bound.hi};
done:
    sbx_free(q.j);
    sbx_free(q.p);
    return st;
}
