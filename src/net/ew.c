/* net/ew.c -- linear operators on single elements: making, backward step.
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

/* ---- making ---------------------------------------------------------------------- */

/* The exact result of one operation on constants, if it is a double. */
static bool fold_one(double *z, sbx_ew_kind kind, double a, double b)
{
    const bool safe = fabs(a) < 0x1p500 && fabs(b) < 0x1p500 && (a == 0 || fabs(a) > 0x1p-400) &&
                      (b == 0 || fabs(b) > 0x1p-400);
    switch (kind) {
    case SBX_EW_ADD: *z = a + b; return safe && sbx_two_sum_err(a, b, *z) == 0.0;
    case SBX_EW_SUB: *z = a - b; return safe && sbx_two_sum_err(a, -b, *z) == 0.0;
    case SBX_EW_MUL: *z = a * b; return safe && fma(a, b, -*z) == 0.0;
    case SBX_EW_DIV: *z = a / b; return safe && b != 0.0 && fma(-*z, b, a) == 0.0;
    case SBX_EW_NEG: *z = -a; return true;
    case SBX_EW_MOVE: break;
    }
    *z = a;
    return true;
}

static sbx_status fold(sbx_net *net, sbx_node *nd, const sbx_ew *w, const sbx_shape *y,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank);
    const double *a = net->tensor[nd->in[0]].real, *b = a;
    double *z;
    if (nd->n_in > 1) b = net->tensor[nd->in[1]].real;
    if (!a || !b) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "arithmetic on constants of integers");
    SBX_TRY(sbx_op_mem(&z, net, n, sizeof *z, err));
    for (size_t j = 0; j < n; j++)
        if (!fold_one(&z[j], w->kind, a[w->map[0] ? w->map[0][j] : j],
                      b[w->map[1] ? w->map[1][j] : j]))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "a result of two constants is no double");
    SBX_TRY(sbx_op_fold(net, nd, 0, y, z, NULL, err));
done:
    return st;
}

/* the constant operand c as b (sign s) or as the factors of the one term */
static sbx_status constant(sbx_ew *w, sbx_net *net, const double *c, const size_t *map, size_t n,
                           bool first, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const double s = w->kind == SBX_EW_SUB && !first ? -1.0 : 1.0;
    double *v, *rad = NULL;
    SBX_TRY(sbx_op_mem(&v, net, sbx_pad(n), sizeof *v, err));
    for (size_t j = 0; j < n; j++)
        v[j] = s * c[map ? map[j] : j];
    if (w->kind == SBX_EW_ADD || w->kind == SBX_EW_SUB) {
        w->b = v;
        w->has_b = true;
        goto done;
    }
    w->term[0].a = v;
    if (w->kind == SBX_EW_MUL) goto done;
    if (first) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "division by what is no constant");
    SBX_TRY(sbx_op_mem(&rad, net, sbx_pad(n), sizeof *rad, err));
    for (size_t j = 0; j < n; j++) {
        const double d = v[j];
        if (!(fabs(d) >= 0x1p-900 && fabs(d) <= 0x1p900))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "division by 0, or by what is too small or large");
        v[j] = 1.0 / d;
        rad[j] = fma(-v[j], d, 1.0) == 0.0 ? 0.0 : SBX_U * fabs(v[j]); /* half an ulp or more */
    }
    w->term[0].rad = rad;
done:
    return st;
}

static sbx_status finish(sbx_ew *w, sbx_net *net, sbx_node *nd, const sbx_shape *y, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank);
    if (!w->b) {
        double *zero;
        SBX_TRY(sbx_op_mem(&zero, net, sbx_pad(n), sizeof *zero, err));
        w->b = zero;
    }
    w->rounds = w->has_b;
    for (size_t k = 0; k < w->terms; k++) {
        sbx_ew_term *t = &w->term[k];
        const size_t m = net->tensor[nd->in[t->in]].n;
        t->map = w->map[t->in];
        t->fan = m ? n / m : 1;
        w->rounds = w->rounds || t->a || t->fan > 1;
    }
    nd->data = w;
    SBX_TRY(sbx_op_out(net, nd, 0, y, err));
done:
    return st;
}

sbx_status sbx_ew_binary(sbx_net *net, sbx_node *nd, sbx_ew_kind kind, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape a = net->tensor[nd->in[0]].shape, b = net->tensor[nd->in[1]].shape;
    const bool ca = sbx_op_const(net, nd, 0), cb = sbx_op_const(net, nd, 1);
    sbx_shape y;
    sbx_ew *w;
    SBX_TRY(sbx_shape_broadcast(&y, &a, &b, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    SBX_TRY(sbx_op_mem(&w, net, 1, sizeof *w, err));
    w->kind = kind;
    SBX_TRY(sbx_op_broadcast_map(&w->map[0], net, &a, &y, err));
    SBX_TRY(sbx_op_broadcast_map(&w->map[1], net, &b, &y, err));
    if (ca && cb) {
        SBX_TRY(fold(net, nd, w, &y, err));
        goto done;
    }
    w->terms = ca || cb ? 1 : 2;
    w->term[0] = (sbx_ew_term){.in = ca ? 1 : 0, .sign = ca && kind == SBX_EW_SUB ? -1.0 : 1.0};
    w->term[1] = (sbx_ew_term){.in = 1, .sign = kind == SBX_EW_SUB ? -1.0 : 1.0};
    if (ca || cb) {
        const size_t k = ca ? 0 : 1;
        const double *c = net->tensor[nd->in[k]].real;
        if (!c) SBX_FAIL(err, SBX_ERR_PARSE, "a constant of integers with a tensor of reals");
        SBX_TRY(constant(w, net, c, w->map[k], sbx_shape_prod(&y, 0, y.rank), ca, err));
    } else if (kind == SBX_EW_MUL || kind == SBX_EW_DIV)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "neither operand is constant");
    SBX_TRY(finish(w, net, nd, &y, err));
done:
    return st;
}

sbx_status sbx_ew_unary(sbx_net *net, sbx_node *nd, sbx_ew_kind kind, const sbx_shape *y,
                        const size_t *map, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ew *w;
    SBX_TRY(sbx_op_mem(&w, net, 1, sizeof *w, err));
    w->kind = kind;
    w->map[0] = map;
    if (sbx_op_const(net, nd, 0)) {
        SBX_TRY(fold(net, nd, w, y, err));
        goto done;
    }
    w->terms = 1;
    w->term[0] = (sbx_ew_term){.sign = kind == SBX_EW_NEG ? -1.0 : 1.0};
    SBX_TRY(finish(w, net, nd, y, err));
done:
    return st;
}

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
        for (size_t j = 0; j < n; j++) {
            const double a = t->a ? fabs(t->a[j]) : 1.0, rad = t->rad ? t->rad[j] : 0.0;
            const double g = sbx_up(sbx_gamma(t->fan) * a + rad, 2);
            aux[j] = sbx_up(aux[j] + g * l->mag[in][t->map ? t->map[j] : j], 2); /* [L-NET-05] */
        }
        fixed = sbx_up(fixed + (double)t->fan * SBX_ETA * l->mag_sum[in], 2);
    }
    aux[sbx_pad(n)] = fixed;
    return SBX_OK;
}

static void term_row(double *out, const sbx_ew_term *t, const double *c, size_t n, size_t m)
{
    if (t->map) {
        memset(out, 0, m * sizeof *out);
        for (size_t j = 0; j < n; j++)
            out[t->map[j]] += (t->a ? t->a[j] : t->sign) * c[j];
    } else if (t->a)
        for (size_t j = 0; j < n; j++)
            out[j] = t->a[j] * c[j];
    else
        for (size_t j = 0; j < n; j++)
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
            term_row(out + r * sbx_pad(m), t, c + r * ld, n, m);
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
        for (size_t j = 0; j < n; j++)
            y[j] += (t->a ? t->a[j] : t->sign) * x[t->in][t->map ? t->map[j] : j];
    }
}

void sbx_ew_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                    const double *const *x, const double *y)
{
    const sbx_ew *w = nd->data;
    const size_t n = net->tensor[nd->out[0]].n;
    (void)x;
    (void)y;
    for (size_t k = 0; k < w->terms; k++) {
        const sbx_ew_term *t = &w->term[k];
        for (size_t j = 0; j < n; j++)
            gx[t->in][t->map ? t->map[j] : j] += (t->a ? t->a[j] : t->sign) * gy[j];
    }
}
