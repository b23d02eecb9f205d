/* search/why.c -- what an unknown or a timeout is waiting for, in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/search.h"

#include <math.h>
#include <stdio.h>

/* The worst of what is open: its margin, and of which constraint. The box is not to be used. */
static sbx_region worst_open(const sbx_search *s)
{
    sbx_region w = {.margin = HUGE_VAL};
    if (s->opened < s->plan.n_groups) {
        w.margin = -HUGE_VAL;
        w.group = s->opened;
        w.disjunct = s->plan.cases[s->plan.group[s->opened].first].disjunct;
    }
    if (s->stuck > 0 && s->stuck_worst.margin < w.margin) w = s->stuck_worst;
    for (size_t k = 0; k < s->heap.n; k++) {
        const sbx_region *const r = s->heap.at[k];
        if (r->margin < w.margin || (!(r->margin > w.margin) && r->number < w.number)) w = *r;
    }
    return w;
}

static void say(sbx_verify_result *r, const sbx_search *s, size_t open)
{
    char *const m = sbx_d_write(r->bound, SBX_LO, 6);
    char at[96] = "";

    if (r->bound > -HUGE_VAL && m)
        (void)snprintf(at, sizeof at, ", least margin %s (disjunct %zu, constraint %zu)", m,
                       r->why.disjunct, r->why.constraint);
    if (r->verdict == SBX_HOLDS && s->plan.n_groups == 0)
        (void)snprintf(r->reason, sizeof r->reason, "%s",
                       s->p->n_disjuncts == 0 ? "the property has no disjunct"
                                              : "the box of every disjunct is empty");
    else if (r->verdict == SBX_TIMEOUT)
        (void)snprintf(r->reason, sizeof r->reason, "stopped after %zu boxes, %zu open%s", s->nodes,
                       open, at);
    else if (r->verdict == SBX_VERDICT_UNKNOWN)
        (void)snprintf(r->reason, sizeof r->reason, "%zu boxes looked at, %zu open%s; %s", s->nodes,
                       open, at,
                       s->beyond          ? "an input bound is beyond the range of doubles"
                       : s->one_pass      ? "the bounds of the whole boxes do not suffice"
                       : s->stuck == open ? "they are too small to be split"
                                          : "as many boxes as allowed");
    sbx_text_free(m);
}

/* The option most likely to help. Where hardly a box was refuted, more of them will not do. */
static void advise(sbx_verify_result *r, const sbx_search *s, size_t open)
{
    char *const to = r->why.help;
    const size_t size = sizeof r->why.help;
    const char *const more = r->verdict == SBX_TIMEOUT ? "--timeout or --threads" : "--max-nodes";
    if (s->opts.method == SBX_VERIFY_IBP)
        (void)snprintf(to, size,
                       "--method auto: linear propagation is tighter, then inputs are split");
    else if (s->one_pass)
        (void)snprintf(to, size, "--method auto: the inputs are split");
    else if (s->beyond == open || s->stuck == open)
        (void)snprintf(to, size, "none: a strict tie, or numbers beyond the doubles");
    else if (s->opened < s->plan.n_groups)
        (void)snprintf(to, size, "%s: %zu of %zu boxes were not looked at", more,
                       s->plan.n_groups - s->opened, s->plan.n_groups);
    else if (8 * s->refuted >= s->nodes)
        (void)snprintf(to, size, "%s: %zu of %zu boxes were refuted", more, s->refuted, s->nodes);
    else
        (void)snprintf(
            to, size,
            "--seed, for another attack: of %zu boxes %zu were refuted, so splitting %zu "
            "inputs takes long",
            s->nodes, s->refuted, s->plan.inputs);
}

void sbx_search_why(sbx_verify_result *r, const sbx_search *s)
{
    const size_t open = s->heap.n + s->stuck + (s->plan.n_groups - s->opened);
    if (r->verdict == SBX_HOLDS) r->bound = s->held_margin;
    if (r->verdict == SBX_VERDICT_UNKNOWN || r->verdict == SBX_TIMEOUT) {
        const sbx_region w = worst_open(s);
        r->why = s->why[w.group];
        r->bound = w.margin;
        r->why.gap = -w.margin;
        r->why.disjunct = w.disjunct;
        r->why.constraint = w.constraint;
        advise(r, s, open);
    }
    say(r, s, open);
}
