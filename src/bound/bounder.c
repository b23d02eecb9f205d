/* bound/bounder.c -- proved bounds of every tensor, then of rows of the output.
 *
 * First the intervals of every tensor. Then in topological order: before a nonlinear
 * node, a backward pass for every element of its input whose bounds it can use; where
 * that changed something, the intervals that follow from it. All bounds of an element
 * hold, so their intersection does [L-NET-07].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bound/bounder.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/ew.h"

#include <string.h>

/* ---- life ------------------------------------------------------------------------ */

/* Does the step read an element of its input more than once? */
static bool copies(const sbx_node *nd)
{
    const sbx_ew *w = nd->data;
    return nd->op->backward == sbx_ew_backward && w->terms > 0 && w->term[0].fan > 1;
}

/* Is a tensor the input under at most one dense layer, but for constants added, factors
 * and moved elements? Then each of its elements is linear in independent inputs; after a
 * copy of an element it is no more, once they are added up. */
static void mark_exact(sbx_bounder *b)
{
    const sbx_net *net = b->net;
    unsigned char *level = (unsigned char *)b->fresh; /* 0, 1: so many layers; 2: more */
    memset(level, 2, net->n_tensor);
    level[net->input] = 0;
    for (size_t k = 0; k < net->n_node; k++) {
        const sbx_node *nd = &net->node[k];
        size_t vars = 0, last = 0;
        unsigned char v;
        if (nd->view) continue;
        for (size_t i = 0; i < nd->n_in; i++)
            if (sbx_node_has(nd, i) && !sbx_op_const(net, nd, i)) {
                vars++;
                last = i;
            }
        v = vars == 1 && !nd->op->nonlinear ? level[sbx_node_in(net, nd, last)] : 2;
        if (v < 2 && nd->op->mixes) v++;
        if (v < 1 && copies(nd)) v = 1;
        for (size_t o = 0; o < nd->n_out; o++)
            if (nd->out[o] != SBX_NO_TENSOR) level[nd->out[o]] = v;
    }
    for (size_t t = 0; t < net->n_tensor; t++)
        b->exact[t] = level[t] < 2;
    memset(level, 0, net->n_tensor);
}

sbx_status sbx_bounder_new(sbx_bounder **bounder, const sbx_net *net, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t in = 1, out = 1, n = net->n_tensor; /* fresh serves mark_exact too */
    sbx_bounder *b = sbx_alloc(1, sizeof *b);
    *bounder = NULL;
    if (!b) SBX_FAIL(err, SBX_ERR_NOMEM, "a bounder");
    b->net = net;
    SBX_TRY(sbx_lin_init(&b->lin, net, err));
    for (size_t k = 0; k < net->n_node; k++) {
        in = net->node[k].n_in > in ? net->node[k].n_in : in;
        out = net->node[k].n_out > out ? net->node[k].n_out : out;
        for (size_t o = 0, sum = 0; o < net->node[k].n_out; o++) {
            if (net->node[k].out[o] != SBX_NO_TENSOR) sum += net->tensor[net->node[k].out[o]].n;
            n = sum > n ? sum : n;
        }
    }
    b->changed = sbx_alloc(net->n_tensor, sizeof *b->changed);
    b->exact = sbx_alloc(net->n_tensor, sizeof *b->exact);
    b->full = sbx_alloc(net->n_tensor, sizeof *b->full);
    b->x = sbx_alloc(in, sizeof *b->x);
    b->y = sbx_alloc(out, sizeof *b->y);
    b->fresh = sbx_alloc(n, sizeof *b->fresh);
    b->lo = sbx_alloc(b->lin.cap_rows, sizeof *b->lo);
    b->pick = sbx_alloc(b->lin.cap_rows, sizeof *b->pick);
    if (!b->changed || !b->exact || !b->full || !b->x || !b->y || !b->fresh || !b->lo || !b->pick)
        SBX_FAIL(err, SBX_ERR_NOMEM, "a bounder");
    mark_exact(b);
    *bounder = b;
    b = NULL;
done:
    sbx_bounder_free(b);
    return st;
}

void sbx_bounder_free(sbx_bounder *b)
{
    if (!b) return;
    for (size_t t = 0; t < b->net->n_tensor; t++) {
        if (b->value) sbx_free(b->value[t]);
        if (b->grad) sbx_free(b->grad[t]);
    }
    sbx_free(b->value);
    sbx_free(b->grad);
    sbx_alpha_free(b->alpha, b->net);
    sbx_lin_clear(&b->lin);
    sbx_free(b->exact);
    sbx_free(b->full);
    sbx_free((void *)b->x);
    sbx_free((void *)b->y);
    sbx_free(b->fresh);
    sbx_free(b->changed);
    sbx_free(b->lo);
    sbx_free(b->pick);
    sbx_free(b->input_coef);
    sbx_free(b);
}

/* ---- bounds of tensors ------------------------------------------------------------- */

/* *b: what both say; both hold, so a gap between them is a bug [L-NET-07] */
static sbx_status meet(sbx_ivd *b, bool *changed, double lo, double hi, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *changed = *changed || lo > b->lo || hi < b->hi;
    if (lo > b->lo) b->lo = lo;
    if (hi < b->hi) b->hi = hi;
    SBX_SOUND(b->lo <= b->hi, err);
done:
    return st;
}

/* The intervals of the outputs of nd, given those of its inputs. */
static sbx_status intervals(sbx_bounder *b, const sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    for (size_t i = 0; i < nd->n_in; i++)
        b->x[i] = sbx_node_has(nd, i) ? b->lin.bound[sbx_node_in(net, nd, i)] : NULL;
    for (size_t o = 0; o < nd->n_out; o++)
        b->y[o] = nd->out[o] != SBX_NO_TENSOR ? b->lin.bound[nd->out[o]] : NULL;
    SBX_TRY(nd->op->eval_ivd(b->y, net, nd, b->x, &b->lin.ctx, err));
    for (size_t o = 0; o < nd->n_out; o++)
        if (b->y[o]) {
            b->changed[nd->out[o]] = false;
            sbx_lin_measure(&b->lin, nd->out[o]);
        }
done:
    return st;
}

/* The same again, where a bound of an input became better. */
static sbx_status intervals_again(sbx_bounder *b, const sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    bool any = false;
    size_t used = 0;
    for (size_t i = 0; i < nd->n_in; i++) {
        const size_t t = sbx_node_has(nd, i) ? sbx_node_in(net, nd, i) : 0;
        b->x[i] = sbx_node_has(nd, i) ? b->lin.bound[t] : NULL;
        any = any || (b->x[i] && b->changed[t]);
    }
    if (!any) goto done;
    for (size_t o = 0; o < nd->n_out; o++) {
        b->y[o] = nd->out[o] != SBX_NO_TENSOR ? b->fresh + used : NULL;
        if (b->y[o]) used += net->tensor[nd->out[o]].n;
    }
    SBX_TRY(nd->op->eval_ivd(b->y, net, nd, b->x, &b->lin.ctx, err));
    for (size_t o = 0; o < nd->n_out; o++) {
        const size_t t = nd->out[o];
        if (!b->y[o]) continue;
        for (size_t j = 0; j < net->tensor[t].n; j++)
            SBX_TRY(meet(&b->lin.bound[t][j], &b->changed[t], b->y[o][j].lo, b->y[o][j].hi, err));
        if (b->changed[t]) sbx_lin_measure(&b->lin, t);
    }
done:
    return st;
}

/* Rows e_j and -e_j for every picked element of t: its lower bound, minus its upper. */
static sbx_status refine_some(sbx_bounder *b, size_t t, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t ld = sbx_pad(b->net->tensor[t].n);
    double *coef;
    SBX_TRY(sbx_lin_start(&b->lin, &coef, t, 2 * n, err));
    for (size_t i = 0; i < n; i++) {
        coef[i * ld + b->pick[i]] = 1.0;
        coef[(n + i) * ld + b->pick[i]] = -1.0;
    }
    SBX_TRY(sbx_lin_run(&b->lin, b->lo, err));
    for (size_t i = 0; i < n; i++)
        SBX_TRY(meet(&b->lin.bound[t][b->pick[i]], &b->changed[t], b->lo[i], -b->lo[n + i], err));
done:
    return st;
}

/* The j-th element in the order of the passes: of an image all channels of a position
 * follow each other, for their rows meet the same windows of the layers before. */
static size_t in_order(const sbx_shape *s, size_t j)
{
    size_t channels, pos;
    if (s->rank < 4) return j;
    channels = s->dim[1];
    pos = sbx_shape_prod(s, 2, s->rank);
    return (j / (channels * pos) * channels + j % channels) * pos + j / channels % pos;
}

/* Backward bounds for the elements of t that nd (NULL: everyone) can use. */
static sbx_status refine(sbx_bounder *b, size_t t, const sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = b->net->tensor[t].n, most = b->lin.cap_rows / 2;
    size_t k = 0;
    if (b->exact[t] || b->full[t]) goto done;
    b->full[t] = !nd || !nd->op->settled; /* once more would change nothing */
    for (size_t j = 0; j < n; j++) {
        const size_t e = in_order(&b->net->tensor[t].shape, j);
        const sbx_ivd x = b->lin.bound[t][e];
        if (x.lo < x.hi && !(nd && nd->op->settled && nd->op->settled(nd, x))) b->pick[k++] = e;
        if (k == most || (k > 0 && j + 1 == n)) {
            SBX_TRY(refine_some(b, t, k, err));
            k = 0;
        }
    }
    if (b->changed[t]) sbx_lin_measure(&b->lin, t);
done:
    return st;
}

static sbx_status set_box(sbx_bounder *b, const sbx_ivd *box, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t t = b->net->input;
    for (size_t j = 0; j < b->net->tensor[t].n; j++) {
        if (!(box[j].lo >= -DBL_MAX && box[j].hi <= DBL_MAX && box[j].lo <= box[j].hi))
            SBX_FAIL(err, SBX_ERR_ARG, "input %zu: no finite interval", j);
        b->lin.bound[t][j] = box[j];
    }
    sbx_lin_measure(&b->lin, t);
done:
    return st;
}

static sbx_status all_intervals(sbx_bounder *b, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < b->net->n_node; k++)
        if (!b->net->node[k].view) {
            SBX_TRY(sbx_go_on(&b->lin.ctx, err));
            SBX_TRY(intervals(b, &b->net->node[k], err));
        }
done:
    return st;
}

static sbx_status all_refined(sbx_bounder *b, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    memset(b->full, 0, net->n_tensor * sizeof *b->full);
    for (size_t k = 0; k < net->n_node; k++) {
        const sbx_node *nd = &net->node[k];
        if (nd->view) continue;
        for (size_t i = 0; nd->op->nonlinear && i < nd->n_in; i++)
            if (sbx_node_has(nd, i) && !sbx_op_const(net, nd, i))
                SBX_TRY(refine(b, sbx_node_in(net, nd, i), nd, err));
        SBX_TRY(intervals_again(b, nd, err));
        if (nd->op->prepare) SBX_TRY(nd->op->prepare(&b->lin, nd, b->lin.aux[k], err));
    }
    SBX_TRY(refine(b, net->tensor[net->output].root, NULL, err));
done:
    return st;
}

/* ---- rows of the output ------------------------------------------------------------ */

/* min of c.y over the bounds of y, each term and each sum downward */
static double interval_row(const double *c, const sbx_ivd *y, size_t n)
{
    double s = 0.0;
    for (size_t j = 0; j < n; j++)
        if (c[j] != 0.0) s = sbx_add_lo(s, sbx_mul_lo(c[j], c[j] > 0.0 ? y[j].lo : y[j].hi));
    return fabs(s) <= DBL_MAX ? s : -HUGE_VAL;
}

/* lo, or better: the rows from the bounds of the output, and of what it is a function of */
static sbx_status interval_rows(sbx_bounder *b, double *lo, const double *C, size_t rows,
                                sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    const size_t t = net->tensor[net->output].root, n = net->tensor[t].n;
    const sbx_node *nd =
        net->tensor[t].node != SBX_NO_TENSOR ? &net->node[net->tensor[t].node] : NULL;
    for (size_t r = 0; r < rows; r++) {
        double v = interval_row(C + r * n, b->lin.bound[t], n);
        if (v > lo[r]) lo[r] = v;
        if (nd && nd->op->functional) SBX_TRY(nd->op->functional(&v, &b->lin, nd, C + r * n, err));
        if (v > lo[r]) lo[r] = v;
    }
done:
    return st;
}

static sbx_status crown_rows(sbx_bounder *b, double *lo, const double *C, size_t rows, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    const size_t t = net->tensor[net->output].root, n = net->tensor[t].n, ld = sbx_pad(n);
    const size_t in = net->tensor[net->input].n, wide = in + 1;
    const double *from;
    double *coef;
    if (rows > b->cap_coef) {
        double *p = sbx_realloc(b->input_coef, b->cap_coef * wide, rows * wide, sizeof *p);
        if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "a bounder");
        b->input_coef = p;
        b->cap_coef = rows;
    }
    for (size_t r = 0, k; r < rows; r += k) {
        k = rows - r < b->lin.cap_rows ? rows - r : b->lin.cap_rows;
        SBX_TRY(sbx_lin_start(&b->lin, &coef, t, k, err));
        for (size_t i = 0; i < k; i++)
            memcpy(coef + i * ld, C + (r + i) * n, n * sizeof *coef);
        SBX_TRY(sbx_lin_run(&b->lin, b->lo, err));
        from = b->lin.coef[net->input];
        for (size_t i = 0; i < k; i++) {
            double *to = b->input_coef + (r + i) * wide;
            if (b->lo[i] > lo[r + i]) lo[r + i] = b->lo[i];
            if (from)
                memcpy(to, from + i * sbx_pad(in), in * sizeof *to);
            else
                memset(to, 0, in * sizeof *to);
            to[in] = b->lin.beta[i]; /* the invariant of a pass, at its end */
        }
    }
done:
    return st;
}

sbx_status sbx_bounder_run(sbx_bounder *b, double *lo, const sbx_ivd *box, const double *C,
                           size_t rows, sbx_bound_method m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t t = b->net->tensor[b->net->output].root, n = b->net->tensor[t].n;
    b->ran_crown = false;
    b->rows = 0;
    if (m != SBX_BOUND_IBP && m != SBX_BOUND_CROWN) SBX_FAIL(err, SBX_ERR_ARG, "no such method");
    for (size_t k = 0; k < rows * n; k++)
        if (!(fabs(C[k]) <= DBL_MAX)) SBX_FAIL(err, SBX_ERR_ARG, "C[%zu] is not finite", k);
    SBX_TRY(set_box(b, box, err));
    SBX_TRY(all_intervals(b, err));
    for (size_t r = 0; r < rows; r++)
        lo[r] = -HUGE_VAL;
    SBX_TRY(interval_rows(b, lo, C, rows, err));
    if (m == SBX_BOUND_CROWN) {
        SBX_TRY(all_refined(b, err));
        SBX_TRY(interval_rows(b, lo, C, rows, err));
        SBX_TRY(crown_rows(b, lo, C, rows, err));
        b->ran_crown = true;
        b->rows = rows;
    }
done:
    return st;
}

void sbx_bounder_stop_by(sbx_bounder *b, int (*stop)(void *), void *stop_arg)
{
    b->lin.ctx.stop = stop;
    b->lin.ctx.stop_arg = stop_arg;
}

const sbx_ivd *sbx_bounder_outputs(const sbx_bounder *b)
{
    return b->lin.bound[b->net->tensor[b->net->output].root];
}

const double *sbx_bounder_input_coef(const sbx_bounder *b, size_t r)
{
    return b->ran_crown && r < b->rows ? b->input_coef + r * (b->net->tensor[b->net->input].n + 1)
                                       : NULL;
}
