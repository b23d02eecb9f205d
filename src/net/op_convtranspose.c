/* net/op_convtranspose.c -- ConvTranspose: 1-D to 3-D, groups, padding, output_padding,
 * output_shape, strides, dilations; constant weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/conv.h"

#include "base/try.h"

/* one dimension of the output: the last padding and output_padding follow from output_shape
 * where that is given (what no window covers comes last), or is the input's times the stride for auto_pad */
static sbx_status grow(sbx_window *w, size_t d, sbx_auto_pad automatic, size_t extra, size_t wanted,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t small = w->n[SBX_SMALL][d];
    const size_t whole = w->stride[d] * (small - 1) + extra + (w->ker[d] - 1) * w->dil[d] + 1;
    if (!wanted && (automatic == SBX_PAD_SAME_UPPER || automatic == SBX_PAD_SAME_LOWER))
        wanted = small * w->stride[d];
    if (automatic == SBX_PAD_VALID) w->before[d] = w->after[d] = 0;
    if (wanted) {
        const size_t pad = whole > wanted ? whole - wanted : 0;
        if (pad % 2 != 0 && automatic != SBX_PAD_SAME_UPPER && automatic != SBX_PAD_SAME_LOWER)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "output_shape with odd padding, %s",
                     "on whose side opsets differ");
        w->before[d] = automatic == SBX_PAD_SAME_UPPER ? pad / 2 : pad - pad / 2;
        w->after[d] = pad - w->before[d];
    }
    if (whole <= w->before[d] + w->after[d])
        SBX_FAIL(err, SBX_ERR_PARSE, "the padding leaves no output");
    w->n[SBX_LARGE][d] = wanted > whole ? wanted : whole - w->before[d] - w->after[d];
done:
    return st;
}

static sbx_status sizes(sbx_window *w, const sbx_tensor *x, sbx_auto_pad automatic,
                        const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const int64_t *extra, *wanted;
    SBX_TRY(sbx_window_ints(&extra, w->dims, attr, n_attr, "output_padding", err));
    SBX_TRY(sbx_window_ints(&wanted, w->dims, attr, n_attr, "output_shape", err));
    for (size_t k = 0; k < w->dims; k++) {
        const size_t d = SBX_WINDOW_DIMS - w->dims + k;
        const int64_t e = extra ? extra[k] : 0, o = wanted ? wanted[k] : 0;
        w->n[SBX_SMALL][d] = x->shape.dim[2 + k];
        if (x->shape.dim[2 + k] > INT32_MAX || e < 0 || e > INT32_MAX || o < (wanted ? 1 : 0))
            SBX_FAIL(err, SBX_ERR_PARSE, "output_padding, output_shape or the input is no size");
        SBX_TRY(grow(w, d, automatic, (size_t)e, (size_t)o, err));
    }
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *x = &net->tensor[nd->in[0]], *w = &net->tensor[nd->in[1]];
    const size_t dims = x->shape.rank - 2;
    sbx_conv d = {.x = SBX_SMALL, .y = SBX_LARGE};
    sbx_auto_pad automatic;
    const double *b;
    int64_t groups;
    SBX_TRY(sbx_conv_operands(&b, net, nd, err));
    SBX_TRY(sbx_attr_int(&groups, 1, attr, n_attr, "group", err));
    if (groups < 1 || w->shape.dim[0] % (size_t)groups != 0 || x->shape.dim[1] != w->shape.dim[0])
        SBX_FAIL(err, SBX_ERR_PARSE, "%zu channels and weights for %zu in %lld groups",
                 x->shape.dim[1], w->shape.dim[0], (long long)groups);
    d.batch = x->shape.dim[0];
    d.groups = (size_t)groups;
    d.ch[SBX_SMALL] = w->shape.dim[0] / d.groups;
    d.ch[SBX_LARGE] = w->shape.dim[1];
    if (b && net->tensor[nd->in[2]].n != d.groups * d.ch[SBX_LARGE])
        SBX_FAIL(err, SBX_ERR_PARSE, "the bias has %zu elements", net->tensor[nd->in[2]].n);
    SBX_TRY(sbx_window_attrs(&d.win, &automatic, dims, w->shape.dim + 2, attr, n_attr, err));
    SBX_TRY(sizes(&d.win, x, automatic, attr, n_attr, err));
    SBX_TRY(sbx_conv_make(net, nd, &d, w->real, b, err));
done:
    return st;
}

static const char *const attrs[] = {"auto_pad",     "dilations",      "group",
                                    "kernel_shape", "output_padding", "output_shape",
                                    "pads",         "strides",        NULL};

const sbx_op sbx_op_convtranspose = {
    .name = "ConvTranspose", .min_in = 2, .max_in = 3, .attrs = attrs, .build = build, SBX_CONV_OP};
