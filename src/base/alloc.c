/* base/alloc.c -- see alloc.h. Counters are atomic: workers allocate too.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_long live;
static atomic_long fuse = -1; /* -1: never fail; 0: fail from now on */

static bool blown(void)
{
    const long k = atomic_load(&fuse);
    if (k < 0) return false;
    if (k == 0) return true;
    atomic_store(&fuse, k - 1);
    return false;
}

void *sbx_alloc(size_t n, size_t size)
{
    void *p;
    if (blown()) return NULL;
    p = calloc(n ? n : 1, size ? size : 1); /* calloc checks n * size */
    if (p) atomic_fetch_add(&live, 1);
    return p;
}

/* A large block grows in place or is moved by its pages: there are never two of it. */
void *sbx_realloc(void *p, size_t old_n, size_t n, size_t size)
{
    char *q;
    if (!p) return sbx_alloc(n, size);
    if (blown() || (size && n > PTRDIFF_MAX / size)) return NULL;
    q = realloc(p, n && size ? n * size : 1);
    if (q && n > old_n) memset(q + old_n * size, 0, (n - old_n) * size);
    return q;
}

void sbx_free(void *p)
{
    if (p) atomic_fetch_sub(&live, 1);
    free(p);
}

void sbx_alloc_fail_after(long k) { atomic_store(&fuse, k); }
long sbx_alloc_live(void) { return atomic_load(&live); }
