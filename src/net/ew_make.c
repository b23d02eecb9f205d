/* net/ew_make.c -- linear operators on single elements: making.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"
#include "net/fold.h"
#include "net/lin.h"

#include <string.h>

/* most pairs of t that read one of the m elements */
static sbx_status count_fan(sbx_ew_term *t, sbx_net *net, size_t m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t *readers;
    t->fan = 1;
    if (!t->map) goto done; /* each its own */
    SBX_TRY(sbx_op_mem(&readers, net, m, sizeof *readers, err));
    for (size_t i = 0; i < t->n; i++)
        if (++readers[t->map[i]] > t->fan) t->fan = readers[t->map[i]];
done:
    return st;
}

sbx_status sbx_ew_finish(sbx_ew *w, sbx_net *net, sbx_node *nd, const sbx_shape *y, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!w->b) {
        double *zero;
        SBX_TRY(sbx_op_mem(&zero, net, sbx_pad(sbx_shape_prod(y, 0, y->rank)), sizeof *zero, err));
        w->b = zero;
    }
    w->rounds = w->has_b;
    for (size_t k = 0; k < w->terms; k++) {
        sbx_ew_term *t = &w->term[k];
        SBX_TRY(count_fan(t, net, net->tensor[nd->in[t->in]].n, err));
        w->rounds = w->rounds || t->a || t->fan > 1;
    }
    nd->data = w;
    SBX_TRY(sbx_op_out(net, nd, 0, y, err));
done:
    return st;
}

sbx_status sbx_ew_start(sbx_ew **w, sbx_net *net, sbx_ew_kind kind, size_t terms, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_op_mem(w, net, 1, sizeof **w, err));
    SBX_TRY(sbx_op_mem(&(*w)->term, net, terms, sizeof *(*w)->term, err));
    (*w)->kind = kind;
    (*w)->terms = terms;
done:
    return st;
}

/* ---- arithmetic -------------------------------------------------------------------- */

/* the constant operand c as b (sign s) or as the factors of the one term */
static sbx_status constant(sbx_ew *w, sbx_net *net, const double *c, const size_t *map, size_t n,
                           bool first, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const double s = w->kind == SBX_EW_SUB && !first ? -1.0 : 1.0;
    double *v, *rad = NULL;
    SBX_TRY(sbx_op_mem(&v, net, sbx_pad(n), sizeof *v, err));
    for (size_t j = 0; j < n; j++)
        v[j] = s * c[map ? map[j] : j];
    if (w->kind == SBX_EW_ADD || w->kind == SBX_EW_SUB) {
        w->b = v;
        w->has_b = true;
        goto done;
    }
    w->term[0].a = v;
    if (w->kind == SBX_EW_MUL) goto done;
    if (first) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "division by what is no constant");
    SBX_TRY(sbx_op_mem(&rad, net, sbx_pad(n), sizeof *rad, err));
    for (size_t j = 0; j < n; j++) {
        const double d = v[j];
        if (!(fabs(d) >= 0x1p-900 && fabs(d) <= 0x1p900))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "division by 0, or by what is too small or large");
        v[j] = 1.0 / d;
        rad[j] = fma(-v[j], d, 1.0) == 0.0 ? 0.0 : SBX_U * fabs(v[j]); /* half an ulp or more */
    }
    w->term[0].rad = rad;
done:
    return st;
}

/* one operand, or both, not constant */
static sbx_status variable(sbx_ew *w, sbx_net *net, sbx_node *nd, const sbx_shape *y, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const bool ca = sbx_op_const(net, nd, 0), cb = sbx_op_const(net, nd, 1);
    const size_t n = sbx_shape_prod(y, 0, y->rank), k = ca ? 0 : 1; /* the constant, if any */
    w->terms = ca || cb ? 1 : 2;
    w->term[0] = (sbx_ew_term){.in = ca ? 1 : 0, .sign = ca && w->kind == SBX_EW_SUB ? -1.0 : 1.0};
    w->term[1] = (sbx_ew_term){.in = 1, .sign = w->kind == SBX_EW_SUB ? -1.0 : 1.0};
    for (size_t i = 0; i < w->terms; i++) {
        w->term[i].n = n;
        w->term[i].map = w->map[w->term[i].in];
    }
    if (ca || cb) {
        const double *c = net->tensor[nd->in[k]].real;
        if (!c) SBX_FAIL(err, SBX_ERR_PARSE, "a constant of integers with a tensor of reals");
        SBX_TRY(constant(w, net, c, w->map[k], n, ca, err));
    } else if (w->kind == SBX_EW_MUL || w->kind == SBX_EW_DIV)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "neither operand is constant");
    SBX_TRY(sbx_ew_finish(w, net, nd, y, err));
done:
    return st;
}

sbx_status sbx_ew_binary(sbx_net *net, sbx_node *nd, sbx_ew_kind kind, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape a = net->tensor[nd->in[0]].shape, b = net->tensor[nd->in[1]].shape;
    sbx_shape y;
    sbx_ew *w;
    bool folded = false;
    SBX_TRY(sbx_shape_broadcast(&y, &a, &b, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    SBX_TRY(sbx_ew_start(&w, net, kind, 2, err));
    SBX_TRY(sbx_op_broadcast_map(&w->map[0], net, &a, &y, err));
    SBX_TRY(sbx_op_broadcast_map(&w->map[1], net, &b, &y, err));
    if (sbx_op_const(net, nd, 0) && sbx_op_const(net, nd, 1)) {
        SBX_TRY(sbx_fold_binary(&folded, net, nd, kind, &y, w->map, err));
        if (folded) goto done;
        SBX_TRY(sbx_op_lift(net, nd, 0, err)); /* then y is a node [L-NET-51] */
    }
    SBX_TRY(variable(w, net, nd, &y, err));
done:
    return st;
}

sbx_status sbx_ew_neg(sbx_net *net, sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape y = net->tensor[nd->in[0]].shape;
    sbx_ew *w;
    if (sbx_op_const(net, nd, 0)) {
        SBX_TRY(sbx_fold_neg(net, nd, err));
        goto done;
    }
    SBX_TRY(sbx_ew_start(&w, net, SBX_EW_NEG, 1, err));
    w->term[0] = (sbx_ew_term){.n = sbx_shape_prod(&y, 0, y.rank), .sign = -1.0};
    SBX_TRY(sbx_ew_finish(w, net, nd, &y, err));
done:
    return st;
}
