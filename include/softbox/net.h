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
 * a name that does not exist is tried with ".gz" behind it. Model-local functions are inlined,
 * up to 100 inside of each other and 100000 nodes; outputs that nothing reads are left out.
 *
 *   in    max_bytes  cap on the memory taken while reading; 0: 2 GB
 *   out   *net       a new network, NULL on failure; sbx_net_free ends it
 *   error SBX_ERR_IO no such file, a directory, ...; SBX_ERR_PARSE not ONNX, or a
 *         graph that contradicts itself; SBX_ERR_UNSUPPORTED names every node that
 *         cannot be read: file, node, operator, reason (as many as fit into err->msg);
 *         SBX_ERR_LIMIT; SBX_ERR_NOMEM */
sbx_status sbx_net_read_onnx(sbx_net **net, const char *path, size_t max_bytes,
                             sbx_err *err) SBX_MUST_USE;

/* sbx_net_read_nnet: reads a .nnet file (ReLU networks in text, as those of ACAS Xu), gzip-compressed
 * or not, a missing name tried with ".gz".
 *
 * The network is the one that evaluates x -> (x - mean) / range -> layers -> y range + mean over
 * real numbers. Its weights, biases, means and ranges are the doubles nearest to the decimals of
 * the file (ties to even), which is what programs that evaluate such a file in doubles read; an
 * exact decimal would be another network. The header's minima and maxima are kept exactly, as
 * the domain.
 *
 *   in    max_bytes  cap on the memory taken while reading; 0: 2 GB
 *   out   *net       a new network, NULL on failure; input 1 x inputs, output 1 x outputs
 *   proof L-NET-80
 *   error SBX_ERR_IO; SBX_ERR_PARSE file:line:col; SBX_ERR_UNSUPPORTED a symmetric network;
 *         SBX_ERR_LIMIT a number beyond the doubles, no room; SBX_ERR_NOMEM */
sbx_status sbx_net_read_nnet(sbx_net **net, const char *path, size_t max_bytes,
                             sbx_err *err) SBX_MUST_USE;

/* sbx_net_read: .nnet where the name ends so (or in .nnet.gz), else ONNX. */
sbx_status sbx_net_read(sbx_net **net, const char *path, size_t max_bytes,
                        sbx_err *err) SBX_MUST_USE;
void sbx_net_free(sbx_net *net);

/* sbx_net_domain: the box of inputs that the file declares (the header of a .nnet file), exactly;
 * false where it declares none. Programs that evaluate a .nnet file move other inputs into the
 * box; the network of this library does not, so nothing is asked of it outside: sbx_verify
 * refuses a property that does.
 *
 *   out   *lo *hi  [inputs], the net's */
bool sbx_net_domain(const mpq_t **lo, const mpq_t **hi, const sbx_net *net);

/* sbx_net_add_softmax: makes the outputs their softmax, all in one row, by a node of that operator
 * at the end; a network that ends in such a node stays as it is.
 *
 *   out   *added  was one added?
 *   error SBX_ERR_NOMEM, SBX_ERR_LIMIT: the network is as it was */
sbx_status sbx_net_add_softmax(bool *added, sbx_net *net, sbx_err *err) SBX_MUST_USE;

/* number of scalars of the one input and the one output, row-major */
size_t sbx_net_inputs(const sbx_net *net);
size_t sbx_net_outputs(const sbx_net *net);

typedef struct sbx_net_info {
    size_t nodes, parameters, inputs, outputs;
    long opset; /* 0: no ONNX */
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
