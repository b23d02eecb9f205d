/* base/arena.c -- see arena.h. Blocks in a list, the newest first.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arena.h"

#include "base/alloc.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#ifdef SBX_TEST_SMALL
#define BLOCK 64
#else
#define BLOCK 65536
#endif
#define ALIGN 64 /* a cache line, and the widest vector */

struct sbx_arena_block {
    struct sbx_arena_block *next;
    size_t size, used; /* of mem, after its alignment */
    unsigned char *mem;
};

struct sbx_arena_defer {
    struct sbx_arena_defer *next;
    void (*clear)(void *);
    void *obj;
};

static bool grow(sbx_arena *a, size_t need)
{
    const size_t size = need > BLOCK ? need : BLOCK;
    struct sbx_arena_block *b;
    if (size > SIZE_MAX - sizeof *b - ALIGN) return false;
    b = sbx_alloc(1, sizeof *b + ALIGN + size);
    if (!b) return false;
    b->mem = (unsigned char *)(b + 1);
    b->mem += (ALIGN - (uintptr_t)b->mem % ALIGN) % ALIGN;
    b->size = size;
    b->next = a->block;
    a->block = b;
    return true;
}

void *sbx_arena_new(sbx_arena *a, size_t n, size_t size)
{
    struct sbx_arena_block *b = a->block;
    size_t need;
    void *p;
    if (size && n > (SIZE_MAX - ALIGN) / size) return NULL;
    need = (n * size + ALIGN - 1) / ALIGN * ALIGN;
    if (need == 0) need = ALIGN;
    if (a->limit && (need > a->limit || a->used > a->limit - need)) return NULL;
    if (!b || b->size - b->used < need) {
        if (!grow(a, need)) return NULL;
        b = a->block;
    }
    p = b->mem + b->used;
    b->used += need;
    a->used += need;
    return p;
}

char *sbx_arena_text(sbx_arena *a, const char *s, size_t len)
{
    char *t = len < SIZE_MAX ? sbx_arena_new(a, len + 1, 1) : NULL;
    if (t && len) memcpy(t, s, len);
    return t;
}

bool sbx_arena_defer(sbx_arena *a, void (*clear)(void *), void *obj)
{
    struct sbx_arena_defer *d = sbx_arena_new(a, 1, sizeof *d);
    if (!d) {
        clear(obj);
        return false;
    }
    d->clear = clear;
    d->obj = obj;
    d->next = a->defer;
    a->defer = d;
    return true;
}

void sbx_arena_clear(sbx_arena *a)
{
    for (struct sbx_arena_defer *d = a->defer; d; d = d->next)
        d->clear(d->obj);
    while (a->block) {
        struct sbx_arena_block *next = a->block->next;
        sbx_free(a->block);
        a->block = next;
    }
    a->defer = NULL;
    a->used = 0;
}
