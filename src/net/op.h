/* net/op.h -- what an operator is: one table of functions, found by name.
 *
 * To add one: a line in net/ops.def, a file net/op_NAME.c that defines
 * `const sbx_op sbx_op_NAME`, its evaluation as a template (net/eval_all.h makes
 * the eight instances) or one of the shared kinds: net/affine.h (dense layers),
 * net/ew.h (everything linear that moves, scales and adds elements), net/curve.h
 * (nonlinear functions of one element).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_OP_H
#define SBX_NET_OP_H

#include "net/graph.h"

struct sbx_lin;

/* y[k][.]: the k-th output, NULL if left out or not needed; x[k][.]: the values of
 * the k-th input, NULL for a constant (read it from the tensor) or one left out */
#define SBX_OP_EVAL(S)                                                                \
    sbx_status (*eval_##S)(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                           const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
#define SBX_OP_EVAL_ALL(f)                                                                \
    .eval_f32 = f##_f32, .eval_f64 = f##_f64, .eval_lowp = f##_lowp, .eval_mpf = f##_mpf, \
    .eval_mpq = f##_mpq, .eval_ivd = f##_ivd, .eval_ivf = f##_ivf, .eval_ivq = f##_ivq

typedef struct sbx_op {
    const char *name;
    size_t min_in, max_in;
    const char *const *attrs; /* that it knows, NULL at the end; another one is refused */
    bool folds; /* its build makes something of inputs that are all constant; else the first
                 * becomes a node [L-NET-51] */
    bool apart; /* each output is built as a node of its own: nd->part, nd->parts */

    /* Checks the attributes, sets the shape of every output (sbx_op_out) or makes it a
     * view or a constant (sbx_op_view, sbx_op_fold), fills nd->data. Messages need not
     * name the node. */
    sbx_status (*build)(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err);

    SBX_OP_EVAL(f32)
    SBX_OP_EVAL(f64)
    SBX_OP_EVAL(lowp)
    SBX_OP_EVAL(mpf)
    SBX_OP_EVAL(mpq)
    SBX_OP_EVAL(ivd)
    SBX_OP_EVAL(ivf)
    SBX_OP_EVAL(ivq)

    /* Bounds. A nonlinear operator wants tight bounds of its inputs; where settled (may
     * be NULL: never) says so of one element, it has all the bounds that it can use. */
    bool nonlinear;
    bool mixes; /* an output is a sum over several elements of one input */
    bool (*settled)(const sbx_node *nd, sbx_ivd x);
    /* doubles that prepare writes to, for one bounder; NULL: none */
    size_t (*aux)(const sbx_net *net, const sbx_node *nd);
    /* the bounds of the inputs are final: relaxations, error vectors; NULL: nothing */
    sbx_status (*prepare)(struct sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err);
    /* eliminates the outputs from the rows of l (net/lin.h) */
    sbx_status (*backward)(struct sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err);

    /* Elementwise, with aux as of net/curve.h: below the j-th input, whose sign is open, any line
     * through 0 with a slope in [*least, 1] may stand; false: not so. NULL: no such choice. */
    bool (*slope_range)(double *least, const sbx_node *nd, size_t j);

    /* the row of elements that the j-th output is relaxed together with; NULL: each alone */
    size_t (*row)(const sbx_node *nd, size_t j);

    /* *lo <= c.y for every input of the box, from the bounds of the inputs alone; NULL
     * when the intervals of y are as good */
    sbx_status (*functional)(double *lo, const struct sbx_lin *l, const sbx_node *nd,
                             const double *c, sbx_err *err);

    /* Unproved, plain doubles: y from x; and gx[k][.] += (d y / d x_k)^T gy, gx[k] NULL
     * for constants. x[k] is given for every input that is there, constants too. */
    void (*forward)(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x);
    void (*adjoint)(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                    const double *const *x, const double *y);
} sbx_op;

extern const sbx_op sbx_op_lifted; /* of sbx_op_lift; in no table */

/* the table, by name; NULL at the end */
extern const sbx_op *const sbx_op_table[];

/* SBX_ERR_STOPPED when the caller wants an end: asked between nodes, and between the rows
 * of what can take long in them */
static inline sbx_status sbx_go_on(const sbx_ctx *ctx, sbx_err *e)
{
    return ctx && ctx->stop && ctx->stop(ctx->stop_arg)
               ? sbx_fail(e, SBX_ERR_STOPPED, "net/op.h", "stopped")
               : SBX_OK;
}

/* ---- for build ---------------------------------------------------------------- */

sbx_status sbx_op_out(sbx_net *net, sbx_node *nd, size_t k, const sbx_shape *shape,
                      sbx_err *err) SBX_MUST_USE;
/* output k has the values of input i, in another shape; a constant stays one */
sbx_status sbx_op_view(sbx_net *net, sbx_node *nd, size_t k, size_t i, const sbx_shape *shape,
                       sbx_err *err) SBX_MUST_USE;
/* output k is a constant, made now */
sbx_status sbx_op_fold(sbx_net *net, sbx_node *nd, size_t k, const sbx_shape *shape,
                       const double *real, const int64_t *integer, sbx_err *err) SBX_MUST_USE;
/* input k, a constant of reals, becomes the output of a node without inputs; pointers to
 * tensors do not outlive this */
sbx_status sbx_op_lift(sbx_net *net, sbx_node *nd, size_t k, sbx_err *err) SBX_MUST_USE;
/* zeroed memory of the net; SBX_ERR_NOMEM or SBX_ERR_LIMIT */
sbx_status sbx_op_mem(void *p, sbx_net *net, size_t n, size_t size, sbx_err *err) SBX_MUST_USE;

const sbx_attr *sbx_attr_find(const sbx_attr *attr, size_t n, const char *name);
/* the value, or the default when there is none; SBX_ERR_PARSE: of another kind */
sbx_status sbx_attr_int(int64_t *v, int64_t otherwise, const sbx_attr *attr, size_t n,
                        const char *name, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_attr_float(double *v, double otherwise, const sbx_attr *attr, size_t n,
                          const char *name, sbx_err *err) SBX_MUST_USE;
/* an axis in -rank .. rank-1 (rank too, if end) as 0 .. rank-1 (rank) */
sbx_status sbx_op_axis(size_t *axis, int64_t v, size_t rank, bool end, sbx_err *err) SBX_MUST_USE;
/* list attributes; *v NULL when there is none */
sbx_status sbx_attr_ints(const int64_t **v, size_t *n_v, const sbx_attr *attr, size_t n,
                         const char *name, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_attr_floats(const double **v, size_t *n_v, const sbx_attr *attr, size_t n,
                           const char *name, sbx_err *err) SBX_MUST_USE;
/* the text, or the default when there is none */
sbx_status sbx_attr_text(const char **v, const char *otherwise, const sbx_attr *attr, size_t n,
                         const char *name, sbx_err *err) SBX_MUST_USE;
/* integers that were an attribute once and are input k now; *v NULL when there are none */
sbx_status sbx_op_ints_of(const int64_t **v, size_t *n_v, const sbx_net *net, const sbx_node *nd,
                          size_t k, const sbx_attr *attr, size_t n, const char *name,
                          sbx_err *err) SBX_MUST_USE;
/* the elements of input k, a constant of integers */
sbx_status sbx_op_ints(const int64_t **v, size_t *n, const sbx_net *net, const sbx_node *nd,
                       size_t k, const char *what, sbx_err *err) SBX_MUST_USE;

static inline bool sbx_op_const(const sbx_net *net, const sbx_node *nd, size_t k)
{
    return sbx_node_has(nd, k) && net->tensor[nd->in[k]].constant;
}
/* product of the dimensions first .. last-1 */
static inline size_t sbx_shape_prod(const sbx_shape *s, size_t first, size_t last)
{
    size_t p = 1;
    for (size_t k = first; k < last; k++)
        p *= s->dim[k];
    return p;
}
bool sbx_shape_eq(const sbx_shape *a, const sbx_shape *b);
/* "1x1x28x28"; buf of SBX_SHAPE_TEXT bytes */
#define SBX_SHAPE_TEXT 96
const char *sbx_shape_text(char *buf, const sbx_shape *s);
/* numpy's rule; SBX_ERR_PARSE when the two do not go together */
sbx_status sbx_shape_broadcast(sbx_shape *z, const sbx_shape *a, const sbx_shape *b,
                               sbx_err *err) SBX_MUST_USE;
/* map[j]: the element of x that the j-th element of y reads, x broadcast to y; *map
 * NULL when it is the j-th itself */
sbx_status sbx_op_broadcast_map(const size_t **map, sbx_net *net, const sbx_shape *x,
                                const sbx_shape *y, sbx_err *err) SBX_MUST_USE;

/* For moves: (*from)[j] = sum over the dimensions k of y of table[k][j_k], where j_k is the
 * k-th index of the j-th element; SBX_NO_TENSOR where a table has that. */
sbx_status sbx_op_gather_map(size_t **from, sbx_net *net, const sbx_shape *y,
                             size_t *const table[SBX_NET_RANK], sbx_err *err) SBX_MUST_USE;
/* table[k], for k < y->rank, for sbx_op_gather_map: y->dim[k] places */
sbx_status sbx_op_tables(size_t *table[SBX_NET_RANK], sbx_net *net, const sbx_shape *y,
                         sbx_err *err) SBX_MUST_USE;

/* ---- arrays of numbers, for evaluations ---------------------------------------- */

/* n numbers, zero; NULL: no memory */
#define SBX_VEC_DECLARE(S)                                  \
    sbx_##S *sbx_vec_new_##S(size_t n, const sbx_ctx *ctx); \
    void sbx_vec_free_##S(sbx_##S *v, size_t n);
SBX_VEC_DECLARE(f32)
SBX_VEC_DECLARE(f64)
SBX_VEC_DECLARE(lowp)
SBX_VEC_DECLARE(mpf)
SBX_VEC_DECLARE(mpq)
SBX_VEC_DECLARE(ivd)
SBX_VEC_DECLARE(ivf)
SBX_VEC_DECLARE(ivq)

#endif
