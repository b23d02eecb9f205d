/* net/ew.c -- linear operators on single elements: backward step, plain doubles.
 *
 * The step of a term: L'_i = fl(sum of L_j a_j over the j that read element i), a dot
 * product of at most `fan` terms. With |a_j - true a_j| <= rad_j it is off by at most
 * sum (gamma_fan |a_j| + rad_j) |L_j| + fan eta, for values below m_i; nothing where
 * a_j is +-1 and fan = 1 [L-NET-02, L-NET-05].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"
#include "net/lin.h"

#include <string.h>

/* ---- bounds ---------------------------------------------------------------------- */

size_t sbx_ew_aux(const sbx_net *net, const sbx_node *nd)
{
    return sbx_pad(net->tensor[nd->out[0]].n) + 1;
}

/* aux: e, and at its end the fixed cost */
sbx_status sbx_ew_prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    const sbx_ew *w = nd->data;
    const size_t n = l->net->tensor[nd->out[0]].n;
    double fixed = 0.0;
    (void)err;
    for (size_t j = 0; j < n; j++)
        aux[j] =
            sbx_up((w->has_b ? sbx_gamma(n) * fabs(w->b[j]) : 0.0) + (w->b_rad ? w->b_rad[j] : 0.0),
                   2); /* [L-NET-05] */
    for (size_t k = 0; k < w->terms; k++) {
        const sbx_ew_term *t = &w->term[k];
        const size_t in = sbx_node_in(l->net, nd, t->in);
        if (!t->a && t->fan <= 1) continue;
        for (size_t i = 0; i < t->n; i++) {
            const size_t j = t->to ? t->to[i] : i;
            const double a = t->a ? fabs(t->a[j]) : 1.0, rad = t->rad ? t->rad[j] : 0.0;
            const double g = sbx_up(sbx_gamma(t->fan) * a + rad, 2);
            aux[j] = sbx_up(aux[j] + g * l->mag[in][t->map ? t->map[i] : i], 2); /* [L-NET-05] */
        }
        fixed = sbx_up(fixed + (double)t->fan * SBX_ETA * l->mag_sum[in], 2);
    }
    aux[sbx_pad(n)] = fixed;
    return SBX_OK;
}

/* out = sum over the pairs of a_to c_to, at the elements of x that they read */
static void term_row(double *out, const sbx_ew_term *t, const double *c, size_t m)
{
    if (t->map || t->to) {
        memset(out, 0, m * sizeof *out);
        for (size_t i = 0; i < t->n; i++) {
            const size_t j = t->to ? t->to[i] : i;
            out[t->map ? t->map[i] : i] += (t->a ? t->a[j] : t->sign) * c[j];
        }
    } else if (t->a)
        for (size_t j = 0; j < t->n; j++)
            out[j] = t->a[j] * c[j];
    else
        for (size_t j = 0; j < t->n; j++)
            out[j] = t->sign * c[j];
}

sbx_status sbx_ew_backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_ew *w = nd->data;
    const size_t n = l->net->tensor[nd->out[0]].n, ld = sbx_pad(n);
    const double *c = sbx_lin_out(l, nd, 0);
    for (size_t k = 0; k < w->terms; k++) {
        const sbx_ew_term *t = &w->term[k];
        const size_t m = l->net->tensor[sbx_node_in(l->net, nd, t->in)].n;
        double *out;
        SBX_TRY(sbx_lin_open(l, &out, nd, t->in, err));
        for (size_t r = 0; r < l->rows; r++)
            term_row(out + r * sbx_pad(m), t, c + r * ld, m);
        sbx_lin_close(l, out, nd, t->in);
    }
    if (w->rounds) sbx_lin_charge(l, nd, w->b, aux, aux[ld]);
done:
    return st;
}

/* ---- plain doubles --------------------------------------------------------------- */

void sbx_ew_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    const sbx_ew *w = nd->data;
    const size_t n = net->tensor[nd->out[0]].n;
    memcpy(y, w->b, n * sizeof *y);
    for (size_t k = 0; k < w->terms; k++) {
        const sbx_ew_term *t = &w->term[k];
        for (size_t i = 0; i < t->n; i++) {
            const size_t j = t->to ? t->to[i] : i;
            y[j] += (t->a ? t->a[j] : t->sign) * x[t->in][t->map ? t->map[i] : i];
        }
    }
}

void sbx_ew_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                    const double *const *x, const double *y)
{
    const sbx_ew *w = nd->data;
    (void)net;
    (void)x;
    (void)y;
    for (size_t k = 0; k < w->terms; k++) {
        const sbx_ew_term *t = &w->term[k];
        for (size_t i = 0; i < t->n; i++) {
            const size_t j = t->to ? t->to[i] : i;
            gx[t->in][t->map ? t->map[i] : i] += (t->a ? t->a[j] : t->sign) * gy[j];
        }
    }
}
