/* net/affine_eval.c -- a dense layer in every number system.
 *
 * Over a finite box in doubles it is done by centre and radius [L-NET-01]: with
 * c = fl((l+u)/2), r >= max(u - c, c - l), M = fl(W c + b), R = fl(|W| r),
 * S = fl(|W||c| + |b|), the layer lies in M -+ rho, rho = R + gamma_{n+1} S + 2 n eta
 * rounded up: three products for a box.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/affine.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/lin.h"
#include "softbox/kernel.h"

#define SBX_TEMPLATE "net/affine_eval.tmpl.c"
#include "net/eval_all.h"

static bool all_finite(const sbx_ivd *x, size_t n)
{
    double s = 0.0;
    for (size_t k = 0; k < n; k++)
        s += (x[k].lo - x[k].lo) + (x[k].hi - x[k].hi); /* 0, or NaN */
    return s == 0.0;
}

/* centre and radius of one row of the input; zeros behind them */
static void centre(double *c, double *r, const sbx_dense *d, const sbx_ivd *x)
{
    for (size_t k = 0; k < d->in; k++) {
        const sbx_ivd v = x[k * d->x_k];
        c[k] = 0.5 * v.lo + 0.5 * v.hi;
        r[k] = fmax(sbx_sub_hi(v.hi, c[k]), sbx_sub_hi(c[k], v.lo)); /* both ends */
    }
}

static sbx_ivd around(double m, double big_r, double s, double b, size_t n)
{
    sbx_ivd z;
    const double rho = sbx_up(big_r + sbx_gamma(n + 1) * (s + fabs(b)) + 2.0 * (double)n * SBX_ETA,
                              2 * n + 8); /* [L-NET-01] */
    m += b;
    z.lo = sbx_sub_lo(m, rho);
    z.hi = sbx_add_hi(m, rho);
    if (!(fabs(m) <= DBL_MAX && rho <= DBL_MAX)) z = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
    return z;
}

sbx_status sbx_dense_eval_ivd(sbx_ivd *const *y, const sbx_net *net, const sbx_node *nd,
                              const sbx_ivd *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_dense *d = nd->data;
    const sbx_mat *mat = sbx_mat_best();
    double *mem = NULL, *out[3];
    if (!all_finite(x[d->x], d->batch * d->in))
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
                around(out[0][j], out[1][j], out[2][j], d->b ? d->b[j] : 0.0, d->in);
    }
done:
    sbx_free(mem);
    return st;
}
