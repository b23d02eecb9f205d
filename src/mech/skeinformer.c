/* mech/skeinformer.c -- Skeinformer (Chen et al. 2022): softmax of rows whose scores are known in some
 * columns; the others get the geometric mean of exp(score) over those.
 *
 * That is softmax of the scores with their mean in place of the missing ones: rows sum to 1, all weights > 0; the
 * pilot rows are softmax attention's own. Rank at most columns + pilots + 1 [L-MCH-39].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, PILOTS, COLUMNS, DRAW };

static size_t less(size_t a, size_t b) { return a < b ? a : b; }
static size_t columns_of(const sbx_mech_args *a, size_t m)
{
    return less(sbx_mech_size(a, COLUMNS), m);
}
static size_t pilots_of(const sbx_mech_args *a, size_t m)
{
    return less(sbx_mech_size(a, PILOTS), m);
}

static bool drawn(const sbx_mech_args *a) { return sbx_mech_long(a, DRAW) == 1; }

#define MECH_FILE "mech/skeinformer.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"pilots", "rows that are exact; at most all", "4", "0", "1000000", SBX_PARAM_INTEGER},
    {"columns", "keys whose scores are taken; at most all", "16", "1", "1000000",
     SBX_PARAM_INTEGER},
    {"draw", "columns are given, or drawn by the pilot rows with the numbers U", "given",
     "given|importance", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"J", "pilot rows, 1 x pilots", "choice"},
                                       {"C", "columns, 1 x columns, all different", "choice"},
                                       {"U", "uniform numbers of the draw, 1 x m", "unit"}};

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return columns_of(a, s.m) + pilots_of(a, s.m) + 1;
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    if (e && drawn(a) != (e == 2)) return;
    *rows = 1;
    *columns = e == 0 ? pilots_of(a, s.m) : e == 1 ? columns_of(a, s.m) : s.m;
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (!drawn(a) || pilots_of(a, s.m)) return SBX_OK;
    return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "skeinformer:draw=importance needs pilots");
}

/* the mean of the values of other columns; what columns are drawn by */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    return s.dv + (drawn(a) ? s.m : 0);
}

/* a row of weights */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.m + 1;
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
             .undefined =
                 "draw=importance: where a value is 0; enclosures: where it is not certain "
                 "which columns are drawn",
             .note = "columns C as given are uniform when from a seed; draw=importance takes the "
                     "paper's weights",
             .from = "Chen et al., arXiv:2112.05359",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE | SBX_MECH_SQUARE,
             .need = SBX_CAN_EXP | SBX_CAN_LOG,
             .param = params,
             .n_params = 4,
             .extra = extra,
             .n_extra = 3},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .rank = rank,
    .dims = dims,
    .fits = fits,
    .state = state,
    .work = work,
    .index = index_};
#else
/* w[j] = scale q_i.k_j for all j, or those whose flag is set; *mean of the latter */
static sbx_status FN(scored)(NUM *w, NUM *mean, const size_t *flag, size_t i,
                             const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t count = 0;
    NUM scale;
    NUM_(init)(&scale, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&scale, r, SCALE, r->d, err));
    for (size_t j = 0; j < r->m; j++) {
        if (flag && !flag[j]) continue;
        SBX_TRY(
            FN(sbx_mech_dot)(&w[j], r->in.q + i * r->d, 1, r->in.k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &scale, r->ctx, err));
        if (!flag) continue;
        if (count++ == 0)
            NUM_(set)(mean, &w[j]);
        else
            SBX_TRY(NUM_(add)(mean, mean, &w[j], r->ctx, err));
    }
    SBX_TRY(NUM_(set_si)(&scale, (long)count, r->ctx, err));
    if (flag) SBX_TRY(NUM_(div)(mean, mean, &scale, r->ctx, err));
done:
    NUM_(clear)(&scale);
    return st;
}

/* What columns are drawn by, the greatest first: -(ln(1 - u_j))^2 / (|v_j|^2 times the sum of b_kj^2 over pilot rows). The least of
 * exponential numbers divided by weights have the law of a draw by these weights that puts nothing back [L-MCH-39]. */
static sbx_status FN(race)(NUM *by, const size_t *rows, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t, one, zero;
    NUM_(init)(&t, r->ctx);
    NUM_(init)(&one, r->ctx);
    NUM_(init)(&zero, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    for (size_t k = 0; k < pilots_of(r->a, r->m); k++) {
        SBX_TRY(FN(scored)(r->work, NULL, NULL, rows[k], r, err));
        SBX_TRY(FN(sbx_mech_softmax)(r->work, r->work, r->m, r, err));
        for (size_t j = 0; j < r->m; j++) {
            SBX_TRY(NUM_(sqr)(&t, &r->work[j], r->ctx, err));
            SBX_TRY(NUM_(add)(&by[j], &by[j], &t, r->ctx, err));
        }
    }
    for (size_t j = 0; j < r->m; j++) {
        const NUM *const v = r->in.v + j * r->dv, *const u = &r->in.extra[2][j];
        if (NUM_(le)(&zero, u) != SBX_TRUE || NUM_(lt)(u, &one) != SBX_TRUE)
            SBX_FAIL(err, SBX_ERR_ARG, "U[%zu] is not in [0, 1)", j);
        SBX_TRY(FN(sbx_mech_dot)(&t, v, 1, v, 1, r->dv, r, err));
        SBX_TRY(NUM_(mul)(&by[j], &by[j], &t, r->ctx, err));
        SBX_TRY(NUM_(sub)(&t, &one, u, r->ctx, err));
        SBX_TRY(NUM_(log)(&t, &t, r->ctx, err));
        SBX_TRY(NUM_(sqr)(&t, &t, r->ctx, err));
        SBX_TRY(NUM_(div)(&by[j], &t, &by[j], r->ctx, err));
        SBX_TRY(NUM_(neg)(&by[j], &by[j], r->ctx, err));
    }
done:
    NUM_(clear)(&zero);
    NUM_(clear)(&one);
    NUM_(clear)(&t);
    return st;
}

/* taken: the columns */
static sbx_status FN(take)(size_t *taken, size_t *list, const size_t *rows, FN(sbx_mech_run) * r,
                           sbx_err *err)
{
    const size_t columns = columns_of(r->a, r->m);
    sbx_status st = SBX_OK;
    bool *in = NULL;
    if (!drawn(r->a)) {
        SBX_TRY(FN(sbx_mech_indices)(list, r->in.extra[1], columns, r->m, "the matrix C", r, err));
        for (size_t k = 0; k < columns; k++) {
            if (taken[list[k]]) SBX_FAIL(err, SBX_ERR_ARG, "column %zu is drawn twice", list[k]);
            taken[list[k]] = 1;
        }
        return st;
    }
    in = sbx_alloc(r->m, sizeof *in);
    if (!in) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu columns", r->m);
    SBX_TRY(FN(race)(r->state + r->dv, rows, r, err));
    SBX_TRY(FN(sbx_mech_top_k)(in, r->state + r->dv, r->m, columns, err));
    for (size_t j = 0; j < r->m; j++)
        taken[j] = in[j];
done:
    sbx_free(in);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t pilots = pilots_of(r->a, r->m), columns = columns_of(r->a, r->m);
    size_t *const taken = r->index + r->n, *const list = taken + r->m, *const rows = list + columns;
    sbx_status st = SBX_OK;
    NUM count;
    NUM_(init)(&count, r->ctx);
    SBX_TRY(FN(sbx_mech_indices)(rows, r->in.extra[0], pilots, r->n, "the matrix J", r, err));
    for (size_t k = 0; k < pilots; k++)
        r->index[rows[k]] = 1;
    SBX_TRY(FN(take)(taken, list, rows, r, err));
    SBX_TRY(NUM_(set_si)(&count, (long)(r->m - columns), r->ctx, err));
    for (size_t c = 0; c < r->dv && columns < r->m; c++) {
        for (size_t j = 0; j < r->m; j++)
            if (!taken[j])
                SBX_TRY(
                    NUM_(add)(&r->state[c], &r->state[c], &r->in.v[j * r->dv + c], r->ctx, err));
        SBX_TRY(NUM_(div)(&r->state[c], &r->state[c], &count, r->ctx, err));
    }
done:
    NUM_(clear)(&count);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t *const taken = r->index + r->n;
    const bool pilot = r->index[i];
    NUM *const mean = r->work + r->m;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(scored)(w, mean, pilot ? NULL : taken, i, r, err));
    for (size_t j = 0; j < r->m; j++)
        if (!pilot && !taken[j]) NUM_(set)(&w[j], mean);
    SBX_TRY(FN(sbx_mech_softmax)(w, w, r->m, r, err));
done:
    return st;
}

/* Row i that is no pilot: the other columns at once, m - |C| times their weight times the mean of their values. */
static sbx_status FN(filled)(NUM *o, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t columns = columns_of(r->a, r->m), *const taken = r->index + r->n;
    NUM *const w = r->work;
    sbx_status st = SBX_OK;
    size_t n = 0;
    NUM top, mean;
    NUM_(init)(&top, r->ctx);
    NUM_(init)(&mean, r->ctx);
    SBX_TRY(FN(scored)(w, &mean, taken, i, r, err));
    for (size_t j = 0; j < r->m; j++)
        if (taken[j] && n++ != j) NUM_(set)(&w[n - 1], &w[j]);
    NUM_(set)(&w[n], &mean);
    SBX_TRY(FN(sbx_mech_top)(&top, w, n + 1, r, err));
    for (size_t k = 0; k <= n; k++) {
        SBX_TRY(NUM_(sub)(&w[k], &w[k], &top, r->ctx, err));
        SBX_TRY(NUM_(exp)(&w[k], &w[k], r->ctx, err));
    }
    SBX_TRY(NUM_(set_si)(&mean, (long)(r->m - columns), r->ctx, err));
    SBX_TRY(NUM_(mul)(&w[n], &w[n], &mean, r->ctx, err));
    SBX_TRY(FN(sbx_mech_weights)(w, n + 1, r, err));
    for (size_t c = 0; c < r->dv; c++)
        SBX_TRY(NUM_(mul)(&o[c], &w[n], &r->state[c], r->ctx, err));
    for (size_t j = 0, k = 0; j < r->m; j++)
        for (size_t c = 0; c < r->dv && taken[j]; c++, k += c == r->dv)
            SBX_TRY(FN(sbx_mech_fma)(&o[c], &w[k], &r->in.v[j * r->dv + c], r, err));
done:
    NUM_(clear)(&mean);
    NUM_(clear)(&top);
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        if (!r->index[i]) {
            SBX_TRY(FN(filled)(o, r, i, err));
            continue;
        }
        SBX_TRY(FN(row)(r->work, r, i, err));
        SBX_TRY(FN(sbx_mech_mix)(o, r->work, r->in.v, r->m, r->dv, r, err));
    }
done:
    return st;
}
#endif
