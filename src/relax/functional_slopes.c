/* relax/functional_slopes.c -- the slopes of a good bound above v.softmax, by cutting planes.
 *
 * With h(c) = beta, h(x) = beta + a.(x - c) has to be at least t at every point (x, t) that a
 * sweep finds: a linear program in (a, beta), beta as small as possible. Its optimum asks the
 * sweep for the next points. Variables are scaled: a_j r_j / T, (beta - t_c) / T, where r_j is
 * the reach of coordinate j from c and T the spread of v.softmax.
 *
 * A point with a coordinate between its ends is above the function, where a chord is: by the
 * gap t - v.softmax(x). With the multipliers y of the program, sum y gap is what is lost by
 * chords; the leaves of the points that lose most are split, until it is little.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/functional.h"

#include "base/alloc.h"
#include "lp/lp.h"
#include "relax/affine.h"
#include "relax/exp.h"

#include <string.h>

enum {
    LEAVES = 160,
    LEAVES_BEST = 40,
    LEAVES_FAST = 6,
    PIECES = 512,
    PIECES_BEST = 128,
    ROUNDS_FAST = 20,
    ROUNDS = 400
};

typedef struct cut {
    size_t leaf, split;
    double t, gap;
} cut;

typedef struct search {
    sbx_fun f;
    size_t n, leaves, leaves_most, cuts, room;
    sbx_leaf leaf[LEAVES];
    double top[LEAVES]; /* W's greatest, for the slopes that were asked last ... */
    double *asked;      /* ... [LEAVES][n]; none: top is infinite */
    cut *cut;
    double *x; /* [room][n]: the cuts' points, minus c */
    double *r, *a, *best, *query, *row, *e;
    size_t *at;
    double T, t_c, slope_most, beta;
    sbx_lp *lp;
    void *mem;
} search;

static void finish(search *s)
{
    for (size_t k = 0; k < s->leaves; k++)
        sbx_leaf_close(&s->leaf[k]);
    sbx_lp_free(s->lp);
    sbx_free(s->mem);
    sbx_free(s->at);
    sbx_free(s->cut);
    sbx_free(s->x);
    sbx_fun_close(&s->f);
}

/* v.softmax(c + x), about; s->e: the weights */
static double value(search *s, const double *x)
{
    double num = 0.0, den = 0.0, most = -HUGE_VAL;
    for (size_t j = 0; j < s->n; j++) {
        s->e[j] = s->f.c[j] + (x ? x[j] : 0.0);
        most = fmax(most, s->e[j]);
    }
    for (size_t j = 0; j < s->n; j++)
        s->e[j] = fmax(s->e[j] - most, -1e6);
    sbx_exp_bulk(s->f.y, s->f.k, s->e, s->n);
    for (size_t j = 0; j < s->n; j++) {
        s->e[j] = ldexp(s->f.y[j], (int)s->f.k[j]);
        den += s->e[j];
        num += s->f.v[j] * s->e[j];
    }
    return num / den;
}

static sbx_status begin(search *s, const double *v, const sbx_ivd *x, const double *c, size_t n,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *d, low = HUGE_VAL, high = -HUGE_VAL;

    *s = (search){.n = n};
    SBX_TRY(sbx_fun_open(&s->f, v, c, n, err));
    s->mem = d = sbx_alloc((LEAVES + 6) * n + 1, sizeof *d);
    s->at = sbx_alloc(n + 1, sizeof *s->at);
    if (!d || !s->at) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for slopes of %zu numbers", n);
    s->asked = d;
    s->r = d + LEAVES * n;
    s->a = d + (LEAVES + 1) * n;
    s->best = d + (LEAVES + 2) * n;
    s->query = d + (LEAVES + 3) * n;
    s->e = d + (LEAVES + 4) * n;
    s->row = d + (LEAVES + 5) * n; /* n + 1 */
    SBX_TRY(sbx_leaf_open(&s->leaf[0], &s->f, x, err));
    s->leaves = 1;
    s->top[0] = HUGE_VAL;
    for (size_t j = 0; j < n; j++) {
        s->r[j] = fmax(-s->leaf[0].l[j], s->leaf[0].u[j]);
        low = fmin(low, v[j]);
        high = fmax(high, v[j]);
        s->at[j] = j;
    }
    s->at[n] = n;
    s->T = s->leaf[0].t_hi - s->leaf[0].t_lo;
    s->t_c = value(s, NULL);
    s->slope_most = (high - low) / 2; /* what v.softmax itself has at most is half of it */
    s->beta = HUGE_VAL;
done:
    return st;
}

/* ---- cuts ---------------------------------------------------------------------------- */

/* beta + sum a_j x_j >= t, scaled */
static sbx_status add_row(search *s, const double *x, double t, sbx_err *err)
{
    double *row = s->row;
    for (size_t j = 0; j < s->n; j++)
        row[j] = s->r[j] > 0.0 ? x[j] / s->r[j] : 0.0;
    row[s->n] = 1.0;
    return sbx_lp_add_row(s->lp, (sbx_ivd){(t - s->t_c) / s->T, HUGE_VAL}, s->at, row, s->n + 1,
                          err);
}

static sbx_status new_lp(search *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_lp_free(s->lp);
    s->lp = NULL;
    SBX_TRY(sbx_lp_new(&s->lp, false, err));
    for (size_t j = 0; j < s->n; j++) {
        const double most = s->slope_most * s->r[j] / s->T;
        SBX_TRY(sbx_lp_add_col(s->lp, 0.0, (sbx_ivd){-most, most}, err));
    }
    SBX_TRY(sbx_lp_add_col(s->lp, 1.0, (sbx_ivd){0.0, 4.0}, err));
done:
    return st;
}

static sbx_status add_cut(search *s, cut c, const double *x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (s->cuts == s->room) {
        const size_t more = 2 * s->room + 32;
        void *p = sbx_realloc(s->cut, s->room, more, sizeof *s->cut);
        if (p) s->cut = p;
        if (p && (p = sbx_realloc(s->x, s->room * s->n, more * s->n, sizeof *s->x))) s->x = p;
        if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for cuts");
        s->room = more;
    }
    c.gap = fmax(c.t - value(s, x), 0.0);
    SBX_TRY(add_row(s, x, c.t, err));
    s->cut[s->cuts] = c;
    if (x != s->x + s->cuts * s->n) memcpy(s->x + s->cuts * s->n, x, s->n * sizeof *x);
    s->cuts++;
done:
    return st;
}

/* Asks the leaves: the greatest W over them, its points become cuts. */
static sbx_status ask(double *most, search *s, const double *a, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *most = -HUGE_VAL;
    for (size_t k = 0; k < s->leaves; k++) {
        sbx_level p[SBX_FUN_PEAKS];
        size_t found;
        double could = s->top[k], *old = s->asked + k * s->n;
        for (size_t j = 0; j < s->n; j++)
            could += fabs(a[j] - old[j]) * s->r[j]; /* W moves no faster */
        if (could < *most) continue;
        found = sbx_fun_peaks(p, &s->f, &s->leaf[k], a);
        s->top[k] = p[0].w;
        memcpy(old, a, s->n * sizeof *old);
        if (!(fabs(p[0].w) <= DBL_MAX)) {
            *most = HUGE_VAL;
            s->top[k] = HUGE_VAL;
            goto done;
        }
        *most = fmax(*most, p[0].w);
        for (size_t q = 0; q < found; q++) {
            sbx_level m;
            if (p[q].w < s->t_c || p[q].w < *most - 0.5 * (*most - s->t_c)) continue;
            sbx_fun_level(&m, s->query, &s->f, &s->leaf[k], a, p[q].t);
            SBX_TRY(add_cut(s, (cut){k, m.split, m.t, 0.0}, s->query, err));
        }
    }
done:
    return st;
}

static sbx_status consider(search *s, const double *a, sbx_err *err)
{
    double most;
    const sbx_status st = ask(&most, s, a, err);
    if (st == SBX_OK && most < s->beta) {
        s->beta = most;
        if (a != s->best) memcpy(s->best, a, s->n * sizeof *a);
    }
    return st;
}

/* the gradient of v.softmax at c */
static void gradient(search *s, double *a)
{
    const double t = value(s, NULL);
    double sum = 0.0;
    for (size_t j = 0; j < s->n; j++)
        sum += s->e[j];
    for (size_t j = 0; j < s->n; j++)
        a[j] = s->e[j] / sum * (s->f.v[j] - t);
}

static void clamp(search *s, double *a)
{
    for (size_t j = 0; j < s->n; j++)
        if (!(fabs(a[j]) <= s->slope_most))
            a[j] = a[j] > 0.0 ? s->slope_most : a[j] < 0.0 ? -s->slope_most : 0.0;
}

/* Rounds of the program on the leaves as they are; *low: what it says no slopes can beat. */
static sbx_status rounds(search *s, double *low, int most, double enough, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (int k = 0; k < most; k++) {
        sbx_lp_found found;
        const double *z;
        st = sbx_lp_solve(&found, s->lp, 0, err);
        if (st == SBX_ERR_LIMIT) st = SBX_OK, found = SBX_LP_NOTHING;
        if (st != SBX_OK || found != SBX_LP_OPTIMAL) goto done;
        z = sbx_lp_x(s->lp);
        *low = s->t_c + z[s->n] * s->T;
        if (s->beta - *low <= enough * (s->beta - s->t_c)) goto done;
        for (size_t j = 0; j < s->n; j++)
            s->a[j] = s->r[j] > 0.0 ? z[j] / s->r[j] * s->T : 0.0;
        clamp(s, s->a);
        if (k % 3 != 2) /* between the program's slopes and the best ones: it swings less */
            for (size_t j = 0; j < s->n; j++)
                s->a[j] += 0.5 * (s->best[j] - s->a[j]);
        SBX_TRY(consider(s, s->a, err));
    }
done:
    return st;
}

/* ---- leaves --------------------------------------------------------------------------- */

/* Splits leaf k at the cut's coordinate; false: no room, or no width */
static sbx_status split(search *s, bool *done, size_t k, size_t j, double at, sbx_err *err)
{
    const size_t n = s->n;
    sbx_status st = SBX_OK;
    sbx_leaf low = {0}, high = {0};
    sbx_ivd *x = s->leaf[k].x, side = x[j];
    double m = s->f.c[j] + at;

    *done = false;
    m = fmin(fmax(m, side.lo + 0.1 * (side.hi - side.lo)), side.hi - 0.1 * (side.hi - side.lo));
    if (s->leaves == s->leaves_most || !(m > side.lo && m < side.hi)) goto done;
    x[j].hi = m;
    SBX_TRY(sbx_leaf_open(&low, &s->f, x, err));
    x[j] = (sbx_ivd){m, side.hi};
    SBX_TRY(sbx_leaf_open(&high, &s->f, x, err));
    sbx_leaf_close(&s->leaf[k]);
    s->leaf[k] = low;
    s->leaf[s->leaves] = high;
    low = high = (sbx_leaf){0};
    memcpy(s->asked + s->leaves * n, s->asked + k * n, n * sizeof *s->asked);
    s->top[s->leaves] = s->top[k]; /* W of a part is at most that of the whole */
    s->leaves++;
    *done = true;
done:
    sbx_leaf_close(&low);
    sbx_leaf_close(&high);
    return st;
}

/* Splits where the program loses most; *done: nothing was worth it. */
static sbx_status refine(search *s, bool *done, double enough, sbx_err *err)
{
    const size_t n = s->n, before = s->leaves;
    const double *y = sbx_lp_y(s->lp);
    sbx_status st = SBX_OK;
    double lost = 0.0;
    size_t kept = 0;

    *done = true;
    for (size_t q = 0; q < s->cuts; q++)
        lost += fabs(y[q]) * s->cut[q].gap;
    if (!(lost > enough * (s->beta - s->t_c))) goto done;
    for (int go = 0; go < 4; go++) { /* the worst few, each leaf once */
        size_t worst = s->cuts;
        bool ok;
        for (size_t q = 0; q < s->cuts; q++)
            if (s->cut[q].split < n && fabs(y[q]) * s->cut[q].gap > 0.1 * lost &&
                (worst == s->cuts ||
                 fabs(y[q]) * s->cut[q].gap > fabs(y[worst]) * s->cut[worst].gap))
                worst = q;
        if (worst == s->cuts) break;
        {
            const size_t k = s->cut[worst].leaf;
            SBX_TRY(
                split(s, &ok, k, s->cut[worst].split, s->x[worst * n + s->cut[worst].split], err));
            for (size_t q = 0; q < s->cuts; q++) /* its cuts go with it */
                if (s->cut[q].leaf == k) s->cut[q].split = ok ? n + 1 : n;
            if (ok) *done = false;
        }
    }
    if (s->leaves == before) goto done;
    for (size_t q = 0; q < s->cuts; q++)
        if (s->cut[q].split <= n) {
            s->cut[kept] = s->cut[q];
            memmove(s->x + kept * n, s->x + q * n, n * sizeof *s->x);
            kept++;
        }
    s->cuts = kept;
    SBX_TRY(new_lp(s, err));
    for (size_t q = 0; q < kept; q++)
        SBX_TRY(add_row(s, s->x + q * n, s->cut[q].t, err));
    s->beta = HUGE_VAL;
    SBX_TRY(consider(s, s->best, err)); /* the best is better now */
done:
    return st;
}

/* ---- the whole ------------------------------------------------------------------------ */

void sbx_functional_cert_clear(sbx_functional_cert *c)
{
    if (!c) return;
    sbx_free(c->box);
    sbx_free(c->ref);
    sbx_free(c->t);
    sbx_free(c->mu);
    sbx_free(c->first);
    *c = (sbx_functional_cert){0};
}

static sbx_status cert_open(sbx_functional_cert *c, size_t n, size_t leaves, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_functional_cert_clear(c);
    c->n = c->view = n;
    c->leaves = leaves;
    c->box = sbx_alloc(leaves, n * sizeof *c->box);
    c->ref = sbx_alloc(leaves, sizeof *c->ref);
    c->t = sbx_alloc(leaves, (size_t)2 * PIECES * sizeof *c->t);
    c->mu = sbx_alloc(leaves, PIECES * sizeof *c->mu);
    c->first = sbx_alloc(leaves + 1, sizeof *c->first);
    if (!c->box || !c->ref || !c->t || !c->mu || !c->first)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a certificate");
done:
    if (st != SBX_OK) sbx_functional_cert_clear(c);
    return st;
}

static sbx_status run(search *s, const double *start, int effort, sbx_err *err)
{
    const double enough = effort ? 0.003 : 0.02;
    sbx_status st = SBX_OK;
    double low = 0.0;
    bool done = false;
    int more = 3; /* times that the program may go on without new leaves */

    s->leaves_most = effort ? LEAVES_BEST : LEAVES_FAST;
    SBX_TRY(new_lp(s, err));
    memcpy(s->a, start, s->n * sizeof *start);
    clamp(s, s->a);
    memcpy(s->best, s->a, s->n * sizeof *s->a);
    SBX_TRY(consider(s, s->a, err));
    gradient(s, s->a);
    SBX_TRY(consider(s, s->a, err));
    SBX_TRY(rounds(s, &low, effort ? ROUNDS : ROUNDS_FAST, enough, err));
    while (!done && s->beta < HUGE_VAL) {
        SBX_TRY(refine(s, &done, enough, err));
        if (done && more-- > 0 && s->beta - low > enough * (s->beta - s->t_c)) done = false;
        if (!done) SBX_TRY(rounds(s, &low, effort ? 60 : 8, enough, err));
    }
done:
    return st;
}

/* A proof of the slopes on all leaves as they are. */
static sbx_status prove(double *cst, sbx_functional_cert *cert, search *s, const double *a,
                        double goal, double slack, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_piece *piece = sbx_alloc(PIECES, sizeof *piece);
    double top = -HUGE_VAL;
    size_t total = 0;

    if (!piece) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a proof");
    if (cert) SBX_TRY(cert_open(cert, s->n, s->leaves, err));
    for (size_t k = 0; k < s->leaves; k++) {
        size_t pieces;
        double t;
        /* a leaf cannot do better than its W */
        sbx_fun_prove(&t, piece, &pieces, slack > 0.0 ? PIECES : PIECES_BEST, &s->f, &s->leaf[k], a,
                      s->top[k] < HUGE_VAL ? fmax(goal, s->top[k] + 0.1 * slack) : goal);
        top = fmax(top, t);
        if (!cert) continue;
        memcpy(cert->box + k * s->n, s->leaf[k].x, s->n * sizeof *cert->box);
        cert->ref[k] = s->leaf[k].K;
        for (size_t q = 0; q < pieces; q++, total++) {
            cert->t[2 * total] = piece[q].t1;
            cert->t[2 * total + 1] = piece[q].t2;
            cert->mu[total] = piece[q].mu;
        }
        cert->first[k + 1] = total;
    }
    *cst = sbx_fun_constant(&s->f, a, top);
    if (cert) cert->cst = *cst;
done:
    sbx_free(piece);
    return st;
}

sbx_status sbx_fun_best(double *a, double *cst, sbx_functional_cert *cert, const double *v,
                        const sbx_ivd *x, const double *c, size_t n, int effort, sbx_err *err)
{
    sbx_status st = SBX_OK;
    search *s = sbx_alloc(1, sizeof *s);

    *cst = HUGE_VAL;
    if (!s) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for slopes");
    SBX_TRY(begin(s, v, x, c, n, err));
    if (!(s->T > 1e-12 * s->slope_most)) goto done; /* a constant is as good */
    SBX_TRY(run(s, a, effort, err));
    if (!(s->beta < HUGE_VAL)) goto done;
    memcpy(a, s->best, n * sizeof *a);
    SBX_TRY(
        prove(cst, cert, s, a, s->beta + (effort ? 5e-4 : 3e-3) * (s->beta - s->t_c), 0.0, err));
done:
    if (s) finish(s);
    sbx_free(s);
    return st;
}

sbx_status sbx_fun_given(const double *a, double *cst, sbx_functional_cert *cert, double goal,
                         double slack, const double *v, const sbx_ivd *x, const double *c, size_t n,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    search *s = sbx_alloc(1, sizeof *s);

    *cst = HUGE_VAL;
    if (!s) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a proof");
    SBX_TRY(begin(s, v, x, c, n, err));
    s->leaves_most = LEAVES;
    for (bool more = s->T > 0.0; more;) { /* split the leaf that is worst */
        size_t worst = 0;
        sbx_level p[SBX_FUN_PEAKS];
        for (size_t k = 0; k < s->leaves; k++) {
            if (s->top[k] == HUGE_VAL) {
                (void)sbx_fun_peaks(p, &s->f, &s->leaf[k], a);
                s->top[k] = p[0].w;
            }
            if (s->top[k] > s->top[worst]) worst = k;
        }
        if (!(s->top[worst] > goal + slack)) break;
        (void)sbx_fun_peaks(p, &s->f, &s->leaf[worst], a);
        sbx_fun_level(&p[0], s->query, &s->f, &s->leaf[worst], a, p[0].t);
        if (p[0].split == n) break;
        SBX_TRY(split(s, &more, worst, p[0].split, s->query[p[0].split], err));
        s->top[worst] = s->top[s->leaves - 1] = HUGE_VAL;
    }
    SBX_TRY(prove(cst, cert, s, a, goal, slack, err));
done:
    if (s) finish(s);
    sbx_free(s);
    return st;
}
