/* io/onnx_inline.c -- model-local functions: every call becomes the nodes of the function, under
 * names of their own, so that the reader of the graph knows no functions.
 *
 * A function sees its inputs and outputs alone: a name of its body is one of them, and stands for
 * what the call names, or gets the call's name and number in front. Calls inside of functions
 * wait on a stack of our own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/onnx.h"

#include "base/alloc.h"
#include "base/try.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH     100    /* calls inside of calls */
#define MOST      100000 /* nodes, all calls inlined */
#define ATTRS     64     /* of a call */
#define NAME_MOST 60     /* of a call, in front of the names of its nodes */
#define SHOWN     SBX_ONNX_SHOWN

typedef struct formal {
    char *name;
    size_t input, output; /* its places among the function's, or SIZE_MAX */
    bool made;            /* a node of the body makes it */
} formal;

typedef struct function {
    const Onnx__FunctionProto *p;
    bool ready, active; /* looked at; being inlined right now */
    long opset;
    size_t n_formal, n_default;
    formal *formal; /* by name */
    Onnx__AttributeProto **defaults;
} function;

typedef struct frame {
    function *f;                 /* NULL: the graph itself */
    const Onnx__NodeProto *call; /* with the names of the graph */
    size_t next;                 /* node of the body */
    char *prefix, *title;        /* of tensors, of nodes */
} frame;

typedef struct inliner {
    const Onnx__ModelProto *m;
    sbx_onnx_nodes *out;
    sbx_arena *a;
    function *function; /* by domain and name */
    size_t calls, depth;
    frame stack[DEPTH + 1];
} inliner;

static const char *text(const char *s) { return s ? s : ""; }

/* "ai.onnx" is another name of the default domain */
static const char *domain_of(const char *s) { return s && strcmp(s, "ai.onnx") != 0 ? s : ""; }

static sbx_status no_room(const inliner *v, sbx_err *err)
{
    const sbx_arena *a = v->a;
    return sbx_fail(err, a->limit && a->used + 65536 > a->limit ? SBX_ERR_LIMIT : SBX_ERR_NOMEM,
                    SBX_HERE, "no memory for its functions");
}

/* ---- functions ---------------------------------------------------------------------- */

static int by_id(const void *x, const void *y)
{
    const Onnx__FunctionProto *a = ((const function *)x)->p, *b = ((const function *)y)->p;
    const int c = strcmp(domain_of(a->domain), domain_of(b->domain));
    return c ? c : strcmp(text(a->name), text(b->name));
}

static int by_name(const void *x, const void *y)
{
    return strcmp(((const formal *)x)->name, ((const formal *)y)->name);
}

static int is_name(const void *x, const void *y) { return strcmp(x, ((const formal *)y)->name); }

static sbx_status all_functions(inliner *v, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = v->m->n_functions;
    v->function = sbx_arena_new(v->a, n, sizeof *v->function);
    if (!v->function) return no_room(v, err);
    for (size_t i = 0; i < n; i++)
        v->function[i].p = v->m->functions[i];
    qsort(v->function, n, sizeof *v->function, by_id);
    for (size_t i = 1; i < n; i++)
        if (by_id(&v->function[i - 1], &v->function[i]) == 0)
            SBX_FAIL(err, SBX_ERR_PARSE, "model-local function '" SHOWN "' is defined twice",
                     text(v->function[i].p->name));
done:
    return st;
}

/* the function that a node calls, or NULL */
static function *called(const inliner *v, const Onnx__NodeProto *nd)
{
    const Onnx__FunctionProto key = {.name = nd->op_type, .domain = nd->domain};
    const function k = {.p = &key};
    if (v->m->n_functions == 0) return NULL;
    return bsearch(&k, v->function, v->m->n_functions, sizeof k, by_id);
}

static formal *find(const function *f, const char *name)
{
    if (f->n_formal == 0) return NULL;
    return bsearch(name, f->formal, f->n_formal, sizeof *f->formal, is_name);
}

/* Inputs and outputs by name; one that is both is one. */
static sbx_status formals(inliner *v, function *f, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const Onnx__FunctionProto *p = f->p;
    const size_t all = p->n_input + p->n_output;
    size_t n = 0;
    f->formal = sbx_arena_new(v->a, all, sizeof *f->formal);
    if (!f->formal) return no_room(v, err);
    for (size_t i = 0; i < all; i++) {
        const bool in = i < p->n_input;
        char *name = in ? p->input[i] : p->output[i - p->n_input];
        if (!*name) SBX_FAIL(err, SBX_ERR_PARSE, "an input or output without a name");
        f->formal[i] = (formal){name, in ? i : SIZE_MAX, in ? SIZE_MAX : i - p->n_input, false};
    }
    if (all) qsort(f->formal, all, sizeof *f->formal, by_name);
    for (size_t i = 0; i < all; i++) {
        formal *last = n ? &f->formal[n - 1] : NULL;
        const formal *one = &f->formal[i];
        if (!last || strcmp(last->name, one->name) != 0) {
            f->formal[n++] = *one;
            continue;
        }
        if ((last->input != SIZE_MAX) == (one->input != SIZE_MAX))
            SBX_FAIL(err, SBX_ERR_PARSE, "'" SHOWN "' is defined twice", one->name);
        last->input = last->input != SIZE_MAX ? last->input : one->input;
        last->output = last->output != SIZE_MAX ? last->output : one->output;
    }
    f->n_formal = n;
done:
    return st;
}

/* The body makes every output, and no input. */
static sbx_status check_body(function *f, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < f->p->n_node; i++) {
        const Onnx__NodeProto *nd = f->p->node[i];
        for (size_t k = 0; k < nd->n_output; k++) {
            formal *one = find(f, nd->output[k]);
            if (!one) continue;
            if (one->made || one->input != SIZE_MAX)
                SBX_FAIL(err, SBX_ERR_PARSE, "'" SHOWN "' is defined twice", one->name);
            one->made = true;
        }
    }
    for (size_t i = 0; i < f->n_formal; i++)
        if (!f->formal[i].made && f->formal[i].input == SIZE_MAX)
            SBX_FAIL(err, SBX_ERR_PARSE, "its output '" SHOWN "' is made by no node",
                     f->formal[i].name);
done:
    return st;
}

static sbx_status prepare(inliner *v, function *f, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_err why = {0};
    if (f->ready) goto done;
    st = sbx_onnx_opset(&f->opset, f->p->opset_import, f->p->n_opset_import, &why);
    if (st == SBX_OK) st = sbx_onnx_defaults(&f->defaults, &f->n_default, v->a, f->p, &why);
    if (st == SBX_OK) st = formals(v, f, &why);
    if (st == SBX_OK) st = check_body(f, &why);
    if (st != SBX_OK)
        SBX_FAIL(err, st, "model-local function '" SHOWN "': %.150s", text(f->p->name), why.msg);
    f->ready = true;
done:
    return st;
}

/* ---- names ----------------------------------------------------------------------------- */

/* What a name of the top frame's body is called in the graph. */
static char *rename_tensor(inliner *v, char *name)
{
    static char none[1];
    const frame *t = &v->stack[v->depth];
    const size_t np = strlen(t->prefix), n = strlen(name);
    const formal *one = find(t->f, name);
    char *s;
    if (!*name) return name;
    if (one && one->input != SIZE_MAX)
        return one->input < t->call->n_input ? t->call->input[one->input] : none;
    if (one && one->output < t->call->n_output && *t->call->output[one->output])
        return t->call->output[one->output];
    s = sbx_arena_new(v->a, np + n + 1, 1);
    if (s) (void)snprintf(s, np + n + 1, "%s%s", t->prefix, name);
    return s;
}

static sbx_status rename_list(char ***to, inliner *v, char **from, size_t n, sbx_err *err)
{
    *to = sbx_arena_new(v->a, n, sizeof **to);
    if (!*to) return no_room(v, err);
    for (size_t k = 0; k < n; k++) {
        (*to)[k] = rename_tensor(v, from[k]);
        if (!(*to)[k]) return no_room(v, err);
    }
    return SBX_OK;
}

static const Onnx__AttributeProto *attribute(Onnx__AttributeProto *const *at, size_t n,
                                             const char *name)
{
    for (size_t k = 0; k < n; k++)
        if (strcmp(text(at[k]->name), name) == 0) return at[k];
    return NULL;
}

/* The attributes of a node of the body: one that refers to an attribute of the function has the
 * value that the call gives, or the function's default, or is left out. */
static sbx_status attributes(Onnx__NodeProto *to, inliner *v, const Onnx__NodeProto *nd,
                             sbx_err *err)
{
    const frame *t = &v->stack[v->depth];
    to->n_attribute = 0;
    to->attribute = sbx_arena_new(v->a, nd->n_attribute, sizeof(Onnx__AttributeProto *));
    if (!to->attribute) return no_room(v, err);
    for (size_t k = 0; k < nd->n_attribute; k++) {
        Onnx__AttributeProto *p = nd->attribute[k], *copy;
        const char *ref = text(p->ref_attr_name);
        const Onnx__AttributeProto *from;
        if (!*ref) {
            to->attribute[to->n_attribute++] = p;
            continue;
        }
        from = attribute(t->call->attribute, t->call->n_attribute, ref);
        if (!from) from = attribute(t->f->defaults, t->f->n_default, ref);
        if (!from) continue;
        copy = sbx_arena_new(v->a, 1, sizeof *copy);
        if (!copy) return no_room(v, err);
        *copy = *from;
        copy->name = p->name;
        to->attribute[to->n_attribute++] = copy;
    }
    return SBX_OK;
}

static char *joined(sbx_arena *a, const char *before, const char *name)
{
    const size_t n = strlen(before), m = strlen(name);
    char *s = sbx_arena_new(a, n + m + 2, 1);
    if (s) (void)snprintf(s, n + m + 2, "%s/%s", before, name);
    return s;
}

/* A node of the top frame's body as one of the graph. */
static sbx_status rewrite(const Onnx__NodeProto **node, inliner *v, const Onnx__NodeProto *nd,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    const frame *t = &v->stack[v->depth];
    Onnx__NodeProto *to;
    *node = nd;
    if (!t->f) goto done;
    to = sbx_arena_new(v->a, 1, sizeof *to);
    if (!to) return no_room(v, err);
    *to = *nd;
    to->name = joined(v->a, t->title, *text(nd->name) ? nd->name : text(nd->op_type));
    if (!to->name) return no_room(v, err);
    SBX_TRY(rename_list(&to->input, v, nd->input, nd->n_input, err));
    SBX_TRY(rename_list(&to->output, v, nd->output, nd->n_output, err));
    SBX_TRY(attributes(to, v, nd, err));
    *node = to;
done:
    return st;
}

/* ---- calls ------------------------------------------------------------------------------ */

static sbx_status append(inliner *v, const Onnx__NodeProto *nd, long opset, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_onnx_nodes *o = v->out;
    if (o->n >= MOST && v->m->n_functions)
        SBX_FAIL(err, SBX_ERR_LIMIT, "over %d nodes with its functions inlined", MOST);
    if (o->n == o->cap) {
        const size_t cap = o->cap ? 2 * o->cap : v->m->graph->n_node + 1;
        sbx_onnx_node *p = sbx_realloc(o->node, o->cap, cap, sizeof *p);
        if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "out of memory");
        o->node = p;
        o->cap = cap;
    }
    o->node[o->n++] = (sbx_onnx_node){nd, opset};
done:
    return st;
}

static bool declared(const function *f, const char *name)
{
    for (size_t k = 0; k < f->p->n_attribute; k++)
        if (strcmp(f->p->attribute[k], name) == 0) return true;
    return attribute(f->defaults, f->n_default, name) != NULL;
}

static sbx_status check_call(const function *f, const Onnx__NodeProto *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const char *name = text(nd->name), *op = text(nd->op_type);
    if (nd->n_input > f->p->n_input || nd->n_output > f->p->n_output)
        SBX_FAIL(err, SBX_ERR_PARSE,
                 "node '" SHOWN
                 "' (%.40s) has %zu inputs and %zu outputs, its function %zu and %zu",
                 name, op, nd->n_input, nd->n_output, f->p->n_input, f->p->n_output);
    if (nd->n_attribute > ATTRS)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "node '" SHOWN "' (%.40s): %zu attributes", name, op,
                 nd->n_attribute);
    for (size_t k = 0; k < nd->n_attribute; k++) {
        const char *at = text(nd->attribute[k]->name);
        if (!declared(f, at))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED,
                     "node '" SHOWN "' (%.40s): its function has no attribute '%.40s'", name, op,
                     at);
        if (attribute(nd->attribute, k, at))
            SBX_FAIL(err, SBX_ERR_PARSE, "node '" SHOWN "' (%.40s): attribute '%.40s' stands twice",
                     name, op, at);
    }
done:
    return st;
}

static sbx_status enter(inliner *v, function *f, const Onnx__NodeProto *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const char *name = *text(nd->name) ? nd->name : text(nd->op_type);
    char buf[NAME_MOST + 32];
    frame *t;
    if (f->active)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED,
                 "model-local function '" SHOWN "' calls itself: node '" SHOWN "'",
                 text(nd->op_type), name);
    if (v->depth == DEPTH)
        SBX_FAIL(err, SBX_ERR_LIMIT,
                 "model-local functions nested over %d deep, at node '" SHOWN "' (%.40s)", DEPTH,
                 name, text(nd->op_type));
    SBX_TRY(prepare(v, f, err));
    SBX_TRY(check_call(f, nd, err));
    t = &v->stack[++v->depth];
    (void)snprintf(buf, sizeof buf, "%.*s#%zu/", NAME_MOST, name, ++v->calls);
    *t = (frame){.f = f, .call = nd};
    t->prefix = sbx_arena_text(v->a, buf, strlen(buf));
    t->title = sbx_arena_text(v->a, name, strlen(name) < NAME_MOST ? strlen(name) : NAME_MOST);
    if (!t->prefix || !t->title) return no_room(v, err);
    f->active = true;
done:
    return st;
}

/* an output of the function that is one of its inputs */
static sbx_status pass_on(inliner *v, const formal *one, sbx_err *err)
{
    static char identity[] = "Identity";
    sbx_status st = SBX_OK;
    const frame *t = &v->stack[v->depth];
    Onnx__NodeProto *nd;
    if (one->output >= t->call->n_output || !*t->call->output[one->output]) goto done;
    nd = sbx_arena_new(v->a, 1, sizeof *nd);
    if (!nd) return no_room(v, err);
    onnx__node_proto__init(nd);
    nd->op_type = identity;
    nd->name = t->title;
    nd->input = sbx_arena_new(v->a, 1, sizeof *nd->input);
    if (!nd->input) return no_room(v, err);
    nd->input[0] = rename_tensor(v, one->name);
    nd->output = &t->call->output[one->output];
    nd->n_input = nd->n_output = 1;
    SBX_TRY(append(v, nd, SBX_OPSET_MAX, err)); /* in every version the same */
done:
    return st;
}

static sbx_status leave(inliner *v, sbx_err *err)
{
    sbx_status st = SBX_OK;
    function *f = v->stack[v->depth].f;
    for (size_t i = 0; i < f->n_formal; i++)
        if (f->formal[i].input != SIZE_MAX && f->formal[i].output != SIZE_MAX)
            SBX_TRY(pass_on(v, &f->formal[i], err));
    f->active = false;
    v->depth--;
done:
    return st;
}

static sbx_status run(inliner *v, long opset, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const Onnx__GraphProto *g = v->m->graph;
    for (;;) {
        frame *t = &v->stack[v->depth];
        const size_t n = t->f ? t->f->p->n_node : g->n_node;
        const Onnx__NodeProto *nd;
        function *f;
        if (t->next == n) {
            if (!t->f) break;
            SBX_TRY(leave(v, err));
            continue;
        }
        SBX_TRY(rewrite(&nd, v, t->f ? t->f->p->node[t->next] : g->node[t->next], err));
        t->next++;
        f = called(v, nd);
        if (f)
            SBX_TRY(enter(v, f, nd, err));
        else
            SBX_TRY(append(v, nd, t->f ? t->f->opset : opset, err));
    }
done:
    return st;
}

sbx_status sbx_onnx_inline(sbx_onnx_nodes *out, sbx_arena *a, const Onnx__ModelProto *m, long opset,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    inliner *v = sbx_alloc(1, sizeof *v);
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "out of memory");
    v->m = m;
    v->out = out;
    v->a = a;
    SBX_TRY(all_functions(v, err));
    SBX_TRY(run(v, opset, err));
done:
    sbx_free(v);
    return st;
}
