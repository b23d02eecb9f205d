/* io/onnx.h -- inside the ONNX reader: the bytes are checked before the generated code sees
 * them (onnx_scan.c), tensors become constants (onnx_tensor.c), the graph is built node by
 * node (onnx.c). No operator is known here: net/graph.h knows them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_IO_ONNX_H
#define SBX_IO_ONNX_H

#include "net/graph.h"
#include "onnx.pb-c.h"

#define SBX_ONNX_SHOWN "%.60s" /* a name of the file in a message */
#define SBX_OPSET_MIN  7
#define SBX_OPSET_MAX  18

/* Memory of the generated code. Bytes that it gives back are not counted back. */
typedef struct sbx_onnx_budget {
    size_t left;
    bool full, failed; /* an allocation was refused: no budget left, or no memory */
} sbx_onnx_budget;

/* sbx_onnx_unpack: bytes to a model.
 *   out   *model  ends with sbx_onnx_drop
 *   error SBX_ERR_PARSE not a model; SBX_ERR_LIMIT nested too deeply, over the budget;
 *         SBX_ERR_NOMEM */
sbx_status sbx_onnx_unpack(Onnx__ModelProto **model, const char *bytes, size_t n,
                           sbx_onnx_budget *budget, sbx_err *err) SBX_MUST_USE;
void sbx_onnx_drop(Onnx__ModelProto *model);

/* sbx_onnx_check: does the model have a graph, and nothing around it that we lack?
 *   out   *opset  version of the default operators, 7 to 18 */
sbx_status sbx_onnx_check(long *opset, const Onnx__ModelProto *m, sbx_err *err) SBX_MUST_USE;

/* sbx_onnx_opset: the version of the default operators that a model or a function names; 0: none.
 *   error SBX_ERR_PARSE two of them; SBX_ERR_UNSUPPORTED beyond 7 to 18 */
sbx_status sbx_onnx_opset(long *opset, Onnx__OperatorSetIdProto *const *import, size_t n,
                          sbx_err *err) SBX_MUST_USE;

/* Nodes in the order of the file, each with the version of the default operators that it means
 * (0: none is named). */
typedef struct sbx_onnx_node {
    const Onnx__NodeProto *p;
    long opset;
} sbx_onnx_node;
typedef struct sbx_onnx_nodes {
    size_t n, cap;
    sbx_onnx_node *node; /* ends with sbx_free */
} sbx_onnx_nodes;

/* sbx_onnx_inline: the nodes of the model's graph, those of model-local functions in the place of
 * their calls (io/onnx_inline.c). Names and copies live in `a`, the rest in the model.
 *   error SBX_ERR_UNSUPPORTED a function that calls itself; SBX_ERR_LIMIT over 100 calls inside of
 *         each other, over 100000 nodes; SBX_ERR_PARSE a function that contradicts itself or
 *         its call; SBX_ERR_NOMEM */
sbx_status sbx_onnx_inline(sbx_onnx_nodes *out, sbx_arena *a, const Onnx__ModelProto *m, long opset,
                           sbx_err *err) SBX_MUST_USE;

/* sbx_onnx_defaults: the attributes of a function that have a value unless a call gives one. They
 * are younger than the onnx.proto of some systems, whose code leaves them among the unknown. */
sbx_status sbx_onnx_defaults(Onnx__AttributeProto ***attr, size_t *n, sbx_arena *a,
                             const Onnx__FunctionProto *p, sbx_err *err) SBX_MUST_USE;

/* sbx_onnx_tensor: shape and values of a tensor, in memory of the net.
 *   error SBX_ERR_PARSE size and data differ; SBX_ERR_UNSUPPORTED the element type, data in
 *         another file, a value that is not finite; SBX_ERR_LIMIT, SBX_ERR_NOMEM */
sbx_status sbx_onnx_tensor(sbx_tensor *t, sbx_net *net, const Onnx__TensorProto *p,
                           const char *name, sbx_err *err) SBX_MUST_USE;

/* sbx_onnx_input: the shape of a graph input; a first dimension without a number is 1. */
sbx_status sbx_onnx_input(sbx_shape *shape, const Onnx__ValueInfoProto *v,
                          sbx_err *err) SBX_MUST_USE;

/* sbx_onnx_attrs: the attributes of a node; everything lives in `a`, tensors in the net. */
sbx_status sbx_onnx_attrs(sbx_attr **attr, sbx_arena *a, sbx_net *net, const Onnx__NodeProto *p,
                          sbx_err *err) SBX_MUST_USE;

#endif
