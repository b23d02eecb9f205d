/* softbox/net.h -- a feed-forward network: a graph of operators over tensors
 * whose weights are exact.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_H
#define SBX_NET_H

#include "softbox/num.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sbx_net sbx_net;

/* sbx_net_read_onnx: reads an ONNX model (opset 7 to 18), gzip-compressed or not;
 * a name that does not exist is tried with ".gz" behind it.
 *
 *   in    max_bytes  cap on the memory taken while reading; 0: 2 GB
 *   out   *net       a new network, NULL on failure; sbx_net_free ends it
 *   error SBX_ERR_IO no such file, a directory, ...; SBX_ERR_PARSE not ONNX, or a
 *         graph that contradicts itself; SBX_ERR_UNSUPPORTED names every node that
 *         cannot be read: file, node, operator, reason (as many as fit); SBX_ERR_LIMIT;
 *         SBX_ERR_NOMEM */
sbx_status sbx_net_read_onnx(sbx_net **net, const char *path, size_t max_bytes,
                             sbx_err *err) SBX_MUST_USE;
void sbx_net_free(sbx_net *net);

/* number of scalars of the one input and the one output, row-major */
size_t sbx_net_inputs(const sbx_net *net);
size_t sbx_net_outputs(const sbx_net *net);

typedef struct sbx_net_info {
    size_t nodes, parameters, inputs, outputs;
    long opset;
    const char *input_name, *output_name;
    size_t in_rank, out_rank;
    const size_t *in_dim, *out_dim;
} sbx_net_info;
void sbx_net_get_info(sbx_net_info *info, const sbx_net *net);

/* the k-th node in topological order: its name ("" if it has none), operator and
 * output shape; false when there is none */
bool sbx_net_get_node(const char **name, const char **op, const size_t **dim, size_t *rank,
                      const sbx_net *net, size_t k);

/* names of the operators that can be read, in alphabetical order; NULL at the end */
const char *const *sbx_net_operators(void);

/* sbx_net_eval: the value of the network at a point, in each number system; an
 * enclosure system encloses every value over the box x (interval propagation).
 *
 *   in    x[0..inputs)   row-major
 *   out   y[0..outputs)  unchanged on failure
 *   proof L-NET-01, L-SMX-01
 *   error SBX_ERR_UNSUPPORTED the system lacks an operation: names it, the node and
 *         the systems that can */
#define SBX_NET_DECLARE(S)                                                        \
    sbx_status sbx_net_eval_##S(sbx_##S *y, const sbx_net *net, const sbx_##S *x, \
                                const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;
SBX_NET_DECLARE(f32)
SBX_NET_DECLARE(f64)
SBX_NET_DECLARE(lowp)
SBX_NET_DECLARE(mpf)
SBX_NET_DECLARE(mpq)
SBX_NET_DECLARE(ivd)
SBX_NET_DECLARE(ivf)
SBX_NET_DECLARE(ivq)

#ifdef __cplusplus
}
#endif
#endif
