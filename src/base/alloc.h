/* base/alloc.h -- all memory of the library.
 *
 * Zeroed, overflow-checked, counted; a test makes the n-th call fail. Numbers
 * of GMP and MPFR have their own allocators, which abort when memory is out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BASE_ALLOC_H
#define SBX_BASE_ALLOC_H

#include <stddef.h>

/* n zeroed objects of the given size (at least one byte); NULL on failure or
 * when n * size overflows. */
void *sbx_alloc(size_t n, size_t size);

/* p (from sbx_alloc or NULL) grown to n objects, the new ones zeroed; NULL on
 * failure, and then p is still valid. */
void *sbx_realloc(void *p, size_t old_n, size_t n, size_t size);

void sbx_free(void *p);

/* Tests: fail the (k+1)-th call from now on and all later ones; -1: none. */
void sbx_alloc_fail_after(long k);

/* Tests: blocks that are allocated and not freed. */
long sbx_alloc_live(void);

#endif
