/* base/arena.h -- things that are built together and die together.
 *
 * A network or a property is one arena: its parts are never freed one by one.
 * Zero is the empty arena. An object that owns memory of its own, such as an
 * mpq_t, asks with sbx_arena_defer for its clear function to run at the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BASE_ARENA_H
#define SBX_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct sbx_arena {
    struct sbx_arena_block *block;
    struct sbx_arena_defer *defer;
    size_t used, limit; /* bytes handed out; limit 0: none */
} sbx_arena;

/* n zeroed objects of the given size, aligned for any type; NULL on failure
 * or beyond the limit. */
void *sbx_arena_new(sbx_arena *a, size_t n, size_t size);

/* A copy of the first len bytes of s, with a final 0; NULL on failure. */
char *sbx_arena_text(sbx_arena *a, const char *s, size_t len);

/* Runs clear(obj) in sbx_arena_clear, last deferred first. false: no memory,
 * and then clear(obj) has been run already. */
bool sbx_arena_defer(sbx_arena *a, void (*clear)(void *), void *obj);

/* Back to the empty arena. */
void sbx_arena_clear(sbx_arena *a);

#endif
