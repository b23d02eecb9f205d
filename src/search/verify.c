/* search/verify.c -- the verdict: see softbox/verify.h.
 *
 * Order of work: the quick attack on each group of disjuncts; bounds of each group's box;
 * the long attack on the groups that are still open; then the open boxes are split, worst
 * first. Every region is in one of four places: refuted, in the heap, stuck (given up), or a
 * group that is not opened yet. HOLDS means that all of them are refuted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/verify.h"

#include "base/alloc.h"
#include "base/try.h"
#include "search/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROUND       32  /* jobs in a round              */
#define MAX_THREADS 256 /* more are as good as this     */
#define ATTACK_WORK 3e8 /* multiplications of the long attack, about */

static bool stopped(sbx_search *s)
{
    s->stop_seen = s->stop_seen || (s->opts.stop && s->opts.stop(s->opts.stop_arg));
    return s->stop_seen;
}

/* the whole box of a group, with all its cases */
static sbx_status open_group(sbx_region **r, sbx_search *s, sbx_err *err)
{
    const sbx_plan_group *const g = &s->plan.group[s->opened];
    *r = sbx_region_new(&s->plan, s->opened, g->n_cases);
    if (!*r) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory for a box");
    memcpy((*r)->box, g->box, s->plan.inputs * sizeof *g->box);
    for (size_t k = 0; k < g->n_cases; k++)
        (*r)->open[k] = g->first + k;
    (*r)->margin = -HUGE_VAL;
    (*r)->disjunct = s->plan.cases[g->first].disjunct;
    (*r)->whole = true;
    (*r)->number = s->opened;
    s->opened++;
    return SBX_OK;
}

static void give_up(sbx_search *s, const sbx_region *r)
{
    s->stuck++; /* it stays pending: no proof of it */
    if (s->stuck > 1 && !(r->margin < s->stuck_worst.margin)) return;
    s->stuck_worst = *r;
    s->stuck_worst.box = NULL;
    s->stuck_worst.open = NULL;
}

/* what a job found out about a region that stays open */
static void note(sbx_search *s, sbx_region *r, const sbx_job *job)
{
    sbx_why *const y = &s->why[r->group];
    const sbx_slack *const l = &job->slack;
    r->margin = job->margin;
    r->disjunct = job->disjunct;
    r->constraint = job->constraint;
    if (!l->known) return;
    *y = (sbx_why){.disjunct = job->disjunct, .constraint = job->constraint, .known = true};
    y->slack = l->total;
    y->node = l->node;
    y->node_slack = l->node_part;
    y->element = l->element;
    y->is_row = l->is_row;
    y->element_slack = l->element_part;
}

/* [L-NET-08]: a region is the union of its halves; both take its place. Takes r over. */
static sbx_status split(sbx_search *s, sbx_region *r, const sbx_job *job, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_region *upper = sbx_region_new(&s->plan, r->group, r->n_open);
    if (!upper) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a box");
    SBX_SOUND(r->box[job->axis].lo < job->mid && job->mid < r->box[job->axis].hi, err);
    memcpy(upper->box, r->box, s->plan.inputs * sizeof *r->box);
    memcpy(upper->open, r->open, r->n_open * sizeof *r->open);
    upper->margin = r->margin;
    upper->disjunct = r->disjunct;
    upper->constraint = r->constraint;
    r->whole = false;
    upper->box[job->axis].lo = job->mid;
    r->box[job->axis].hi = job->mid;
    s->pending++;
    st = sbx_region_push(&s->heap, r, err);
    r = NULL;
    if (st != SBX_OK) goto done;
    st = sbx_region_push(&s->heap, upper, err);
    upper = NULL;
done:
    sbx_region_free(r);
    sbx_region_free(upper);
    return st;
}

/* What a job found is taken up. Takes job->region over. */
static sbx_status settle(sbx_search *s, sbx_job *job, sbx_err *err)
{
    sbx_region *const r = job->region;
    job->region = NULL;
    if (job->end != SBX_JOB_TODO) s->nodes++;
    switch (job->end) {
    case SBX_JOB_REFUTED:
        s->pending--; /* every case of it, by a proved bound [L-NET-09] */
        s->refuted++;
        if (job->margin < s->held_margin) s->held_margin = job->margin;
        break;
    case SBX_JOB_SPLIT:
        note(s, r, job);
        if (!s->one_pass) return split(s, r, job, err);
        return sbx_region_push(&s->heap, r, err);
    case SBX_JOB_STUCK:
        note(s, r, job);
        give_up(s, r);
        break;
    case SBX_JOB_WITNESS:
    case SBX_JOB_TODO: return sbx_region_push(&s->heap, r, err);
    }
    sbx_region_free(r);
    return SBX_OK;
}

/* A round of jobs: groups not opened yet first, then the worst regions. *n: how many there
 * were. Any error of a job is the end of the search, without a verdict. */
static sbx_status round_of_jobs(size_t *n, sbx_search *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_job job[ROUND] = {{0}};
    size_t most = ROUND;

    *n = 0;
    if (s->opts.max_nodes && s->opts.max_nodes - s->nodes < most)
        most = s->opts.max_nodes - s->nodes;
    for (; *n < most; ++*n) {
        if (s->opened < s->plan.n_groups) {
            if (s->plan.group[s->opened].beyond) {
                const sbx_region r = {.margin = -HUGE_VAL,
                                      .group = s->opened,
                                      .disjunct =
                                          s->plan.cases[s->plan.group[s->opened].first].disjunct};
                s->opened++;
                s->beyond++;
                give_up(s, &r);
                --*n;
                continue;
            }
            SBX_TRY(open_group(&job[*n].region, s, err));
        } else {
            job[*n].region = s->one_pass ? NULL : sbx_region_pop(&s->heap);
            if (!job[*n].region) break;
        }
    }
    sbx_pool_run(s->pool, job, *n, &s->witness);
    for (size_t k = 0; k < *n; k++) {
        if (job[k].st != SBX_OK) {
            if (err) *err = job[k].err;
            st = job[k].st;
            goto done;
        }
        if (job[k].end == SBX_JOB_WITNESS) s->verdict = SBX_VIOLATED;
        SBX_TRY(settle(s, &job[k], err));
        if (s->verdict == SBX_VIOLATED) break;
        s->stop_seen = s->stop_seen || job[k].end == SBX_JOB_TODO;
    }
done:
    for (size_t k = 0; k < ROUND; k++)
        sbx_region_free(job[k].region);
    return st;
}

/* witness <- the point that the attack of the first worker has proved */
static void take_witness(sbx_search *s)
{
    sbx_prover *const w = &sbx_pool_first(s->pool)->prover;
    const sbx_prover t = s->witness;
    s->witness = *w;
    *w = t;
    s->verdict = SBX_VIOLATED;
}

static sbx_status quick_attack(sbx_search *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t g = 0; g < s->plan.n_groups && !stopped(s); g++) {
        bool found = false;
        SBX_TRY(sbx_attack_quick(&found, &sbx_pool_first(s->pool)->attack, &s->plan.group[g], err));
        if (!found) continue;
        take_witness(s);
        goto done;
    }
done:
    return st;
}

/* On every group that is in the heap: the budget is shared among them. */
static sbx_status long_attack(sbx_search *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_net_info info;
    double calls;
    size_t n = 0;
    bool *const open = sbx_alloc(s->plan.n_groups, sizeof *open);

    if (!open) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for an attack");
    for (size_t k = 0; k < s->heap.n; k++) {
        n += !open[s->heap.at[k]->group];
        open[s->heap.at[k]->group] = true;
    }
    sbx_net_get_info(&info, s->net);
    calls = ATTACK_WORK / ((double)info.parameters + 100.0);
    calls = calls > 20000.0 ? 20000.0 : calls;
    calls = calls / (double)(n ? n : 1);
    for (size_t g = 0; g < s->plan.n_groups && !stopped(s); g++) {
        bool found = false;
        if (!open[g]) continue;
        SBX_TRY(sbx_attack_group(&found, &sbx_pool_first(s->pool)->attack, &s->plan.group[g],
                                 calls > 100.0 ? (long)calls : 100, err));
        if (!found) continue;
        take_witness(s);
        goto done;
    }
done:
    sbx_free(open);
    return st;
}

static sbx_status run(sbx_search *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool attacked = false;

    SBX_TRY(quick_attack(s, err));
    while (s->verdict == SBX_VERDICT_UNKNOWN) {
        size_t n = 0;
        if (stopped(s)) {
            s->verdict = SBX_TIMEOUT;
            break;
        }
        if (!attacked && s->opened == s->plan.n_groups && s->heap.n > 0) {
            attacked = true;
            SBX_TRY(long_attack(s, err));
            continue;
        }
        SBX_TRY(round_of_jobs(&n, s, err));
        if (n == 0) break; /* all done, or as many as are allowed */
        if (s->opts.progress)
            s->opts.progress(s->opts.progress_arg, s->nodes, s->heap.n + s->stuck,
                             s->heap.n  ? s->heap.at[0]->margin
                             : s->stuck ? s->stuck_worst.margin
                                        : s->held_margin);
    }
    if (s->verdict != SBX_VIOLATED) {
        /* [L-NET-08] [L-NET-09]: nothing is lost, and HOLDS only when nothing is left */
        SBX_SOUND(s->pending == s->heap.n + s->stuck + (s->plan.n_groups - s->opened), err);
        if (s->pending == 0) s->verdict = SBX_HOLDS;
    }
done:
    return st;
}

/* The witness, checked once more in rationals, becomes the result's own. */
static sbx_status hand_over(sbx_verify_result *r, sbx_search *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_prover_check(&s->witness, err)); /* [L-NET-10] */
    r->disjunct = s->witness.disjunct;
    r->n_x = s->witness.inputs;
    r->n_y = s->witness.outputs;
    r->x = s->witness.x;
    r->y = s->witness.y;
    s->witness = (sbx_prover){0};
done:
    return st;
}

/* Where the file of the network says for which inputs it is meant, nothing else is asked. */
static sbx_status check_domain(const sbx_net *net, const sbx_property *p, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const mpq_t *lo, *hi;
    if (!sbx_net_domain(&lo, &hi, net)) return SBX_OK;
    for (size_t d = 0; d < p->n_disjuncts; d++)
        for (size_t j = 0; j < p->inputs; j++) {
            const sbx_disjunct *u = &p->disjunct[d];
            if (mpq_cmp(u->lo[j], lo[j]) < 0 || mpq_cmp(u->hi[j], hi[j]) > 0)
                SBX_FAIL(err, SBX_ERR_ARG,
                         "X_%zu leaves the box for which the network's file says it is meant", j);
        }
done:
    return st;
}

sbx_status sbx_verify(sbx_verify_result *r, const sbx_net *net, const sbx_property *p,
                      const sbx_verify_opts *opts, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_search s = {.net = net, .p = p, .held_margin = HUGE_VAL};
    unsigned threads;

    *r = (sbx_verify_result){0};
    if (opts) s.opts = *opts;
    s.one_pass = s.opts.method == SBX_VERIFY_IBP || s.opts.method == SBX_VERIFY_CROWN;
    threads = s.opts.threads == 0 ? 1 : s.opts.threads > MAX_THREADS ? MAX_THREADS : s.opts.threads;
    if (p->inputs != sbx_net_inputs(net))
        SBX_FAIL(err, SBX_ERR_ARG, "the property declares %zu inputs, the network has %zu",
                 p->inputs, sbx_net_inputs(net));
    if (p->outputs != sbx_net_outputs(net))
        SBX_FAIL(err, SBX_ERR_ARG, "the property declares %zu outputs, the network has %zu",
                 p->outputs, sbx_net_outputs(net));
    SBX_TRY(check_domain(net, p, err));
    st = sbx_plan_make(
        &s.plan, p, &(sbx_ctx){.prec = 128, .stop = s.opts.stop, .stop_arg = s.opts.stop_arg}, err);
    if (st == SBX_ERR_STOPPED) { /* the plan is empty, and says nothing */
        st = SBX_OK;
        r->verdict = SBX_TIMEOUT;
        r->bound = -HUGE_VAL;
        (void)snprintf(r->reason, sizeof r->reason, "stopped while the property was prepared");
        (void)snprintf(r->why.help, sizeof r->why.help, "--timeout: nothing was looked at");
        goto done;
    }
    SBX_TRY(st);
    s.why = sbx_alloc(s.plan.n_groups, sizeof *s.why);
    if (!s.why) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu boxes", s.plan.n_groups);
    s.pending = s.plan.n_groups; /* empty boxes have no point: refuted [L-NET-32] */
    if (s.plan.n_groups == 0) {
        s.verdict = SBX_HOLDS;
    } else {
        SBX_TRY(sbx_prover_init(&s.witness, net, p, err));
        s.witness.stop = s.opts.stop;
        s.witness.stop_arg = s.opts.stop_arg;
        SBX_TRY(sbx_pool_new(&s.pool, &s.plan, net, &s.opts, threads, err));
        SBX_TRY(run(&s, err));
    }
    if (s.verdict == SBX_VIOLATED) SBX_TRY(hand_over(r, &s, err));
    r->verdict = s.verdict;
    r->nodes = s.nodes;
    sbx_search_why(r, &s);
done:
    sbx_pool_free(s.pool);
    sbx_prover_clear(&s.witness);
    sbx_region_heap_clear(&s.heap);
    sbx_free(s.why);
    sbx_plan_clear(&s.plan);
    if (st != SBX_OK) sbx_verify_result_clear(r);
    return st;
}

void sbx_verify_result_clear(sbx_verify_result *r)
{
    for (size_t i = 0; i < r->n_x; i++)
        mpq_clear(r->x[i]);
    for (size_t j = 0; j < r->n_y; j++)
        sbx_ivq_clear(&r->y[j]);
    sbx_free(r->x);
    sbx_free(r->y);
    *r = (sbx_verify_result){0};
}
