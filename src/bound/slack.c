/* bound/slack.c -- see slack.h.
 *
 * Let V be the value of what a row has become in the backward pass, at the corner x: the sum
 * of its coefficients times the network's true values there, and beta. It starts as the row's
 * value and ends as the bound; each step that relaxes lowers it, and by how much is that
 * node's part [L-NET-70]. The parts of single elements come from another step through the
 * worst node alone, with a row for each of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bound/slack.h"

#include "base/alloc.h"
#include "base/try.h"
#include "bound/bounder.h"

#include <string.h>

/* coefficients of row r on tensor t times its values */
static double on_tensor(const sbx_bounder *b, size_t t, size_t r)
{
    const size_t n = b->net->tensor[t].n;
    const double *const a = b->lin.coef[t];
    double s = 0.0;
    for (size_t j = 0; a && j < n; j++)
        s += a[r * sbx_pad(n) + j] * b->value[t][j];
    return s;
}

static double value(const sbx_bounder *b, size_t r)
{
    double s = b->lin.beta[r];
    for (size_t t = 0; t < b->net->n_tensor; t++)
        s += on_tensor(b, t, r);
    return s;
}

/* The values of all tensors at the corner where the affine bound of row r is least. */
static sbx_status go_to_corner(bool *there, sbx_bounder *b, size_t r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t t = b->net->input, n = b->net->tensor[t].n;
    const double *const g = sbx_bounder_input_coef(b, r);
    double *const x = sbx_alloc(n, sizeof *x);
    *there = false;
    if (!x) SBX_FAIL(err, SBX_ERR_NOMEM, "slack");
    if (!g) goto done;
    for (size_t j = 0; j < n; j++)
        x[j] = g[j] >= 0.0 ? b->lin.bound[t][j].lo : b->lin.bound[t][j].hi;
    st = sbx_bounder_forward(b, NULL, NULL, x, NULL, err);
    *there = st == SBX_OK;
    if (st == SBX_ERR_UNSUPPORTED || st == SBX_ERR_DOMAIN) st = SBX_OK;
done:
    sbx_free(x);
    return st;
}

/* The backward pass of row c: the node that loses most, and in *coef, [its outputs], the
 * coefficients that it had to deal with. */
static sbx_status worst_node(sbx_slack *s, double *coef, double *now, sbx_bounder *b,
                             const double *c, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    const size_t t = net->tensor[net->output].root;
    double *row, v;
    SBX_TRY(sbx_lin_start(&b->lin, &row, t, 1, err));
    memcpy(row, c, net->tensor[t].n * sizeof *row);
    v = value(b, 0);
    s->total = v;
    for (size_t k = net->n_node; k-- > 0;) {
        const sbx_node *nd = &net->node[k];
        const double *const a = nd->view ? NULL : sbx_lin_out(&b->lin, nd, 0);
        const double before = v;
        if (!a) continue;
        memcpy(now, a, net->tensor[nd->out[0]].n * sizeof *now);
        SBX_TRY(sbx_lin_step(&b->lin, k, err));
        v = value(b, 0);
        if (!nd->op->nonlinear || !(before - v > s->node_part)) continue;
        s->node_part = before - v;
        s->node = k;
        s->known = true;
        memcpy(coef, now, net->tensor[nd->out[0]].n * sizeof *now);
    }
    s->total -= v;
done:
    return st;
}

/* what one step through the worst node costs its elements at[0 .. rows): the j-th is in row
 * of[j], and its coefficient is coef[j] */
static sbx_status step_rows(sbx_slack *s, sbx_bounder *b, const double *coef, size_t first,
                            size_t rows, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_node *nd = &b->net->node[s->node];
    const size_t n = b->net->tensor[nd->out[0]].n, ld = sbx_pad(n);
    double *row, *before = b->lo;
    SBX_TRY(sbx_lin_start(&b->lin, &row, nd->out[0], rows, err));
    for (size_t j = 0; j < n; j++) {
        const size_t u = nd->op->row ? nd->op->row(nd, j) : j;
        if (u >= first && u < first + rows) row[(u - first) * ld + j] = coef[j];
    }
    for (size_t i = 0; i < rows; i++)
        before[i] = value(b, i);
    SBX_TRY(sbx_lin_step(&b->lin, s->node, err));
    for (size_t i = 0; i < rows; i++) {
        const double part = before[i] - value(b, i);
        if (!(part > s->element_part)) continue;
        s->element_part = part;
        s->element = first + i;
    }
done:
    return st;
}

sbx_status sbx_bounder_slack(sbx_bounder *b, sbx_slack *s, const double *c, size_t r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    size_t widest = 1, units = 0;
    double *mem = NULL;
    bool there;
    *s = (sbx_slack){0};
    SBX_TRY(go_to_corner(&there, b, r, err));
    if (!there) goto done;
    for (size_t t = 0; t < net->n_tensor; t++)
        widest = net->tensor[t].n > widest ? net->tensor[t].n : widest;
    mem = sbx_alloc(2 * widest, sizeof *mem);
    if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "slack");
    SBX_TRY(worst_node(s, mem, mem + widest, b, c, err));
    if (!s->known) goto done;
    s->is_row = net->node[s->node].op->row != NULL;
    for (size_t j = 0; j < net->tensor[net->node[s->node].out[0]].n; j++) {
        const size_t u = s->is_row ? net->node[s->node].op->row(&net->node[s->node], j) : j;
        units = u + 1 > units ? u + 1 : units;
    }
    for (size_t u = 0, k; u < units; u += k) {
        k = units - u < b->lin.cap_rows ? units - u : b->lin.cap_rows;
        SBX_TRY(step_rows(s, b, mem, u, k, err));
    }
done:
    sbx_free(mem);
    return st;
}
