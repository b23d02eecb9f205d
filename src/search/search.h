/* search/search.h -- the state of one search, for verify.c and why.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_SEARCH_H
#define SBX_SEARCH_SEARCH_H

#include "search/job.h"

typedef struct sbx_search {
    const sbx_net *net;
    const sbx_property *p;
    sbx_verify_opts opts;
    sbx_plan plan;
    sbx_pool *pool;
    sbx_region_heap heap;
    sbx_prover witness;
    sbx_verdict verdict;
    bool stop_seen;
    bool one_pass;          /* bounds of each group, and no more              */
    size_t nodes;           /* regions looked at                              */
    size_t opened;          /* groups                                         */
    size_t pending;         /* regions made and not refuted [L-NET-08]        */
    size_t stuck;           /* given up, for good                             */
    size_t beyond;          /* of those: groups beyond the doubles            */
    sbx_region stuck_worst; /* the worst of them, without its box             */
    double held_margin;     /* the least over the refuted regions             */
    size_t refuted;         /* regions                                        */
    sbx_why *why;           /* [groups] of the whole boxes that stayed open   */
} sbx_search;

/* After the search: r->bound, r->reason and r->why, from r->verdict. */
void sbx_search_why(sbx_verify_result *r, const sbx_search *s);

#endif
