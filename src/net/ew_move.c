/* net/ew_move.c -- what only moves elements: making [L-NET-50].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"
#include "net/lin.h"

#include <string.h>

static size_t from_input(const sbx_move *m, size_t j) { return m->in ? m->in[j] : 0; }

/* how many elements y reads of each input; *variable: is one of these no constant;
 * all that is read, constants and the fill, is of one kind */
static sbx_status survey(size_t *reads, bool *variable, bool *integer, const sbx_net *net,
                         const sbx_node *nd, size_t n, const sbx_move *m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool real = false;
    *variable = *integer = false;
    for (size_t j = 0; j < n; j++)
        if (m->from[j] != SBX_NO_TENSOR) reads[from_input(m, j)]++;
    for (size_t k = 0; k < nd->n_in; k++) {
        const sbx_tensor *x;
        if (reads[k] == 0 && !(k == 0 && !m->in)) continue;
        x = &net->tensor[nd->in[k]];
        *variable = *variable || (!x->constant && reads[k]);
        *integer = *integer || x->integer;
        real = real || !x->integer;
    }
    if (*integer && real) SBX_FAIL(err, SBX_ERR_PARSE, "integers together with reals");
done:
    return st;
}

/* all that is read is constant */
static sbx_status move_constants(sbx_net *net, sbx_node *nd, const sbx_shape *y, const sbx_move *m,
                                 bool integer, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank);
    double *real = NULL;
    int64_t *ints = NULL;
    size_t any = 0; /* an input that is read */
    if (integer)
        SBX_TRY(sbx_op_mem(&ints, net, n, sizeof *ints, err));
    else
        SBX_TRY(sbx_op_mem(&real, net, n, sizeof *real, err));
    for (size_t j = 0; j < n; j++) {
        const size_t i = m->from[j];
        const bool none = i == SBX_NO_TENSOR;
        const sbx_tensor *x = &net->tensor[nd->in[from_input(m, j)]];
        if (!none) any = from_input(m, j);
        if (ints)
            ints[j] = none ? m->fill_int : x->integer[i];
        else
            real[j] = none ? m->fill : x->real[i]; /* NOLINT: one of the two is there */
    }
    net->tensor[nd->out[0]].elem = net->tensor[nd->in[any]].elem;
    SBX_TRY(sbx_op_fold(net, nd, 0, y, real, ints, err));
done:
    return st;
}

/* the pairs of one input */
static sbx_status fill_term(sbx_ew_term *t, sbx_net *net, size_t k, size_t reads, size_t n,
                            const sbx_move *m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t *map, *to = NULL, used = 0;
    SBX_TRY(sbx_op_mem(&map, net, reads, sizeof *map, err));
    if (reads < n) SBX_TRY(sbx_op_mem(&to, net, reads, sizeof *to, err));
    for (size_t j = 0; j < n; j++) {
        if (m->from[j] == SBX_NO_TENSOR || from_input(m, j) != k) continue;
        if (to) to[used] = j;
        map[used++] = m->from[j];
    }
    *t = (sbx_ew_term){.in = k, .n = reads, .to = to, .map = map, .sign = 1.0};
done:
    return st;
}

/* does y have every element of input 0, in its place, and nothing else? */
static bool is_view(const sbx_net *net, const sbx_node *nd, size_t n, const sbx_move *m)
{
    if (n != net->tensor[nd->in[0]].n) return false;
    for (size_t j = 0; j < n; j++)
        if (m->from[j] != j || from_input(m, j) != 0) return false;
    return true;
}

static sbx_status move_variables(sbx_net *net, sbx_node *nd, const sbx_shape *y, const sbx_move *m,
                                 const size_t *reads, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank);
    double *b;
    sbx_ew *w;
    SBX_TRY(sbx_ew_start(&w, net, SBX_EW_MOVE, nd->n_in, err));
    SBX_TRY(sbx_op_mem(&b, net, sbx_pad(n), sizeof *b, err));
    w->b = b;
    w->terms = 0;
    for (size_t k = 0; k < nd->n_in; k++)
        if (reads[k] && !sbx_op_const(net, nd, k))
            SBX_TRY(fill_term(&w->term[w->terms++], net, k, reads[k], n, m, err));
    for (size_t j = 0; j < n; j++) {
        const size_t i = m->from[j], k = from_input(m, j);
        if (i == SBX_NO_TENSOR)
            b[j] = m->fill;
        else if (sbx_op_const(net, nd, k))
            b[j] = net->tensor[nd->in[k]].real[i];
        w->has_b = w->has_b || b[j] != 0.0;
    }
    SBX_TRY(sbx_ew_finish(w, net, nd, y, err));
done:
    return st;
}

sbx_status sbx_ew_move(sbx_net *net, sbx_node *nd, const sbx_shape *y, const sbx_move *m,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t *reads, n;
    bool variable, integer;
    SBX_TRY(sbx_op_out(net, nd, 0, y, err)); /* so its size does not overflow */
    n = net->tensor[nd->out[0]].n;
    if (is_view(net, nd, n, m)) {
        SBX_TRY(sbx_op_view(net, nd, 0, 0, y, err));
        goto done;
    }
    SBX_TRY(sbx_op_mem(&reads, net, nd->n_in, sizeof *reads, err));
    SBX_TRY(survey(reads, &variable, &integer, net, nd, n, m, err));
    if (variable)
        SBX_TRY(move_variables(net, nd, y, m, reads, err));
    else
        SBX_TRY(move_constants(net, nd, y, m, integer, err));
done:
    return st;
}

sbx_status sbx_ew_lift(sbx_net *net, sbx_node *nd, const sbx_shape *y, const double *v,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank);
    double *b;
    sbx_ew *w;
    SBX_TRY(sbx_ew_start(&w, net, SBX_EW_MOVE, 0, err));
    SBX_TRY(sbx_op_mem(&b, net, sbx_pad(n), sizeof *b, err));
    if (n) memcpy(b, v, n * sizeof *b);
    w->b = b;
    w->has_b = true;
    SBX_TRY(sbx_ew_finish(w, net, nd, y, err));
done:
    return st;
}

/* ---- along dimensions -------------------------------------------------------------- */

sbx_status sbx_axes_index(sbx_axes *a, size_t k, sbx_net *net, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_op_mem(&a->index[k], net, a->y.dim[k], sizeof *a->index[k], err));
    for (size_t i = 0; i < a->y.dim[k]; i++)
        a->index[k][i] = i;
done:
    return st;
}

sbx_status sbx_ew_axes(sbx_net *net, sbx_node *nd, const sbx_shape *y, const sbx_axes *a,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_move m = {.fill = a->fill, .fill_int = a->fill_int};
    size_t *table[SBX_NET_RANK] = {NULL}, *from, stride = 1;
    if (!y) y = &a->y;
    SBX_TRY(sbx_op_out(net, nd, 0, y, err)); /* so its size does not overflow */
    SBX_TRY(sbx_op_tables(table, net, &a->y, err));
    for (size_t k = a->y.rank; k-- > 0;) {
        for (size_t i = 0; i < a->y.dim[k]; i++) {
            const size_t j = a->index[k] ? a->index[k][i] : i;
            table[k][i] = j == SBX_NO_TENSOR ? j : j * stride;
        }
        stride *= a->x.dim[k];
    }
    SBX_TRY(sbx_op_gather_map(&from, net, &a->y, table, err));
    m.from = from;
    SBX_TRY(sbx_ew_move(net, nd, y, &m, err));
done:
    return st;
}
