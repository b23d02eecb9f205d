/* search/job.h -- one sub-box looked at, and the worker threads that do it.
 *
 * The search goes in rounds of a few jobs. What a job finds depends on its region alone,
 * and the jobs of a round are taken up again in their order: so the result of a search
 * does not depend on the number of threads, nor on which was faster.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_JOB_H
#define SBX_SEARCH_JOB_H

#include "bound/slack.h"
#include "search/attack.h"
#include "search/joint.h"
#include "search/region.h"

typedef enum sbx_job_end {
    SBX_JOB_TODO = 0, /* not looked at: stopped, or an earlier job of the round found a witness */
    SBX_JOB_REFUTED,  /* every case of the region: proved [L-NET-09]                            */
    SBX_JOB_SPLIT,    /* open: to be split                                                      */
    SBX_JOB_STUCK,    /* open, no coordinate has a double between its ends, nor do rationals tell */
    SBX_JOB_WITNESS   /* a case is violated: proved                                             */
} sbx_job_end;

typedef struct sbx_job {
    sbx_region *region; /* the job drops the refuted cases from its list      */
    sbx_job_end end;
    sbx_status st;
    sbx_err err;
    double margin;               /* proved: least over the cases it looked at of  */
    size_t disjunct, constraint; /* the best constraint; and of which             */
    double held;                 /* proved: least over the cases that it refuted  */
    sbx_slack slack;             /* of a whole box that stays open                */
    size_t axis;                 /* SPLIT: the coordinate, */
    double mid;                  /* strictly between its ends */
} sbx_job;

/* What one thread needs. */
typedef struct sbx_worker {
    const sbx_plan *plan;
    const sbx_verify_opts *opts;
    sbx_bound_method method;
    sbx_bounder *bounder;
    sbx_prover prover;
    sbx_attack attack;
    sbx_joint joint;
    sbx_ivd *cut, *hull; /* [inputs] */
    double *share, *g;   /* [inputs] */
    double *c;           /* [outputs] */
    double *C, *lo;      /* [rows][outputs], [rows]                        */
    size_t *place, *row; /* [plan rows]: where in C; [rows in C]: which it is */
} sbx_worker;

typedef struct sbx_pool sbx_pool;

/* threads workers, the calling thread being the first; fewer where the system
 * gives no more threads. */
sbx_status sbx_pool_new(sbx_pool **pool, const sbx_plan *plan, const sbx_net *net,
                        const sbx_verify_opts *opts, unsigned threads, sbx_err *err) SBX_MUST_USE;
void sbx_pool_free(sbx_pool *pool);
sbx_worker *sbx_pool_first(sbx_pool *pool);

/* Does the jobs. When one ends with a witness, it is in *witness afterwards: of the first
 * such job, and all jobs before that one are done. */
void sbx_pool_run(sbx_pool *pool, sbx_job *job, size_t n, sbx_prover *witness);

/* a job, by one worker (sbx_pool_run calls it) */
void sbx_job_do(sbx_job *job, sbx_worker *w);

sbx_status sbx_worker_init(sbx_worker *w, const sbx_plan *plan, const sbx_net *net,
                           const sbx_verify_opts *opts, sbx_err *err) SBX_MUST_USE;
void sbx_worker_clear(sbx_worker *w);

#endif
