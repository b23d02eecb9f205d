/* net/op_log_softmax.c -- LogSoftmax: y_j = x_j - lse(x).
 *
 * A row of coefficients L gives L.y = L.x - S lse(x), S = sum L_j: one function only is
 * relaxed, from above where S >= 0, from below otherwise; a difference of two outputs is
 * linear. With T = fl(sum L_j), |S - T| <= gamma_n |L|.1; L'_j = fl(L_j - fl(T a_j)) is
 * off by at most u |L'_j| + u |fl(T a_j)| + eta, for values below m_j [L-NET-21].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/rowwise.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/lin.h"
#include "softbox/relax.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    return sbx_rowwise_make(net, nd, attr, n_attr, true, err);
}

/* what prepare leaves for one row: the slopes of both bounds of lse [2][len], then their
 * constants, and a bound of |lse| */
static size_t part_size(const sbx_rowwise *d) { return 2 * d->len + 3; }

static size_t aux_size(const sbx_net *net, const sbx_node *nd)
{
    const sbx_rowwise *d = nd->data;
    (void)net;
    return d->outer * d->inner * part_size(d);
}

static sbx_status prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_rowwise *d = nd->data;
    const sbx_ivd *bound = l->bound[sbx_node_in(l->net, nd, 0)];
    sbx_ivd *x = sbx_alloc(d->len, sizeof *x), range;
    if (!x) SBX_FAIL(err, SBX_ERR_NOMEM, "a relaxation");
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        double *p = aux + g * part_size(d), *end = p + 2 * d->len;
        const size_t at = sbx_rowwise_at(d, g);
        const sbx_zone z = sbx_zone_box(x, d->len);
        sbx_affine lo = {p, (double)NAN}, hi = {p + d->len, (double)NAN};
        bool finite = true;
        for (size_t k = 0; k < d->len; k++) {
            x[k] = bound[at + k * d->inner];
            finite = finite && fabs(x[k].lo) <= DBL_MAX && fabs(x[k].hi) <= DBL_MAX;
        }
        range = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
        if (finite)
            SBX_TRY(
                sbx_relax_vector(&lo, &hi, &range, SBX_FN_LSE, SBX_METHOD_AUTO, 0, &z, NULL, err));
        end[0] = lo.cst; /* NaN: nothing is proved through it */
        end[1] = hi.cst;
        end[2] = fmax(fabs(range.lo), fabs(range.hi));
    }
done:
    sbx_free(x);
    return st;
}

/* one row of the pass over one row of the function */
static void step(sbx_lin *l, size_t r, const double *p, const sbx_rowwise *d, double *out,
                 const double *coef, const double *m, double fixed)
{
    const size_t n = d->len;
    const double *end = p + 2 * n;
    double t = 0.0, size = 0.0, cost = 0.0, c, lost;
    for (size_t j = 0; j < n; j++) {
        t += coef[j * d->inner];
        size += fabs(coef[j * d->inner]);
    }
    if (t >= 0.0) p += n; /* lse from above */
    c = t >= 0.0 ? end[1] : end[0];
    for (size_t j = 0; j < n; j++) {
        const double s = t * p[j], v = coef[j * d->inner] - s;
        out[j * d->inner] = v;
        cost += (fabs(s) + fabs(v)) * m[j * d->inner];
    }
    cost = sbx_up(SBX_U * sbx_up(cost, 2 * n), 1);
    lost = sbx_up(sbx_up(sbx_gamma(n) * sbx_up(size, n), 1) * end[2], 1); /* (S - T) lse */
    sbx_lin_beta(l, r, -sbx_mul_hi(t, c),
                 sbx_add_hi(sbx_add_hi(cost, lost), fixed)); /* [L-NET-21] */
}

static sbx_status backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_rowwise *d = nd->data;
    const size_t t = sbx_node_in(l->net, nd, 0), ld = sbx_pad(l->net->tensor[t].n);
    const double fixed = sbx_up(SBX_ETA * l->mag_sum[t], 2);
    const double *coef = sbx_lin_out(l, nd, 0);
    double *out;
    SBX_TRY(sbx_lin_open(l, &out, nd, 0, err));
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        const size_t at = sbx_rowwise_at(d, g);
        for (size_t r = 0; r < l->rows; r++)
            step(l, r, aux + g * part_size(d), d, out + r * ld + at, coef + r * ld + at,
                 l->mag[t] + at, fixed);
    }
    sbx_lin_close(l, out, nd, 0);
done:
    return st;
}

static const char *const attrs[] = {"axis", NULL};

const sbx_op sbx_op_log_softmax = {.name = "LogSoftmax",
                                   .min_in = 1,
                                   .max_in = 1,
                                   .attrs = attrs,
                                   .build = build,
                                   SBX_ROWWISE_EVAL,
                                   .nonlinear = true,
                                   .mixes = true,
                                   .aux = aux_size,
                                   .prepare = prepare,
                                   .backward = backward,
                                   .row = sbx_rowwise_row,
                                   .forward = sbx_rowwise_forward,
                                   .adjoint = sbx_rowwise_adjoint};
