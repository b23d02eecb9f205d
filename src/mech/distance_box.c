/* mech/distance_box.c -- the distance of two mechanisms over a box: a cover of sub-boxes against points inside.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/distance.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#define SPLIT_MAX 64 /* free numbers of a box that is split */

/* what a box is split for: the place in sbx_distance, and is it a greatest or a least */
static const struct {
    size_t place;
    bool most;
} parts[] = {
    {offsetof(sbx_distance, entry), true},       {offsetof(sbx_distance, row_tv), true},
    {offsetof(sbx_distance, frobenius), true},   {offsetof(sbx_distance, spectral), true},
    {offsetof(sbx_distance, out_entry), true},   {offsetof(sbx_distance, out_frobenius), true},
    {offsetof(sbx_distance, mass_least), false}, {offsetof(sbx_distance, mass_most), true},
    {offsetof(sbx_distance, least), false},      {offsetof(sbx_distance, most), true},
};
#define N_PARTS (sizeof parts / sizeof *parts)

static sbx_ivd *part(sbx_distance *z, size_t k)
{
    return (sbx_ivd *)(void *)((char *)z + parts[k].place);
}
static sbx_ivd value(const sbx_distance *z, size_t k)
{
    return *(const sbx_ivd *)(const void *)((const char *)z + parts[k].place);
}

/* ---- a box: a cover of sub-boxes, and their middles [L-MCH-71] --------------------------------------- */

typedef struct cell {
    sbx_distance z;
    bool failed;
    sbx_ivd *t;
} cell;

typedef struct cover {
    sbx_reading *r;
    cell *cells;
    size_t n, room, turn;
    sbx_distance in; /* what points inside prove */
    bool any;
} cover;

static sbx_ivd greatest(sbx_ivd a, sbx_ivd b)
{
    return (sbx_ivd){fmax(a.lo, b.lo), fmax(a.hi, b.hi)};
}
static sbx_ivd least(sbx_ivd a, sbx_ivd b) { return (sbx_ivd){fmin(a.lo, b.lo), fmin(a.hi, b.hi)}; }

/* What the point t proves. */
static sbx_status inside(cover *c, const sbx_ivd *t, sbx_err *err)
{
    sbx_distance p;
    sbx_status st;
    c->r->t = t;
    st = sbx_distance_evaluate(&p, c->r, SBX_NUM_IVD, err);
    for (size_t k = 0; k < N_PARTS && st == SBX_OK; k++) {
        sbx_ivd *a = part(&c->in, k);
        const sbx_ivd b = *part(&p, k);
        *a = !c->any ? b : parts[k].most ? greatest(*a, b) : least(*a, b);
    }
    c->any = c->any || st == SBX_OK;
    return st == SBX_ERR_DOMAIN ? SBX_OK : st;
}

/* The cell's numbers, no wider than those of the cell that it was cut from. */
static sbx_status look(cover *c, cell *z, const cell *parent, sbx_err *err)
{
    sbx_err why = {SBX_OK, NULL, ""};
    sbx_ivd *mid = NULL;
    sbx_status st;
    if (c->r->lean) memset(c->r->lean, 0, 4 * c->r->loose->n * sizeof *c->r->lean);
    c->r->top[0] = c->r->top[1] = -1.0;
    c->r->t = z->t;
    st = sbx_distance_evaluate(&z->z, c->r, SBX_NUM_IVD, &why);
    z->failed = st != SBX_OK;
    if (st != SBX_OK && st != SBX_ERR_DOMAIN) goto out;
    if (st != SBX_OK && parent && !parent->failed) {
        z->z = parent->z;
        z->failed = false;
    } else if (st == SBX_OK && parent && !parent->failed) {
        for (size_t k = 0; k < N_PARTS; k++) {
            sbx_ivd *a = part(&z->z, k);
            const sbx_ivd b = value(&parent->z, k);
            if (parts[k].most)
                a->hi = fmin(a->hi, b.hi);
            else
                a->lo = fmax(a->lo, b.lo);
        }
    }
    mid = sbx_alloc(c->r->loose->n + 1, sizeof *mid);
    if (!mid) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory");
    for (size_t k = 0; k < c->r->loose->n; k++)
        mid[k].lo = mid[k].hi = z->t[k].lo / 2 + z->t[k].hi / 2;
    st = inside(c, mid, &why);
    for (size_t f = 0; f < 4 && c->r->lean && st == SBX_OK; f++) {
        for (size_t k = 0; k < c->r->loose->n; k++) {
            const double v = c->r->lean[f * c->r->loose->n + k];
            mid[k].lo = mid[k].hi = v > 0.0   ? z->t[k].hi
                                    : v < 0.0 ? z->t[k].lo
                                              : z->t[k].lo / 2 + z->t[k].hi / 2;
        }
        st = inside(c, mid, &why);
    }
out:
    c->r->t = NULL;
    sbx_free(mid);
    if (st != SBX_OK && err) *err = why;
    return st;
}

/* What the cells prove together, of number k: the far end. */
static double far_end(const cover *c, size_t k)
{
    double v = parts[k].most ? -HUGE_VAL : HUGE_VAL;
    for (size_t i = 0; i < c->n; i++) {
        const sbx_ivd z = value(&c->cells[i].z, k);
        if (c->cells[i].failed) return parts[k].most ? HUGE_VAL : -HUGE_VAL;
        v = parts[k].most ? fmax(v, z.hi) : fmin(v, z.lo);
    }
    return v;
}

/* The cell to split: a failed one; else the one that keeps the far end of the next number that is not near
 * its near end. n: none. */
static size_t choose(cover *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->cells[i].failed) return i;
    for (size_t tries = 0; tries < N_PARTS; tries++) {
        const size_t k = c->turn++ % N_PARTS;
        const double far = far_end(c, k);
        const sbx_ivd in = *part(&c->in, k);
        const double near = parts[k].most ? in.lo : in.hi;
        if (c->any && fabs(far) <= DBL_MAX && fabs(far - near) <= 1e-3 * fabs(far)) continue;
        for (size_t i = 0; i < c->n; i++)
            if ((parts[k].most ? part(&c->cells[i].z, k)->hi : part(&c->cells[i].z, k)->lo) == far)
                return i;
    }
    return c->n;
}

static sbx_status new_cell(cover *c, sbx_err *err)
{
    cell *z = &c->cells[c->n];
    *z = (cell){.t = sbx_alloc(c->r->loose->n + 1, sizeof *z->t)};
    if (!z->t) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory");
    c->n++;
    return SBX_OK;
}

/* Cuts cell i along the number that is widest there, and looks at both. */
static sbx_status split(cover *c, size_t i, sbx_err *err)
{
    const sbx_loose *f = c->r->loose;
    sbx_status st = SBX_OK;
    cell parent, *a, *b;
    size_t at = 0;
    double widest = -1.0;
    SBX_TRY(new_cell(c, err));
    a = &c->cells[i];
    b = &c->cells[c->n - 1];
    parent = *a;
    for (size_t k = 0; k < f->n; k++) {
        const double w = (a->t[k].hi - a->t[k].lo) * mpq_get_d(f->radius[k]);
        if (w > widest) {
            widest = w;
            at = k;
        }
    }
    memcpy(b->t, a->t, f->n * sizeof *b->t);
    b->t[at].lo = a->t[at].hi = a->t[at].lo / 2 + a->t[at].hi / 2;
    SBX_TRY(look(c, a, &parent, err));
    SBX_TRY(look(c, b, &parent, err));
done:
    return st;
}

sbx_status sbx_distance_over_box(sbx_distance *z, sbx_reading *r, sbx_err *err)
{
    const size_t most = r->loose->n > SPLIT_MAX ? 1
                        : r->ask->boxes         ? r->ask->boxes
                                                : SBX_DISTANCE_BOXES;
    sbx_status st = SBX_OK;
    cover c = {.r = r, .room = most, .cells = sbx_alloc(most, sizeof *c.cells)};
    sbx_sums sums = {0};
    r->lean = sbx_alloc(4 * r->loose->n, sizeof *r->lean);
    r->sums = &sums;
    if (!c.cells || !r->lean) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu boxes", most);
    SBX_TRY(new_cell(&c, err));
    for (size_t k = 0; k < r->loose->n; k++)
        c.cells[0].t[k] = (sbx_ivd){-1.0, 1.0};
    SBX_TRY(look(&c, &c.cells[0], NULL, err));
    while (c.n < most) {
        const size_t i = choose(&c);
        if (i == c.n) break;
        SBX_TRY(split(&c, i, err));
    }
    for (size_t i = 0; i < c.n; i++)
        if (c.cells[i].failed) {
            r->t = c.cells[i].t;
            st = sbx_distance_evaluate(z, r, SBX_NUM_IVD, err); /* for its reason */
            if (st == SBX_OK) SBX_FAIL(err, SBX_ERR_DOMAIN, "no value somewhere, perhaps");
            goto done;
        }
    *z = c.cells[0].z;
    z->boxes = c.n;
    for (size_t k = 0; k < N_PARTS; k++) {
        const sbx_ivd in = *part(&c.in, k);
        const double far = far_end(&c, k);
        *part(z, k) = parts[k].most ? (sbx_ivd){c.any ? in.lo : -HUGE_VAL, far}
                                    : (sbx_ivd){far, c.any ? in.hi : HUGE_VAL};
        if (k < 6 && !c.any) part(z, k)->lo = 0.0;
    }
done:
    for (size_t i = 0; i < c.n; i++)
        sbx_free(c.cells[i].t);
    sbx_free(c.cells);
    sbx_free(r->lean);
    sbx_aff_clear(&sums.row);
    sbx_aff_clear(&sums.square[0]);
    sbx_aff_clear(&sums.square[1]);
    r->lean = NULL;
    r->sums = NULL;
    r->t = NULL;
    return st;
}
