/* net/affine_eval.c -- a dense layer in every number system. Over a finite box in doubles
 * it is done by centre and radius [L-NET-01]: three products for a box.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/affine.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/centre.h"
#include "softbox/kernel.h"

#define SBX_TEMPLATE "net/affine_eval.tmpl.c"
#include "net/eval_all.h"

/* centre and radius of one row of the input */
static void centre(double *c, double *r, const sbx_dense *d, const sbx_ivd *x)
{
    for (size_t k = 0; k < d->in; k++)
        sbx_centre(&c[k], &r[k], x[k * d->x_k]);
}

sbx_status sbx_dense_eval_ivd(sbx_ivd *const *y, const sbx_net *net, const sbx_node *nd,
                              const sbx_ivd *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_dense *d = nd->data;
    const sbx_mat *mat = sbx_mat_best();
    double *mem = NULL, *out[3];
    if (!sbx_all_finite(x[d->x], d->batch * d->in))
        return sbx_dense_generic_ivd(y, net, nd, x, ctx, err);
    mem = sbx_alloc(2 * d->ld + 3 * d->out, sizeof *mem);
    if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "a dense layer");
    for (size_t k = 0; k < 3; k++)
        out[k] = mem + 2 * d->ld + k * d->out;
    for (size_t i = 0; i < d->batch; i++) {
        centre(mem, mem + d->ld, d, x[d->x] + i * d->x_i);
        mat->interval(out, d->w, d->ld, d->out, d->ld, mem, mem + d->ld);
        for (size_t j = 0; j < d->out; j++)
            y[0][i * d->y_i + j * d->y_j] =
                sbx_around(out[0][j], out[1][j], out[2][j], d->b ? d->b[j] : 0.0, d->in);
    }
done:
    sbx_free(mem);
    return st;
}
