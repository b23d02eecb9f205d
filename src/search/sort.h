/* search/sort.h -- qsort that can be stopped.
 *
 * Comparisons of exact boxes can be long ones, and qsort cannot be left.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_SORT_H
#define SBX_SEARCH_SORT_H

#include "net/op.h"

/* sbx_sort: n objects of `size` bytes, in increasing order; equal ones stay in their order.
 *   error SBX_ERR_NOMEM; SBX_ERR_STOPPED: they are all there, in some order */
sbx_status sbx_sort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *),
                    const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

#endif
