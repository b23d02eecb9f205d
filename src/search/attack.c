/* search/attack.c -- see attack.h: projected gradient descent on the worst constraint.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/attack.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "base/try.h"

#include <math.h>
#include <string.h>

#define FAILURES 20 /* proofs that may fail in one attack on a group */

sbx_status sbx_attack_init(sbx_attack *a, const sbx_plan *plan, sbx_bounder *b, sbx_prover *w,
                           const sbx_verify_opts *opts, sbx_err *err)
{
    const size_t n = plan->inputs, m = plan->outputs;
    *a = (sbx_attack){.plan = plan, .bounder = b, .prover = w, .opts = opts, .rng = opts->seed};
    a->x = sbx_alloc((4 + SBX_ATTACK_BEST) * n + 2 * m, sizeof *a->x);
    if (!a->x) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory for an attack");
    a->g = a->x + n;
    a->m = a->g + n;
    a->v = a->m + n;
    a->y = a->v + n;
    a->w = a->y + m;
    a->best = a->w + m;
    return SBX_OK;
}

void sbx_attack_clear(sbx_attack *a)
{
    sbx_free(a->x);
    *a = (sbx_attack){0};
}

/* left side minus right side, about, and the size of what was added */
double sbx_attack_excess(double *size, const sbx_attack *a, const sbx_plan_con *c, const double *x)
{
    double s = -c->above, t = fabs(c->above);
    if (c->row != SBX_NO_ROW) {
        const double *const row = a->plan->row + c->row * a->plan->outputs;
        for (size_t j = 0; j < a->plan->outputs; j++) {
            s += row[j] * a->y[j];
            t += fabs(row[j] * a->y[j]);
        }
    }
    for (size_t k = 0; k < c->n_x; k++) {
        s += c->x[k].lo * x[c->x[k].var];
        t += fabs(c->x[k].lo * x[c->x[k].var]);
    }
    *size = t;
    return s;
}

/* the constraint of a case that is farthest from being satisfied */
static size_t worst(double *by, double *size, const sbx_attack *a, const sbx_plan_case *c,
                    const double *x)
{
    size_t at = 0;
    *by = -HUGE_VAL;
    *size = 0.0;
    for (size_t k = 0; k < c->n_con; k++) {
        double t;
        const double s = sbx_attack_excess(&t, a, &c->con[k], x);
        if (s <= *by) continue;
        *by = s;
        *size = t;
        at = k;
    }
    return at;
}

/* y at x; false when there is nothing to be had any more */
static sbx_status run(bool *go, sbx_attack *a, double *y, double *grad, const double *x,
                      sbx_err *err)
{
    sbx_status st = SBX_OK;
    *go = false;
    a->calls--;
    a->stopped = a->stopped || (a->opts->stop && a->opts->stop(a->opts->stop_arg));
    if (a->off || a->stopped) return SBX_OK;
    st = sbx_bounder_forward(a->bounder, y, grad, x, grad ? a->w : NULL, err);
    if (st == SBX_ERR_UNSUPPORTED || st == SBX_ERR_DOMAIN) {
        a->off = true;
        return SBX_OK;
    }
    *go = st == SBX_OK;
    return st;
}

/* After a run at x: the case next to being satisfied (or the target), and a proof
 * where the doubles say that it may succeed. */
static sbx_status look(bool *found, size_t *best, sbx_attack *a, const sbx_plan_group *g,
                       size_t target, const double *x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double least = HUGE_VAL;

    *best = target == SBX_ANY_CASE ? g->first : target;
    for (size_t k = g->first; k < g->first + g->n_cases && !*found; k++) {
        double by, size;
        (void)worst(&by, &size, a, &a->plan->cases[k], x);
        if (target == SBX_ANY_CASE && by < least) {
            least = by;
            *best = k;
        }
        if (by <= 1e-9 * size && a->failures > 0) {
            sbx_truth t = SBX_UNKNOWN;
            SBX_TRY(sbx_prover_try(&t, a->prover, a->plan->cases[k].disjunct, x, err));
            *found = t == SBX_TRUE;
            a->failures--;
        }
    }
done:
    return st;
}

sbx_status sbx_attack_point(bool *found, sbx_attack *a, const sbx_plan_group *g, const double *x,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool go = false;
    size_t best;
    *found = false;
    SBX_TRY(run(&go, a, a->y, NULL, x, err));
    if (go) SBX_TRY(look(found, &best, a, g, SBX_ANY_CASE, x, err));
done:
    return st;
}

/* The direction to go down in: the gradient of the worst constraint of the case, or
 * (soft) of the sum of those that are not satisfied; scaled by the width later. */
static sbx_status slope(bool *go, sbx_attack *a, const sbx_plan_case *c, bool soft, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = a->plan->inputs, m = a->plan->outputs;
    double by, size;
    const size_t at = worst(&by, &size, a, c, a->x);
    bool any = false;

    *go = false;
    for (size_t j = 0; j < m; j++)
        a->w[j] = 0.0;
    for (size_t k = 0; k < c->n_con; k++) {
        const bool in = k == at || (soft && sbx_attack_excess(&size, a, &c->con[k], a->x) > 0.0);
        if (!in || c->con[k].row == SBX_NO_ROW) continue;
        any = true;
        for (size_t j = 0; j < m; j++)
            a->w[j] += a->plan->row[c->con[k].row * m + j];
    }
    for (size_t i = 0; i < n; i++)
        a->g[i] = 0.0;
    *go = true;
    if (any) SBX_TRY(run(go, a, NULL, a->g, a->x, err));
    for (size_t k = 0; k < c->n_con; k++) {
        const bool in = k == at || (soft && sbx_attack_excess(&size, a, &c->con[k], a->x) > 0.0);
        for (size_t i = 0; in && i < c->con[k].n_x; i++)
            a->g[c->con[k].x[i].var] += c->con[k].x[i].lo;
    }
done:
    return st;
}

static double clip(double v, const sbx_ivd *b) { return v < b->lo ? b->lo : v > b->hi ? b->hi : v; }

/* Steps that shrink: by the sign of the slope, or Adam. */
sbx_status sbx_attack_descend(bool *found, sbx_attack *a, const sbx_plan_group *g, size_t target,
                              const sbx_ivd *box, int steps, double rate, bool adam, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double b1 = 1.0, b2 = 1.0;

    *found = false;
    for (size_t i = 0; i < a->plan->inputs; i++)
        a->m[i] = a->v[i] = 0.0;
    for (int k = 0; k <= steps && a->calls > 0; k++) {
        bool go = false;
        size_t best;
        SBX_TRY(run(&go, a, a->y, NULL, a->x, err));
        if (!go) goto done;
        SBX_TRY(look(found, &best, a, g, target, a->x, err));
        if (*found || k == steps) goto done;
        SBX_TRY(slope(&go, a, &a->plan->cases[best], adam, err));
        if (!go) goto done;
        b1 *= 0.7;
        b2 *= 0.9;
        for (size_t i = 0; i < a->plan->inputs; i++) {
            const double wide = box[i].hi - box[i].lo, s = a->g[i] * wide;
            double d = s > 0.0 ? 1.0 : s < 0.0 ? -1.0 : 0.0;
            a->m[i] = 0.7 * a->m[i] + 0.3 * s;
            a->v[i] = 0.9 * a->v[i] + 0.1 * s * s;
            if (adam) d = a->v[i] > 0.0 ? a->m[i] / (1.0 - b1) / sqrt(a->v[i] / (1.0 - b2)) : 0.0;
            a->x[i] = clip(a->x[i] - rate * wide * d, &box[i]);
        }
        rate *= 0.88;
    }
done:
    return st;
}

static void start_centre(sbx_attack *a, const sbx_ivd *box)
{
    for (size_t i = 0; i < a->plan->inputs; i++)
        a->x[i] = clip(0.5 * box[i].lo + 0.5 * box[i].hi, &box[i]);
}

static void start_random(sbx_attack *a, const sbx_ivd *box, bool corner)
{
    for (size_t i = 0; i < a->plan->inputs; i++) {
        const double u = sbx_rng_unit(&a->rng);
        a->x[i] = corner ? (u < 0.5 ? box[i].lo : box[i].hi)
                         : clip(box[i].lo + u * (box[i].hi - box[i].lo), &box[i]);
    }
}

sbx_status sbx_attack_quick(bool *found, sbx_attack *a, const sbx_plan_group *g, sbx_err *err)
{
    *found = false;
    if (g->beyond) return SBX_OK;
    a->calls = 12;
    a->failures = 2;
    start_centre(a, g->box);
    return sbx_attack_descend(found, a, g, SBX_ANY_CASE, g->box, 5, 0.25, false, err);
}

/* all corners where there are few, some random ones otherwise */
static sbx_status corners(bool *found, sbx_attack *a, const sbx_plan_group *g, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t wide[10], n_wide = 0;
    for (size_t i = 0; i < a->plan->inputs && n_wide <= 10; i++) {
        if (g->box[i].hi > g->box[i].lo) {
            if (n_wide < 10) wide[n_wide] = i;
            n_wide++;
        }
    }
    for (size_t c = 0; c < (n_wide <= 10 ? (size_t)1 << n_wide : 16) && a->calls > 0; c++) {
        size_t best;
        bool go = false;
        if (n_wide > 10)
            start_random(a, g->box, true);
        else
            for (size_t k = 0; k < n_wide; k++)
                a->x[wide[k]] = (c >> k) & 1 ? g->box[wide[k]].hi : g->box[wide[k]].lo;
        SBX_TRY(run(&go, a, a->y, NULL, a->x, err));
        if (!go) goto done;
        SBX_TRY(look(found, &best, a, g, SBX_ANY_CASE, a->x, err));
        if (*found) goto done;
    }
done:
    return st;
}

/* Points with every coordinate at its lower end, its upper end, or (half of them) between;
 * the best ones, sorted, into a->best. *n: how many. */
static sbx_status sample(bool *found, size_t *n, sbx_attack *a, const sbx_plan_group *g,
                         long points, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t in = a->plan->inputs;
    double score[SBX_ATTACK_BEST];
    *n = 0;
    for (; points > 0 && a->calls > 0; points--) {
        double least, size;
        size_t k, best;
        bool go = false;
        for (size_t i = 0; i < in; i++) {
            const double u = 2.0 * sbx_rng_unit(&a->rng) - 0.5;
            a->x[i] = clip(g->box[i].lo + u * (g->box[i].hi - g->box[i].lo), &g->box[i]);
        }
        SBX_TRY(run(&go, a, a->y, NULL, a->x, err));
        if (!go) goto done;
        SBX_TRY(look(found, &best, a, g, SBX_ANY_CASE, a->x, err));
        if (*found) goto done;
        (void)worst(&least, &size, a, &a->plan->cases[best], a->x);
        if (*n == SBX_ATTACK_BEST && !(least < score[*n - 1])) continue;
        for (k = *n < SBX_ATTACK_BEST ? (*n)++ : *n - 1; k > 0 && least < score[k - 1]; k--) {
            score[k] = score[k - 1];
            memcpy(a->best + k * in, a->best + (k - 1) * in, in * sizeof *a->x);
        }
        score[k] = least;
        memcpy(a->best + k * in, a->x, in * sizeof *a->x);
    }
done:
    return st;
}

sbx_status sbx_attack_group(bool *found, sbx_attack *a, const sbx_plan_group *g, long calls,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t n = 0;
    *found = false;
    if (g->beyond || g->n_cases == 0) return SBX_OK;
    a->calls = calls;
    a->failures = FAILURES;
    start_centre(a, g->box);
    SBX_TRY(corners(found, a, g, err));
    if (!*found) SBX_TRY(sample(found, &n, a, g, calls / 3, err));
    for (size_t k = 0; k < 2 * n && !*found && a->calls > 0; k++) {
        memcpy(a->x, a->best + k / 2 * a->plan->inputs, a->plan->inputs * sizeof *a->x);
        SBX_TRY(sbx_attack_descend(found, a, g, SBX_ANY_CASE, g->box, 24, 0.06, k % 2 == 1, err));
    }
    for (size_t k = 0; !*found && !a->off && !a->stopped && a->calls > 0; k++) {
        const size_t round = k / (g->n_cases + 1), t = k % (g->n_cases + 1);
        if (k == 0)
            start_centre(a, g->box);
        else
            start_random(a, g->box, round % 3 == 2);
        SBX_TRY(sbx_attack_descend(found, a, g, t == 0 ? SBX_ANY_CASE : g->first + t - 1, g->box,
                                   24, round % 4 < 2 ? 0.25 : 0.05, round % 2 == 1, err));
    }
done:
    return st;
}
