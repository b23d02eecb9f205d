/* error/error.c -- what is known about the error at a point, and over a box.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/error.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/try.h"
#include "error/apriori.h"
#include "error/reference.h"
#include "error/rounding.h"
#include "error/search.h"
#include "num/round.h"

/* Up to this many outputs the backward analysis is worth its time. */
#define BACKWARD_MAX 256
/* Up to this many inputs every maximum is looked at by itself. */
#define LEADS_MAX 64
/* No search beyond this many inputs, unless runs are asked for. */
#define ALL_MAX 1000000

/* What goes with one setup: space for the largest parts of it. */
typedef struct work {
    em m;
    alg_kernel kernel;
    size_t n, outputs;
    bool knows; /* known holds what is known of the whole box */
    iv *known, *diff;
    em_bound *bound, *sum;
    double *z, *space;
    em_record *record;
} work;

static void work_clear(work *w)
{
    sbx_free(w->known);
    sbx_free(w->bound);
    sbx_free(w->z);
    sbx_em_record_free(w->record);
}

static sbx_status work_make(work *w, const sbx_error_setup *s, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *w = (work){.n = n, .outputs = sbx_error_outputs(s, n)};
    if (!s->algorithm || w->outputs == 0)
        SBX_FAIL(err, SBX_ERR_ARG, "%s", n ? "dot needs as many y as x" : "of no numbers");
    if (s->tile == 0) SBX_FAIL(err, SBX_ERR_ARG, "a tile of no numbers");
    if (n > UINT32_MAX / 64) SBX_FAIL(err, SBX_ERR_LIMIT, "%zu numbers are too many", n);
    sbx_em_make(&w->m, s);
    if ((w->m.alg == SOFTMAX_FLASH || w->m.alg == SOFTMAX_FLASH_LAZY) &&
        (double)n * (double)n / (double)s->tile > 1e9)
        SBX_FAIL(err, SBX_ERR_LIMIT, "tiles of %zu are too small for %zu numbers", s->tile, n);
    if (s->exp_ulps == 0.0 && s->number != SBX_NUM_F64)
        SBX_FAIL(err, SBX_ERR_ARG, "softbox's own exp is one of f64");
    if (!(s->exp_ulps == 0.0 || (s->exp_ulps >= 0.5 && s->exp_ulps <= 1e6)))
        SBX_FAIL(err, SBX_ERR_ARG, "%g units in the last place of exp", s->exp_ulps);
    w->kernel = sbx_alg_kernel(w->m.alg);
    w->known = sbx_alloc(2 * n, sizeof *w->known);
    w->bound = sbx_alloc(2 * n, sizeof *w->bound);
    w->z = sbx_alloc(3 * n, sizeof *w->z);
    w->record = sbx_em_record_new();
    if (!w->known || !w->bound || !w->z || !w->record)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    w->diff = w->known + n;
    w->sum = w->bound + n;
    w->space = w->z + n;
done:
    return st;
}

/* ---- observed ------------------------------------------------------------------ */

static double in_units(const work *w, double error, double scale)
{
    if (error == 0.0) return 0.0;
    return scale > 0.0 ? sbx_div_hi(sbx_div_hi(error, scale), w->m.w.u) : HUGE_VAL;
}

/* runs the algorithm; observed* and overflow of r */
static sbx_status observe(sbx_error_report *r, work *w, const double *x, iv scale, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double lo = 0.0, hi = 0.0;
    sbx_em_run(&w->m, w->z, x, w->n, w->space);
    r->ran = true;
    r->overflow = w->m.overflow;
    r->observed = r->observed_u = r->observed_lo = HUGE_VAL;
    if (r->overflow) return SBX_OK;
    SBX_TRY(sbx_reference_point(w->diff, w->kernel, w->z, x, w->n, w->m.w.p == 53 || w->m.a.p == 53,
                                err));
    for (size_t i = 0; i < w->outputs; i++) {
        const iv d = w->diff[i];
        lo = fmax(lo, fmax(d.lo, -d.hi));
        hi = fmax(hi, sbx_iv_mag(d));
    }
    r->observed_lo = fmax(lo, 0.0);
    r->observed = hi;
    r->observed_u = in_units(w, hi, scale.lo);
done:
    return st;
}

/* ---- bounds ---------------------------------------------------------------------- */

typedef struct both {
    double abs, u;
} both;

/* the bounds of all outputs as one */
static both whole_of(const work *w, const em_bound *z, iv scale)
{
    both b = {0.0, 0.0};
    for (size_t i = 0; i < w->outputs; i++) {
        double u = in_units(w, z[i].abs, scale.lo);
        if (w->kernel == K_SOFTMAX && z[i].rel <= 0.5) /* e^t - 1 <= t/(1 - t/2) */
            u = fmin(u, sbx_div_hi(sbx_div_hi(z[i].rel, sbx_sub_lo(1.0, z[i].rel / 2)), w->m.w.u));
        b.abs = fmax(b.abs, z[i].abs);
        b.u = fmax(b.u, u);
    }
    if (!w->m.why && w->m.widened && w->m.order != SBX_ERROR_COMPENSATED &&
        (w->m.alg == SOFTMAX_NAIVE || w->m.alg == SOFTMAX_SAFE || w->m.alg == SOFTMAX_SHIFTED))
        b.abs = fmin(b.abs, 1.0); /* the sum is not below its term [L-ERR-09] */
    return b;
}

static sbx_status analyse(work *w, em_bound *z, const em_box *box, bool backward, sbx_err *err)
{
    return backward ? sbx_em_backward(&w->m, w->record, z, box, err)
                    : sbx_em_forward(&w->m, z, box, err);
}

/* Bounds over one box. Where the maximum is left out of a sum, for each that it may be. */
static sbx_status bound_box(both *b, work *w, const double *lo, const double *hi, sbx_err *err)
{
    const bool leads = sbx_alg_leads(w->m.alg);
    const bool backward = w->outputs <= BACKWARD_MAX && (!leads || w->n <= LEADS_MAX);
    em_box box = {lo, hi, w->n, ANY};
    sbx_status st = SBX_OK;
    double most = lo[0];
    const char *why = NULL;
    iv scale;
    SBX_TRY(sbx_reference_box(w->known, w->kernel, lo, hi, w->n, err));
    scale = sbx_reference_scale(w->kernel, w->known, lo, hi, w->n);
    w->m.known = w->kernel == K_SOFTMAX || w->m.alg == LOG_OF_SOFTMAX ? w->known : NULL;
    w->knows = w->m.alg != LOG_OF_SOFTMAX;
    if (w->m.alg == LOG_OF_SOFTMAX) /* the quotients that are known to be at most 1 */
        for (size_t i = 0; i < w->n; i++)
            w->known[i] = (iv){0.0, 1.0};
    if (!leads || !backward) {
        SBX_TRY(analyse(w, w->bound, &box, backward, err));
        *b = whole_of(w, w->bound, scale);
        goto done;
    }
    *b = (both){0.0, 0.0};
    for (size_t j = 1; j < w->n; j++)
        most = fmax(most, lo[j]);
    for (box.lead = 0; box.lead < w->n; box.lead++) {
        both one;
        if (hi[box.lead] < most) continue;
        SBX_TRY(analyse(w, w->bound, &box, true, err));
        one = whole_of(w, w->bound, scale);
        b->abs = fmax(b->abs, one.abs);
        b->u = fmax(b->u, one.u);
        if (w->m.why) why = w->m.why;
    }
    w->m.why = why;
done:
    return st;
}

/* ---- at a point -------------------------------------------------------------------- */

/* log-sum-exp over a box; for many inputs between the maximum and that plus log n */
static sbx_status log_sum(iv *y, const double *lo, const double *hi, size_t n, sbx_err *err)
{
    iv top = {lo[0], hi[0]}, l = {0.0, 0.0};
    if (n < 1000) return sbx_reference_box(y, K_LSE, lo, hi, n, err);
    for (size_t j = 1; j < n; j++)
        top = (iv){fmax(top.lo, lo[j]), fmax(top.hi, hi[j])};
    if (!sbx_log_ends(&l.lo, &l.hi, (double)n, (double)n)) l.hi = HUGE_VAL;
    *y = (iv){top.lo, sbx_add_hi(top.hi, l.hi)};
    return SBX_OK;
}

static sbx_status theorems(sbx_error_report *r, work *w, const double *lo, const double *hi,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    iv y = {0.0, 0.0}, scale;
    if (!w->knows) SBX_TRY(sbx_reference_box(w->known, w->kernel, lo, hi, w->n, err));
    scale = sbx_reference_scale(w->kernel, w->known, lo, hi, w->n);
    if (w->kernel <= K_LSE) SBX_TRY(log_sum(&y, lo, hi, w->n, err));
    sbx_apriori(r, &w->m, lo, hi, w->n, w->known, scale, y);
    if (r->reason) r->apriori = r->apriori_u = HUGE_VAL; /* the theorems assume that none is */
    r->bound = fmin(r->bound, r->apriori);               /* a theorem is a proof, too */
    r->bound_u = fmin(r->bound_u, r->apriori_u);
done:
    return st;
}

static sbx_status of_format(const work *w, const double *x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < w->n; j++) {
        const double v = sbx_fmt_round(&w->m.w, x[j], 0.0);
        if (!(v <= x[j] && v >= x[j]) || x[j] - x[j] != 0.0)
            SBX_FAIL(err, SBX_ERR_ARG, "x[%zu] = %.17g is no number of the format", j, x[j]);
    }
done:
    return st;
}

sbx_status sbx_error_point(sbx_error_report *r, const sbx_error_setup *s, const double *x, size_t n,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_error_report z = {.ran = true};
    both b;
    work w;
    SBX_TRY(work_make(&w, s, n, err));
    SBX_TRY(of_format(&w, x, err));
    SBX_TRY(sbx_reference_box(w.known, w.kernel, x, x, n, err));
    SBX_TRY(observe(&z, &w, x, sbx_reference_scale(w.kernel, w.known, x, x, n), err));
    SBX_TRY(bound_box(&b, &w, x, x, err));
    z.bound = b.abs;
    z.bound_u = b.u;
    z.reason = w.m.why;
    SBX_TRY(theorems(&z, &w, x, x, err));
    *r = z;
done:
    work_clear(&w);
    return st;
}

/* ---- over a box ---------------------------------------------------------------------- */

typedef struct leaf {
    double *side; /* lo[0..n), hi[0..n) */
    double key;   /* its bound */
} leaf;

/* The boxes still to be split, the one with the largest bound first. */
typedef struct heap {
    leaf *a;
    size_t n, room;
} heap;

static void swap(leaf *a, leaf *b)
{
    const leaf t = *a;
    *a = *b;
    *b = t;
}
static void sift_up(heap *h, size_t k)
{
    for (; k && h->a[k].key > h->a[(k - 1) / 2].key; k = (k - 1) / 2)
        swap(&h->a[k], &h->a[(k - 1) / 2]);
}
static void sift_down(heap *h)
{
    size_t k = 0;
    for (;;) {
        size_t c = 2 * k + 1;
        if (c >= h->n) return;
        if (c + 1 < h->n && h->a[c + 1].key > h->a[c].key) c++;
        if (h->a[c].key <= h->a[k].key) return;
        swap(&h->a[c], &h->a[k]);
        k = c;
    }
}

/* the side to be halved: the widest that can be */
static bool split_at(size_t *k, double *mid, const double *lo, const double *hi, size_t n)
{
    double most = 0.0;
    for (size_t j = 0; j < n; j++)
        if (hi[j] - lo[j] > most) {
            most = hi[j] - lo[j];
            *k = j;
            *mid = lo[j] + most / 2;
        }
    return most > 0.0 && *mid > lo[*k] && *mid < hi[*k];
}

/* Halves the box with the largest bound, in units or absolute, until `boxes` were looked at, or
 * the bound is hardly above what was observed. */
static sbx_status refine(double *bound, work *w, const double *lo, const double *hi, size_t boxes,
                         double observed, bool units, sbx_err *err)
{
    const size_t n = w->n;
    sbx_status st = SBX_OK;
    heap h = {.room = boxes + 2};
    double *space = sbx_alloc((boxes + 2) * 2 * n, sizeof *space);
    h.a = sbx_alloc(h.room, sizeof *h.a);
    if (!space || !h.a) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu boxes", boxes);
    h.a[0] = (leaf){space, *bound};
    memcpy(space, lo, n * sizeof *lo);
    memcpy(space + n, hi, n * sizeof *hi);
    h.n = 1;
    for (size_t used = 1; used + 1 < boxes; used += 2) {
        leaf *top = &h.a[0], child[2];
        size_t k = 0;
        double mid = 0.0;
        if (top->key <= 1.01 * observed) break;
        if (!split_at(&k, &mid, top->side, top->side + n, n)) break;
        child[0].side = top->side;
        child[1].side = space + (used + 1) / 2 * 2 * n;
        memcpy(child[1].side, top->side, 2 * n * sizeof *space);
        child[0].side[n + k] = mid;
        child[1].side[k] = mid;
        for (int e = 0; e < 2; e++) {
            both b;
            SBX_TRY(bound_box(&b, w, child[e].side, child[e].side + n, err));
            child[e].key = fmin(units ? b.u : b.abs, top->key);
        }
        h.a[0] = child[0];
        sift_down(&h);
        h.a[h.n] = child[1];
        sift_up(&h, h.n++);
    }
    *bound = h.a[0].key;
done:
    sbx_free(space);
    sbx_free(h.a);
    return st;
}

/* for the search: the error at x in units of u, or of the value */
typedef struct aim {
    work *w;
    sbx_error_report r;
    sbx_err *err;
} aim;

static double error_at(void *arg, const double *x)
{
    aim *a = arg;
    const iv one = {1.0, 1.0};
    if (observe(&a->r, a->w, x, one, a->err) != SBX_OK) return -1.0;
    return a->r.overflow ? HUGE_VAL : a->r.observed;
}

static sbx_status worst_of(sbx_error_report *r, double *worst, work *w, const double *lo,
                           const double *hi, const sbx_error_effort *e, sbx_err *err)
{
    const size_t n = w->n;
    aim a = {.w = w, .err = err};
    const size_t most = 1000000 / (n + 1), few = 5000 / (n + 4),
                 many = (w->kernel >= K_SUM ? 40 : 8) * n;
    size_t tries = e->tries ? e->tries : few > many ? few : many < most ? many : most;
    const sbx_error_terms terms = {w->kernel <= K_LSE, w->m.a.p};
    sbx_status st = SBX_OK;
    double *x = worst;
    if (tries == 0 && (n <= SBX_ERROR_MANY || n > ALL_MAX)) return SBX_OK;
    if (tries < 8 && n <= SBX_ERROR_MANY) tries = 8;
    if (n > SBX_ERROR_MANY && !e->tries) tries = 2;
    if (!x) x = sbx_alloc(n, sizeof *x);
    if (!x) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    r->ran = sbx_error_search(x, &w->m.w, lo, hi, n, tries, e->seed, terms, error_at, &a);
    if (!r->ran) goto done;
    SBX_TRY(observe(r, w, x, (iv){1.0, 1.0}, err));
    if (r->overflow) goto done;
    for (size_t i = 0; i < w->outputs; i++) /* exact = computed - difference */
        w->known[i] = (iv){sbx_sub_lo(w->z[i], w->diff[i].hi), sbx_sub_hi(w->z[i], w->diff[i].lo)};
    r->observed_u = in_units(w, r->observed, sbx_reference_scale(w->kernel, w->known, x, x, n).lo);
done:
    if (!worst) sbx_free(x);
    return st;
}

sbx_status sbx_error_box(sbx_error_report *r, double *worst, const sbx_error_setup *s,
                         const double *lo, const double *hi, size_t n,
                         const sbx_error_effort *effort, sbx_err *err)
{
    const sbx_error_effort none = {.seed = 1}, *e = effort ? effort : &none;
    sbx_error_report z = {.observed = (double)NAN, .observed_u = (double)NAN};
    sbx_status st = SBX_OK;
    size_t boxes, cost;
    both b;
    work w;
    SBX_TRY(work_make(&w, s, n, err));
    for (size_t j = 0; j < n; j++)
        if (!(lo[j] <= hi[j] && lo[j] >= -DBL_MAX && hi[j] <= DBL_MAX))
            SBX_FAIL(err, SBX_ERR_ARG, "side %zu is empty or infinite", j);
    SBX_TRY(worst_of(&z, worst, &w, lo, hi, e, err));
    SBX_TRY(bound_box(&b, &w, lo, hi, err));
    z.reason = b.abs < HUGE_VAL ? NULL : w.m.why;
    cost = (w.outputs + 2) * (4 * n + 4) * (sbx_alg_leads(w.m.alg) ? 3 : 2) / 2;
    boxes = e->boxes ? e->boxes : 45000 / cost;
    if (boxes > 2 && w.outputs <= BACKWARD_MAX) {
        const bool seen = z.ran && !z.overflow;
        SBX_TRY(refine(&b.abs, &w, lo, hi, boxes, seen ? z.observed : 0.0, false, err));
        SBX_TRY(refine(&b.u, &w, lo, hi, boxes / 4, seen ? z.observed_u : 0.0, true, err));
        w.knows = false;
    }
    if (b.abs < HUGE_VAL) z.reason = NULL;
    z.bound = b.abs;
    z.bound_u = b.u;
    SBX_TRY(theorems(&z, &w, lo, hi, err));
    *r = z;
done:
    work_clear(&w);
    return st;
}
