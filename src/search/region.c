/* search/region.c -- see region.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/region.h"

#include "base/alloc.h"
#include "base/try.h"

#include <math.h>

/* Beyond this the newest regions go first: depth first takes little memory. */
#define HEAP_BYTES ((size_t)1 << 29)

sbx_region *sbx_region_new(const sbx_plan *plan, size_t group, size_t n_open)
{
    const size_t box = plan->inputs * sizeof(sbx_ivd); /* sbx_region is aligned for both */
    const size_t bytes = sizeof(sbx_region) + box + n_open * sizeof(size_t);
    sbx_region *const r = sbx_alloc(1, bytes);
    if (!r) return NULL;
    r->group = group;
    r->n_open = n_open;
    r->bytes = bytes;
    r->box = (sbx_ivd *)(void *)(r + 1);
    r->open = (size_t *)(void *)((char *)(r + 1) + box);
    return r;
}

void sbx_region_free(sbx_region *r) { sbx_free(r); }

static bool before(const sbx_region *a, const sbx_region *b)
{
    if (a->key < b->key || a->key > b->key) return a->key < b->key;
    return a->number > b->number;
}

sbx_status sbx_region_push(sbx_region_heap *h, sbx_region *r, sbx_err *err)
{
    size_t k = h->n;
    if (h->n == h->cap) {
        const size_t cap = h->cap ? 2 * h->cap : 64;
        sbx_region **const at = sbx_realloc(h->at, h->cap, cap, sizeof *at);
        if (!at) {
            sbx_region_free(r);
            return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory for %zu open boxes", cap);
        }
        h->at = at;
        h->cap = cap;
    }
    r->number = h->next++;
    r->key = h->bytes > HEAP_BYTES ? -HUGE_VAL : r->margin;
    h->bytes += r->bytes;
    h->n++;
    for (; k > 0 && before(r, h->at[(k - 1) / 2]); k = (k - 1) / 2)
        h->at[k] = h->at[(k - 1) / 2];
    h->at[k] = r;
    return SBX_OK;
}

sbx_region *sbx_region_pop(sbx_region_heap *h)
{
    sbx_region *top, *last;
    size_t k = 0;
    if (h->n == 0) return NULL;
    top = h->at[0];
    last = h->at[--h->n];
    for (size_t c = 1; c < h->n; c = 2 * k + 1) {
        if (c + 1 < h->n && before(h->at[c + 1], h->at[c])) c++;
        if (!before(h->at[c], last)) break;
        h->at[k] = h->at[c];
        k = c;
    }
    h->at[k] = last; /* the heap is empty when last is top: never read */
    h->bytes -= top->bytes;
    return top;
}

void sbx_region_heap_clear(sbx_region_heap *h)
{
    for (size_t k = 0; k < h->n; k++)
        sbx_region_free(h->at[k]);
    sbx_free(h->at);
    *h = (sbx_region_heap){0};
}
