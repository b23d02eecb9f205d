/* net/fold.c -- constants folded at once: exactly, or not at all.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/fold.h"

#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"

#include <string.h>

#define FOLD_MOST 65536 /* elements, in rationals */

/* The exact result of one operation on constants, if it is a double. */
static bool real_one(double *z, sbx_ew_kind kind, double a, double b)
{
    const bool safe = fabs(a) < 0x1p500 && fabs(b) < 0x1p500 && (a == 0 || fabs(a) > 0x1p-400) &&
                      (b == 0 || fabs(b) > 0x1p-400);
    switch (kind) {
    case SBX_EW_ADD: *z = a + b; return safe && sbx_two_sum_err(a, b, *z) == 0.0;
    case SBX_EW_SUB: *z = a - b; return safe && sbx_two_sum_err(a, -b, *z) == 0.0;
    case SBX_EW_MUL: *z = a * b; return safe && fma(a, b, -*z) == 0.0;
    case SBX_EW_DIV: *z = a / b; return safe && b != 0.0 && fma(-*z, b, a) == 0.0;
    case SBX_EW_NEG:
    case SBX_EW_MOVE: break;
    }
    return false;
}

bool sbx_fold_fits(int64_t v, int elem)
{
    static const struct {
        int64_t min, max;
    } range[] = {[2] = {0, UINT8_MAX},         [3] = {INT8_MIN, INT8_MAX},   [4] = {0, UINT16_MAX},
                 [5] = {INT16_MIN, INT16_MAX}, [6] = {INT32_MIN, INT32_MAX}, [9] = {0, 1},
                 [12] = {0, UINT32_MAX},       [13] = {0, INT64_MAX}};
    if (elem < 0 || (size_t)elem >= sizeof range / sizeof *range || range[elem].max == 0)
        return true;
    return v >= range[elem].min && v <= range[elem].max;
}

static bool int_one(int64_t *z, sbx_ew_kind kind, int64_t a, int64_t b)
{
    switch (kind) {
    case SBX_EW_ADD: return !__builtin_add_overflow(a, b, z);
    case SBX_EW_SUB: return !__builtin_sub_overflow(a, b, z);
    case SBX_EW_MUL: return !__builtin_mul_overflow(a, b, z);
    case SBX_EW_DIV:
        if (b == 0 || (a == INT64_MIN && b == -1)) return false;
        *z = a / b;
        return true;
    case SBX_EW_NEG:
    case SBX_EW_MOVE: break;
    }
    return false;
}

static sbx_status fold_ints(sbx_net *net, sbx_node *nd, sbx_ew_kind kind, const sbx_shape *y,
                            const size_t *const map[2], sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank);
    const int64_t *a = net->tensor[nd->in[0]].integer, *b = net->tensor[nd->in[1]].integer;
    const int elem = net->tensor[nd->in[0]].elem;
    int64_t *z;
    SBX_TRY(sbx_op_mem(&z, net, n, sizeof *z, err));
    for (size_t j = 0; j < n; j++) {
        const int64_t u = a[map[0] ? map[0][j] : j], v = b[map[1] ? map[1][j] : j];
        if (!int_one(&z[j], kind, u, v) || !sbx_fold_fits(z[j], elem))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "integers %lld and %lld: no result of their type",
                     (long long)u, (long long)v);
    }
    net->tensor[nd->out[0]].elem = elem;
    SBX_TRY(sbx_op_fold(net, nd, 0, y, NULL, z, err));
done:
    return st;
}

sbx_status sbx_fold_binary(bool *folded, sbx_net *net, sbx_node *nd, sbx_ew_kind kind,
                           const sbx_shape *y, const size_t *const map[2], sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank);
    const sbx_tensor *x0 = &net->tensor[nd->in[0]], *x1 = &net->tensor[nd->in[1]];
    const double *a = x0->real, *b = x1->real;
    double *z;
    *folded = true;
    if (!a != !b) SBX_FAIL(err, SBX_ERR_PARSE, "a constant of integers with one of reals");
    if (!a) {
        SBX_TRY(fold_ints(net, nd, kind, y, map, err));
        goto done;
    }
    SBX_TRY(sbx_op_mem(&z, net, n, sizeof *z, err));
    for (size_t j = 0; j < n && *folded; j++)
        *folded = real_one(&z[j], kind, a[map[0] ? map[0][j] : j], b[map[1] ? map[1][j] : j]);
    if (*folded) SBX_TRY(sbx_op_fold(net, nd, 0, y, z, NULL, err));
done:
    return st;
}

sbx_status sbx_fold_neg(sbx_net *net, sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor x = net->tensor[nd->in[0]];
    double *real = NULL;
    int64_t *ints = NULL;
    if (x.real)
        SBX_TRY(sbx_op_mem(&real, net, x.n, sizeof *real, err));
    else
        SBX_TRY(sbx_op_mem(&ints, net, x.n, sizeof *ints, err));
    for (size_t j = 0; real && j < x.n; j++)
        real[j] = -x.real[j];
    for (size_t j = 0; ints && j < x.n; j++)
        if (!int_one(&ints[j], SBX_EW_SUB, 0, x.integer[j]) || !sbx_fold_fits(ints[j], x.elem))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "-(%lld) is no integer of its type",
                     (long long)x.integer[j]);
    net->tensor[nd->out[0]].elem = x.elem;
    SBX_TRY(sbx_op_fold(net, nd, 0, &x.shape, real, ints, err));
done:
    return st;
}

/* ---- any operator ------------------------------------------------------------------- */

static bool as_doubles(double *z, const sbx_mpq *v, size_t n)
{
    bool all = true;
    for (size_t j = 0; j < n && all; j++) {
        mpq_t back;
        z[j] = mpq_get_d(v[j].v);
        if (!(fabs(z[j]) <= DBL_MAX)) return false;
        mpq_init(back);
        mpq_set_d(back, z[j]);
        all = mpq_equal(back, v[j].v) != 0;
        mpq_clear(back);
    }
    return all;
}

/* y in rationals; *all: it has a value, and that is doubles */
static sbx_status by_rationals(bool *all, double *z, const sbx_net *net, const sbx_node *nd,
                               const sbx_tensor *from, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_mpq **in = sbx_alloc(nd->n_in, sizeof *in);
    sbx_mpq *x = sbx_vec_new_mpq(from->n, &sbx_ctx_default);
    sbx_mpq *y = sbx_vec_new_mpq(n, &sbx_ctx_default);
    sbx_err why = {0};
    *all = false;
    if (!in || !x || !y) SBX_FAIL(err, SBX_ERR_NOMEM, "a constant");
    for (size_t j = 0; j < from->n; j++)
        SBX_TRY(sbx_mpq_set_d(&x[j], from->real[j], &sbx_ctx_default, err));
    in[0] = x;
    *all =
        nd->op->eval_mpq(&y, net, nd, in, &sbx_ctx_default, &why) == SBX_OK && as_doubles(z, y, n);
done:
    sbx_free((void *)in);
    sbx_vec_free_mpq(x, from->n);
    sbx_vec_free_mpq(y, n);
    return st;
}

/* y as intervals; *all: each is a point, so that it is the value */
static sbx_status by_intervals(bool *all, double *z, const sbx_net *net, const sbx_node *nd,
                               const sbx_tensor *from, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_ivd **in = sbx_alloc(nd->n_in, sizeof *in);
    sbx_ivd *x = sbx_alloc(from->n, sizeof *x), *y = sbx_alloc(n, sizeof *y);
    sbx_err why = {0};
    *all = false;
    if (!in || !x || !y) SBX_FAIL(err, SBX_ERR_NOMEM, "a constant");
    for (size_t j = 0; j < from->n; j++)
        x[j] = (sbx_ivd){from->real[j], from->real[j]};
    in[0] = x;
    *all = nd->op->eval_ivd(&y, net, nd, in, &sbx_ctx_default, &why) == SBX_OK;
    for (size_t j = 0; j < n && *all; j++) {
        z[j] = y[j].lo;
        *all = y[j].lo >= y[j].hi && fabs(z[j]) <= DBL_MAX;
    }
done:
    sbx_free((void *)in);
    sbx_free(x);
    sbx_free(y);
    return st;
}

sbx_status sbx_fold_node(sbx_net *net, sbx_node *nd, size_t x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor from = net->tensor[x], to = net->tensor[nd->out[0]];
    bool all = false;
    double *z;
    if (nd->n_out != 1 || from.n > FOLD_MOST || to.n > FOLD_MOST) goto done;
    SBX_TRY(sbx_op_mem(&z, net, to.n, sizeof *z, err));
    if (nd->op->eval_mpq) SBX_TRY(by_rationals(&all, z, net, nd, &from, to.n, err));
    if (!all && nd->op->eval_ivd) SBX_TRY(by_intervals(&all, z, net, nd, &from, to.n, err));
    if (all) SBX_TRY(sbx_op_fold(net, nd, 0, &to.shape, z, NULL, err)); /* [L-NET-51] */
done:
    return st;
}
