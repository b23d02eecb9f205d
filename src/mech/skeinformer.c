/* mech/skeinformer.c -- Skeinformer (Chen et al. 2022): softmax of rows whose scores are known in some
 * columns; the others get the geometric mean of exp(score) over those.
 *
 * That is softmax of the scores with their mean in place of the missing ones: rows sum to 1, all weights > 0; the
 * pilot rows are softmax attention's own. Rank at most columns + pilots + 1 [L-MCH-39].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, PILOTS, COLUMNS };

static size_t less(size_t a, size_t b) { return a < b ? a : b; }
static size_t columns_of(const sbx_mech_args *a, size_t m)
{
    return less(sbx_mech_size(a, COLUMNS), m);
}
static size_t pilots_of(const sbx_mech_args *a, size_t m)
{
    return less(sbx_mech_size(a, PILOTS), m);
}

#define MECH_FILE "mech/skeinformer.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"pilots", "rows that are exact; at most all", "4", "0", "1000000", SBX_PARAM_INTEGER},
    {"columns", "keys whose scores are taken; at most all", "16", "1", "1000000",
     SBX_PARAM_INTEGER}};

static const sbx_mech_extra extra[] = {{"J", "pilot rows, 1 x pilots", "choice"},
                                       {"C", "columns, 1 x columns, all different", "choice"}};

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return columns_of(a, s.m) + pilots_of(a, s.m) + 1;
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    *rows = 1;
    *columns = e == 0 ? pilots_of(a, s.m) : columns_of(a, s.m);
}

/* is row i a pilot; is column j taken; the columns or the pilots */
static size_t index_(const sbx_mech_args *a, sbx_mech_shape s)
{
    return s.n + s.m + columns_of(a, s.m) + pilots_of(a, s.m);
}

const sbx_mech sbx_mech_skeinformer = {
    .info = {.name = "skeinformer",
             .formula = "softmax of scale q_i.k_j in the columns C, their mean elsewhere; rows J "
                        "exact",
             .note = "columns are drawn by weights that the pilot rows give: here C is given, and "
                     "uniform when from a seed",
             .from = "Chen et al., arXiv:2112.05359",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE | SBX_MECH_SQUARE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 3,
             .extra = extra,
             .n_extra = 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    .rank = rank,
    .dims = dims,
    .index = index_};
#else
static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t pilots = pilots_of(r->a, r->m), columns = columns_of(r->a, r->m);
    size_t *const taken = r->index + r->n, *const list = taken + r->m, *const rows = list + columns;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_indices)(list, r->in.extra[1], columns, r->m, "the matrix C", r, err));
    SBX_TRY(FN(sbx_mech_indices)(rows, r->in.extra[0], pilots, r->n, "the matrix J", r, err));
    for (size_t k = 0; k < columns; k++) {
        if (taken[list[k]]) SBX_FAIL(err, SBX_ERR_ARG, "column %zu is drawn twice", list[k]);
        taken[list[k]] = 1;
    }
    for (size_t k = 0; k < pilots; k++)
        r->index[rows[k]] = 1;
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t columns = columns_of(r->a, r->m);
    const size_t *const taken = r->index + r->n;
    const bool pilot = r->index[i];
    sbx_status st = SBX_OK;
    bool first = true;
    NUM t[2];
    NUM_(init)(&t[0], r->ctx);
    NUM_(init)(&t[1], r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t[0], r, SCALE, r->d, err));
    for (size_t j = 0; j < r->m; j++) {
        if (!pilot && !taken[j]) continue;
        SBX_TRY(
            FN(sbx_mech_dot)(&w[j], r->in.q + i * r->d, 1, r->in.k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &t[0], r->ctx, err));
        if (first)
            NUM_(set)(&t[1], &w[j]);
        else
            SBX_TRY(NUM_(add)(&t[1], &t[1], &w[j], r->ctx, err));
        first = false;
    }
    SBX_TRY(NUM_(set_si)(&t[0], (long)columns, r->ctx, err));
    SBX_TRY(NUM_(div)(&t[1], &t[1], &t[0], r->ctx, err));
    for (size_t j = 0; j < r->m; j++)
        if (!pilot && !taken[j]) NUM_(set)(&w[j], &t[1]);
    SBX_TRY(FN(sbx_mech_softmax)(w, w, r->m, r, err));
done:
    NUM_(clear)(&t[1]);
    NUM_(clear)(&t[0]);
    return st;
}
#endif
