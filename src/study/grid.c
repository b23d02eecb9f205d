/* study/grid.c -- a lower bound for every soft-max function from finitely many inputs: the linear
 * program for the least Lipschitz constant of any weights there, its dual solved exactly, the
 * multipliers kept and checked by themselves.
 *
 * Unknown are L and the weights f_k >= 0 of the points x_k. With q in {1, inf} and D_kl the
 * distance of two points,
 *
 *   sum_i f_ki = 1,   sum_i x_ki f_ki >= max x_k - 1,   s (f_k(S) - f_l(S)) <= L D_kl
 *
 * for all subsets S of the scores, s = 2 (q = 1), or single ones, s = 1 (q = inf). For the worst
 * error f_ki = 0 where x_ki < max x_k - 1, in place of the second. Multipliers mu_k, lam_k >= 0, y >= 0
 * prove L >= sum mu_k + sum lam_k (max x_k - 1) if they cancel every f_ki and sum y D <= 1
 * [L-NRM-79].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "study/study.h"

#define CELLS_MAX 4000000 /* of the tableau */

/* ---- the simplex method in rationals, Bland's rule ---------------------------------------------- */

/* max c y, A y <= b, y >= 0, b >= 0: rows of the tableau [A | I | b], the last one is -c. */
typedef struct tableau {
    size_t rows, cols; /* without the row of c, without b */
    mpq_t *v;          /* (rows + 1) (cols + rows + 1) */
    size_t *basis;
} tableau;

static mpq_t *at(const tableau *t, size_t i, size_t j)
{
    return &t->v[i * (t->cols + t->rows + 1) + j];
}

static void pivot(tableau *t, size_t row, size_t col)
{
    const size_t width = t->cols + t->rows + 1;
    mpq_t f, g;
    mpq_inits(f, g, (mpq_ptr)0);
    mpq_inv(f, *at(t, row, col));
    for (size_t j = 0; j < width; j++)
        if (mpq_sgn(*at(t, row, j)) != 0) mpq_mul(*at(t, row, j), *at(t, row, j), f);
    for (size_t i = 0; i <= t->rows; i++) {
        if (i == row || mpq_sgn(*at(t, i, col)) == 0) continue;
        mpq_set(f, *at(t, i, col));
        for (size_t j = 0; j < width; j++) {
            if (mpq_sgn(*at(t, row, j)) == 0) continue;
            mpq_mul(g, f, *at(t, row, j));
            mpq_sub(*at(t, i, j), *at(t, i, j), g);
        }
    }
    t->basis[row] = col;
    mpq_clears(f, g, (mpq_ptr)0);
}

/* SBX_ERR_DOMAIN: unbounded, so that no weights meet the conditions */
static sbx_status solve(tableau *t, sbx_err *err)
{
    const size_t width = t->cols + t->rows + 1;
    sbx_status st = SBX_OK;
    mpq_t best, r;
    mpq_inits(best, r, (mpq_ptr)0);
    for (;;) {
        size_t col = 0, row = t->rows;
        while (col + 1 < width && mpq_sgn(*at(t, t->rows, col)) >= 0)
            col++;
        if (col + 1 == width) break;
        for (size_t i = 0; i < t->rows; i++) {
            int cmp;
            if (mpq_sgn(*at(t, i, col)) <= 0) continue;
            mpq_div(r, *at(t, i, width - 1), *at(t, i, col));
            cmp = row == t->rows ? -1 : mpq_cmp(r, best);
            if (cmp > 0 || (cmp == 0 && t->basis[i] > t->basis[row])) continue;
            row = i;
            mpq_set(best, r);
        }
        if (row == t->rows)
            SBX_FAIL(err, SBX_ERR_DOMAIN, "no weights have that error at these points");
        pivot(t, row, col);
    }
done:
    mpq_clears(best, r, (mpq_ptr)0);
    return st;
}

/* ---- the program -------------------------------------------------------------------------------- */

static void distance(mpq_ptr v, const sbx_grid *g, size_t k, size_t l)
{
    mpq_t t;
    mpq_init(t);
    mpq_set_ui(v, 0, 1);
    for (size_t i = 0; i < g->d; i++) {
        mpq_sub(t, g->x[k * g->d + i], g->x[l * g->d + i]);
        mpq_abs(t, t);
        if (g->p == SBX_L1)
            mpq_add(v, v, t);
        else if (mpq_cmp(t, v) > 0)
            mpq_set(v, t);
    }
    mpq_clear(t);
}

/* v = max x_k - 1 */
static void least(mpq_ptr v, const sbx_grid *g, size_t k)
{
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    mpq_set(v, g->x[k * g->d]);
    for (size_t i = 1; i < g->d; i++)
        if (mpq_cmp(g->x[k * g->d + i], v) > 0) mpq_set(v, g->x[k * g->d + i]);
    mpq_sub(v, v, one);
    mpq_clear(one);
}

/* May score i have weight at point k? */
static bool allowed(const sbx_grid *g, size_t k, size_t i)
{
    mpq_t v;
    bool yes;
    mpq_init(v);
    least(v, g, k);
    yes = !g->worst || mpq_cmp(g->x[k * g->d + i], v) >= 0;
    mpq_clear(v);
    return yes;
}

static size_t subsets(const sbx_grid *g) { return g->q == SBX_L1 ? ((size_t)1 << g->d) - 2 : g->d; }
/* the s-th of them as bits */
static unsigned subset(const sbx_grid *g, size_t s)
{
    return g->q == SBX_L1 ? (unsigned)s + 1 : 1U << s;
}

/* columns: y of (k, l, S), k != l; lam_k; mu_k, split in two */
static size_t pair_column(const sbx_grid *g, size_t k, size_t l, size_t s)
{
    return ((k * (g->n - 1) + (l < k ? l : l - 1)) * subsets(g)) + s;
}

static void fill(tableau *t, const sbx_grid *g)
{
    const size_t pairs = g->n * (g->n - 1) * subsets(g), last = t->cols + t->rows;
    const long scale = g->q == SBX_L1 ? 2 : 1;
    for (size_t k = 0; k < g->n; k++) {
        for (size_t l = 0; l < g->n; l++)
            for (size_t s = 0; l != k && s < subsets(g); s++) {
                const size_t col = pair_column(g, k, l, s);
                for (size_t i = 0; i < g->d; i++) {
                    if (!(subset(g, s) >> i & 1)) continue;
                    mpq_set_si(*at(t, k * g->d + i, col), -scale, 1);
                    mpq_set_si(*at(t, l * g->d + i, col), scale, 1);
                }
                distance(*at(t, g->n * g->d, col), g, k, l);
            }
        for (size_t i = 0; i < g->d; i++) {
            if (!g->worst) mpq_set(*at(t, k * g->d + i, pairs + k), g->x[k * g->d + i]);
            mpq_set_si(*at(t, k * g->d + i, pairs + g->n + k), 1, 1);
            mpq_set_si(*at(t, k * g->d + i, pairs + 2 * g->n + k), -1, 1);
        }
        if (!g->worst) least(*at(t, t->rows, pairs + k), g, k);
        mpq_neg(*at(t, t->rows, pairs + k), *at(t, t->rows, pairs + k));
        mpq_set_si(*at(t, t->rows, pairs + g->n + k), -1, 1);
        mpq_set_si(*at(t, t->rows, pairs + 2 * g->n + k), 1, 1);
    }
    mpq_set_ui(*at(t, g->n * g->d, last), 1, 1);
    for (size_t k = 0; k < g->n; k++) /* a weight that must be 0 asks for nothing */
        for (size_t i = 0; i < g->d; i++)
            for (size_t j = 0; !allowed(g, k, i) && j < t->cols; j++)
                mpq_set_ui(*at(t, k * g->d + i, j), 0, 1);
    for (size_t i = 0; i < t->rows; i++) {
        mpq_set_ui(*at(t, i, t->cols + i), 1, 1);
        t->basis[i] = t->cols + i;
    }
}

static void take(sbx_grid *g, const tableau *t)
{
    const size_t pairs = g->n * (g->n - 1) * subsets(g), last = t->cols + t->rows;
    for (size_t i = 0; i < t->rows; i++) {
        const size_t j = t->basis[i];
        if (j < pairs)
            mpq_set(g->y[j], *at(t, i, last));
        else if (j < pairs + g->n)
            mpq_set(g->lam[j - pairs], *at(t, i, last));
        else if (j < pairs + 2 * g->n)
            mpq_add(g->mu[j - pairs - g->n], g->mu[j - pairs - g->n], *at(t, i, last));
        else if (j < t->cols)
            mpq_sub(g->mu[j - pairs - 2 * g->n], g->mu[j - pairs - 2 * g->n], *at(t, i, last));
    }
}

static mpq_t *rationals(size_t n)
{
    mpq_t *v = sbx_alloc(n, sizeof *v);
    for (size_t k = 0; v && k < n; k++)
        mpq_init(v[k]);
    return v;
}
static void rationals_free(mpq_t *v, size_t n)
{
    for (size_t k = 0; v && k < n; k++)
        mpq_clear(v[k]);
    sbx_free(v);
}

void sbx_grid_free(sbx_grid *g)
{
    if (!g) return;
    rationals_free(g->x, g->n * g->d);
    rationals_free(g->y, g->n_y);
    rationals_free(g->lam, g->n);
    rationals_free(g->mu, g->n);
    mpq_clear(g->bound);
    sbx_free(g);
}

/* ---- the check: nothing but the points and the multipliers ----------------------------------- */

/* v = what the multipliers leave of f_ki */
static void left_over(mpq_ptr v, const sbx_grid *g, size_t k, size_t i)
{
    const long scale = g->q == SBX_L1 ? 2 : 1;
    mpq_t t;
    mpq_init(t);
    mpq_set_ui(v, 0, 1);
    for (size_t l = 0; l < g->n; l++)
        for (size_t s = 0; l != k && s < subsets(g); s++) {
            if (!(subset(g, s) >> i & 1)) continue;
            mpq_sub(t, g->y[pair_column(g, l, k, s)], g->y[pair_column(g, k, l, s)]);
            mpq_add(v, v, t);
        }
    mpq_set_si(t, scale, 1);
    mpq_mul(v, v, t);
    mpq_mul(t, g->lam[k], g->x[k * g->d + i]);
    mpq_add(v, v, t);
    mpq_add(v, v, g->mu[k]);
    mpq_clear(t);
}

sbx_truth sbx_grid_check(const sbx_grid *g)
{
    bool ok = true;
    mpq_t v, t;
    mpq_inits(v, t, (mpq_ptr)0);
    for (size_t j = 0; j < g->n_y; j++)
        ok &= mpq_sgn(g->y[j]) >= 0;
    for (size_t k = 0; k < g->n; k++) {
        ok &= g->worst ? mpq_sgn(g->lam[k]) == 0 : mpq_sgn(g->lam[k]) >= 0;
        for (size_t i = 0; i < g->d; i++) {
            if (!allowed(g, k, i)) continue;
            left_over(v, g, k, i);
            ok &= mpq_sgn(v) <= 0;
        }
    }
    mpq_set_ui(v, 0, 1);
    for (size_t k = 0; k < g->n; k++)
        for (size_t l = 0; l < g->n; l++)
            for (size_t s = 0; l != k && s < subsets(g); s++) {
                distance(t, g, k, l);
                mpq_mul(t, t, g->y[pair_column(g, k, l, s)]);
                mpq_add(v, v, t);
            }
    mpq_set_ui(t, 1, 1);
    ok &= mpq_cmp(v, t) <= 0;
    mpq_set_ui(v, 0, 1);
    for (size_t k = 0; k < g->n; k++) {
        least(t, g, k);
        mpq_mul(t, t, g->lam[k]);
        mpq_add(v, v, t);
        mpq_add(v, v, g->mu[k]);
    }
    ok &= mpq_cmp(g->bound, v) <= 0;
    mpq_clears(v, t, (mpq_ptr)0);
    return ok ? SBX_TRUE : SBX_FALSE;
}

sbx_status sbx_study_grid(sbx_grid **out, const mpq_t *x, size_t n, size_t d, sbx_ell p, sbx_ell q,
                          bool worst, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_grid *g = NULL;
    tableau t = {.v = NULL};
    size_t cells = 0;
    *out = NULL;
    if (p == SBX_L2 || q == SBX_L2) SBX_FAIL(err, SBX_ERR_ARG, "p and q must be 1 or inf");
    if (n < 2 || d < 2 || d > 8 || n > 1000)
        SBX_FAIL(err, SBX_ERR_ARG, "2 to 1000 points of 2 to 8 scores");
    g = sbx_alloc(1, sizeof *g);
    if (!g) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    *g = (sbx_grid){.n = n, .d = d, .p = p, .q = q, .worst = worst};
    mpq_init(g->bound);
    g->n_y = n * (n - 1) * subsets(g);
    t.rows = n * d + 1;
    t.cols = g->n_y + 3 * n;
    cells = (t.rows + 1) * (t.rows + t.cols + 1);
    if (cells > CELLS_MAX)
        SBX_FAIL(err, SBX_ERR_LIMIT, "%zu points of %zu scores are too many", n, d);
    g->x = rationals(n * d);
    g->y = rationals(g->n_y);
    g->lam = rationals(n);
    g->mu = rationals(n);
    t.v = rationals(cells);
    t.basis = sbx_alloc(t.rows, sizeof *t.basis);
    if (!g->x || !g->y || !g->lam || !g->mu || !t.v || !t.basis)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", cells);
    for (size_t k = 0; k < n * d; k++)
        mpq_set(g->x[k], x[k]);
    fill(&t, g);
    SBX_TRY(solve(&t, err));
    take(g, &t);
    mpq_set(g->bound, *at(&t, t.rows, t.rows + t.cols));
    SBX_SOUND(sbx_grid_check(g) == SBX_TRUE, err);
    *out = g;
    g = NULL;
done:
    rationals_free(t.v, cells);
    sbx_free(t.basis);
    sbx_grid_free(g);
    return st;
}

/* 0, and each score ahead by c, as near to 0 as that can be: c = 2 / (1 - 1/d), or 1 + eps */
sbx_status sbx_study_grid_of_leads(sbx_grid **out, size_t d, sbx_ell p, sbx_ell q, bool worst,
                                   sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t *x = d >= 2 && d <= 8 ? rationals((d + 1) * d) : NULL, c;
    mpq_init(c);
    *out = NULL;
    if (!x) SBX_FAIL(err, SBX_ERR_ARG, "2 to 8 scores");
    if (worst)
        mpq_set_si(c, 1000001, 1000000);
    else
        mpq_set_si(c, 2 * (long)d, d - 1);
    mpq_canonicalize(c);
    for (size_t k = 1; k <= d; k++)
        for (size_t i = 0; i < d; i++) {
            if (i + 1 == k) mpq_set(x[k * d + i], c);
            if (p != SBX_LINF) continue;
            mpq_set(x[k * d + i], c);
            mpq_div_2exp(x[k * d + i], x[k * d + i], 1);
            if (i + 1 != k) mpq_neg(x[k * d + i], x[k * d + i]);
        }
    SBX_TRY(sbx_study_grid(out, (const mpq_t *)x, d + 1, d, p, q, worst, err));
done:
    rationals_free(x, x ? (d + 1) * d : 0);
    mpq_clear(c);
    return st;
}
