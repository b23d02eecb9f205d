/* bound/alpha.c -- better slopes below the ReLUs whose sign is open, for one row.
 *
 * The bound of a row is a concave function of the slopes, piecewise linear [L-NET-71]. Its
 * slope in one of them is the row's coefficient there times the value of the ReLU's input in
 * the relaxed network, at the corner where the affine bound is least. Steps of Adam; every one
 * ends in a proved bound, and the best is kept.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "bound/bounder.h"

#include <string.h>

#define RATE  0.4  /* of the first step, in slopes */
#define DECAY 0.85 /* of the rate, a step          */

typedef struct sbx_alpha {
    double **coef;          /* by node that has a choice: [n] of the last pass  */
    double **was, **m, **v; /* slopes before, and what Adam remembers           */
    double *x;              /* the corner                                       */
} sbx_alpha;

static bool has_choice(const sbx_node *nd) { return !nd->view && nd->op->slope_range; }

static sbx_status make(sbx_bounder *b, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    sbx_alpha *a;
    if (b->alpha) return st;
    a = b->alpha = sbx_alloc(1, sizeof *a);
    if (!a) SBX_FAIL(err, SBX_ERR_NOMEM, "slopes");
    a->x = sbx_alloc(net->tensor[net->input].n, sizeof *a->x);
    a->coef = sbx_alloc(net->n_node, sizeof *a->coef);
    a->was = sbx_alloc(net->n_node, sizeof *a->was);
    a->m = sbx_alloc(net->n_node, sizeof *a->m);
    a->v = sbx_alloc(net->n_node, sizeof *a->v);
    if (!a->x || !a->coef || !a->was || !a->m || !a->v) SBX_FAIL(err, SBX_ERR_NOMEM, "slopes");
    for (size_t k = 0; k < net->n_node; k++) {
        const sbx_node *nd = &net->node[k];
        const size_t n = has_choice(nd) ? net->tensor[nd->out[0]].n : 0;
        if (n == 0) continue;
        a->coef[k] = sbx_alloc(4 * n, sizeof **a->coef);
        if (!a->coef[k]) SBX_FAIL(err, SBX_ERR_NOMEM, "slopes");
        a->was[k] = a->coef[k] + n;
        a->m[k] = a->coef[k] + 2 * n;
        a->v[k] = a->coef[k] + 3 * n;
    }
done:
    if (st != SBX_OK) {
        sbx_alpha_free(b->alpha, net);
        b->alpha = NULL;
    }
    return st;
}

void sbx_alpha_free(sbx_alpha *a, const sbx_net *net)
{
    if (!a) return;
    for (size_t k = 0; a->coef && k < net->n_node; k++)
        sbx_free(a->coef[k]);
    sbx_free(a->coef);
    sbx_free(a->was);
    sbx_free(a->m);
    sbx_free(a->v);
    sbx_free(a->x);
    sbx_free(a);
}

/* the slopes before, to be put back; Adam forgets */
static void begin(sbx_bounder *b)
{
    for (size_t k = 0; k < b->net->n_node; k++) {
        const size_t n = b->alpha->coef[k] ? b->net->tensor[b->net->node[k].out[0]].n : 0;
        if (n == 0) continue;
        memcpy(b->alpha->was[k], b->lin.aux[k], n * sizeof(double));
        memset(b->alpha->m[k], 0, 2 * n * sizeof(double)); /* and v, behind it */
    }
}

static void put_back(sbx_bounder *b)
{
    for (size_t k = 0; k < b->net->n_node; k++)
        if (b->alpha->coef[k])
            memcpy(b->lin.aux[k], b->alpha->was[k],
                   b->net->tensor[b->net->node[k].out[0]].n * sizeof(double));
}

/* A backward pass of row c with the slopes of now; its bound, where it is better. */
static sbx_status pass(sbx_bounder *b, double *lo, double *coef, const double *c, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    const size_t t = net->tensor[net->output].root, in = net->tensor[net->input].n;
    const double *g;
    double *row, v;
    SBX_TRY(sbx_lin_start(&b->lin, &row, t, 1, err));
    memcpy(row, c, net->tensor[t].n * sizeof *row);
    for (size_t k = net->n_node; k-- > 0;) {
        double *const keep = b->alpha->coef[k];
        const double *const a = keep ? sbx_lin_out(&b->lin, &net->node[k], 0) : NULL;
        if (a) memcpy(keep, a, net->tensor[net->node[k].out[0]].n * sizeof *keep);
        if (keep && !a) memset(keep, 0, net->tensor[net->node[k].out[0]].n * sizeof *keep);
        SBX_TRY(sbx_lin_step(&b->lin, k, err));
    }
    SBX_TRY(sbx_lin_run(&b->lin, &v, err));
    g = b->lin.coef[net->input];
    for (size_t j = 0; j < in; j++)
        b->alpha->x[j] =
            g && g[j] < 0.0 ? b->lin.bound[net->input][j].hi : b->lin.bound[net->input][j].lo;
    if (!(v > *lo)) goto done;
    *lo = v;
    for (size_t j = 0; j < in; j++)
        coef[j] = g ? g[j] : 0.0;
    coef[in] = b->lin.beta[0];
done:
    return st;
}

/* One step up for the slopes of node k: each stays in its range, whatever the gradient is. */
static void climb(sbx_bounder *b, size_t k, double rate, double fix1, double fix2)
{
    const sbx_node *nd = &b->net->node[k];
    const size_t t = sbx_node_in(b->net, nd, 0), n = b->net->tensor[t].n;
    const double *const a = b->alpha->coef[k], *const z = b->value[t];
    double *const al = b->lin.aux[k], *const m = b->alpha->m[k], *const v = b->alpha->v[k];
    for (size_t j = 0; j < n; j++) {
        const sbx_ivd x = b->lin.bound[t][j];
        const double g = a[j] > 0.0 ? a[j] * z[j] : 0.0;
        double s, least;
        if (!(x.lo < 0.0 && x.hi > 0.0) || !nd->op->slope_range(&least, nd, j)) continue;
        m[j] = 0.8 * m[j] + 0.2 * g;
        v[j] = 0.95 * v[j] + 0.05 * g * g;
        if (!(v[j] > 0.0)) continue;
        s = al[j] + rate * (m[j] / fix1) / sqrt(v[j] / fix2);
        al[j] = s >= least ? s <= 1.0 ? s : 1.0 : least; /* a NaN: least [L-NET-71] */
    }
}

sbx_status sbx_bounder_tighten(sbx_bounder *b, double *lo, double *coef, const double *c,
                               double enough, int steps, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double rate = RATE, b1 = 1.0, b2 = 1.0;
    if (!b->ran_crown) SBX_FAIL(err, SBX_ERR_ARG, "no linear bounds to make better");
    SBX_TRY(make(b, err));
    begin(b);
    for (int i = 0; i < steps; i++) {
        SBX_TRY(pass(b, lo, coef, c, err));
        if (*lo > enough || i + 1 == steps) break;
        SBX_TRY(sbx_bounder_relaxed(b, b->alpha->x, b->alpha->coef, err));
        b1 *= 0.8;
        b2 *= 0.95;
        for (size_t k = 0; k < b->net->n_node; k++)
            if (b->alpha->coef[k]) climb(b, k, rate, 1.0 - b1, 1.0 - b2);
        rate *= DECAY;
    }
done:
    if (b->alpha) put_back(b);
    return st;
}
