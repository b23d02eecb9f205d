/* net/op_slice.c -- Slice; starts, ends and axes are attributes before opset 10, inputs
 * (and steps too) from then on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

typedef struct ranges {
    const int64_t *start, *end, *axis, *step; /* axis, step: NULL if not given */
    size_t n;
} ranges;

static sbx_status read_ranges(ranges *r, const sbx_net *net, const sbx_node *nd,
                              const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t n_end, n_axis, n_step;
    SBX_TRY(sbx_op_ints_of(&r->start, &r->n, net, nd, 1, attr, n_attr, "starts", err));
    SBX_TRY(sbx_op_ints_of(&r->end, &n_end, net, nd, 2, attr, n_attr, "ends", err));
    SBX_TRY(sbx_op_ints_of(&r->axis, &n_axis, net, nd, 3, attr, n_attr, "axes", err));
    SBX_TRY(sbx_op_ints_of(&r->step, &n_step, net, nd, 4, attr, n_attr, "steps", err));
    if (!r->start || !r->end) SBX_FAIL(err, SBX_ERR_PARSE, "starts or ends are missing");
    if (n_end != r->n || (r->axis && n_axis != r->n) || (r->step && n_step != r->n))
        SBX_FAIL(err, SBX_ERR_PARSE, "starts, ends, axes and steps are not equally many");
done:
    return st;
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* the elements of a dimension of d that start:end:step names, as slices in Python do */
static sbx_status one_axis(sbx_axes *a, size_t k, sbx_net *net, int64_t start, int64_t end,
                           int64_t step, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const int64_t d = (int64_t)a->x.dim[k], back = step < 0;
    int64_t n;
    if (step == 0 || step == INT64_MIN) SBX_FAIL(err, SBX_ERR_PARSE, "a step of %s", "0");
    start = clamp(start < 0 ? start + d : start, 0, back ? d - 1 : d);
    end = clamp(end < 0 ? end + d : end, back ? -1 : 0, back ? d - 1 : d);
    n = back ? start - end : end - start;
    n = n <= 0 || d == 0 ? 0 : (n - 1) / (back ? -step : step) + 1;
    a->y.dim[k] = (size_t)n;
    SBX_TRY(sbx_axes_index(a, k, net, err));
    for (int64_t i = 0; i < n; i++)
        a->index[k][i] = (size_t)(start + i * step);
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_axes a = {.x = x, .y = x};
    ranges r = {0};
    SBX_TRY(read_ranges(&r, net, nd, attr, n_attr, err));
    for (size_t i = 0; i < r.n; i++) {
        size_t k;
        SBX_TRY(sbx_op_axis(&k, r.axis ? r.axis[i] : (int64_t)i, x.rank, false, err));
        if (a.index[k]) SBX_FAIL(err, SBX_ERR_PARSE, "axis %zu is named twice", k);
        SBX_TRY(one_axis(&a, k, net, r.start[i], r.end[i], r.step ? r.step[i] : 1, err));
    }
    SBX_TRY(sbx_ew_axes(net, nd, NULL, &a, err));
done:
    return st;
}

static const char *const attrs[] = {"starts", "ends", "axes", NULL};

const sbx_op sbx_op_slice = {.name = "Slice",
                             .min_in = 1,
                             .max_in = 5,
                             .attrs = attrs,
                             .folds = true,
                             .build = build,
                             SBX_EW_OP};
