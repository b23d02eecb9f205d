/* search/region.h -- the sub-boxes that are still open, worst first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_REGION_H
#define SBX_SEARCH_REGION_H

#include "search/plan.h"

#include <stdint.h>

/* A sub-box of a group, and which of its cases are not refuted on it. One block. */
typedef struct sbx_region {
    double key;                  /* the order of work: least first, then the newest        */
    double margin;               /* proved on a box around this one: its worst open case   */
    size_t disjunct, constraint; /* of which constraint                        */
    bool whole;                  /* the box of the group, not split yet        */
    uint64_t number;
    size_t group, n_open, bytes;
    size_t *open; /* [n_open] cases of the plan */
    sbx_ivd *box; /* [inputs]                   */
} sbx_region;

/* A region with room for n_open cases; fields group, n_open, open, box are set, the last
 * two not filled. NULL: no memory. */
sbx_region *sbx_region_new(const sbx_plan *plan, size_t group, size_t n_open);
void sbx_region_free(sbx_region *r);

/* A binary heap. Zero is the empty one. */
typedef struct sbx_region_heap {
    size_t n, cap, bytes; /* bytes: of the regions in it */
    uint64_t next;        /* number of the next one      */
    sbx_region **at;
} sbx_region_heap;

/* Takes r over, also on failure; gives it its key and number. */
sbx_status sbx_region_push(sbx_region_heap *h, sbx_region *r, sbx_err *err) SBX_MUST_USE;
sbx_region *sbx_region_pop(sbx_region_heap *h); /* NULL: empty */
void sbx_region_heap_clear(sbx_region_heap *h);

#endif
