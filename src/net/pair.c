/* net/pair.c -- products and quotients of two variables: making, backward step, plain
 * doubles.
 *
 * Each output has a plane below and one above (sbx_relax_product, sbx_relax_quotient; a
 * square the lines of sbx_relax_square); the sign of its coefficient picks one. The step
 * into an operand is a dot product of at most `fan` terms an element [L-NET-60].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pair.h"

#include "base/try.h"
#include "net/lin.h"
#include "softbox/relax.h"

#include <string.h>

/* ---- making ---------------------------------------------------------------------- */

static const sbx_op product, quotient;

static bool same_elements(const sbx_net *net, const sbx_node *nd, const sbx_pair *w, size_t n)
{
    if (sbx_node_in(net, nd, 0) != sbx_node_in(net, nd, 1)) return false;
    for (size_t j = 0; (w->map[0] || w->map[1]) && j < n; j++)
        if ((w->map[0] ? w->map[0][j] : j) != (w->map[1] ? w->map[1][j] : j)) return false;
    return true;
}

sbx_status sbx_pair_make(sbx_net *net, sbx_node *nd, bool divide, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape a = net->tensor[nd->in[0]].shape, b = net->tensor[nd->in[1]].shape;
    const bool fixed = sbx_op_const(net, nd, 0);
    sbx_shape y;
    sbx_pair *w;
    size_t n;
    SBX_TRY(sbx_shape_broadcast(&y, &a, &b, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    if (fixed && !net->tensor[nd->in[0]].real)
        SBX_FAIL(err, SBX_ERR_PARSE, "a constant of integers with a tensor of reals");
    SBX_TRY(sbx_op_mem(&w, net, 1, sizeof *w, err));
    w->divide = divide;
    SBX_TRY(sbx_op_broadcast_map(&w->map[0], net, &a, &y, err));
    SBX_TRY(sbx_op_broadcast_map(&w->map[1], net, &b, &y, err));
    n = sbx_shape_prod(&y, 0, y.rank);
    w->square = !fixed && same_elements(net, nd, w, n);
    for (size_t k = 0; k < 2; k++)
        w->fan[k] = n ? n / net->tensor[nd->in[k]].n : 1;
    nd->data = w;
    nd->op = divide ? &quotient : &product;
done:
    return st;
}

/* ---- bounds ---------------------------------------------------------------------- */

/* aux, each of [pad n]: of operand 0 the slopes below and above, of operand 1, the
 * constants below and above, e; then the fixed cost */
static size_t aux_size(const sbx_net *net, const sbx_node *nd)
{
    return 7 * sbx_pad(net->tensor[nd->out[0]].n) + 1;
}

/* the operands that the step goes into: of a square the first alone */
static bool has_step(const sbx_net *net, const sbx_node *nd, size_t k)
{
    const sbx_pair *w = nd->data;
    return !sbx_op_const(net, nd, k) && !(k && w->square && !w->divide);
}

/* The planes of one element; without finite bounds those of y alone, or none. */
static sbx_status planes(sbx_plane_pair *p, const sbx_pair *w, sbx_ivd x, sbx_ivd z, sbx_ivd y,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    const bool finite = sbx_ivd_is_finite(&x) && sbx_ivd_is_finite(&z);
    sbx_line_pair s;
    if (!finite || (w->divide && z.lo <= 0.0 && z.hi >= 0.0)) {
        *p = (sbx_plane_pair){.lo_c = y.lo >= -DBL_MAX ? y.lo : (double)NAN,
                              .hi_c = y.hi <= DBL_MAX ? y.hi : (double)NAN};
    } else if (w->divide)
        SBX_TRY(sbx_relax_quotient(p, x, z, err));
    else if (w->square) {
        SBX_TRY(sbx_relax_square(&s, x, err));
        *p = (sbx_plane_pair){s.lo_a, 0.0, s.lo_b, s.hi_a, 0.0, s.hi_b};
    } else
        SBX_TRY(sbx_relax_product(p, x, z, 0.5, 0.5, err));
done:
    return st;
}

static sbx_status prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_pair *w = nd->data;
    const size_t n = l->net->tensor[nd->out[0]].n, ld = sbx_pad(n);
    const double *fixed = sbx_op_const(l->net, nd, 0) ? l->net->tensor[nd->in[0]].real : NULL;
    const size_t t[2] = {sbx_node_in(l->net, nd, 0), sbx_node_in(l->net, nd, 1)};
    double cost = 0.0;
    for (size_t j = 0; j < n; j++) {
        const size_t i[2] = {w->map[0] ? w->map[0][j] : j, w->map[1] ? w->map[1][j] : j};
        const sbx_ivd x = fixed ? (sbx_ivd){fixed[i[0]], fixed[i[0]]} : l->bound[t[0]][i[0]];
        sbx_plane_pair p;
        double e;
        SBX_TRY(planes(&p, w, x, l->bound[t[1]][i[1]], l->bound[nd->out[0]][j], err));
        const double v[6] = {p.lo_a, p.hi_a, p.lo_b, p.hi_b, p.lo_c, p.hi_c};
        for (size_t k = 0; k < 6; k++)
            aux[k * ld + j] = v[k];
        e = sbx_gamma(n) * fmax(fabs(p.lo_c), fabs(p.hi_c));
        for (size_t k = 0; k < 2; k++)
            if (has_step(l->net, nd, k))
                e += sbx_gamma(w->fan[k]) * fmax(fabs(v[2 * k]), fabs(v[2 * k + 1])) *
                     l->mag[t[k]][i[k]];
        aux[6 * ld + j] = sbx_up(e, 4); /* > 0 */
    }
    for (size_t k = 0; k < 2; k++)
        if (has_step(l->net, nd, k)) cost += (double)w->fan[k] * SBX_ETA * l->mag_sum[t[k]];
    aux[7 * ld] = sbx_up(cost, 4);
done:
    return st;
}

/* one row into one operand of m elements */
static void into(double *out, const double *c, const double *lo, const double *hi,
                 const size_t *map, size_t n, size_t m)
{
    if (!map) {
        for (size_t j = 0; j < n; j++)
            out[j] = c[j] * (c[j] >= 0.0 ? lo[j] : hi[j]);
        return;
    }
    memset(out, 0, m * sizeof *out);
    for (size_t j = 0; j < n; j++)
        out[map[j]] += c[j] * (c[j] >= 0.0 ? lo[j] : hi[j]);
}

static sbx_status backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_pair *w = nd->data;
    const size_t n = l->net->tensor[nd->out[0]].n, ld = sbx_pad(n);
    const double *c = sbx_lin_out(l, nd, 0);
    for (size_t k = 0; k < 2; k++) {
        size_t m;
        double *out;
        if (!has_step(l->net, nd, k)) continue;
        m = l->net->tensor[sbx_node_in(l->net, nd, k)].n;
        SBX_TRY(sbx_lin_open(l, &out, nd, k, err));
        for (size_t r = 0; r < l->rows; r++)
            into(out + r * sbx_pad(m), c + r * ld, aux + 2 * k * ld, aux + (2 * k + 1) * ld,
                 w->map[k], n, m);
        sbx_lin_close(l, out, nd, k);
    }
    sbx_lin_charge_sides(l, nd, aux + 4 * ld, aux + 5 * ld, aux + 6 * ld, aux[7 * ld]);
done:
    return st;
}

/* ---- plain doubles --------------------------------------------------------------- */

static void forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    const sbx_pair *w = nd->data;
    for (size_t j = 0; j < net->tensor[nd->out[0]].n; j++) {
        const double a = x[0][w->map[0] ? w->map[0][j] : j];
        const double b = x[1][w->map[1] ? w->map[1][j] : j];
        y[j] = w->divide ? a / b : a * b;
    }
}

static void adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                    const double *const *x, const double *y)
{
    const sbx_pair *w = nd->data;
    for (size_t j = 0; j < net->tensor[nd->out[0]].n; j++) {
        const size_t i = w->map[0] ? w->map[0][j] : j, k = w->map[1] ? w->map[1][j] : j;
        if (gx[0]) gx[0][i] += w->divide ? gy[j] / x[1][k] : gy[j] * x[1][k];
        gx[1][k] += w->divide ? -gy[j] * y[j] / x[1][k] : gy[j] * x[0][i];
    }
}

#define PAIR_OP                                                                                   \
    .min_in = 2, .max_in = 2, SBX_OP_EVAL_ALL(sbx_pair_eval), .nonlinear = true, .aux = aux_size, \
    .prepare = prepare, .backward = backward, .forward = forward, .adjoint = adjoint

static const sbx_op product = {.name = "Mul", PAIR_OP};
static const sbx_op quotient = {.name = "Div", PAIR_OP};
