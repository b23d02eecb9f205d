/* net/window.c -- sliding windows: attributes, sizes, tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/window.h"

#include "base/try.h"

#include <string.h>

#define MOST 0x7fffffff /* of a kernel, stride, dilation, padding, dimension */

/* ---- attributes ------------------------------------------------------------------- */

sbx_status sbx_window_ints(const int64_t **v, size_t n, const sbx_attr *attr, size_t n_attr,
                           const char *name, sbx_err *err)
{
    const sbx_attr *a = sbx_attr_find(attr, n_attr, name);
    *v = NULL;
    if (!a) return SBX_OK;
    if (a->kind != SBX_ATTR_INTS || a->n != n)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "attribute '%s' is no list of %zu integers",
                        name, n);
    *v = a->ints;
    return SBX_OK;
}

/* to[3 - dims ..] = the integers of an attribute, each >= least; or what is there */
static sbx_status sizes(size_t *to, size_t dims, int64_t least, const sbx_attr *attr, size_t n_attr,
                        const char *name, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const int64_t *v;
    SBX_TRY(sbx_window_ints(&v, dims, attr, n_attr, name, err));
    for (size_t d = 0; v && d < dims; d++) {
        if (v[d] < least || v[d] > MOST)
            SBX_FAIL(err, SBX_ERR_PARSE, "attribute '%s' holds %lld", name, (long long)v[d]);
        to[SBX_WINDOW_DIMS - dims + d] = (size_t)v[d];
    }
done:
    return st;
}

static sbx_status padding(sbx_window *w, size_t dims, const sbx_attr *attr, size_t n_attr,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t first = SBX_WINDOW_DIMS - dims;
    const int64_t *v;
    SBX_TRY(sbx_window_ints(&v, 2 * dims, attr, n_attr, "pads", err));
    for (size_t d = 0; v && d < 2 * dims; d++) {
        size_t *to = d < dims ? &w->before[first + d] : &w->after[first + d - dims];
        if (v[d] < 0) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "negative padding");
        if (v[d] > MOST) SBX_FAIL(err, SBX_ERR_LIMIT, "padding of %lld", (long long)v[d]);
        *to = (size_t)v[d];
    }
done:
    return st;
}

static sbx_status automatic_kind(sbx_auto_pad *a, const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    static const char *const names[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"};
    const sbx_attr *at = sbx_attr_find(attr, n_attr, "auto_pad");
    *a = SBX_PAD_NOTSET;
    if (!at || (at->kind == SBX_ATTR_STRING && !*at->s)) return SBX_OK;
    for (size_t k = 0; at->kind == SBX_ATTR_STRING && k < 4; k++)
        if (strcmp(at->s, names[k]) == 0) {
            *a = (sbx_auto_pad)k;
            return SBX_OK;
        }
    return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "attribute 'auto_pad' is none of its values");
}

sbx_status sbx_window_attrs(sbx_window *w, sbx_auto_pad *automatic, size_t dims, const size_t *ker,
                            const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *w = (sbx_window){.dims = dims};
    for (size_t d = 0; d < SBX_WINDOW_DIMS; d++)
        w->ker[d] = w->stride[d] = w->dil[d] = w->n[0][d] = w->n[1][d] = 1;
    if (!ker && !sbx_attr_find(attr, n_attr, "kernel_shape"))
        SBX_FAIL(err, SBX_ERR_PARSE, "attribute 'kernel_shape' is missing");
    SBX_TRY(sizes(w->ker, dims, 1, attr, n_attr, "kernel_shape", err));
    for (size_t d = 0; ker && d < dims; d++) {
        size_t *to = &w->ker[SBX_WINDOW_DIMS - dims + d];
        if (ker[d] == 0 || ker[d] > MOST ||
            (*to != ker[d] && sbx_attr_find(attr, n_attr, "kernel_shape")))
            SBX_FAIL(err, SBX_ERR_PARSE, "the weights have no such kernel_shape");
        *to = ker[d];
    }
    SBX_TRY(sizes(w->stride, dims, 1, attr, n_attr, "strides", err));
    SBX_TRY(sizes(w->dil, dims, 1, attr, n_attr, "dilations", err));
    SBX_TRY(padding(w, dims, attr, n_attr, err));
    SBX_TRY(automatic_kind(automatic, attr, n_attr, err));
done:
    return st;
}

/* ---- sizes ------------------------------------------------------------------------- */

/* what the kernel spans */
static size_t span(const sbx_window *w, size_t d) { return (w->ker[d] - 1) * w->dil[d] + 1; }

sbx_status sbx_window_shrink(sbx_window *w, sbx_auto_pad automatic, bool ceil, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t d = SBX_WINDOW_DIMS - w->dims; d < SBX_WINDOW_DIMS; d++) {
        const size_t large = w->n[SBX_LARGE][d], s = w->stride[d];
        size_t whole, rest;
        if (large == 0 || large > MOST) SBX_FAIL(err, SBX_ERR_LIMIT, "a dimension of %zu", large);
        if (automatic != SBX_PAD_NOTSET) w->before[d] = w->after[d] = 0;
        if (automatic == SBX_PAD_SAME_UPPER || automatic == SBX_PAD_SAME_LOWER) {
            const size_t need = (large - 1) / s * s + span(w, d);
            const size_t pad = need > large ? need - large : 0;
            w->before[d] = automatic == SBX_PAD_SAME_UPPER ? pad / 2 : pad - pad / 2;
            w->after[d] = pad - w->before[d];
        }
        whole = large + w->before[d] + w->after[d];
        if (whole < span(w, d))
            SBX_FAIL(err, SBX_ERR_PARSE, "the kernel is larger than the padded input");
        rest = whole - span(w, d);
        w->n[SBX_SMALL][d] = (ceil ? (rest + s - 1) / s : rest / s) + 1;
        /* the last window begins inside, or in the padding before */
        if (ceil && (w->n[SBX_SMALL][d] - 1) * s >= large + w->before[d]) w->n[SBX_SMALL][d]--;
    }
done:
    return st;
}

/* ---- tables ------------------------------------------------------------------------ */

/* the places of the kernel at which p meets the large side: *first .. *end - 1 */
static void inside(size_t *first, size_t *end, const sbx_window *w, size_t d, size_t p)
{
    const size_t at = p * w->stride[d], pad = w->before[d], dil = w->dil[d];
    const size_t top = w->n[SBX_LARGE][d] + pad; /* at + k dil < top */
    *first = at >= pad ? 0 : (pad - at + dil - 1) / dil;
    *end = at >= top ? 0 : (top - at + dil - 1) / dil;
    if (*end > w->ker[d]) *end = w->ker[d];
    if (*first > *end) *first = *end;
}

/* Entries are counted, then put in from the end of each position's place. */
static sbx_status one_table(sbx_window *w, sbx_net *net, size_t side, size_t d, size_t total,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = w->n[side][d];
    uint32_t *end, *k, *p;
    size_t most = 0;
    SBX_TRY(sbx_op_mem(&end, net, n + 2, sizeof *end, err)); /* end[q + 1]: of position q */
    SBX_TRY(sbx_op_mem(&k, net, total, sizeof *k, err));
    SBX_TRY(sbx_op_mem(&p, net, total, sizeof *p, err));
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < w->n[SBX_SMALL][d]; i++) {
            size_t first, last;
            inside(&first, &last, w, d, i);
            for (size_t c = first; c < last; c++) {
                const size_t big = i * w->stride[d] + c * w->dil[d] - w->before[d];
                const size_t q = side == SBX_SMALL ? i : big;
                if (pass == 0) {
                    end[q + 1]++;
                    continue;
                }
                k[--end[q + 1]] = (uint32_t)c;
                p[end[q + 1]] = (uint32_t)(side == SBX_SMALL ? big : i);
            }
        }
        for (size_t q = 0; pass == 0 && q < n; q++) {
            most = end[q + 1] > most ? end[q + 1] : most;
            end[q + 1] += end[q];
        }
    }
    end[n + 1] = (uint32_t)total;
    w->meet[side][d] = (sbx_meets){end + 1, k, p, most};
done:
    return st;
}

sbx_status sbx_window_tables(sbx_window *w, sbx_net *net, sbx_err *err)
{
    sbx_status st = SBX_OK;
    w->most[0] = w->most[1] = 1;
    for (size_t d = 0; d < SBX_WINDOW_DIMS; d++) {
        size_t total = 0, first, end;
        if (w->n[0][d] > MOST || w->n[1][d] > MOST) SBX_FAIL(err, SBX_ERR_LIMIT, "a dimension");
        for (size_t p = 0; p < w->n[SBX_SMALL][d]; p++) {
            inside(&first, &end, w, d, p);
            total += end - first;
        }
        if (total > MOST) SBX_FAIL(err, SBX_ERR_LIMIT, "a window of %zu meetings", total);
        for (size_t side = 0; side < 2; side++) {
            SBX_TRY(one_table(w, net, side, d, total, err));
            w->most[side] *= w->meet[side][d].most;
        }
    }
done:
    return st;
}

size_t sbx_window_at(uint32_t *p, uint32_t *k, const sbx_window *w, size_t side, const size_t *q)
{
    const sbx_meets *m = w->meet[side];
    const size_t *n = w->n[1 - side], *ker = w->ker;
    size_t count = 0;
    for (uint32_t a = m[0].start[q[0]]; a < m[0].start[q[0] + 1]; a++)
        for (uint32_t b = m[1].start[q[1]]; b < m[1].start[q[1] + 1]; b++)
            for (uint32_t c = m[2].start[q[2]]; c < m[2].start[q[2] + 1]; c++) {
                p[count] = (uint32_t)((m[0].p[a] * n[1] + m[1].p[b]) * n[2] + m[2].p[c]);
                k[count] = (uint32_t)((m[0].k[a] * ker[1] + m[1].k[b]) * ker[2] + m[2].k[c]);
                count++;
            }
    return count;
}
