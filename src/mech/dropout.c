/* mech/dropout.c -- D&D (Lin et al. 2021): softmax over untied output embeddings of a hidden state with
 * dropout, softmax(E (keep o h) / (1 - rate)).
 *
 * Contexts are the queries, words the keys. Scores have rank at most d, so the matrix of log-probabilities, which is
 * them less a number a row, has rank at most d + 1 [L-MCH-56].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

#define MECH_FILE "mech/dropout.c"
#include "mech/every.h"

static const sbx_param params[] = {{"rate", "of the dropout: what is kept is divided by 1 - rate",
                                    "1/2", "0", "1", SBX_PARAM_OPEN_HI}};
static const sbx_mech_extra extra[] = {{"keep", "1 where a number is kept, n x d", "bit"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = s.n;
    *columns = s.d;
}

/* the query that is left, a number */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d + 1;
}

const sbx_mech sbx_mech_dropout = {.info = {.name = "dropout",
                                            .formula = "softmax((keep o q_i).k_j / (1 - rate))",
                                            .from = "Lin et al., arXiv:2110.05409",
                                            .kind = SBX_NORM_TRANSCENDENTAL,
                                            .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
                                            .need = SBX_CAN_EXP,
                                            .param = params,
                                            .n_params = 1,
                                            .extra = extra,
                                            .n_extra = 1},
                                   SBX_MECH_ROW(row),
                                   .work = work,
                                   .dims = dims};
#else
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    NUM *const q = r->work, *const t = q + r->d;
    sbx_status st = SBX_OK;
    NUM one;
    NUM_(init)(&one, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    SBX_TRY(FN(sbx_mech_param)(t, r, 0, 0, err));
    SBX_TRY(NUM_(sub)(t, &one, t, r->ctx, err));
    for (size_t c = 0; c < r->d; c++) {
        SBX_TRY(
            NUM_(mul)(&q[c], &r->in.q[i * r->d + c], &r->in.extra[0][i * r->d + c], r->ctx, err));
        SBX_TRY(NUM_(div)(&q[c], &q[c], t, r->ctx, err));
    }
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(FN(sbx_mech_dot)(&w[j], q, 1, r->in.k + j * r->d, 1, r->d, r, err));
    SBX_TRY(FN(sbx_mech_softmax)(w, w, r->m, r, err));
done:
    NUM_(clear)(&one);
    return st;
}
#endif
