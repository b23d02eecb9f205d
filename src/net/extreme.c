/* net/extreme.c -- the largest or the least of groups of elements: making, backward step,
 * plain doubles.
 *
 * The planes are those of sbx_relax_largest; the least is the largest of -x, turned. The
 * step is a sum over the entries [L-NET-60]: an element that several groups read gets at
 * most `fan` products.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/extreme.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/lin.h"
#include "net/reduce.h"
#include "softbox/relax.h"

#include <string.h>

/* ---- making ---------------------------------------------------------------------- */

static sbx_status count_fan(size_t *fan, const sbx_net *net, const sbx_node *nd,
                            const sbx_extreme *d, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t *used = NULL;
    for (size_t k = 0; k < nd->n_in; k++) {
        if (!sbx_node_has(nd, k)) continue;
        sbx_free(used);
        used = sbx_alloc(net->tensor[nd->in[k]].n, sizeof *used);
        if (!used) SBX_FAIL(err, SBX_ERR_NOMEM, "a network");
        for (size_t e = 0; e < d->start[d->ny]; e++) {
            if (d->in && d->in[e] != k) continue;
            used[d->at[e]]++;
            if (used[d->at[e]] > fan[k]) fan[k] = used[d->at[e]];
        }
        if (!d->in) break;
    }
done:
    sbx_free(used);
    return st;
}

sbx_status sbx_extreme_make(sbx_net *net, sbx_node *nd, const sbx_extreme *d, const sbx_shape *y,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_extreme *to;
    size_t *fan;
    SBX_TRY(sbx_op_out(net, nd, 0, y, err));
    SBX_TRY(sbx_op_mem(&to, net, 1, sizeof *to, err));
    SBX_TRY(sbx_op_mem(&fan, net, nd->n_in, sizeof *fan, err));
    SBX_TRY(count_fan(fan, net, nd, d, err));
    *to = *d;
    to->fan = fan;
    nd->data = to;
done:
    return st;
}

sbx_status sbx_extreme_inputs(sbx_net *net, sbx_node *nd, bool least, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n_in = nd->n_in;
    sbx_shape y = net->tensor[nd->in[0]].shape;
    sbx_extreme d = {.least = least};
    size_t *start, *at;
    uint32_t *in;
    bool fixed = true;
    for (size_t k = 0; k < n_in; k++) {
        const sbx_tensor *t;
        if (!sbx_node_has(nd, k)) SBX_FAIL(err, SBX_ERR_PARSE, "input %zu is missing", k + 1);
        t = &net->tensor[nd->in[k]];
        SBX_TRY(sbx_shape_broadcast(&y, &y, &t->shape, err));
        if (t->constant && !t->real) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "a constant of integers");
        fixed = fixed && t->constant;
    }
    if (fixed) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "every input is constant");
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    d.ny = sbx_shape_prod(&y, 0, y.rank);
    SBX_TRY(sbx_op_mem(&start, net, d.ny + 1, sizeof *start, err));
    SBX_TRY(sbx_op_mem(&at, net, d.ny * n_in, sizeof *at, err));
    SBX_TRY(sbx_op_mem(&in, net, d.ny * n_in, sizeof *in, err));
    for (size_t k = 0; k < n_in; k++) {
        const size_t *map;
        SBX_TRY(sbx_op_broadcast_map(&map, net, &net->tensor[nd->in[k]].shape, &y, err));
        for (size_t j = 0; j < d.ny; j++) {
            at[j * n_in + k] = map ? map[j] : j;
            in[j * n_in + k] = (uint32_t)k;
        }
    }
    for (size_t j = 0; j <= d.ny; j++)
        start[j] = j * n_in;
    d.start = start;
    d.at = at;
    d.in = in;
    SBX_TRY(sbx_extreme_make(net, nd, &d, &y, err));
done:
    return st;
}

sbx_status sbx_extreme_reduce(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                              bool least, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *x = &net->tensor[nd->in[0]];
    bool gone[SBX_NET_RANK], keep;
    sbx_extreme d = {.least = least};
    sbx_shape y;
    size_t *start;
    if (x->constant) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its input is constant");
    SBX_TRY(sbx_reduce_axes(gone, &keep, net, nd, attr, n_attr, err));
    SBX_TRY(sbx_reduce_terms(&y, &d.at, net, &x->shape, gone, keep, err));
    d.ny = sbx_shape_prod(&y, 0, y.rank);
    SBX_TRY(sbx_op_mem(&start, net, d.ny + 1, sizeof *start, err));
    for (size_t j = 0; j <= d.ny; j++)
        start[j] = j * (x->n / d.ny);
    d.start = start;
    SBX_TRY(sbx_extreme_make(net, nd, &d, &y, err));
done:
    return st;
}

/* ---- bounds ---------------------------------------------------------------------- */

/* aux: of each entry the slopes below [E] and above [E]; of each output the constants below
 * and above and e, each padded; the fixed cost */
size_t sbx_extreme_aux(const sbx_net *net, const sbx_node *nd)
{
    const sbx_extreme *d = nd->data;
    (void)net;
    return 2 * d->start[d->ny] + 3 * sbx_pad(d->ny) + 1;
}

typedef struct {
    double *lo, *hi, *c_lo, *c_hi, *e, *fixed;
} part;

static part part_of(double *aux, const sbx_extreme *d)
{
    const size_t n = d->start[d->ny], ld = sbx_pad(d->ny);
    double *c = aux + 2 * n;
    return (part){aux, aux + n, c, c + ld, c + 2 * ld, c + 3 * ld};
}

static size_t input_of(const sbx_extreme *d, size_t e) { return d->in ? d->in[e] : 0; }

/* the planes of group j, x: a place for its box */
static sbx_status planes(const part *p, const sbx_lin *l, const sbx_node *nd, size_t j, sbx_ivd *x,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_extreme *d = nd->data;
    const size_t first = d->start[j], n = d->start[j + 1] - first;
    sbx_affine lower = {p->lo + first, 0.0}, upper = {p->hi + first, 0.0};
    for (size_t e = 0; e < n; e++) {
        const size_t k = input_of(d, first + e), i = d->at[first + e];
        const sbx_tensor *t = &l->net->tensor[nd->in[k]];
        const sbx_ivd v = t->constant ? (sbx_ivd){t->real[i], t->real[i]} : l->bound[t->root][i];
        x[e] = d->least ? (sbx_ivd){-v.hi, -v.lo} : v;
    }
    if (d->least) { /* x -> -x turns the sides */
        lower.coef = p->hi + first;
        upper.coef = p->lo + first;
    }
    SBX_TRY(sbx_relax_largest(&lower, &upper, x, n, err));
    for (size_t e = 0; e < n; e++) /* a constant is a number: into the constant, exactly */
        if (lower.coef[e] != 0.0 && l->net->tensor[nd->in[input_of(d, first + e)]].constant) {
            lower.coef[e] = 0.0;
            lower.cst = x[e].lo;
        }
    p->c_lo[j] = d->least ? -upper.cst : lower.cst;
    p->c_hi[j] = d->least ? -lower.cst : upper.cst;
done:
    return st;
}

sbx_status sbx_extreme_prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_extreme *d = nd->data;
    const part p = part_of(aux, d);
    double fixed = 0.0;
    size_t most = 1;
    sbx_ivd *x = NULL;
    for (size_t j = 0; j < d->ny; j++)
        if (d->start[j + 1] - d->start[j] > most) most = d->start[j + 1] - d->start[j];
    x = sbx_alloc(most, sizeof *x);
    if (!x) SBX_FAIL(err, SBX_ERR_NOMEM, "a relaxation");
    for (size_t j = 0; j < d->ny; j++) {
        double e = 0.0;
        SBX_TRY(planes(&p, l, nd, j, x, err));
        for (size_t i = d->start[j]; i < d->start[j + 1]; i++) {
            const size_t k = input_of(d, i), t = sbx_node_in(l->net, nd, k);
            const double a = fmax(fabs(p.lo[i]), fabs(p.hi[i]));
            if (a > 0.0) e += sbx_gamma(d->fan[k]) * a * l->mag[t][d->at[i]];
        }
        e += sbx_gamma(d->ny) * fmax(fabs(p.c_lo[j]), fabs(p.c_hi[j]));
        p.e[j] = sbx_up(e, 2 * most + 4); /* > 0 */
    }
    for (size_t k = 0; k < (d->in ? nd->n_in : 1); k++)
        if (!sbx_op_const(l->net, nd, k))
            fixed += (double)d->fan[k] * SBX_ETA * l->mag_sum[sbx_node_in(l->net, nd, k)];
    *p.fixed = sbx_up(fixed, 2 * nd->n_in + 2);
done:
    sbx_free(x);
    return st;
}

/* one row into input k */
static void into(double *out, const sbx_extreme *d, size_t k, const double *c, const double *lo,
                 const double *hi)
{
    for (size_t j = 0; j < d->ny; j++) {
        const double *a = c[j] >= 0.0 ? lo : hi;
        if (c[j] == 0.0) continue;
        for (size_t e = d->start[j]; e < d->start[j + 1]; e++)
            if (input_of(d, e) == k && a[e] != 0.0) out[d->at[e]] += a[e] * c[j];
    }
}

sbx_status sbx_extreme_backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_extreme *d = nd->data;
    const size_t n = d->start[d->ny], ld = sbx_pad(d->ny);
    const double *c = sbx_lin_out(l, nd, 0), *cst = aux + 2 * n;
    for (size_t k = 0; k < (d->in ? nd->n_in : 1); k++) {
        size_t m;
        double *out;
        if (sbx_op_const(l->net, nd, k)) continue;
        m = l->net->tensor[sbx_node_in(l->net, nd, k)].n;
        SBX_TRY(sbx_lin_open(l, &out, nd, k, err));
        for (size_t r = 0; r < l->rows; r++) {
            memset(out + r * sbx_pad(m), 0, m * sizeof *out);
            into(out + r * sbx_pad(m), d, k, c + r * ld, aux, aux + n);
        }
        sbx_lin_close(l, out, nd, k);
    }
    sbx_lin_charge_sides(l, nd, cst, cst + ld, cst + 2 * ld, cst[3 * ld]);
done:
    return st;
}

/* ---- plain doubles --------------------------------------------------------------- */

/* the entry that is the extreme one */
static size_t chosen(const sbx_extreme *d, size_t j, const double *const *x)
{
    size_t best = d->start[j];
    for (size_t e = best + 1; e < d->start[j + 1]; e++) {
        const double v = x[input_of(d, e)][d->at[e]], w = x[input_of(d, best)][d->at[best]];
        if (d->least ? v < w : v > w) best = e;
    }
    return best;
}

void sbx_extreme_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    const sbx_extreme *d = nd->data;
    (void)net;
    for (size_t j = 0; j < d->ny; j++) {
        const size_t e = chosen(d, j, x);
        y[j] = x[input_of(d, e)][d->at[e]];
    }
}

void sbx_extreme_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd,
                         const double *gy, const double *const *x, const double *y)
{
    const sbx_extreme *d = nd->data;
    (void)net;
    (void)y;
    for (size_t j = 0; j < d->ny; j++) {
        const size_t e = chosen(d, j, x), k = input_of(d, e);
        if (gx[k]) gx[k][d->at[e]] += gy[j];
    }
}
