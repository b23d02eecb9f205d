/* relax/lse_optimal.c -- slopes of the lowest affine bound above lse at a point, by cutting planes.
 *
 * With s_j in {0, 1} for the coordinates that are looked at corner by corner, and r in [0, 1] for the place of the
 * others' sum R between its ends, the bound h, in these, is
 *
 *   least H  with  H + sum sigma_j (s_j - z_j) + tau (r - r_c) >= log(T(s) + R(r))  for all s, r:
 *
 * a linear program over few columns, whose rows are found as they are violated. Nothing here is
 * proved; sbx_lse_intercept proves what comes out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/lse.h"

#include "base/alloc.h"
#include "base/try.h"
#include "lp/lp.h"
#include "relax/affine.h"
#include "relax/exp.h"

#include <string.h>

#define ROUNDS 80
#define CUTS   6 /* rows a round */

typedef struct cuts {
    const sbx_lse *w;
    size_t m; /* corners      */
    bool rest;
    double least, most, place;     /* of R */
    double x[SBX_LSE_CORNERS + 2]; /* H, sigma, tau */
    sbx_lp *lp;
} cuts;

typedef struct cut {
    double by, r;
    size_t corner;
} cut;

/* the row of a corner and a place r of the rest */
static sbx_status add(cuts *c, size_t corner, double r, sbx_err *err)
{
    size_t col[SBX_LSE_CORNERS + 2];
    double coef[SBX_LSE_CORNERS + 2], t = c->least + r * (c->most - c->least);
    sbx_status st = SBX_OK;

    col[0] = 0;
    coef[0] = 1.0;
    for (size_t k = 0; k < c->m; k++) {
        const size_t j = c->w->order[k];
        const bool up = corner >> k & 1;
        col[k + 1] = k + 1;
        coef[k + 1] = (up ? 1.0 : 0.0) - c->w->z[j];
        t += up ? c->w->hi[j] : c->w->lo[j];
    }
    if (c->rest) {
        col[c->m + 1] = c->m + 1;
        coef[c->m + 1] = r - c->place;
    }
    SBX_TRY(sbx_lp_add_row(c->lp, (sbx_ivd){log_guess(t), HUGE_VAL}, col, coef, c->m + 1 + c->rest,
                           err));
done:
    return st;
}

/* keeps the CUTS greatest, greatest first */
static void keep(cut *best, cut v)
{
    for (size_t k = 0; k < CUTS; k++)
        if (v.by > best[k].by) {
            const cut old = best[k];
            best[k] = v;
            v = old;
        }
}

/* the corners where the solution is farthest below */
static void separate(cut *best, const cuts *c)
{
    const double tau = c->rest ? c->x[c->m + 1] : 0.0, span = c->most - c->least;
    double h[SBX_LSE_CORNERS + 1], t[SBX_LSE_CORNERS + 1];

    for (size_t k = 0; k < CUTS; k++)
        best[k] = (cut){0.0, 0.0, 0};
    h[c->m] = c->x[0] - tau * c->place;
    t[c->m] = 0.0;
    for (size_t s = 0, from = c->m; s < (size_t)1 << c->m; s++) {
        double r = 0.0, v;
        /* sums of the coordinates k.. of this corner, from the one that changed */
        if (s) {
            from = 0;
            while (!(s >> from & 1))
                from++;
            from++;
        }
        for (size_t k = from; k-- > 0;) {
            const size_t j = c->w->order[k];
            const bool up = s >> k & 1;
            h[k] = h[k + 1] + c->x[k + 1] * ((up ? 1.0 : 0.0) - c->w->z[j]);
            t[k] = t[k + 1] + (up ? c->w->hi[j] : c->w->lo[j]);
        }
        if (c->rest) {
            r = tau > 0.0 ? (span / tau - t[0] - c->least) / span : 1.0;
            r = fmin(fmax(r, 0.0), 1.0);
        }
        v = log_guess(t[0] + c->least + r * span) - h[0] - tau * r;
        keep(best, (cut){v, r, s});
    }
}

static sbx_status open_program(cuts *c, sbx_err *err)
{
    const sbx_lse *w = c->w;
    const size_t last = ((size_t)1 << c->m) - 1;
    sbx_status st = SBX_OK;
    double r = 0.0;

    for (size_t k = c->m; k < w->n; k++) {
        const size_t j = w->order[k];
        c->least += w->lo[j];
        c->most += w->hi[j];
        r += w->z[j] * (w->hi[j] - w->lo[j]);
    }
    c->rest = c->m < w->n && c->most > c->least;
    c->place = c->rest ? r / (c->most - c->least) : 0.0;
    SBX_TRY(sbx_lp_new(&c->lp, false, err));
    SBX_TRY(sbx_lp_add_col(c->lp, 1.0, (sbx_ivd){-1e4, 1e4}, err));
    for (size_t k = 0; k < c->m + c->rest; k++)
        SBX_TRY(sbx_lp_add_col(c->lp, 0.0, (sbx_ivd){0.0, 800.0}, err));
    for (size_t k = 0; k < c->m; k++) { /* one up, and one down */
        SBX_TRY(add(c, (size_t)1 << k, c->place, err));
        SBX_TRY(add(c, last ^ (size_t)1 << k, c->place, err));
    }
    SBX_TRY(add(c, 0, 0.0, err));
    SBX_TRY(add(c, last, 1.0, err));
done:
    return st;
}

/* the slopes of the solution, in w->a; false where they are of no use */
static double slopes(const cuts *c)
{
    const sbx_lse *w = c->w;
    const double rho = c->rest ? c->x[c->m + 1] / (c->most - c->least) : 0.0;
    for (size_t k = 0; k < w->n; k++) {
        const size_t j = w->order[k];
        const double width = w->x[j].hi - w->x[j].lo;
        w->a[j] = k >= c->m                           ? rho * w->slope[j]
                  : width > 0.0 && sbx_is_real(width) ? c->x[k + 1] / width
                                                      : 0.0;
    }
    return rho;
}

/* log of the sum of all chords, less lse, at the point */
static double chord_gap(const sbx_lse *w)
{
    double chords = 0.0, sum = 0.0;
    for (size_t j = 0; j < w->n; j++) {
        const double d = w->at[j] - w->shift;
        sbx_ivd e = {d, d};
        if (exp_ivd(&e, &e, NULL, NULL) != SBX_OK) return 0.0;
        chords += w->lo[j] + w->z[j] * (w->hi[j] - w->lo[j]);
        sum += e.hi;
    }
    return log_guess(chords / sum);
}

sbx_status sbx_lse_optimal(sbx_affine *out, bool *found, sbx_lse *w, sbx_err *err)
{
    cuts c = {.w = w, .m = w->n <= SBX_LSE_CORNERS ? w->n : 8};
    sbx_status st = SBX_OK;
    const double tol = fmax(1e-7 * chord_gap(w), 1e-15);
    cut best[CUTS];

    *found = false;
    SBX_TRY(open_program(&c, err));
    for (int round = 0; round < ROUNDS; round++) {
        sbx_lp_found what = SBX_LP_NOTHING;
        st = sbx_lp_solve(&what, c.lp, 0, err);
        if (st == SBX_ERR_LIMIT || (st == SBX_OK && what != SBX_LP_OPTIMAL)) {
            st = SBX_OK;
            break;
        }
        SBX_TRY(st);
        memcpy(c.x, sbx_lp_x(c.lp), (1 + c.m + c.rest) * sizeof *c.x);
        *found = true;
        separate(best, &c);
        if (!(best[0].by > tol)) break;
        for (size_t k = 0; k < CUTS && best[k].by > 0.1 * best[0].by; k++)
            SBX_TRY(add(&c, best[k].corner, best[k].r, err));
    }
    if (*found) {
        const double rho = slopes(&c);
        out->cst = sbx_lse_intercept(w, w->a, c.m, rho);
        memcpy(out->coef, w->a, w->n * sizeof *w->a);
        *found = sbx_is_real(out->cst);
    }
done:
    sbx_lp_free(c.lp);
    return st;
}
