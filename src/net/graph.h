/* net/graph.h -- the inside of a network: tensors, nodes, attributes; and how a
 * reader builds one.
 *
 * A reader makes a graph in this order: sbx_graph_new, the one input, constants and
 * nodes (a node after what it reads), sbx_graph_finish with the output. Everything
 * lives in net->arena. Tensors have numbers, given in the order they are made; the
 * reader keeps the table from names to numbers.
 *
 * A failed call leaves the graph as it was (but for arena memory), so a reader that
 * wants to name every node it cannot read goes on after SBX_ERR_UNSUPPORTED and skips
 * the nodes that depend on it; sbx_op_find tells of an operator beforehand.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_GRAPH_H
#define SBX_NET_GRAPH_H

#include "base/arena.h"
#include "softbox/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SBX_NET_RANK  8          /* most dimensions of a tensor */
#define SBX_NO_TENSOR SIZE_MAX   /* an optional input or output that is left out */
#define SBX_UNREAD    sbx_unread /* the name of an output that the model has and nothing reads */
extern const char sbx_unread[];

typedef struct sbx_shape {
    size_t rank, dim[SBX_NET_RANK]; /* rank 0: a scalar */
} sbx_shape;

/* A tensor is the input, a constant, or made by a node. A view (Reshape, Flatten, ...)
 * has the values of another tensor in the same row-major order: work is done on roots. */
typedef struct sbx_tensor {
    const char *name; /* "" if it has none */
    sbx_shape shape;
    size_t n;               /* product of the dimensions */
    size_t root;            /* the tensor whose values it has; itself if no view */
    size_t node;            /* that made it, or SBX_NO_TENSOR */
    bool constant;          /* then one of these: */
    const double *real;     /* finite, row-major */
    const int64_t *integer; /* row-major */
    int elem;               /* element type of ONNX; 0: unknown, integers are int64 then */
} sbx_tensor;

/* ---- what a reader hands over ------------------------------------------------ */

typedef enum sbx_attr_kind {
    SBX_ATTR_INT,
    SBX_ATTR_FLOAT,
    SBX_ATTR_STRING,
    SBX_ATTR_TENSOR,
    SBX_ATTR_INTS,
    SBX_ATTR_FLOATS,
    SBX_ATTR_OTHER /* a graph, strings, ...: no operator takes one */
} sbx_attr_kind;

/* The caller's storage; what an operator keeps it copies, but the data of a tensor,
 * which must be in net->arena. */
typedef struct sbx_attr {
    const char *name;
    sbx_attr_kind kind;
    int64_t i;           /* INT */
    double f;            /* FLOAT */
    const char *s;       /* STRING, ends with 0 */
    const int64_t *ints; /* INTS */
    const double *floats;
    size_t n;          /* of INTS, FLOATS */
    sbx_tensor tensor; /* TENSOR: shape and real or integer */
} sbx_attr;

/* A new graph. opset: of the default domain; max_bytes: cap on the arena, 0: none. */
sbx_status sbx_graph_new(sbx_net **net, long opset, size_t max_bytes, sbx_err *err) SBX_MUST_USE;

/* Memory that dies with the net: n zeroed objects; NULL when out of memory or beyond
 * the cap (then say SBX_ERR_NOMEM or SBX_ERR_LIMIT: sbx_graph_full tells which). */
void *sbx_graph_mem(sbx_net *net, size_t n, size_t size);
bool sbx_graph_full(const sbx_net *net, size_t bytes); /* would `bytes` go beyond the cap? */

/* The input: exactly one, every dimension >= 1. */
sbx_status sbx_graph_input(size_t *id, sbx_net *net, const char *name, const sbx_shape *shape,
                           sbx_err *err) SBX_MUST_USE;

/* A constant: exactly one of real and integer is not NULL; the data is not copied and
 * must be from sbx_graph_mem (or static). float32 and float64 are exact as doubles;
 * every other integer type (bool, int32, ...) as int64.
 *   error  SBX_ERR_UNSUPPORTED a value is not finite */
sbx_status sbx_graph_const(size_t *id, sbx_net *net, const char *name, const sbx_shape *shape,
                           const double *real, const int64_t *integer, sbx_err *err) SBX_MUST_USE;

/* A node. One whose inputs are all constant becomes a constant when its exact value is an
 * array of doubles or integers; else it stays a node, which every number system evaluates
 * [L-NET-51]. in[k] may be SBX_NO_TENSOR; out_name[k] "" for an output that is left out,
 * SBX_UNREAD for one that nothing reads; out[k] is then SBX_NO_TENSOR (the first output
 * is always made). Names are copied, and may be NULL or "".
 *   error  SBX_ERR_UNSUPPORTED no such operator, or a use of it that we lack;
 *          SBX_ERR_PARSE shapes or attributes that contradict each other; each names
 *          the node and its operator */
sbx_status sbx_graph_node(size_t *out, sbx_net *net, const char *op, const char *name,
                          const size_t *in, size_t n_in, const char *const *out_name, size_t n_out,
                          const sbx_attr *attr, size_t n_attr, sbx_err *err) SBX_MUST_USE;

/* The output, and the end: constants, and nodes that it does not depend on, are dropped.
 *   error  SBX_ERR_UNSUPPORTED the output does not depend on the input */
sbx_status sbx_graph_finish(sbx_net *net, size_t output, sbx_err *err) SBX_MUST_USE;

/* Is there an operator of that name (of the default ONNX domain)? */
const struct sbx_op *sbx_op_find(const char *name);

/* ---- the graph itself --------------------------------------------------------- */

typedef struct sbx_node {
    const char *name;
    const struct sbx_op *op;
    size_t n_in, n_out;
    size_t *in, *out;   /* tensor numbers, as given (not roots) */
    bool unread;        /* an output but the first has a name, and nothing reads it */
    bool view;          /* its output is a view or a constant: nothing to compute */
    size_t part, parts; /* of an operator that is built apart: which output of how many */
    void *data;         /* the operator's own, from its build */
} sbx_node;

struct sbx_net {
    sbx_arena arena;
    long opset;
    size_t n_tensor, cap_tensor;
    sbx_tensor *tensor;
    size_t n_node, cap_node;
    sbx_node *node; /* in topological order */
    size_t input, output;
    const mpq_t *domain_lo, *domain_hi; /* [inputs], or NULL: of sbx_net_domain */
    size_t parameters;                  /* scalars of the constants that are used */
};

static inline const sbx_tensor *sbx_net_tensor(const sbx_net *net, size_t id)
{
    return &net->tensor[id];
}
/* the tensor whose values the k-th input of a node has */
static inline size_t sbx_node_in(const sbx_net *net, const sbx_node *nd, size_t k)
{
    return net->tensor[nd->in[k]].root;
}
static inline bool sbx_node_has(const sbx_node *nd, size_t k)
{
    return k < nd->n_in && nd->in[k] != SBX_NO_TENSOR;
}

#endif
