/* net/window.h -- sliding windows: which element of the small side (the outputs of a
 * convolution) meets which of the large side at which place of the kernel.
 *
 * In each dimension position p of the small side and place k of the kernel meet
 * position p stride - pad + k dilation of the large side, if there is one. A window
 * has always three dimensions, those that are not used of size 1 and first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_WINDOW_H
#define SBX_NET_WINDOW_H

#include "net/op.h"

#define SBX_WINDOW_DIMS 3

enum { SBX_SMALL = 0, SBX_LARGE = 1 };

/* For each position q of a side, entries start[q] .. start[q+1]-1: the places k of the
 * kernel and the positions p of the other side that q meets. */
typedef struct sbx_meets {
    const uint32_t *start, *k, *p;
    size_t most; /* entries of one q */
} sbx_meets;

typedef struct sbx_window {
    size_t dims; /* that the operator has: 1 to 3 */
    size_t n[2][SBX_WINDOW_DIMS], ker[SBX_WINDOW_DIMS], stride[SBX_WINDOW_DIMS],
        dil[SBX_WINDOW_DIMS];
    size_t before[SBX_WINDOW_DIMS], after[SBX_WINDOW_DIMS]; /* padding of the large side */
    sbx_meets meet[2][SBX_WINDOW_DIMS];                     /* by side of q */
    size_t most[2]; /* meetings of one position, all dimensions */
} sbx_window;

typedef enum sbx_auto_pad {
    SBX_PAD_NOTSET,
    SBX_PAD_SAME_UPPER,
    SBX_PAD_SAME_LOWER,
    SBX_PAD_VALID
} sbx_auto_pad;

/* Reads kernel_shape (must agree with ker where that is not NULL; must be there where it
 * is), strides, dilations, pads and auto_pad. Fills ker, stride, dil, before, after. */
sbx_status sbx_window_attrs(sbx_window *w, sbx_auto_pad *automatic, size_t dims, const size_t *ker,
                            const sbx_attr *attr, size_t n_attr, sbx_err *err) SBX_MUST_USE;

/* From the large side: padding for auto_pad, and the small side; ceil: count a last
 * window that is not full but begins before the padding at the end. */
sbx_status sbx_window_shrink(sbx_window *w, sbx_auto_pad automatic, bool ceil,
                             sbx_err *err) SBX_MUST_USE;

/* The tables, when both sides are known. */
sbx_status sbx_window_tables(sbx_window *w, sbx_net *net, sbx_err *err) SBX_MUST_USE;

/* The meetings of position q[3] of a side: positions of the other side and places of the
 * kernel, row-major; returns how many. */
size_t sbx_window_at(uint32_t *p, uint32_t *k, const sbx_window *w, size_t side, const size_t *q);

static inline size_t sbx_window_count(const sbx_window *w, size_t side)
{
    return w->n[side][0] * w->n[side][1] * w->n[side][2];
}
static inline size_t sbx_window_volume(const sbx_window *w)
{
    return w->ker[0] * w->ker[1] * w->ker[2];
}

/* an attribute of integers, NULL when it is not there; SBX_ERR_PARSE: another kind, or not n */
sbx_status sbx_window_ints(const int64_t **v, size_t n, const sbx_attr *attr, size_t n_attr,
                           const char *name, sbx_err *err) SBX_MUST_USE;

#endif
