/* search/sort.c -- see sort.h: runs of doubled length are merged.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/sort.h"

#include "base/alloc.h"
#include "base/try.h"

#include <string.h>

#define ASK 64 /* comparisons between two questions whether to stop */

typedef struct merge {
    size_t size, compared;
    int (*compare)(const void *, const void *);
    const sbx_ctx *ctx;
} merge;

/* to[0 .. n) <- the sorted from[0 .. half) and from[half .. n) */
static sbx_status merge_two(char *to, const char *from, size_t half, size_t n, merge *m,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t z = m->size;
    size_t a = 0, b = half;
    while (a < half || b < n) {
        bool first = b == n;
        if (a < half && b < n) {
            if (m->compared++ % ASK == 0) SBX_TRY(sbx_go_on(m->ctx, err));
            first = m->compare(from + a * z, from + b * z) <= 0;
        }
        memcpy(to, from + (first ? a++ : b++) * z, z);
        to += z;
    }
done:
    return st;
}

sbx_status sbx_sort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *),
                    const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    merge m = {.size = size, .compare = compare, .ctx = ctx};
    char *const at = base, *to = sbx_alloc(n, size);
    if (!to) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory to sort %zu objects", n);
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t k = 0; k < n; k += 2 * run) {
            const size_t left = n - k, all = left < 2 * run ? left : 2 * run;
            SBX_TRY(merge_two(to, at + k * size, run < all ? run : all, all, &m, err));
            memcpy(at + k * size, to, all * size);
        }
    }
done:
    sbx_free(to);
    return st;
}
