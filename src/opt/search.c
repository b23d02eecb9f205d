/* opt/search.c -- interval branch and bound for the least value of a function over a box.
 *
 * The boxes that are open wait in a heap, the one with the least lower bound first. It is
 * halved; each half gets a lower bound from the enclosure of f on it and, where slopes are
 * known, from the mean value form at its centre; a coordinate in which f is monotone on the half
 * is fixed at the better end. f at the centre bounds the least value from above; a box whose
 * lower bound lies above that is dropped. At any time the least bound of the open boxes and of
 * those given up bounds f from below [L-OPT-01].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"
#include "softbox/opt.h"

typedef struct node {
    double lo; /* a lower bound of f on the box */
    sbx_ivd *x;
} node;

typedef struct search {
    const sbx_opt_problem *f;
    const sbx_ctx *ctx;
    size_t n, boxes, max;
    bool maximise;
    node *heap;
    size_t open, room;
    double floor; /* the least bound of what was given up */
    double top;   /* a proved upper bound of the least value */
    double *at;
    sbx_ivd *point, *slope; /* n each: a point as a box; slopes */
} search;

/* f, or -f where the greatest value is sought */
static sbx_status value(sbx_ivd *z, search *s, const sbx_ivd *x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(s->f->value(z, x, s->n, s->f->arg, err));
    if (!(z->lo <= z->hi)) *z = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
    if (s->maximise) *z = (sbx_ivd){-z->hi, -z->lo};
done:
    return st;
}

static sbx_status slope(search *s, const sbx_ivd *x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(s->f->slope(s->slope, x, s->n, s->f->arg, err));
    for (size_t k = 0; k < s->n; k++) {
        sbx_ivd *g = &s->slope[k];
        if (!(g->lo <= g->hi)) *g = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
        if (s->maximise) *g = (sbx_ivd){-g->hi, -g->lo};
    }
done:
    return st;
}

/* ---- the heap ---------------------------------------------------------------------- */

static void swap(node *a, node *b)
{
    const node t = *a;
    *a = *b;
    *b = t;
}

static sbx_status push(search *s, node v, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (s->open == s->room) {
        node *h = sbx_realloc(s->heap, s->room, s->room ? 2 * s->room : 64, sizeof *h);
        if (!h) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the search");
        s->heap = h;
        s->room = s->room ? 2 * s->room : 64;
    }
    s->heap[s->open] = v;
    for (size_t k = s->open++; k > 0 && s->heap[k].lo < s->heap[(k - 1) / 2].lo; k = (k - 1) / 2)
        swap(&s->heap[k], &s->heap[(k - 1) / 2]);
done:
    return st;
}

static node pop(search *s)
{
    const node v = s->heap[0];
    s->heap[0] = s->heap[--s->open];
    for (size_t k = 0;;) {
        size_t m = 2 * k + 1;
        if (m >= s->open) break;
        if (m + 1 < s->open && s->heap[m + 1].lo < s->heap[m].lo) m++;
        if (!(s->heap[m].lo < s->heap[k].lo)) break;
        swap(&s->heap[k], &s->heap[m]);
        k = m;
    }
    return v;
}

/* ---- bounds of one box --------------------------------------------------------------- */

static double middle(sbx_ivd x)
{
    const double m = x.lo / 2 + x.hi / 2;
    return m < x.lo ? x.lo : m > x.hi ? x.hi : m;
}

/* f at the centre of x: an upper bound of the least value, and where */
static sbx_status centre(sbx_ivd *z, search *s, const sbx_ivd *x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < s->n; k++)
        s->point[k].lo = s->point[k].hi = middle(x[k]);
    SBX_TRY(value(z, s, s->point, err));
    if (z->hi < s->top) {
        s->top = z->hi;
        for (size_t k = 0; k < s->n; k++)
            s->at[k] = s->point[k].lo;
    }
done:
    return st;
}

/* f(c) + sum g_k (x_k - c_k), downward [L-OPT-02] */
static double mean_value(const search *s, sbx_ivd at_centre, const sbx_ivd *x)
{
    double v = at_centre.lo;
    for (size_t k = 0; k < s->n; k++) {
        const double c = s->point[k].lo, l = sbx_sub_lo(x[k].lo, c), h = sbx_sub_hi(x[k].hi, c);
        const double a = sbx_mul_lo(s->slope[k].hi, l), b = sbx_mul_lo(s->slope[k].lo, h);
        v = sbx_add_lo(v, a < b ? a : b); /* l <= 0 <= h: the least product is one of these */
    }
    return v == v ? v : -HUGE_VAL;
}

/* Bounds the box v->x, which may shrink to a face that has the same least value. */
static sbx_status bound(search *s, node *v, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd z, c;
    s->boxes++;
    if (s->ctx && s->ctx->stop && s->ctx->stop(s->ctx->stop_arg))
        SBX_FAIL(err, SBX_ERR_STOPPED, "stopped");
    SBX_TRY(value(&z, s, v->x, err));
    if (z.lo > v->lo) v->lo = z.lo;
    if (v->lo > s->top) goto done;
    if (s->f->slope) {
        SBX_TRY(slope(s, v->x, err));
        for (size_t k = 0; k < s->n; k++) { /* monotone there [L-OPT-02] */
            if (s->slope[k].lo >= 0) v->x[k].hi = v->x[k].lo;
            if (s->slope[k].hi <= 0) v->x[k].lo = v->x[k].hi;
        }
    }
    SBX_TRY(centre(&c, s, v->x, err));
    if (s->f->slope) {
        const double m = mean_value(s, c, v->x);
        if (m > v->lo) v->lo = m;
    }
done:
    return st;
}

/* the side to halve: the one along which f changes most, as far as is known; n: none can be */
static size_t side(const search *s, const sbx_ivd *x)
{
    double best = -1;
    size_t at = s->n;
    for (size_t k = 0; k < s->n; k++) {
        const double m = middle(x[k]), w = x[k].hi - x[k].lo;
        if (!(x[k].lo < m && m < x[k].hi)) continue;
        if (w > best) {
            best = w;
            at = k;
        }
    }
    return at;
}

static sbx_ivd *copy(const sbx_ivd *x, size_t n)
{
    sbx_ivd *y = sbx_alloc(n, sizeof *y);
    for (size_t k = 0; y && k < n; k++)
        y[k] = x[k];
    return y;
}

/* Bounds x and leaves it open, unless it cannot hold the least value. */
static sbx_status look(search *s, const sbx_ivd *x, double lo, sbx_err *err)
{
    sbx_status st = SBX_OK;
    node v = {lo, copy(x, s->n)};
    if (!v.x) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the search");
    SBX_TRY(bound(s, &v, err));
    if (v.lo > s->top) goto done;
    SBX_TRY(push(s, v, err));
    v.x = NULL;
done:
    sbx_free(v.x);
    return st;
}

static sbx_status halve(search *s, sbx_ivd *x, double lo, size_t k, sbx_err *err)
{
    const sbx_ivd whole = x[k];
    const double m = middle(whole);
    sbx_status st = SBX_OK;
    x[k].hi = m;
    SBX_TRY(look(s, x, lo, err));
    x[k] = (sbx_ivd){m, whole.hi};
    SBX_TRY(look(s, x, lo, err));
done:
    return st;
}

/* a lower bound of the least value over the whole box [L-OPT-01] */
static double below(const search *s)
{
    double v = s->floor;
    if (s->open && s->heap[0].lo < v) v = s->heap[0].lo;
    return s->top < v ? s->top : v;
}

static sbx_status branch(search *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    node v = {0, NULL};
    while (s->open && s->boxes < s->max && s->top - below(s) > s->f->gap) {
        size_t k;
        v = pop(s);
        k = side(s, v.x);
        if (v.lo > s->top) {
            /* dropped: its values lie above a value that f has */
        } else if (k == s->n) {
            if (v.lo < s->floor) s->floor = v.lo;
        } else {
            SBX_TRY(halve(s, v.x, v.lo, k, err));
        }
        sbx_free(v.x);
        v.x = NULL;
    }
done:
    sbx_free(v.x);
    return st;
}

static sbx_status extreme(sbx_opt_result *r, double *at, const sbx_opt_problem *f, const sbx_ivd *x,
                          size_t n, bool maximise, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    search s = {.f = f,
                .ctx = ctx,
                .n = n,
                .max = f->max_boxes ? f->max_boxes : SBX_OPT_BOXES,
                .maximise = maximise,
                .floor = HUGE_VAL,
                .top = HUGE_VAL};
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a box of no sides");
    for (size_t k = 0; k < n; k++)
        if (!(x[k].lo >= -DBL_MAX && x[k].lo <= x[k].hi && x[k].hi <= DBL_MAX))
            SBX_FAIL(err, SBX_ERR_ARG, "side %zu of the box is not finite", k);
    s.at = sbx_alloc(n, sizeof *s.at);
    s.point = sbx_alloc(n, sizeof *s.point);
    s.slope = sbx_alloc(n, sizeof *s.slope);
    if (!s.at || !s.point || !s.slope) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the search");
    for (size_t k = 0; k < n; k++)
        s.at[k] = middle(x[k]);
    SBX_TRY(look(&s, x, -HUGE_VAL, err));
    SBX_TRY(branch(&s, err));
    *r = (sbx_opt_result){.bound = {below(&s), s.top}, .boxes = s.boxes};
    r->reached = r->bound.hi - r->bound.lo <= f->gap;
    if (maximise) r->bound = (sbx_ivd){-r->bound.hi, -r->bound.lo};
    for (size_t k = 0; at && k < n; k++)
        at[k] = s.at[k];
done:
    while (s.open)
        sbx_free(s.heap[--s.open].x);
    sbx_free(s.heap);
    sbx_free(s.slope);
    sbx_free(s.point);
    sbx_free(s.at);
    return st;
}

sbx_status sbx_opt_min(sbx_opt_result *r, double *at, const sbx_opt_problem *f, const sbx_ivd *x,
                       size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    return extreme(r, at, f, x, n, false, ctx, err);
}

sbx_status sbx_opt_max(sbx_opt_result *r, double *at, const sbx_opt_problem *f, const sbx_ivd *x,
                       size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    return extreme(r, at, f, x, n, true, ctx, err);
}
