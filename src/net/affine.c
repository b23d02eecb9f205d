/* net/affine.c -- dense layers: making, backward step, plain doubles.
 *
 * The backward step [L-NET-02]: L' = fl(L W) with |L' - L W| <= gamma_n |L||W| + n eta,
 * so L y >= L' x + L b - gamma_n |L|.v - n eta sum(m), v = |W| m, m >= |x|. v is
 * computed once for all rows; e = gamma_n v + gamma |b| goes to sbx_lin_charge.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/affine.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/lin.h"

/* *z = a x if that is a double */
static bool exact(double *z, double a, double x)
{
    *z = a * x;
    if (a == 1.0 || x == 0.0) return true;
    return fabs(*z) <= DBL_MAX && fabs(*z) >= SBX_SAFE && fma(a, x, -*z) == 0.0;
}

bool sbx_dense_exact(const sbx_dense *d, const sbx_dense_source *from)
{
    bool all = true;
    double z;
    for (size_t j = 0; from->alpha != 1.0 && j < d->out; j++)
        for (size_t k = 0; k < d->in && all; k++)
            all = exact(&z, from->alpha, from->w[j * from->w_j + k * from->w_k]);
    for (size_t j = 0; from->beta != 1.0 && from->b && j < d->out; j++)
        all = all && exact(&z, from->beta, from->b[j * from->b_j]);
    return all;
}

sbx_status sbx_dense_make(sbx_net *net, sbx_node *nd, const sbx_dense *d,
                          const sbx_dense_source *from, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_dense *to;
    double *w = NULL, *b = NULL, *all;
    SBX_TRY(sbx_op_mem(&to, net, 1, sizeof *to, err));
    *to = *d;
    to->ld = sbx_pad(d->in);
    to->plain = d->x_k == 1 && d->y_j == 1 && d->x_i == d->in && d->y_i == d->out;
    SBX_TRY(sbx_op_mem(&w, net, d->out * to->ld, sizeof *w, err));
    for (size_t j = 0; j < d->out; j++)
        for (size_t k = 0; k < d->in; k++)
            if (!exact(&w[j * to->ld + k], from->alpha, from->w[j * from->w_j + k * from->w_k]))
                SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "alpha times a weight is no double");
    SBX_TRY(sbx_op_mem(&all, net, sbx_pad(d->batch * d->out), sizeof *all, err));
    if (from->b) SBX_TRY(sbx_op_mem(&b, net, d->out, sizeof *b, err));
    for (size_t j = 0; b && j < d->out; j++) {
        if (!exact(&b[j], from->beta, from->b[j * from->b_j]))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "beta times a bias is no double");
        for (size_t i = 0; i < d->batch; i++)
            all[i * d->y_i + j * d->y_j] = b[j];
    }
    to->w = w;
    to->b = b;
    to->b_all = all;
    nd->data = to;
done:
    return st;
}

size_t sbx_dense_aux(const sbx_net *net, const sbx_node *nd)
{
    const sbx_dense *d = nd->data;
    (void)net;
    return sbx_pad(d->batch * d->out);
}

sbx_status sbx_dense_prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_dense *d = nd->data;
    const size_t all = d->batch * d->out;
    const double *m = l->mag[sbx_node_in(l->net, nd, d->x)];
    double *mem = sbx_alloc(2 * d->ld + 3 * d->out, sizeof *mem), *out[3];
    if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "a dense layer");
    for (size_t k = 0; k < 3; k++)
        out[k] = mem + 2 * d->ld + k * d->out;
    for (size_t i = 0; i < d->batch; i++) {
        for (size_t k = 0; k < d->in; k++)
            mem[d->ld + k] = m[i * d->x_i + k * d->x_k];
        l->mat->interval(out, d->w, d->ld, d->out, d->ld, mem, mem + d->ld);
        for (size_t j = 0; j < d->out; j++) {
            const double v = sbx_up(out[1][j], d->in); /* >= |W| m */
            const double b = d->b ? fabs(d->b[j]) : 0.0;
            aux[i * d->y_i + j * d->y_j] =
                sbx_up(sbx_gamma(d->out) * v + sbx_gamma(all) * b, 2); /* > 0 */
        }
    }
done:
    sbx_free(mem);
    return st;
}

/* one row with a stride: through copies */
static void strided_row(const sbx_dense *d, const sbx_mat *mat, double *out, const double *a,
                        double *mem)
{
    double *from = mem, *to = mem + d->batch * d->out;
    for (size_t i = 0; i < d->batch; i++)
        for (size_t j = 0; j < d->out; j++)
            from[i * d->out + j] = a[i * d->y_i + j * d->y_j];
    mat->mul(to, d->in, from, d->out, d->w, d->ld, d->batch, d->out, d->in);
    for (size_t i = 0; i < d->batch; i++)
        for (size_t k = 0; k < d->in; k++)
            out[i * d->x_i + k * d->x_k] = to[i * d->in + k];
}

sbx_status sbx_dense_backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_dense *d = nd->data;
    const size_t t = sbx_node_in(l->net, nd, d->x);
    const size_t ldy = sbx_pad(d->batch * d->out), ldx = sbx_pad(d->batch * d->in);
    const double *a = sbx_lin_out(l, nd, 0);
    double *out, *mem = NULL;
    SBX_TRY(sbx_lin_open(l, &out, nd, d->x, err));
    if (!d->plain) {
        mem = sbx_alloc(d->batch * (d->in + d->out), sizeof *mem);
        if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "a dense layer");
        for (size_t r = 0; r < l->rows; r++)
            strided_row(d, l->mat, out + r * ldx, a + r * ldy, mem);
    } else if (d->batch == 1)
        l->mat->mul(out, ldx, a, ldy, d->w, d->ld, l->rows, d->out, d->in);
    else
        for (size_t r = 0; r < l->rows; r++)
            l->mat->mul(out + r * ldx, d->in, a + r * ldy, d->out, d->w, d->ld, d->batch, d->out,
                        d->in);
    sbx_lin_charge(l, nd, d->b_all, aux,
                   sbx_up((double)d->out * SBX_ETA * l->mag_sum[t], 2)); /* [L-NET-02] */
    sbx_lin_close(l, out, nd, d->x);
done:
    sbx_free(mem);
    return st;
}

/* ---- plain doubles ----------------------------------------------------------------- */

/* One row of the batch at a time, through copies without strides; when there is no memory
 * for them the outputs are NaN, which proves nothing and ends a search's step. */
void sbx_dense_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    const sbx_dense *d = nd->data;
    double *mem = sbx_alloc(d->ld + d->out, sizeof *mem);
    (void)net;
    for (size_t j = 0; !mem && j < d->batch * d->out; j++)
        y[j] = (double)NAN;
    for (size_t i = 0; mem && i < d->batch; i++) {
        for (size_t k = 0; k < d->in; k++)
            mem[k] = x[d->x][i * d->x_i + k * d->x_k];
        sbx_mat_best()->apply(mem + d->ld, d->w, d->ld, d->out, d->ld, mem);
        for (size_t j = 0; j < d->out; j++)
            y[i * d->y_i + j * d->y_j] = mem[d->ld + j] + (d->b ? d->b[j] : 0.0);
    }
    sbx_free(mem);
}

void sbx_dense_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                       const double *const *x, const double *y)
{
    const sbx_dense *d = nd->data;
    double *mem = sbx_alloc(d->in + d->out, sizeof *mem);
    (void)net;
    (void)x;
    (void)y;
    for (size_t i = 0; mem && i < d->batch; i++) {
        for (size_t j = 0; j < d->out; j++)
            mem[d->in + j] = gy[i * d->y_i + j * d->y_j];
        sbx_mat_best()->mul(mem, d->in, mem + d->in, d->out, d->w, d->ld, 1, d->out, d->in);
        for (size_t k = 0; k < d->in; k++)
            gx[d->x][i * d->x_i + k * d->x_k] += mem[k];
    }
    sbx_free(mem);
}
