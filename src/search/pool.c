/* search/pool.c -- see job.h: worker threads that do rounds of jobs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/job.h"

#include "base/alloc.h"
#include "base/try.h"

#include <pthread.h>

struct sbx_pool {
    sbx_worker *worker; /* [n], the first is the caller's */
    pthread_t *thread;  /* [n], the first unused          */
    unsigned n, n_init; /* threads that run and the caller; workers that are made */
    bool has_lock;
    pthread_mutex_t lock;
    pthread_cond_t begin, end;
    /* under the lock: the round */
    sbx_job *job;
    size_t n_job, next, running;
    size_t found; /* the first job known to end with a witness; n_job: none */
    sbx_prover *witness;
    bool quit;
};

struct seat { /* what a thread is told at its start */
    sbx_pool *pool;
    unsigned k;
};

/* Jobs one after the other, until none is left; called and returns with the lock. */
static void do_jobs(sbx_pool *p, sbx_worker *w)
{
    while (p->next < p->n_job && p->next < p->found) {
        const size_t k = p->next++;
        p->running++;
        (void)pthread_mutex_unlock(&p->lock);
        sbx_job_do(&p->job[k], w);
        (void)pthread_mutex_lock(&p->lock);
        if (p->job[k].end == SBX_JOB_WITNESS && k < p->found) {
            const sbx_prover t = w->prover; /* the first one stays: swap the storage */
            w->prover = *p->witness;
            *p->witness = t;
            p->found = k;
        }
        p->running--;
    }
    if (p->running == 0) (void)pthread_cond_broadcast(&p->end);
}

static void *thread_main(void *arg)
{
    struct seat *const seat = arg;
    sbx_pool *const p = seat->pool;
    sbx_worker *const w = &p->worker[seat->k];
    sbx_free(seat);
    (void)pthread_mutex_lock(&p->lock);
    while (!p->quit) {
        do_jobs(p, w);
        (void)pthread_cond_wait(&p->begin, &p->lock);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

sbx_status sbx_pool_new(sbx_pool **pool, const sbx_plan *plan, const sbx_net *net,
                        const sbx_verify_opts *opts, unsigned threads, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_pool *p = sbx_alloc(1, sizeof *p);
    *pool = NULL;
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the workers");
    p->worker = sbx_alloc(threads, sizeof *p->worker);
    p->thread = sbx_alloc(threads, sizeof *p->thread);
    if (!p->worker || !p->thread) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the workers");
    for (; p->n_init < threads; p->n_init++)
        SBX_TRY(sbx_worker_init(&p->worker[p->n_init], plan, net, opts, err));
    if (pthread_mutex_init(&p->lock, NULL) != 0 || pthread_cond_init(&p->begin, NULL) != 0 ||
        pthread_cond_init(&p->end, NULL) != 0)
        SBX_FAIL(err, SBX_ERR_NOMEM, "the system gives no lock");
    p->has_lock = true;
    for (p->n = 1; p->n < threads; p->n++) {
        struct seat *const seat = sbx_alloc(1, sizeof *seat);
        if (!seat) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the workers");
        *seat = (struct seat){p, p->n};
        if (pthread_create(&p->thread[p->n], NULL, thread_main, seat) != 0) {
            sbx_free(seat);
            break; /* with fewer */
        }
    }
    *pool = p;
    p = NULL;
done:
    sbx_pool_free(p);
    return st;
}

void sbx_pool_free(sbx_pool *p)
{
    if (!p) return;
    if (p->has_lock) {
        (void)pthread_mutex_lock(&p->lock);
        p->quit = true;
        (void)pthread_cond_broadcast(&p->begin);
        (void)pthread_mutex_unlock(&p->lock);
        for (unsigned k = 1; k < p->n; k++)
            (void)pthread_join(p->thread[k], NULL);
        (void)pthread_cond_destroy(&p->begin);
        (void)pthread_cond_destroy(&p->end);
        (void)pthread_mutex_destroy(&p->lock);
    }
    for (unsigned k = 0; k < p->n_init; k++)
        sbx_worker_clear(&p->worker[k]);
    sbx_free(p->worker);
    sbx_free(p->thread);
    sbx_free(p);
}

sbx_worker *sbx_pool_first(sbx_pool *p) { return &p->worker[0]; }

void sbx_pool_run(sbx_pool *p, sbx_job *job, size_t n, sbx_prover *witness)
{
    (void)pthread_mutex_lock(&p->lock);
    p->job = job;
    p->n_job = n;
    p->found = n;
    p->next = 0;
    p->witness = witness;
    if (n > 1) (void)pthread_cond_broadcast(&p->begin);
    do_jobs(p, &p->worker[0]);
    while (p->running > 0)
        (void)pthread_cond_wait(&p->end, &p->lock);
    p->n_job = p->next = 0; /* a thread that wakes up late finds nothing */
    p->found = 0;
    (void)pthread_mutex_unlock(&p->lock);
}
