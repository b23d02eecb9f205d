/* io/vnnlib_tree.c -- the tree of and/or. Nothing is multiplied out while the file is read:
 * a node knows how many disjuncts it stands for, the product of its children's numbers for an
 * and, their sum for an or.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vnnlib.h"

#include "base/try.h"

sbx_status sbx_vnn_node_new(size_t *id, sbx_vnn *v, sbx_vnn_shape shape)
{
    sbx_vnn_node *p = sbx_vnn_room(v, v->node, v->n_node, &v->cap_node, sizeof *p);
    if (!p) return SBX_VNN_LOST(v);
    v->node = p;
    p[v->n_node] = (sbx_vnn_node){.shape = shape, .count = shape != SBX_VNN_OR};
    *id = v->n_node++; /* < bytes of the file < 2^32 */
    return SBX_OK;
}

/* One more child; an and in an and, an or in an or, and what has one child dissolve. */
sbx_status sbx_vnn_attach(sbx_vnn *v, size_t parent, size_t child, const char *at)
{
    sbx_status st = SBX_OK;
    sbx_vnn_node *const p = &v->node[parent];
    sbx_vnn_node *c = &v->node[child];
    size_t count;

    while (c->shape != SBX_VNN_ATOM && c->n == 1) {
        child = c->first;
        c = &v->node[child];
    }
    /* both counts are at least 1 but for an or without children, and at most the limit */
    count = p->shape == SBX_VNN_AND ? (size_t)p->count * c->count : (size_t)p->count + c->count;
    if (count > SBX_VNN_DISJUNCTS)
        SBX_VNN_FAIL(v, SBX_ERR_LIMIT, at, "over %d disjuncts", SBX_VNN_DISJUNCTS);
    p->count = (uint32_t)count;
    if (c->shape != p->shape) {
        c->next = 0;
        if (p->n++)
            v->node[p->last].next = (uint32_t)child;
        else
            p->first = (uint32_t)child;
        p->last = (uint32_t)child;
    } else {
        if (p->n)
            v->node[p->last].next = c->first;
        else
            p->first = c->first;
        p->last = c->last;
        p->n += c->n;
    }
done:
    return st;
}
