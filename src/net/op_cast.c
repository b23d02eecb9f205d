/* net/op_cast.c -- Cast. Reals stay what they are as float or double (all arithmetic here is
 * about real numbers), but a constant is rounded to float as the conversion says; constants of
 * integers change their type where the value is one of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/fold.h"

#include "base/try.h"

#include <math.h>

enum { FLOAT = 1, BOOL = 9, DOUBLE = 11 };

/* integers of any type; bool: is it not 0 */
static sbx_status to_integers(sbx_net *net, sbx_node *nd, const sbx_tensor *x, int to, sbx_err *err)
{
    sbx_status st = SBX_OK;
    int64_t *z;
    SBX_TRY(sbx_op_mem(&z, net, x->n, sizeof *z, err));
    for (size_t j = 0; j < x->n; j++) {
        const double r = x->real ? trunc(x->real[j]) : 0.0;
        if (to == BOOL) {
            z[j] = x->real ? x->real[j] != 0.0 : x->integer[j] != 0;
            continue;
        }
        if (!(fabs(r) < 0x1p63)) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%g as an integer", r);
        z[j] = x->real ? (int64_t)r : x->integer[j];
        if (!sbx_fold_fits(z[j], to))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%lld is no integer of type %d", (long long)z[j],
                     to);
    }
    net->tensor[nd->out[0]].elem = to;
    SBX_TRY(sbx_op_fold(net, nd, 0, &x->shape, NULL, z, err));
done:
    return st;
}

static sbx_status to_reals(sbx_net *net, sbx_node *nd, const sbx_tensor *x, int to, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *z;
    SBX_TRY(sbx_op_mem(&z, net, x->n, sizeof *z, err));
    for (size_t j = 0; j < x->n; j++) {
        z[j] = x->real ? x->real[j] : (double)x->integer[j];
        if (x->integer && (!(fabs(z[j]) < 0x1p63) || (int64_t)z[j] != x->integer[j]))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%lld is no double", (long long)x->integer[j]);
        if (to == FLOAT) z[j] = (double)(float)z[j];
    }
    SBX_TRY(sbx_op_fold(net, nd, 0, &x->shape, z, NULL, err));
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor x = net->tensor[nd->in[0]];
    int64_t to;
    if (!sbx_attr_find(attr, n_attr, "to")) SBX_FAIL(err, SBX_ERR_PARSE, "no type to cast to");
    SBX_TRY(sbx_attr_int(&to, 0, attr, n_attr, "to", err));
    const bool real = to == FLOAT || to == DOUBLE,
               integer = (to >= 2 && to <= 7) || to == BOOL || to == 12 || to == 13;
    if (!real && !integer)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "to elements of type %lld", (long long)to);
    if (x.constant && real)
        SBX_TRY(to_reals(net, nd, &x, (int)to, err));
    else if (x.constant)
        SBX_TRY(to_integers(net, nd, &x, (int)to, err));
    else if (integer)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "what is no constant to integers");
    else
        SBX_TRY(sbx_op_view(net, nd, 0, 0, &x.shape, err));
done:
    return st;
}

static const char *const attrs[] = {"to", NULL};

const sbx_op sbx_op_cast = {
    .name = "Cast", .min_in = 1, .max_in = 1, .attrs = attrs, .folds = true, .build = build};
