/* io/onnx.c -- reads an ONNX model: names to tensors, the graph node by node.
 *
 * Three passes over the names: every tensor that is defined goes into a table; from the last
 * node to the first, what the output depends on is marked; from the first to the last, the
 * marked nodes are built. A node that cannot be read is noted, and what depends on it left
 * out, so that one message names them all.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/onnx.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/try.h"

#include <string.h>

#define MEMORY    ((size_t)2 << 30) /* max_bytes 0 */
#define ATTRS_MAX 64
#define MORE_ROOM 28 /* ": ", "; and 4294967295 more"  */

typedef enum state {
    PENDING, /* of a node, or an initialiser that nobody has used yet */
    READY,   /* id is its number                                      */
    LOST     /* of a node that is not built                           */
} state;

typedef struct entry {
    const char *name; /* NULL: a free place */
    state state;
    bool needed;
    size_t id;
    const Onnx__TensorProto *value; /* of an initialiser */
} entry;

typedef struct reader {
    const char *path;
    sbx_err *err;
    Onnx__ModelProto *model;
    const Onnx__GraphProto *graph;
    sbx_net *net;
    entry *table;
    size_t mask;
    sbx_onnx_nodes nodes;
    sbx_arena names;    /* of nodes that functions became */
    sbx_arena scratch;  /* of one node */
    size_t bad, listed; /* nodes that cannot be read; those in list */
    char list[SBX_MSG_LEN];
} reader;

#define R_FAIL(r, code, fmt, ...) SBX_FAIL((r)->err, (code), "%s: " fmt, (r)->path, __VA_ARGS__)

static const char *text(const char *s) { return s ? s : ""; }

/* An error from below, with the name of the file before it. No memory when the cap is all but
 * reached: that was the cap. */
static sbx_status relay(const reader *r, sbx_status code, const sbx_err *why)
{
    if (code == SBX_ERR_NOMEM && r->net && sbx_graph_full(r->net, 4096)) code = SBX_ERR_LIMIT;
    return sbx_fail(r->err, code, why->where, "%s: %s", r->path, why->msg);
}

#define R_TRY(r, why, call)                                      \
    do {                                                         \
        const sbx_status code_ = (call);                         \
        if (code_ != SBX_OK) SBX_TRY(relay((r), code_, &(why))); \
    } while (0)

/* ---- the table of names ---------------------------------------------------------- */

/* The entry of a name, or the free place where it would be. */
static entry *find(const reader *r, const char *name)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (const char *s = name; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    h ^= h >> 32;
    for (size_t i = h & r->mask;; i = (i + 1) & r->mask) /* at least half is free */
        if (!r->table[i].name || strcmp(r->table[i].name, name) == 0) return &r->table[i];
}

static sbx_status define(reader *r, const char *name)
{
    sbx_status st = SBX_OK;
    entry *e = find(r, name);
    if (!*name) R_FAIL(r, SBX_ERR_PARSE, "%s without a name", "a tensor");
    if (e->name) R_FAIL(r, SBX_ERR_PARSE, "tensor '" SBX_ONNX_SHOWN "' is defined twice", name);
    e->name = name;
done:
    return st;
}

static sbx_status define_all(reader *r)
{
    sbx_status st = SBX_OK;
    const Onnx__GraphProto *g = r->graph;
    size_t n = g->n_initializer + g->n_input, size = 16;
    for (size_t i = 0; i < r->nodes.n; i++)
        n += r->nodes.node[i].p->n_output;
    while (size < 2 * n) /* n is below the bytes of the file */
        size *= 2;
    r->table = sbx_alloc(size, sizeof *r->table);
    if (!r->table) R_FAIL(r, SBX_ERR_NOMEM, "%s", "out of memory");
    r->mask = size - 1;
    for (size_t i = 0; i < g->n_initializer; i++) {
        SBX_TRY(define(r, text(g->initializer[i]->name)));
        find(r, text(g->initializer[i]->name))->value = g->initializer[i];
    }
    for (size_t i = 0; i < r->nodes.n; i++) {
        const Onnx__NodeProto *nd = r->nodes.node[i].p;
        for (size_t k = 0; k < nd->n_output; k++)
            if (*nd->output[k]) SBX_TRY(define(r, nd->output[k]));
    }
done:
    return st;
}

/* ---- input and output --------------------------------------------------------------- */

/* The one graph input that no initialiser gives a value. */
static sbx_status make_input(reader *r)
{
    sbx_status st = SBX_OK;
    const Onnx__GraphProto *g = r->graph;
    const Onnx__ValueInfoProto *in = NULL;
    sbx_err why = {0};
    sbx_shape shape = {0};
    entry *e;
    for (size_t i = 0; i < g->n_input; i++) {
        const char *name = text(g->input[i]->name);
        e = find(r, name);
        if (e->name && e->value) continue;
        SBX_TRY(define(r, name));
        if (in)
            R_FAIL(r, SBX_ERR_UNSUPPORTED,
                   "two inputs, '" SBX_ONNX_SHOWN "' and '" SBX_ONNX_SHOWN "': one is supported",
                   in->name, name);
        in = g->input[i];
        R_TRY(r, why, sbx_onnx_input(&shape, in, &why));
        R_TRY(r, why, sbx_graph_input(&e->id, r->net, name, &shape, &why));
        e->state = READY;
    }
    if (!in) R_FAIL(r, SBX_ERR_UNSUPPORTED, "%s", "no input");
done:
    return st;
}

static sbx_status check_output(reader *r)
{
    sbx_status st = SBX_OK;
    const Onnx__GraphProto *g = r->graph;
    if (g->n_output > 1)
        R_FAIL(r, SBX_ERR_UNSUPPORTED,
               "%zu outputs, '" SBX_ONNX_SHOWN "' and '" SBX_ONNX_SHOWN "'%s: one is supported",
               g->n_output, text(g->output[0]->name), text(g->output[1]->name),
               g->n_output > 2 ? " among them" : "");
    if (g->n_output == 0) R_FAIL(r, SBX_ERR_PARSE, "%s", "no output");
    if (!find(r, text(g->output[0]->name))->name)
        R_FAIL(r, SBX_ERR_PARSE, "the output '" SBX_ONNX_SHOWN "' is made by no node",
               text(g->output[0]->name));
done:
    return st;
}

/* ---- nodes ------------------------------------------------------------------------ */

/* Marks what the output needs. In a graph out of order some marks are missing, and then a
 * node that is built meets an input that is not. */
static bool mark_node(const reader *r, const Onnx__NodeProto *nd)
{
    bool needed = false;
    for (size_t k = 0; k < nd->n_output; k++)
        needed = needed || (*nd->output[k] && find(r, nd->output[k])->needed);
    for (size_t k = 0; needed && k < nd->n_input; k++) {
        entry *e = find(r, nd->input[k]);
        if (e->name) e->needed = true;
    }
    return needed;
}

static void note_bad(reader *r, const char *msg)
{
    const size_t used = strlen(r->list), n = strlen(msg);
    const size_t room = SBX_MSG_LEN - MORE_ROOM - strlen(r->path); /* a path is at most 120 */
    r->bad++;
    if (r->listed && used + n + 2 > room) return;
    (void)snprintf(r->list + used, sizeof r->list - used, "%s%.*s", used ? "; " : "", (int)room,
                   msg);
    r->listed++;
}

/* An initialiser becomes a constant when it is first used. */
static sbx_status use(reader *r, entry *e)
{
    sbx_status st = SBX_OK;
    sbx_err why = {0};
    sbx_tensor t;
    if (e->state != PENDING || !e->value) goto done;
    R_TRY(r, why, sbx_onnx_tensor(&t, r->net, e->value, e->name, &why));
    R_TRY(r, why, sbx_graph_const(&e->id, r->net, e->name, &t.shape, t.real, t.integer, &why));
    e->state = READY;
done:
    return st;
}

/* The numbers of the inputs; *lost when one of them belongs to a node that is not built. */
static sbx_status resolve(size_t *in, bool *lost, reader *r, const Onnx__NodeProto *nd)
{
    sbx_status st = SBX_OK;
    *lost = false;
    for (size_t k = 0; k < nd->n_input; k++) {
        const char *name = nd->input[k];
        entry *e = find(r, name);
        in[k] = SBX_NO_TENSOR;
        if (!*name) continue;
        if (!e->name)
            R_FAIL(r, SBX_ERR_PARSE,
                   "node '" SBX_ONNX_SHOWN "' (%.40s) reads '" SBX_ONNX_SHOWN
                   "', which nothing makes",
                   text(nd->name), text(nd->op_type), name);
        SBX_TRY(use(r, e));
        if (e->state == PENDING)
            R_FAIL(r, SBX_ERR_PARSE,
                   "node '" SBX_ONNX_SHOWN "' (%.40s) reads '" SBX_ONNX_SHOWN
                   "', which is not made before it: a cycle, or nodes out of order",
                   text(nd->name), text(nd->op_type), name);
        *lost = *lost || e->state == LOST;
        in[k] = e->id;
    }
done:
    return st;
}

static sbx_status build(size_t *out, reader *r, const sbx_onnx_node *node, const size_t *in,
                        const char *const *names, bool *bad)
{
    sbx_status st = SBX_OK;
    sbx_err why = {0};
    sbx_attr *attr = NULL;
    const Onnx__NodeProto *nd = node->p;
    const char *op = text(nd->op_type), *domain = text(nd->domain);
    sbx_status code;
    *bad = true;
    if (*domain && strcmp(domain, "ai.onnx") != 0) {
        code = sbx_fail(&why, SBX_ERR_UNSUPPORTED, SBX_HERE,
                        "node '%.60s' (%.40s): operators of domain %.40s are not supported",
                        text(nd->name), op, domain);
    } else if (!node->opset) {
        code = sbx_fail(&why, SBX_ERR_UNSUPPORTED, SBX_HERE,
                        "node '%.60s' (%.40s): its function names no operator set", text(nd->name),
                        op);
    } else if (nd->n_attribute > ATTRS_MAX) {
        code = sbx_fail(&why, SBX_ERR_UNSUPPORTED, SBX_HERE, "node '%.60s' (%.40s): %zu attributes",
                        text(nd->name), op, nd->n_attribute);
    } else if (!sbx_op_find(op)) {
        code = sbx_fail(&why, SBX_ERR_UNSUPPORTED, SBX_HERE,
                        "node '%.60s' (%.40s): unsupported operator", text(nd->name), op);
    } else {
        sbx_err inner = {0};
        r->net->opset = node->opset; /* what the operators look at */
        code = sbx_onnx_attrs(&attr, &r->scratch, r->net, nd, &inner);
        if (code != SBX_OK)
            (void)sbx_fail(&why, code, inner.where, "node '%.60s' (%.40s): %.140s", text(nd->name),
                           op, inner.msg);
        else if (in) /* else its inputs are lost: nothing more to say */
            code = sbx_graph_node(out, r->net, op, text(nd->name), in, nd->n_input, names,
                                  nd->n_output, attr, nd->n_attribute, &why);
    }
    if (code == SBX_ERR_UNSUPPORTED) {
        note_bad(r, why.msg);
        goto done;
    }
    if (code != SBX_OK) SBX_TRY(relay(r, code, &why));
    *bad = !in;
done:
    return st;
}

static sbx_status add_node(reader *r, const sbx_onnx_node *node, bool needed)
{
    sbx_status st = SBX_OK;
    const Onnx__NodeProto *nd = node->p;
    bool lost = false, bad = true;
    size_t *in = sbx_arena_new(&r->scratch, nd->n_input, sizeof *in);
    size_t *out = sbx_arena_new(&r->scratch, nd->n_output, sizeof *out);
    const char **names = sbx_arena_new(&r->scratch, nd->n_output, sizeof *names);
    if (!in || !out || !names) R_FAIL(r, SBX_ERR_NOMEM, "%s", "out of memory");
    for (size_t k = 0; k < nd->n_output; k++) /* an output that nobody reads is left out */
        names[k] = !*nd->output[k] || find(r, nd->output[k])->needed ? nd->output[k] : SBX_UNREAD;
    if (needed) {
        SBX_TRY(resolve(in, &lost, r, nd));
        SBX_TRY(build(out, r, node, lost ? NULL : in, names, &bad));
    }
    for (size_t k = 0; k < nd->n_output; k++) {
        entry *e = find(r, nd->output[k]);
        if (!*nd->output[k]) continue;
        e->state = bad || out[k] == SBX_NO_TENSOR ? LOST : READY;
        e->id = out[k];
    }
done:
    sbx_arena_clear(&r->scratch);
    return st;
}

static sbx_status build_all(reader *r, bool *needed)
{
    sbx_status st = SBX_OK;
    const sbx_onnx_nodes *all = &r->nodes;
    for (size_t i = all->n; i-- > 0;)
        needed[i] = mark_node(r, all->node[i].p);
    for (size_t i = 0; i < all->n; i++)
        SBX_TRY(add_node(r, &all->node[i], needed[i]));
    if (r->bad)
        SBX_FAIL(r->err, SBX_ERR_UNSUPPORTED,
                 r->bad > r->listed ? "%s: %s; and %zu more" : "%s: %s", r->path, r->list,
                 r->bad - r->listed);
done:
    return st;
}

static sbx_status read_graph(reader *r, size_t max_bytes)
{
    sbx_status st = SBX_OK;
    sbx_err why = {0};
    entry *out;
    bool *needed = NULL;
    long opset;

    R_TRY(r, why, sbx_onnx_check(&opset, r->model, &why));
    r->graph = r->model->graph;
    r->names.limit = max_bytes;
    R_TRY(r, why, sbx_onnx_inline(&r->nodes, &r->names, r->model, opset, &why));
    max_bytes -= r->names.used < max_bytes ? r->names.used : max_bytes - 1;
    R_TRY(r, why, sbx_graph_new(&r->net, opset, max_bytes, &why));
    needed = sbx_alloc(r->nodes.n, sizeof *needed);
    if (!needed) R_FAIL(r, SBX_ERR_NOMEM, "%s", "out of memory");
    SBX_TRY(define_all(r));
    SBX_TRY(make_input(r));
    SBX_TRY(check_output(r));
    out = find(r, text(r->graph->output[0]->name));
    out->needed = true;
    SBX_TRY(build_all(r, needed));
    SBX_TRY(use(r, out));
    if (out->state != READY) /* out of order: the node that makes it is not marked */
        R_FAIL(r, SBX_ERR_PARSE, "the output '" SBX_ONNX_SHOWN "' is not made", out->name);
    r->net->opset = opset;
    R_TRY(r, why, sbx_graph_finish(r->net, out->id, &why));
done:
    sbx_free(needed);
    return st;
}

/* Names of the file may hold anything; a message is one line. */
static void one_line(sbx_err *err)
{
    for (char *s = err->msg; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f) *s = '?';
}

sbx_status sbx_net_read_onnx(sbx_net **net, const char *path, size_t max_bytes, sbx_err *err)
{
    sbx_status st = SBX_OK;
    char *bytes = NULL;
    size_t size = 0;
    sbx_err why = {0};
    sbx_onnx_budget budget = {.left = max_bytes ? max_bytes : MEMORY};
    reader *r = NULL;

    *net = NULL;
    r = sbx_alloc(1, sizeof *r);
    if (!r) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", sbx_file_tail(path));
    r->path = sbx_file_tail(path);
    r->err = err;
    SBX_TRY(sbx_file_read(&bytes, &size, path, budget.left, err));
    budget.left -= size;
    R_TRY(r, why, sbx_onnx_unpack(&r->model, bytes, size, &budget, &why));
    sbx_free(bytes);
    bytes = NULL;
    budget.left += size;
    SBX_TRY(read_graph(r, budget.left > 0 ? budget.left : 1));
    *net = r->net;
    r->net = NULL;
done:
    if (st != SBX_OK && err) one_line(err);
    if (r) {
        sbx_net_free(r->net);
        sbx_onnx_drop(r->model);
        sbx_free(r->table);
        sbx_free(r->nodes.node);
        sbx_arena_clear(&r->names);
        sbx_arena_clear(&r->scratch);
    }
    sbx_free(r);
    sbx_free(bytes);
    return st;
}
