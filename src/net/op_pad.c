/* net/op_pad.c -- Pad: with a constant, by reflection, with the edge; negative pads take away.
 * The pads are an attribute before opset 11, an input from then on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

#include <string.h>

typedef enum pad_mode { PAD_CONSTANT, PAD_REFLECT, PAD_EDGE } pad_mode;

static sbx_status read_mode(pad_mode *mode, const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    static const char *const names[] = {"constant", "reflect", "edge"};
    const char *s;
    size_t k = 0;
    SBX_TRY(sbx_attr_text(&s, "constant", attr, n_attr, "mode", err));
    while (k < 3 && strcmp(s, names[k]) != 0)
        k++;
    if (k == 3) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "mode %.40s", s);
    *mode = (pad_mode)k;
done:
    return st;
}

static sbx_status read_fill(sbx_axes *a, const sbx_net *net, const sbx_node *nd,
                            const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *t;
    SBX_TRY(sbx_attr_float(&a->fill, 0.0, attr, n_attr, "value", err));
    if (!sbx_node_has(nd, 2)) goto done;
    t = &net->tensor[nd->in[2]];
    if (!t->constant || t->n != 1)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the padding is not one constant");
    if (!t->real != !!net->tensor[nd->in[0]].integer)
        SBX_FAIL(err, SBX_ERR_PARSE, "the padding has another type than the data");
    if (t->real) a->fill = t->real[0];
    if (t->integer) a->fill_int = t->integer[0];
done:
    return st;
}

/* element i - before of d, where that is outside */
static size_t outside(pad_mode mode, int64_t i, int64_t d)
{
    const int64_t period = 2 * (d - 1);
    if (mode == PAD_CONSTANT) return SBX_NO_TENSOR;
    if (mode == PAD_EDGE) return i < 0 ? 0 : (size_t)(d - 1);
    i = (i % period + period) % period;
    return (size_t)(i < d ? i : period - i);
}

static sbx_status one_axis(sbx_axes *a, size_t k, sbx_net *net, pad_mode mode, int64_t before,
                           int64_t after, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const int64_t d = (int64_t)a->x.dim[k], most = INT64_MAX / 4;
    if (before > most || after > most || before < -most || after < -most)
        SBX_FAIL(err, SBX_ERR_LIMIT, "pads %lld and %lld", (long long)before, (long long)after);
    if (d + before + after < 0)
        SBX_FAIL(err, SBX_ERR_PARSE, "%lld elements with pads %lld and %lld", (long long)d,
                 (long long)before, (long long)after);
    if (mode != PAD_CONSTANT && (before < 0 || after < 0))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "negative pads in this mode");
    if (mode != PAD_CONSTANT && (before > 0 || after > 0) && d < (mode == PAD_REFLECT ? 2 : 1))
        SBX_FAIL(err, SBX_ERR_PARSE, "%lld elements cannot be extended", (long long)d);
    a->y.dim[k] = (size_t)(d + before + after);
    SBX_TRY(sbx_axes_index(a, k, net, err));
    for (size_t j = 0; j < a->y.dim[k]; j++) {
        const int64_t i = (int64_t)j - before;
        a->index[k][j] = i >= 0 && i < d ? (size_t)i : outside(mode, i, d);
    }
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_axes a = {.x = x, .y = x};
    const int64_t *pads, *axes;
    size_t n, n_axes;
    pad_mode mode = PAD_CONSTANT;
    SBX_TRY(read_mode(&mode, attr, n_attr, err));
    SBX_TRY(read_fill(&a, net, nd, attr, n_attr, err));
    SBX_TRY(sbx_op_ints_of(&pads, &n, net, nd, 1, attr, n_attr, "pads", err));
    SBX_TRY(sbx_op_ints_of(&axes, &n_axes, net, nd, 3, NULL, 0, "axes", err));
    if (!pads) SBX_FAIL(err, SBX_ERR_PARSE, "it has no pads");
    if (!axes) n_axes = x.rank;
    if (n != 2 * n_axes) SBX_FAIL(err, SBX_ERR_PARSE, "%zu pads for %zu axes", n, n_axes);
    for (size_t i = 0; i < n_axes; i++) {
        size_t k;
        SBX_TRY(sbx_op_axis(&k, axes ? axes[i] : (int64_t)i, x.rank, false, err));
        if (a.index[k]) SBX_FAIL(err, SBX_ERR_PARSE, "axis %zu is named twice", k);
        SBX_TRY(one_axis(&a, k, net, mode, pads[i], pads[n_axes + i], err));
    }
    SBX_TRY(sbx_ew_axes(net, nd, NULL, &a, err));
done:
    return st;
}

static const char *const attrs[] = {"mode", "pads", "value", NULL};

const sbx_op sbx_op_pad = {.name = "Pad",
                           .min_in = 1,
                           .max_in = 4,
                           .attrs = attrs,
                           .folds = true,
                           .build = build,
                           SBX_EW_OP};
