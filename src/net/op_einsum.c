/* net/op_einsum.c -- Einsum of one or two operands in which no index stands twice in one of them:
 * made of Transpose, ReduceSum, Reshape and MatMul.
 *
 * An index is kept or summed over. One that a single operand has and the output lacks is summed
 * first. Of two operands the others are: in both and kept (a batch), in both and summed
 * (k), in one and kept (m, n): a product of matrices m x k and k x n in batches.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/compose.h"

#include "base/try.h"

#include <string.h>

#define NONE SBX_NO_TENSOR

/* the indices of a tensor, in the order of its dimensions */
typedef struct word {
    char at[SBX_NET_RANK + 1];
    size_t n;
} word;

typedef struct einsum {
    word in[2], out;
    size_t operands;
    size_t size[128]; /* of an index */
} einsum;

static bool has(const word *w, char c) { return c && memchr(w->at, c, w->n) != NULL; }

static sbx_status push(word *w, char c, sbx_err *err)
{
    if (w->n == SBX_NET_RANK || has(w, c))
        return sbx_fail(err, SBX_ERR_UNSUPPORTED, SBX_HERE,
                        "an index that stands twice, or over %d of them", SBX_NET_RANK);
    w->at[w->n++] = c;
    return SBX_OK;
}

/* without "->": the indices that stand once in all, in the order of letters */
static sbx_status implied(einsum *e, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (int c = 'A'; c <= 'z'; c++)
        if (has(&e->in[0], (char)c) != has(&e->in[1], (char)c))
            SBX_TRY(push(&e->out, (char)c, err));
done:
    return st;
}

static sbx_status parse(einsum *e, const char *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    word *w = &e->in[0];
    e->operands = 1;
    for (; *s; s++) {
        if (*s == ' ') continue;
        if (*s == ',' && e->operands == 1 && w != &e->out) {
            w = &e->in[e->operands++];
        } else if (*s == '-' && s[1] == '>' && w != &e->out) {
            w = &e->out;
            s++;
        } else if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')) {
            SBX_TRY(push(w, *s, err));
        } else
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the equation has a '%c', or three operands", *s);
    }
    if (w != &e->out) SBX_TRY(implied(e, err));
    for (size_t k = 0; k < e->out.n; k++)
        if (!has(&e->in[0], e->out.at[k]) && !has(&e->in[1], e->out.at[k]))
            SBX_FAIL(err, SBX_ERR_PARSE, "no operand has the index %c", e->out.at[k]);
done:
    return st;
}

static sbx_status sizes(einsum *e, const sbx_net *net, const sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < e->operands; i++) {
        const sbx_shape *s = &net->tensor[nd->in[i]].shape;
        if (s->rank != e->in[i].n)
            SBX_FAIL(err, SBX_ERR_PARSE, "operand %zu has %zu dimensions, the equation %zu", i + 1,
                     s->rank, e->in[i].n);
        for (size_t k = 0; k < s->rank; k++) {
            size_t *const n = &e->size[(unsigned char)e->in[i].at[k]];
            if (s->dim[k] == 0) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "an operand that is empty");
            if (i && has(&e->in[0], e->in[i].at[k]) && *n != s->dim[k])
                SBX_FAIL(err, SBX_ERR_PARSE, "the index %c is %zu and %zu", e->in[i].at[k], *n,
                         s->dim[k]);
            *n = s->dim[k];
        }
    }
done:
    return st;
}

/* *t with the indices of `from` becomes one with those of `to`, the same in another order */
static sbx_status turn(size_t *t, sbx_net *net, const sbx_node *nd, const word *from,
                       const word *to, sbx_err *err)
{
    int64_t perm[SBX_NET_RANK];
    const sbx_attr at = {.name = "perm", .kind = SBX_ATTR_INTS, .ints = perm, .n = to->n};
    bool same = true;
    for (size_t k = 0; k < to->n; k++) {
        perm[k] = (const char *)memchr(from->at, to->at[k], from->n) - from->at;
        same = same && perm[k] == (int64_t)k;
    }
    return same ? SBX_OK : sbx_compose_node(t, net, nd, "Transpose", *t, NONE, &at, 1, err);
}

static sbx_status reshape(size_t *t, sbx_net *net, const sbx_node *nd, const size_t *dim, size_t n,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape list = {1, {n}};
    size_t id = 0;
    int64_t *v;
    SBX_TRY(sbx_op_mem(&v, net, n, sizeof *v, err));
    for (size_t k = 0; k < n; k++)
        v[k] = (int64_t)dim[k];
    SBX_TRY(sbx_graph_const(&id, net, NULL, &list, NULL, v, err));
    SBX_TRY(sbx_compose_node(t, net, nd, "Reshape", *t, id, NULL, 0, err));
done:
    return st;
}

/* Sums operand i over the indices that nothing else has. */
static sbx_status sum_alone(size_t *t, word *w, const einsum *e, size_t i, sbx_net *net,
                            const sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const word *other = &e->in[1 - i];
    word left = {.n = 0};
    size_t dim[SBX_NET_RANK];
    *w = e->in[i];
    *t = nd->in[i];
    for (size_t k = 0; k < w->n; k++) {
        const sbx_shape axis = {1, {1}};
        size_t id = 0;
        int64_t *v;
        if (has(&e->out, w->at[k]) || has(other, w->at[k])) {
            dim[left.n] = e->size[(unsigned char)w->at[k]];
            left.at[left.n++] = w->at[k];
            continue;
        }
        SBX_TRY(sbx_op_mem(&v, net, 1, sizeof *v, err));
        *v = (int64_t)k;
        SBX_TRY(sbx_graph_const(&id, net, NULL, &axis, NULL, v, err));
        if (net->opset >= 13) {
            SBX_TRY(sbx_compose_node(t, net, nd, "ReduceSum", *t, id, NULL, 0, err));
        } else {
            const sbx_attr at = {.name = "axes", .kind = SBX_ATTR_INTS, .ints = v, .n = 1};
            SBX_TRY(sbx_compose_node(t, net, nd, "ReduceSum", *t, NONE, &at, 1, err));
        }
    }
    if (left.n < w->n) SBX_TRY(reshape(t, net, nd, dim, left.n, err));
    *w = left;
done:
    return st;
}

/* the indices of w that are in `both` or not, and in the output or not, behind those of z */
static void pick(word *z, size_t *n, const word *w, const einsum *e, const word *other, bool both,
                 bool kept)
{
    for (size_t k = 0; k < w->n; k++)
        if (has(other, w->at[k]) == both && has(&e->out, w->at[k]) == kept) {
            z->at[z->n++] = w->at[k];
            *n *= e->size[(unsigned char)w->at[k]];
        }
}

static sbx_status product(size_t *y, word *z, const einsum *e, const size_t t[2], const word w[2],
                          sbx_net *net, const sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t a = t[0], b = t[1], batch = 1, m = 1, k = 1, n = 1, unused = 1, dim[SBX_NET_RANK];
    word left = {.n = 0}, right = {.n = 0};
    pick(&left, &batch, &w[0], e, &w[1], true, true);
    right = *z = left;
    pick(&left, &m, &w[0], e, &w[1], false, true);
    pick(z, &unused, &w[0], e, &w[1], false, true);
    pick(&left, &k, &w[0], e, &w[1], true, false);
    pick(&right, &unused, &w[0], e, &w[1], true, false);
    pick(&right, &n, &w[1], e, &w[0], false, true);
    pick(z, &unused, &w[1], e, &w[0], false, true);
    SBX_TRY(turn(&a, net, nd, &w[0], &left, err));
    SBX_TRY(turn(&b, net, nd, &w[1], &right, err));
    SBX_TRY(reshape(&a, net, nd, batch == 1 ? (size_t[]){m, k} : (size_t[]){batch, m, k},
                    batch == 1 ? 2 : 3, err));
    SBX_TRY(reshape(&b, net, nd, batch == 1 ? (size_t[]){k, n} : (size_t[]){batch, k, n},
                    batch == 1 ? 2 : 3, err));
    SBX_TRY(sbx_compose_node(y, net, nd, "MatMul", a, b, NULL, 0, err));
    for (size_t i = 0; i < z->n; i++)
        dim[i] = e->size[(unsigned char)z->at[i]];
    SBX_TRY(reshape(y, net, nd, dim, z->n, err));
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    einsum e = {.operands = 0};
    const char *equation;
    word w[2] = {{.n = 0}, {.n = 0}}, z;
    size_t t[2] = {0, 0}, y = 0;
    SBX_TRY(sbx_attr_text(&equation, "", attr, n_attr, "equation", err));
    SBX_TRY(parse(&e, equation, err));
    if (nd->n_in != e.operands || !sbx_node_has(nd, e.operands - 1))
        SBX_FAIL(err, SBX_ERR_PARSE, "%zu operands, the equation has %zu", nd->n_in, e.operands);
    SBX_TRY(sizes(&e, net, nd, err));
    for (size_t i = 0; i < e.operands; i++)
        SBX_TRY(sum_alone(&t[i], &w[i], &e, i, net, nd, err));
    y = t[0];
    z = w[0];
    if (e.operands == 2) SBX_TRY(product(&y, &z, &e, t, w, net, nd, err));
    SBX_TRY(turn(&y, net, nd, &z, &e.out, err));
    SBX_TRY(sbx_compose_end(net, nd, y, err));
done:
    return st;
}

static const char *const attrs[] = {"equation", NULL};

const sbx_op sbx_op_einsum = {
    .name = "Einsum", .min_in = 1, .max_in = 2, .attrs = attrs, .folds = true, .build = build};
