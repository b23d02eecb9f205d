/* net/graph.c -- builds a network and answers questions about it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/fold.h"

#include <math.h>
#include <string.h>

const char sbx_unread[] = "";

sbx_status sbx_graph_new(sbx_net **net, long opset, size_t max_bytes, sbx_err *err)
{
    *net = sbx_alloc(1, sizeof **net);
    if (!*net) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "a network");
    (*net)->arena.limit = max_bytes;
    (*net)->opset = opset;
    (*net)->input = (*net)->output = SBX_NO_TENSOR;
    return SBX_OK;
}

void sbx_net_free(sbx_net *net)
{
    if (!net) return;
    sbx_arena_clear(&net->arena);
    sbx_free(net->tensor);
    sbx_free(net->node);
    sbx_free(net);
}

void *sbx_graph_mem(sbx_net *net, size_t n, size_t size)
{
    return sbx_arena_new(&net->arena, n, size);
}

bool sbx_graph_full(const sbx_net *net, size_t bytes)
{
    const sbx_arena *a = &net->arena;
    return a->limit && (bytes > a->limit || a->used > a->limit - bytes);
}

sbx_status sbx_op_mem(void *p, sbx_net *net, size_t n, size_t size, sbx_err *err)
{
    void *q = sbx_graph_mem(net, n, size);
    if (!q) {
        const bool full = size && (n > SIZE_MAX / size / 2 || sbx_graph_full(net, n * size + 64));
        return sbx_fail(err, full ? SBX_ERR_LIMIT : SBX_ERR_NOMEM, SBX_HERE,
                        "%zu objects of %zu bytes for a network", n, size);
    }
    memcpy(p, &q, sizeof q);
    return SBX_OK;
}

/* the product of the dimensions; SIZE_MAX when it is too large to be one */
static size_t count(const sbx_shape *s)
{
    size_t n = 1;
    for (size_t k = 0; k < s->rank; k++) {
        if (s->dim[k] && n > (SIZE_MAX >> 8) / s->dim[k]) return SIZE_MAX;
        n *= s->dim[k];
    }
    return n;
}

static sbx_status new_tensor(size_t *id, sbx_net *net, const char *name, sbx_err *err)
{
    const char *text = "";
    if (net->n_tensor == net->cap_tensor) {
        const size_t cap = net->cap_tensor ? 2 * net->cap_tensor : 16;
        sbx_tensor *t = sbx_realloc(net->tensor, net->cap_tensor, cap, sizeof *t);
        if (!t) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "a network");
        net->tensor = t;
        net->cap_tensor = cap;
    }
    if (name && *name) {
        text = sbx_arena_text(&net->arena, name, strlen(name));
        if (!text) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "the name of a tensor");
    }
    *id = net->n_tensor++;
    net->tensor[*id] = (sbx_tensor){.name = text, .root = *id, .node = SBX_NO_TENSOR};
    return SBX_OK;
}

static sbx_status set_shape(sbx_tensor *t, const sbx_shape *shape, sbx_err *err)
{
    const size_t n = shape->rank <= SBX_NET_RANK ? count(shape) : 0;
    if (shape->rank > SBX_NET_RANK)
        return sbx_fail(err, SBX_ERR_UNSUPPORTED, SBX_HERE, "tensor '%s' has %zu dimensions, %d %s",
                        t->name, shape->rank, SBX_NET_RANK, "are the most");
    if (n == SIZE_MAX)
        return sbx_fail(err, SBX_ERR_LIMIT, SBX_HERE, "tensor '%s' is too large", t->name);
    t->shape = *shape;
    t->n = n;
    return SBX_OK;
}

sbx_status sbx_graph_input(size_t *id, sbx_net *net, const char *name, const sbx_shape *shape,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t before = net->n_tensor;
    if (net->input != SBX_NO_TENSOR)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "a second input, '%s'", name ? name : "");
    SBX_TRY(new_tensor(id, net, name, err));
    SBX_TRY(set_shape(&net->tensor[*id], shape, err));
    if (net->tensor[*id].n == 0)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the input '%s' is empty", net->tensor[*id].name);
    net->input = *id;
done:
    if (st != SBX_OK) net->n_tensor = before;
    return st;
}

static sbx_status set_const(sbx_tensor *t, const sbx_shape *shape, const double *real,
                            const int64_t *integer, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(set_shape(t, shape, err));
    if (!real == !integer)
        SBX_FAIL(err, SBX_ERR_ARG, "constant '%s': one of real, integer", t->name);
    for (size_t k = 0; real && k < t->n; k++)
        if (!isfinite(real[k]))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "constant '%s' holds a value that is not finite",
                     t->name);
    t->constant = true;
    t->real = real;
    t->integer = integer;
done:
    return st;
}

sbx_status sbx_graph_const(size_t *id, sbx_net *net, const char *name, const sbx_shape *shape,
                           const double *real, const int64_t *integer, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t before = net->n_tensor;
    SBX_TRY(new_tensor(id, net, name, err));
    SBX_TRY(set_const(&net->tensor[*id], shape, real, integer, err));
done:
    if (st != SBX_OK) net->n_tensor = before;
    return st;
}

/* ---- nodes ------------------------------------------------------------------- */

sbx_status sbx_op_out(sbx_net *net, sbx_node *nd, size_t k, const sbx_shape *shape, sbx_err *err)
{
    if (k >= nd->n_out || nd->out[k] == SBX_NO_TENSOR) return SBX_OK;
    return set_shape(&net->tensor[nd->out[k]], shape, err);
}

sbx_status sbx_op_view(sbx_net *net, sbx_node *nd, size_t k, size_t i, const sbx_shape *shape,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (k < nd->n_out && nd->out[k] != SBX_NO_TENSOR) {
        sbx_tensor *y = &net->tensor[nd->out[k]];
        const sbx_tensor *x = &net->tensor[nd->in[i]];
        SBX_TRY(set_shape(y, shape, err));
        if (y->n != x->n)
            SBX_FAIL(err, SBX_ERR_PARSE, "%zu elements do not fill a shape of %zu", x->n, y->n);
        y->root = x->root;
        y->constant = x->constant;
        y->real = x->real;
        y->integer = x->integer;
        y->elem = x->elem;
        nd->view = true;
    }
done:
    return st;
}

sbx_status sbx_op_fold(sbx_net *net, sbx_node *nd, size_t k, const sbx_shape *shape,
                       const double *real, const int64_t *integer, sbx_err *err)
{
    nd->view = true;
    return set_const(&net->tensor[nd->out[k]], shape, real, integer, err);
}

/* counts of inputs and outputs, and attributes that nobody would look at */
static sbx_status check_node(const sbx_net *net, const sbx_node *nd, const sbx_attr *attr,
                             size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_op *op = nd->op;
    if (nd->n_in > op->max_in)
        SBX_FAIL(err, SBX_ERR_PARSE, "%zu inputs, %zu are the most", nd->n_in, op->max_in);
    for (size_t k = 0; k < op->min_in; k++)
        if (!sbx_node_has(nd, k)) SBX_FAIL(err, SBX_ERR_PARSE, "input %zu is missing", k + 1);
    for (size_t k = 0; k < nd->n_in; k++)
        if (sbx_node_has(nd, k) && nd->in[k] >= net->n_tensor)
            SBX_FAIL(err, SBX_ERR_ARG, "input %zu: no such tensor", k + 1);
    if (nd->n_out == 0 || nd->out[0] == SBX_NO_TENSOR) SBX_FAIL(err, SBX_ERR_PARSE, "no output");
    for (size_t k = 1; k < nd->n_out; k++) /* an operator with more is built apart */
        if (nd->out[k] != SBX_NO_TENSOR)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its output %zu, '%.60s', is used", k + 1,
                     net->tensor[nd->out[k]].name);
    for (size_t a = 0; a < n_attr; a++) {
        size_t k = 0;
        while (op->attrs && op->attrs[k] && strcmp(op->attrs[k], attr[a].name) != 0)
            k++;
        if (!op->attrs || !op->attrs[k])
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "attribute '%.40s'", attr[a].name);
    }
done:
    return st;
}

static sbx_status make_node(sbx_node *nd, sbx_net *net, const size_t *in, size_t n_in,
                            const char *const *out_name, size_t n_out, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_op_mem(&nd->in, net, n_in, sizeof *nd->in, err));
    SBX_TRY(sbx_op_mem(&nd->out, net, n_out, sizeof *nd->out, err));
    nd->n_in = n_in;
    nd->n_out = n_out;
    if (n_in) memcpy(nd->in, in, n_in * sizeof *in); /* NOLINT: allocated above */
    for (size_t k = 0; k < n_out; k++) {
        nd->out[k] = SBX_NO_TENSOR; /* NOLINT: allocated above */
        nd->unread = nd->unread || (k && out_name && out_name[k] == sbx_unread);
        if (k && (!out_name || !out_name[k] || !*out_name[k])) continue;
        SBX_TRY(new_tensor(&nd->out[k], net, out_name ? out_name[k] : "", err));
    }
done:
    return st;
}

/* for one more node */
static sbx_status room(sbx_net *net, sbx_err *err)
{
    if (net->n_node == net->cap_node) {
        const size_t cap = net->cap_node ? 2 * net->cap_node : 16;
        sbx_node *p = sbx_realloc(net->node, net->cap_node, cap, sizeof *p);
        if (!p) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "a network");
        net->node = p;
        net->cap_node = cap;
    }
    return SBX_OK;
}

/* NOLINTBEGIN(misc-no-recursion): one level, a lifted constant has no input */

/* build, with a first input that is no constant where the operator needs one */
static sbx_status build_node(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool lift = !nd->op->folds && sbx_node_has(nd, 0);
    const size_t x = nd->n_in ? nd->in[0] : SBX_NO_TENSOR;
    for (size_t k = 0; k < nd->n_in; k++)
        lift = lift && (!sbx_node_has(nd, k) || sbx_op_const(net, nd, k));
    if (lift) SBX_TRY(sbx_op_lift(net, nd, 0, err));
    SBX_TRY(nd->op->build(net, nd, attr, n_attr, err));
    if (lift && !nd->view) SBX_TRY(sbx_fold_node(net, nd, x, err));
done:
    return st;
}

/* one node; build may make others before it */
static sbx_status one_node(size_t *out, sbx_net *net, sbx_node *nd, const size_t *in, size_t n_in,
                           const char *const *out_name, size_t n_out, const sbx_attr *attr,
                           size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(make_node(nd, net, in, n_in, out_name, n_out, err));
    SBX_TRY(check_node(net, nd, attr, n_attr, err));
    SBX_TRY(build_node(net, nd, attr, n_attr, err));
    SBX_TRY(room(net, err));
    for (size_t k = 0; k < n_out; k++) {
        out[k] = nd->out[k];
        if (out[k] != SBX_NO_TENSOR) net->tensor[out[k]].node = net->n_node;
    }
    net->node[net->n_node++] = *nd;
done:
    return st;
}

sbx_status sbx_op_lift(sbx_net *net, sbx_node *nd, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor x = net->tensor[nd->in[k]];
    const char *const name[] = {x.name};
    const sbx_attr value = {.name = "value", .kind = SBX_ATTR_TENSOR, .tensor = x};
    sbx_node made = {.name = x.name, .op = &sbx_op_lifted};
    if (!x.real) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its inputs are constants of integers");
    SBX_TRY(one_node(&nd->in[k], net, &made, NULL, 0, name, 1, &value, 1, err));
done:
    return st;
}

/* NOLINTEND(misc-no-recursion) */

/* an operator that is built apart: a node for every output that has a name */
static sbx_status each_output(size_t *out, sbx_net *net, const sbx_node *nd, const size_t *in,
                              size_t n_in, const char *const *out_name, size_t n_out,
                              const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < n_out; k++) {
        sbx_node one = *nd;
        out[k] = SBX_NO_TENSOR;
        if (!out_name || !out_name[k] || !*out_name[k]) continue;
        one.part = k;
        one.parts = n_out;
        SBX_TRY(one_node(&out[k], net, &one, in, n_in, &out_name[k], 1, attr, n_attr, err));
    }
done:
    return st;
}

sbx_status sbx_graph_node(size_t *out, sbx_net *net, const char *op, const char *name,
                          const size_t *in, size_t n_in, const char *const *out_name, size_t n_out,
                          const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t tensors = net->n_tensor, nodes = net->n_node;
    sbx_err e = {0};
    sbx_node nd = {.name = "", .op = sbx_op_find(op)};
    if (!nd.op) {
        st = sbx_fail(&e, SBX_ERR_UNSUPPORTED, SBX_HERE, "no such operator here");
        goto done;
    }
    if (name && *name) {
        nd.name = sbx_arena_text(&net->arena, name, strlen(name));
        if (!nd.name) {
            st = sbx_fail(&e, SBX_ERR_NOMEM, SBX_HERE, "the name of a node");
            goto done;
        }
    }
    if (nd.op->apart)
        SBX_TRY(each_output(out, net, &nd, in, n_in, out_name, n_out, attr, n_attr, &e));
    else
        SBX_TRY(one_node(out, net, &nd, in, n_in, out_name, n_out, attr, n_attr, &e));
done:
    if (st != SBX_OK) {
        net->n_tensor = tensors;
        net->n_node = nodes;
        (void)sbx_fail(err, st, e.where, "node '%.60s' (%.30s): %.150s", name ? name : "", op,
                       e.msg);
    }
    return st;
}

/* does somebody need an output of nd that it has to compute? */
static bool used(const sbx_net *net, const sbx_node *nd, const bool *need)
{
    for (size_t o = 0; o < nd->n_out; o++)
        if (nd->out[o] != SBX_NO_TENSOR && need[nd->out[o]] && !net->tensor[nd->out[o]].constant)
            return true;
    return false;
}

/* Keeps the nodes that the output depends on. */
static void drop_unused(sbx_net *net, bool *need)
{
    size_t kept = 0;
    need[net->output] = true;
    for (size_t k = net->n_node; k-- > 0;)
        for (size_t i = 0; i < net->node[k].n_in && used(net, &net->node[k], need); i++)
            if (net->node[k].in[i] != SBX_NO_TENSOR) need[net->node[k].in[i]] = true;
    for (size_t k = 0; k < net->n_node; k++) {
        if (!used(net, &net->node[k], need)) continue;
        for (size_t o = 0; o < net->node[k].n_out; o++)
            if (net->node[k].out[o] != SBX_NO_TENSOR) net->tensor[net->node[k].out[o]].node = kept;
        net->node[kept++] = net->node[k];
    }
    net->n_node = kept;
    for (size_t k = 0; k < net->n_tensor; k++)
        if (need[k] && net->tensor[k].real) net->parameters += net->tensor[k].n;
}

sbx_status sbx_graph_finish(sbx_net *net, size_t output, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool *need = NULL;
    if (output >= net->n_tensor) SBX_FAIL(err, SBX_ERR_ARG, "no such tensor");
    if (net->input == SBX_NO_TENSOR) SBX_FAIL(err, SBX_ERR_PARSE, "a network without an input");
    if (net->tensor[output].constant || net->tensor[output].n == 0)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the output '%s' is constant or empty",
                 net->tensor[output].name);
    need = sbx_alloc(net->n_tensor, sizeof *need);
    if (!need) SBX_FAIL(err, SBX_ERR_NOMEM, "a network");
    net->output = output;
    drop_unused(net, need);
done:
    sbx_free(need);
    return st;
}

/* ---- questions ---------------------------------------------------------------- */

size_t sbx_net_inputs(const sbx_net *net) { return net->tensor[net->input].n; }
size_t sbx_net_outputs(const sbx_net *net) { return net->tensor[net->output].n; }

bool sbx_net_domain(const mpq_t **lo, const mpq_t **hi, const sbx_net *net)
{
    *lo = net->domain_lo;
    *hi = net->domain_hi;
    return *lo && *hi;
}

void sbx_net_get_info(sbx_net_info *info, const sbx_net *net)
{
    const sbx_tensor *x = &net->tensor[net->input], *y = &net->tensor[net->output];
    *info = (sbx_net_info){.nodes = net->n_node,
                           .parameters = net->parameters,
                           .inputs = x->n,
                           .outputs = y->n,
                           .opset = net->opset,
                           .input_name = x->name,
                           .output_name = y->name,
                           .in_rank = x->shape.rank,
                           .out_rank = y->shape.rank,
                           .in_dim = x->shape.dim,
                           .out_dim = y->shape.dim};
}

bool sbx_net_get_node(const char **name, const char **op, const size_t **dim, size_t *rank,
                      const sbx_net *net, size_t k)
{
    const sbx_tensor *y;
    if (k >= net->n_node) return false;
    y = &net->tensor[net->node[k].out[0] != SBX_NO_TENSOR ? net->node[k].out[0]
                                                          : net->node[k].out[1]];
    *name = net->node[k].name;
    *op = net->node[k].op->name;
    *dim = y->shape.dim;
    *rank = y->shape.rank;
    return true;
}
