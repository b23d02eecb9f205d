/* mech/cpr.c -- Softmax-CPR (Chang et al. 2023): one softmax whose scores are piecewise: words of the context, of the
 * input, and the k that the base scores put first each have a hidden state of their own.
 *
 * Contexts are the queries h, words the keys e. The score of word w is (h W_C).e_w if it is in the context, else
 * (h W_E).e_w if it is in the input, else (h W_R).e_w if it is among the k greatest of h.e, else h.e_w. With
 * W_C = W_E = W_R = I it is softmax of h.e [L-MCH-57].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { K };
enum { CONTEXT, INPUT, WC, WE, WR };
#define MECH_FILE "mech/cpr.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"k", "words that the reranker takes", "2", "0", "1000000000", SBX_PARAM_INTEGER}};
static const sbx_mech_extra extra[] = {{"context", "1 for a word of the context, n x m", "bit"},
                                       {"input", "1 for a word of the input, n x m", "bit"},
                                       {"WC", "the context's map, d x d", "gauss"},
                                       {"WE", "the input's map, d x d", "gauss"},
                                       {"WR", "the reranker's map, d x d", "gauss"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    *rows = e <= INPUT ? s.n : s.d;
    *columns = e <= INPUT ? s.m : s.d;
}

/* base scores, three hidden states */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.m + 3 * s.d;
}

const sbx_mech sbx_mech_cpr = {
    .info = {.name = "cpr",
             .formula = "softmax of scores by partition: context, input, reranked, others",
             .note = "the others keep their own base scores; a gated sum of partitions is not here",
             .from = "Chang, Yao, Gon, Yu and McCallum, arXiv:2305.12289",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 1,
             .extra = extra,
             .n_extra = 5},
    SBX_MECH_ROW(row),
    .work = work,
    .dims = dims};
#else
/* *yes: is this mark 1; it must be 0 or 1 */
static sbx_status FN(marked)(bool *yes, const NUM *mark, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero, one;
    NUM_(init)(&zero, r->ctx);
    NUM_(init)(&one, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    *yes = NUM_(eq)(mark, &one) == SBX_TRUE;
    if (!*yes && NUM_(eq)(mark, &zero) != SBX_TRUE)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "marks are 0 and 1 alone");
done:
    NUM_(clear)(&one);
    NUM_(clear)(&zero);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    NUM *const base = r->work, *const h = base + r->m;
    const NUM *const q = r->in.q + i * r->d;
    sbx_status st = SBX_OK;
    bool *in = sbx_alloc(r->m, sizeof *in);
    if (!in) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu words", r->m);
    for (size_t k = 0; k < 3; k++)
        SBX_TRY(FN(sbx_mech_mix)(h + k * r->d, q, r->in.extra[WC + k], r->d, r->d, r, err));
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(FN(sbx_mech_dot)(&base[j], q, 1, r->in.k + j * r->d, 1, r->d, r, err));
    SBX_TRY(FN(sbx_mech_top_k)(in, base, r->m, sbx_mech_size(r->a, K), err));
    for (size_t j = 0; j < r->m; j++) {
        size_t of = in[j] ? 2 : 3;
        for (size_t k = 2; k-- > 0;) {
            bool yes;
            SBX_TRY(FN(marked)(&yes, &r->in.extra[k][i * r->m + j], r, err));
            if (yes) of = k;
        }
        if (of < 3)
            SBX_TRY(FN(sbx_mech_dot)(&w[j], h + of * r->d, 1, r->in.k + j * r->d, 1, r->d, r, err));
        else
            NUM_(set)(&w[j], &base[j]);
    }
    SBX_TRY(FN(sbx_mech_softmax)(w, w, r->m, r, err));
done:
    sbx_free(in);
    return st;
}
#endif
