/* search/job.c -- see job.h: bounds of a sub-box, what they refute, where to split.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/job.h"

#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"
#include "search/clip.h"
#include "search/exact.h"

/* backward passes of one row for better slopes: more of them on a whole box, none where so
 * many cases are open that they would take longer than the bounds themselves */
#define STEPS       6
#define STEPS_WHOLE 24
#define FEW_CASES   16

sbx_status sbx_worker_init(sbx_worker *w, const sbx_plan *plan, const sbx_net *net,
                           const sbx_verify_opts *opts, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t most = 1;
    *w = (sbx_worker){.plan = plan, .opts = opts};
    w->method = opts->method == SBX_VERIFY_IBP ? SBX_BOUND_IBP : SBX_BOUND_CROWN;
    SBX_TRY(sbx_bounder_new(&w->bounder, net, err));
    sbx_bounder_stop_by(w->bounder, opts->stop, opts->stop_arg);
    SBX_TRY(sbx_prover_init(&w->prover, net, plan->p, err));
    w->prover.stop = opts->stop;
    w->prover.stop_arg = opts->stop_arg;
    SBX_TRY(sbx_attack_init(&w->attack, plan, w->bounder, &w->prover, opts, err));
    for (size_t k = 0; k < plan->n_cases; k++)
        most = plan->cases[k].n_con > most ? plan->cases[k].n_con : most;
    SBX_TRY(sbx_joint_init(&w->joint, most + 1, plan->inputs, err));
    w->C = sbx_alloc(plan->n_rows * plan->outputs, sizeof *w->C);
    w->c = sbx_alloc(plan->outputs, sizeof *w->c);
    w->lo = sbx_alloc(plan->n_rows, sizeof *w->lo);
    w->share = sbx_alloc(2 * plan->inputs, sizeof *w->share);
    w->cut = sbx_alloc(2 * plan->inputs, sizeof *w->cut);
    w->place = sbx_alloc(plan->n_rows, sizeof *w->place);
    w->row = sbx_alloc(plan->n_rows, sizeof *w->row);
    if (!w->C || !w->c || !w->lo || !w->share || !w->cut || !w->place || !w->row)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a worker");
    w->g = w->share + plan->inputs;
    w->hull = w->cut + plan->inputs;
done:
    if (st != SBX_OK) sbx_worker_clear(w);
    return st;
}

void sbx_worker_clear(sbx_worker *w)
{
    sbx_attack_clear(&w->attack);
    sbx_prover_clear(&w->prover);
    sbx_bounder_free(w->bounder);
    sbx_joint_clear(&w->joint);
    sbx_free(w->C);
    sbx_free(w->c);
    sbx_free(w->lo);
    sbx_free(w->share);
    sbx_free(w->cut);
    sbx_free(w->place);
    sbx_free(w->row);
    *w = (sbx_worker){0};
}

/* The rows that the open cases speak of, into C; w->place says where each is. */
static size_t gather(sbx_worker *w, const sbx_region *r)
{
    const sbx_plan *const plan = w->plan;
    size_t n = 0;
    for (size_t k = 0; k < r->n_open; k++) {
        const sbx_plan_case *const c = &plan->cases[r->open[k]];
        for (size_t i = 0; i < c->n_con; i++) {
            const size_t row = c->con[i].row;
            if (row == SBX_NO_ROW) continue;
            if (w->place[row] < n && w->row[w->place[row]] == row) continue; /* has it */
            memcpy(w->C + n * plan->outputs, plan->row + row * plan->outputs,
                   plan->outputs * sizeof *w->C);
            w->row[n] = row;
            w->place[row] = n++;
        }
    }
    return n;
}

/* Bounds of the region. A NaN or crossed bounds end in an error, never in a proof. */
static sbx_status bound(sbx_worker *w, const sbx_region *r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t rows = gather(w, r);
    const sbx_ivd *y;
    SBX_TRY(sbx_bounder_run(w->bounder, w->lo, r->box, w->C, rows, w->method, err));
    y = sbx_bounder_outputs(w->bounder);
    for (size_t k = 0; k < rows; k++)
        SBX_SOUND(w->lo[k] <= DBL_MAX, err);
    for (size_t j = 0; j < w->plan->outputs; j++)
        SBX_SOUND(y[j].lo <= y[j].hi, err);
done:
    return st;
}

/* [L-NET-09]: a case is refuted on the region when one of its constraints cannot hold
 * anywhere in it. *margin: the best of the constraints, rounded down; *at: which. */
static bool refuted(double *margin, size_t *at, const sbx_worker *w, const sbx_plan_case *c,
                    const sbx_ivd *box)
{
    const sbx_ivd *const y = sbx_bounder_outputs(w->bounder);
    bool no = false;
    *margin = -HUGE_VAL;
    *at = 0;
    for (size_t i = 0; i < c->n_con; i++) {
        const sbx_plan_con *const con = &c->con[i];
        const double lo = con->row == SBX_NO_ROW ? 0.0 : w->lo[w->place[con->row]];
        const double low = sbx_plan_lower(w->plan, con, lo, y, box);
        const double m = sbx_sub_lo(low, con->above); /* above > -inf, low < inf */
        no = no || sbx_plan_refutes(con, low);
        if (m > *margin) {
            *margin = m;
            *at = i;
        }
    }
    return no;
}

/* Drops the refuted cases; the margin is that of the worst case that is left, or of the
 * worst of all that were dropped when none is. Returns the worst case that is left. */
static size_t judge(sbx_job *job, const sbx_worker *w)
{
    sbx_region *const r = job->region;
    size_t left = 0, worst = 0;
    for (size_t k = 0; k < r->n_open; k++) {
        const sbx_plan_case *const c = &w->plan->cases[r->open[k]];
        double m;
        size_t at;
        if (refuted(&m, &at, w, c, r->box)) {
            job->held = m < job->held ? m : job->held;
            continue;
        }
        if (left == 0 || m < job->margin) {
            job->margin = m;
            job->disjunct = c->disjunct;
            job->constraint = at;
            worst = r->open[k];
        }
        r->open[left++] = r->open[k];
    }
    r->n_open = left;
    if (left == 0) job->margin = job->held;
    return worst;
}

/* Shrinks w->cut, a copy of the box, to what is left of it for a case, by the bounds that are
 * there and, for the few cases that are left, by one that suits the case; *left: is it open? */
static sbx_status clip_one(bool *left, sbx_job *job, sbx_worker *w, const sbx_plan_case *c)
{
    sbx_status st = SBX_OK;
    const sbx_region *const r = job->region;
    const int steps = r->n_open > FEW_CASES ? 0 : r->whole ? STEPS_WHOLE : STEPS;
    double lo = -HUGE_VAL, margin;
    size_t at;
    memcpy(w->cut, r->box, w->plan->inputs * sizeof *r->box);
    *left = sbx_clip_case(w->cut, &w->joint, w->plan, c, w->bounder, w->place);
    if (*left && steps > 0) {
        SBX_TRY(sbx_clip_tighter(left, &lo, w->cut, &w->joint, w->c, w->plan, c, w->bounder, steps,
                                 &job->err));
        if (c->n_con == 1 && c->con->row != SBX_NO_ROW && lo > w->lo[w->place[c->con->row]])
            w->lo[w->place[c->con->row]] = lo; /* the row is that of its only constraint */
    }
    if (*left) goto done;
    margin = 0.0; /* proved, but not measured */
    if (c->n_con == 1 && !refuted(&margin, &at, w, c, r->box)) margin = 0.0;
    job->held = margin < job->held ? margin : job->held;
done:
    return st;
}

/* Shrinks the region to the hull of what is left of it for each case; drops the cases of
 * which nothing is left [L-NET-35]. */
static sbx_status clip(sbx_job *job, sbx_worker *w)
{
    sbx_status st = SBX_OK;
    sbx_region *const r = job->region;
    const size_t n = w->plan->inputs;
    size_t left = 0;
    for (size_t k = 0; k < r->n_open; k++) {
        bool some;
        SBX_TRY(clip_one(&some, job, w, &w->plan->cases[r->open[k]]));
        if (!some) continue;
        for (size_t i = 0; i < n; i++) {
            if (left == 0 || w->cut[i].lo < w->hull[i].lo) w->hull[i].lo = w->cut[i].lo;
            if (left == 0 || w->cut[i].hi > w->hull[i].hi) w->hull[i].hi = w->cut[i].hi;
        }
        r->open[left++] = r->open[k];
    }
    r->n_open = left;
    if (left > 0) memcpy(r->box, w->hull, n * sizeof *r->box);
done:
    return st;
}

/* The coordinate with the largest share in the gap of the bound, |slope| times width, else
 * the widest; cut in the middle, at a double between the ends. False: there is none. */
static bool cut(sbx_job *job, const double *slope, const sbx_plan *plan)
{
    double best = -1.0, wide = -1.0;
    bool any = false;
    for (size_t i = 0; i < plan->inputs; i++) {
        const sbx_ivd b = job->region->box[i];
        const double mid = 0.5 * b.lo + 0.5 * b.hi, width = 0.5 * b.hi - 0.5 * b.lo;
        const double share = fabs(slope[i]) * width;
        if (!(b.lo < mid && mid < b.hi)) continue;
        if (any && !(share > best || (!(share < best) && width > wide))) continue;
        best = share <= DBL_MAX ? share : 0.0;
        wide = width;
        job->axis = i;
        job->mid = mid;
        any = true;
    }
    return any;
}

/* The slopes on the inputs of the affine lower bound of a constraint, into w->g; *at: the bound
 * at the centre of the box. */
static void slopes(double *at, sbx_worker *w, const sbx_plan_con *con, const sbx_ivd *box)
{
    const size_t n = w->plan->inputs;
    const double *const s =
        con->row == SBX_NO_ROW ? NULL : sbx_bounder_input_coef(w->bounder, w->place[con->row]);
    *at = s && fabs(s[n]) <= DBL_MAX ? s[n] : 0.0;
    for (size_t i = 0; i < n; i++)
        w->g[i] = s && fabs(s[i]) <= DBL_MAX ? s[i] : 0.0;
    for (size_t k = 0; k < con->n_x; k++)
        w->g[con->x[k].var] += con->x[k].lo;
    for (size_t i = 0; i < n; i++)
        *at += w->g[i] * (0.5 * box[i].lo + 0.5 * box[i].hi);
}

/* The shares of the coordinates in the gap, unproved: the sum of |slope| over the constraints of
 * the open cases. Where the bound is far below the function already at the centre, `loose`
 * times as far as its slopes reach, these say little, and the width counts for more. */
static void shares(sbx_worker *w, const sbx_region *r, double loose)
{
    const size_t n = w->plan->inputs;
    double at, mean = 0.0, blend = 0.03 * loose;
    blend = blend > 0.0 ? blend < 2.0 ? blend : 2.0 : 0.0;
    for (size_t i = 0; i < n; i++)
        w->share[i] = 0.0;
    for (size_t k = 0; k < r->n_open; k++) {
        const sbx_plan_case *const c = &w->plan->cases[r->open[k]];
        for (size_t i = 0; i < c->n_con; i++) {
            slopes(&at, w, &c->con[i], r->box);
            for (size_t j = 0; j < n; j++)
                w->share[j] += fabs(w->g[j]);
        }
    }
    for (size_t i = 0; i < n; i++)
        mean += w->share[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        w->share[i] += blend * mean;
}

/* Is the centre a counterexample, or the corner at which the bound of `con` is attained? Now and
 * then a short descent from there. *loose: see shares(). */
static sbx_status attack(bool *found, double *loose, sbx_worker *w, const sbx_region *r,
                         const sbx_plan_con *con, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_attack *const a = &w->attack;
    const sbx_plan_group *const g = &w->plan->group[r->group];
    const bool descend = r->number % 8 == 0;
    double at = 0.0, reach = 0.0, size;

    a->failures = 2;
    a->calls = descend ? 26 : 2;
    memset(w->g, 0, w->plan->inputs * sizeof *w->g);
    for (size_t i = 0; i < w->plan->inputs; i++)
        a->x[i] = 0.5 * r->box[i].lo + 0.5 * r->box[i].hi;
    SBX_TRY(sbx_attack_point(found, a, g, a->x, err));
    if (*found) goto done;
    if (con) {
        slopes(&at, w, con, r->box);
        for (size_t i = 0; i < w->plan->inputs; i++)
            reach += fabs(w->g[i]) * (0.5 * r->box[i].hi - 0.5 * r->box[i].lo);
        *loose = (sbx_attack_excess(&size, a, con, a->x) - (at - con->above)) / reach;
    }
    for (size_t i = 0; i < w->plan->inputs; i++)
        a->x[i] = w->g[i] > 0.0 ? r->box[i].lo : w->g[i] < 0.0 ? r->box[i].hi : a->x[i];
    if (descend)
        SBX_TRY(sbx_attack_descend(found, a, g, SBX_ANY_CASE, r->box, 12, 0.25, false, err));
    else
        SBX_TRY(sbx_attack_point(found, a, g, a->x, err));
done:
    return st;
}

static sbx_status do_job(sbx_job *job, sbx_worker *w)
{
    sbx_status st = SBX_OK;
    sbx_region *const r = job->region;
    const bool split = w->opts->method == SBX_VERIFY_AUTO || w->opts->method == SBX_VERIFY_BAB;
    const sbx_plan_case *c;
    const sbx_plan_con *con;
    bool found = false;
    double loose = 0.0;

    if (w->opts->stop && w->opts->stop(w->opts->stop_arg)) return SBX_OK; /* TODO */
    job->held = HUGE_VAL;
    SBX_TRY(bound(w, r, &job->err));
    c = &w->plan->cases[judge(job, w)];
    if (r->n_open > 0 && w->method == SBX_BOUND_CROWN) {
        SBX_TRY(clip(job, w));
        c = &w->plan->cases[judge(job, w)]; /* of what is left, by the bounds that are better now */
    }
    if (r->n_open == 0) { /* every case, by a proved bound [L-NET-09] [L-NET-35] */
        job->end = SBX_JOB_REFUTED;
        goto done;
    }
    con = c->n_con ? &c->con[job->constraint] : NULL;
    if (r->whole && w->method == SBX_BOUND_CROWN && con && con->row != SBX_NO_ROW)
        SBX_TRY(sbx_bounder_slack(w->bounder, &job->slack,
                                  w->plan->row + con->row * w->plan->outputs, w->place[con->row],
                                  &job->err));
    SBX_TRY(attack(&found, &loose, w, r, con, &job->err));
    if (found) {
        job->end = SBX_JOB_WITNESS;
        goto done;
    }
    shares(w, r, loose);
    job->end = !split || cut(job, w->share, w->plan) ? SBX_JOB_SPLIT : SBX_JOB_STUCK;
    if (job->end != SBX_JOB_STUCK) goto done;
    SBX_TRY(sbx_exact_cases(&found, r, &w->prover, w->plan, &job->err)); /* [L-NET-91] */
    if (!found && r->n_open > 0) goto done;
    job->end = found ? SBX_JOB_WITNESS : SBX_JOB_REFUTED;
    job->margin = job->held < 0.0 ? job->held : 0.0; /* proved, but not measured */
done:
    return st;
}

void sbx_job_do(sbx_job *job, sbx_worker *w)
{
    job->st = do_job(job, w);
    if (job->st != SBX_OK) job->end = SBX_JOB_TODO;
    if (job->st == SBX_ERR_STOPPED) job->st = SBX_OK; /* half-way: nothing is known of it */
}
