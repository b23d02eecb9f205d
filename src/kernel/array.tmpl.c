/* kernel/array.tmpl.c -- arrays of numbers that the kernels need for a while.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "base/alloc.h"
#include "base/try.h"
#endif

/* n numbers, 0; NULL when memory is out */
static NUM *FN(array_new)(size_t n, const sbx_ctx *ctx)
{
    NUM *a = sbx_alloc(n, sizeof *a);
    for (size_t j = 0; a && j < n; j++)
        NUM_(init)(&a[j], ctx);
    return a;
}

/* a may be NULL */
static void FN(array_free)(NUM *a, size_t n)
{
    for (size_t j = 0; a && j < n; j++)
        NUM_(clear)(&a[j]);
    sbx_free(a);
}
