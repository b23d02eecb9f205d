/* softbox/verify.h -- the verdict on a network and a property.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_VERIFY_H
#define SBX_VERIFY_H

#include "softbox/bound.h"
#include "softbox/property.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sbx_verdict {
    SBX_VERDICT_UNKNOWN = 0,
    SBX_HOLDS,    /* no input of any disjunct satisfies its constraints: proved   */
    SBX_VIOLATED, /* the witness does, inside the exact box: proved               */
    SBX_TIMEOUT
} sbx_verdict;

typedef enum sbx_verify_method {
    SBX_VERIFY_AUTO,  /* falsify, CROWN, then split inputs */
    SBX_VERIFY_IBP,   /* one pass of interval propagation  */
    SBX_VERIFY_CROWN, /* one pass of linear propagation    */
    SBX_VERIFY_BAB    /* as auto                           */
} sbx_verify_method;

typedef struct sbx_verify_opts {
    sbx_verify_method method;
    size_t max_nodes; /* sub-boxes to look at in all; 0: no limit      */
    unsigned threads; /* 0: one                                        */
    uint64_t seed;    /* of the falsifier                              */
    /* Asked often, from any thread; nonzero ends the search with TIMEOUT. */
    int (*stop)(void *);
    void *stop_arg;
    /* Called now and then by one thread at a time: sub-boxes looked at and open, and the
     * margin of the worst that is open. */
    void (*progress)(void *, size_t nodes, size_t open, double best);
    void *progress_arg;
} sbx_verify_opts;

/* Why unknown: what was farthest from a proof, and where its bound loses. Not proved, but the
 * same for every number of threads: the parts add up [L-NET-70]. Numbers of nodes are those of
 * sbx_net_get_node. */
typedef struct sbx_why {
    double gap;                  /* of the worst open constraint: by how much its best bound */
    size_t disjunct, constraint; /* misses (inf: no bound); which constraint that is         */
    bool known;                  /* is the rest filled? It is about the whole box of the     */
    double slack;                /* disjunct: how far the bound of the constraint is below   */
    size_t node;                 /* the network at the corner where that is least; the node  */
    double node_slack;           /* that has most of it, and how much;                       */
    size_t element;              /* the element of its output that has most of that, or      */
    bool is_row;                 /* the row of elements that are relaxed together (softmax), */
    double element_slack;        /* and how much                                             */
    char help[192];              /* the option most likely to help                           */
} sbx_why;

typedef struct sbx_verify_result {
    sbx_verdict verdict;
    size_t nodes;    /* sub-boxes looked at                                      */
    double bound;    /* least over open work of the best proved margin: >= 0 when it
                      * holds (0: a part was refuted without measuring by how much);
                      * how far it is from being proved otherwise                */
    size_t disjunct; /* violated: which one                                      */
    size_t n_x, n_y;
    mpq_t *x;         /* violated: the witness, exact, inside the exact box       */
    sbx_ivq *y;       /* and an enclosure of the outputs there                    */
    char reason[256]; /* unknown, timeout, and where there was nothing to prove: why, in a line */
    sbx_why why;      /* unknown, timeout; help is "" otherwise */
} sbx_verify_result;

/* sbx_verify: decides a property of a network.
 *
 *   out   *r     filled; sbx_verify_result_clear ends it; cleared on failure
 *   proof L-NET-08 (splitting), L-NET-09 (holds), L-NET-10 (violated)
 *   error SBX_ERR_ARG the property has other numbers of inputs or outputs than the
 *         network; SBX_ERR_NOMEM; SBX_ERR_SOUNDNESS: and then no verdict */
sbx_status sbx_verify(sbx_verify_result *r, const sbx_net *net, const sbx_property *p,
                      const sbx_verify_opts *opts, sbx_err *err) SBX_MUST_USE;
void sbx_verify_result_clear(sbx_verify_result *r);

/* ---- counterexamples that others claim ------------------------------------------- */

typedef enum sbx_claim {
    SBX_CLAIM_UNKNOWN = 0, /* no enclosure of the outputs was narrow enough              */
    SBX_CLAIM_VALID,       /* a point of the exact box that violates the property        */
    SBX_CLAIM_TOLERANCE,   /* not valid, but no bound or constraint is missed by more
                            * than the tolerance                                         */
    SBX_CLAIM_INVALID      /* some bound or constraint of every disjunct is             */
} sbx_claim;

typedef struct sbx_claim_result {
    sbx_claim claim;
    size_t disjunct;    /* the one that is missed by least */
    double box, excess; /* rounded up: by how much its box and its constraints are missed at
                         * most; <= 0: not at all. inf: the outputs are not bounded */
} sbx_claim_result;

/* sbx_claim_judge: is x a counterexample? Every verdict but UNKNOWN is proved, in
 * rationals over an enclosure of the outputs of the real network.
 *
 *   in    x[inputs]   exact
 *         tolerance   absolute, >= 0, on bounds of inputs and on constraints
 *   out   *r          set; unchanged on failure
 *   proof L-NET-10, L-NET-33
 *   error SBX_ERR_ARG numbers of inputs or outputs that differ, x outside of the network's
 *         domain (sbx_net_domain); SBX_ERR_NOMEM */
sbx_status sbx_claim_judge(sbx_claim_result *r, const sbx_net *net, const sbx_property *p,
                           const mpq_t *x, mpq_srcptr tolerance, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
