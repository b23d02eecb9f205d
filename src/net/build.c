/* net/build.c -- helpers of the operators' build functions: attributes, axes, shapes,
 * broadcasting.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/try.h"

#include <stdio.h>
#include <string.h>

const sbx_attr *sbx_attr_find(const sbx_attr *attr, size_t n, const char *name)
{
    for (size_t k = 0; k < n; k++)
        if (strcmp(attr[k].name, name) == 0) return &attr[k];
    return NULL;
}

sbx_status sbx_attr_int(int64_t *v, int64_t otherwise, const sbx_attr *attr, size_t n,
                        const char *name, sbx_err *err)
{
    const sbx_attr *a = sbx_attr_find(attr, n, name);
    if (a && a->kind != SBX_ATTR_INT)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "attribute '%s' is no integer", name);
    *v = a ? a->i : otherwise;
    return SBX_OK;
}

sbx_status sbx_attr_float(double *v, double otherwise, const sbx_attr *attr, size_t n,
                          const char *name, sbx_err *err)
{
    const sbx_attr *a = sbx_attr_find(attr, n, name);
    if (a && a->kind != SBX_ATTR_FLOAT)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "attribute '%s' is no float", name);
    *v = a ? a->f : otherwise;
    return SBX_OK;
}

sbx_status sbx_attr_ints(const int64_t **v, size_t *n_v, const sbx_attr *attr, size_t n,
                         const char *name, sbx_err *err)
{
    const sbx_attr *a = sbx_attr_find(attr, n, name);
    if (a && a->kind != SBX_ATTR_INTS)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "attribute '%s' is no list of integers",
                        name);
    *v = a ? a->ints : NULL;
    *n_v = a ? a->n : 0;
    return SBX_OK;
}

sbx_status sbx_attr_floats(const double **v, size_t *n_v, const sbx_attr *attr, size_t n,
                           const char *name, sbx_err *err)
{
    const sbx_attr *a = sbx_attr_find(attr, n, name);
    if (a && a->kind != SBX_ATTR_FLOATS)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "attribute '%s' is no list of floats", name);
    *v = a ? a->floats : NULL;
    *n_v = a ? a->n : 0;
    return SBX_OK;
}

sbx_status sbx_attr_text(const char **v, const char *otherwise, const sbx_attr *attr, size_t n,
                         const char *name, sbx_err *err)
{
    const sbx_attr *a = sbx_attr_find(attr, n, name);
    if (a && a->kind != SBX_ATTR_STRING)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "attribute '%s' is no text", name);
    *v = a ? a->s : otherwise;
    return SBX_OK;
}

sbx_status sbx_op_ints_of(const int64_t **v, size_t *n_v, const sbx_net *net, const sbx_node *nd,
                          size_t k, const sbx_attr *attr, size_t n, const char *name, sbx_err *err)
{
    static const int64_t none;
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_attr_ints(v, n_v, attr, n, name, err));
    if (sbx_attr_find(attr, n, name)) {
        if (!*v) *v = &none; /* an empty list */
    } else if (sbx_node_has(nd, k)) {
        SBX_TRY(sbx_op_ints(v, n_v, net, nd, k, name, err));
        if (!*v) *v = &none;
    }
done:
    return st;
}

sbx_status sbx_op_axis(size_t *axis, int64_t v, size_t rank, bool end, sbx_err *err)
{
    const int64_t r = (int64_t)rank, top = end ? r : r - 1;
    if (v < -r || v > top)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "axis %lld of %zu dimensions", (long long)v,
                        rank);
    *axis = (size_t)(v < 0 ? v + r : v);
    return SBX_OK;
}

sbx_status sbx_op_ints(const int64_t **v, size_t *n, const sbx_net *net, const sbx_node *nd,
                       size_t k, const char *what, sbx_err *err)
{
    if (!sbx_op_const(net, nd, k) || !net->tensor[nd->in[k]].integer)
        return sbx_fail(err, SBX_ERR_UNSUPPORTED, SBX_HERE, "%s is no constant of integers", what);
    *v = net->tensor[nd->in[k]].integer;
    *n = net->tensor[nd->in[k]].n;
    return SBX_OK;
}

bool sbx_shape_eq(const sbx_shape *a, const sbx_shape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, a->rank * sizeof *a->dim) == 0;
}

const char *sbx_shape_text(char *buf, const sbx_shape *s)
{
    size_t used = 0;
    (void)snprintf(buf, SBX_SHAPE_TEXT, "scalar");
    for (size_t k = 0; k < s->rank && used < SBX_SHAPE_TEXT - 24; k++) {
        const int w = snprintf(buf + used, SBX_SHAPE_TEXT - used, "%s%zu", k ? "x" : "", s->dim[k]);
        used += w > 0 ? (size_t)w : 0;
    }
    return buf;
}

sbx_status sbx_shape_broadcast(sbx_shape *z, const sbx_shape *a, const sbx_shape *b, sbx_err *err)
{
    char ta[SBX_SHAPE_TEXT], tb[SBX_SHAPE_TEXT];
    const size_t rank = a->rank > b->rank ? a->rank : b->rank;
    sbx_shape s = {.rank = rank};
    for (size_t k = 0; k < rank; k++) {
        const size_t da = k + a->rank >= rank ? a->dim[k + a->rank - rank] : 1;
        const size_t db = k + b->rank >= rank ? b->dim[k + b->rank - rank] : 1;
        if (da != db && da != 1 && db != 1)
            return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "shapes %s and %s do not go together",
                            sbx_shape_text(ta, a), sbx_shape_text(tb, b));
        s.dim[k] = da == 1 ? db : da;
    }
    *z = s;
    return SBX_OK;
}

sbx_status sbx_op_tables(size_t *table[SBX_NET_RANK], sbx_net *net, const sbx_shape *y,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < y->rank; k++)
        SBX_TRY(sbx_op_mem(&table[k], net, y->dim[k], sizeof *table[k], err));
done:
    return st;
}

sbx_status sbx_op_gather_map(size_t **from, sbx_net *net, const sbx_shape *y,
                             size_t *const table[SBX_NET_RANK], sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank);
    size_t at[SBX_NET_RANK] = {0}, *m;
    SBX_TRY(sbx_op_mem(&m, net, n, sizeof *m, err));
    for (size_t j = 0; j < n; j++) {
        size_t pos = 0;
        for (size_t k = 0; k < y->rank && pos != SBX_NO_TENSOR; k++) {
            const size_t step = table[k][at[k]];
            pos = step == SBX_NO_TENSOR ? SBX_NO_TENSOR : pos + step;
        }
        m[j] = pos;
        for (size_t k = y->rank; k-- > 0;) {
            if (++at[k] < y->dim[k]) break;
            at[k] = 0;
        }
    }
    *from = m;
done:
    return st;
}

sbx_status sbx_op_broadcast_map(const size_t **map, sbx_net *net, const sbx_shape *x,
                                const sbx_shape *y, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t *table[SBX_NET_RANK] = {NULL}, step = 1, *m;
    *map = NULL;
    if (sbx_shape_prod(x, 0, x->rank) == sbx_shape_prod(y, 0, y->rank)) goto done;
    SBX_TRY(sbx_op_tables(table, net, y, err));
    for (size_t k = x->rank; k-- > 0;) {
        const size_t at = k + y->rank - x->rank;
        for (size_t i = 0; i < y->dim[at]; i++)
            table[at][i] = x->dim[k] == 1 ? 0 : i * step; /* NOLINT: made above */
        step *= x->dim[k];
    }
    SBX_TRY(sbx_op_gather_map(&m, net, y, table, err));
    *map = m;
done:
    return st;
}
