/* mech/vast.c -- affine shift (VAST; Zhang et al. 2022): groups of channels are shifted by a place along each
 * direction of a grid, then scaled and moved: shift(V) o s + b. No attention at all: a floor for the others.
 *
 * Tokens are the places of a grid of `width` columns. The channels are in five groups: unmoved, and from the left, the
 * right, above and below; what comes from outside of the grid is 0. Every row of the shift has one 1 or none, so an
 * output is at most max |v| |s| + |b| [L-MCH-59].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { WIDTH };
enum { S, B };
/* From where channel c of place i comes: *from, or false: from outside. n places of `width` columns, dv
 * channels. */
static bool shifted(size_t *from, size_t i, size_t c, size_t n, size_t width, size_t dv)
{
    const size_t x = i % width;
    *from = i;
    switch (5 * c / dv) {
    case 1: *from = i - 1; return x > 0;
    case 2: *from = i + 1; return x + 1 < width && i + 1 < n;
    case 3: *from = i - width; return i >= width;
    case 4: *from = i + width; return i + width < n;
    default: return true;
    }
}

#define MECH_FILE "mech/vast.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"width", "columns of the grid", "4", "1", "1000000000", SBX_PARAM_INTEGER}};
static const sbx_mech_extra extra[] = {{"s", "factors, 1 x dv", "unit"},
                                       {"b", "what is added, n x dv", "zero"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    *rows = e == S ? 1 : s.n;
    *columns = s.dv;
}

const sbx_mech sbx_mech_vast = {
    .info = {.name = "vast",
             .formula = "shift(V) o s + b",
             .note = "s and b are given: how they are made of the input is not part of it",
             .from = "Zhang et al., arXiv:2208.11108",
             .kind = SBX_NORM_RATIONAL,
             .traits = SBX_MECH_SQUARE | SBX_MECH_NO_WEIGHTS,
             .param = params,
             .n_params = 1,
             .extra = extra,
             .n_extra = 2},
    SBX_MECH_OUTPUT(output),
    .dims = dims};
#else
static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t width = sbx_mech_size(r->a, WIDTH);
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++)
        for (size_t c = 0; c < r->dv; c++) {
            NUM *const z = &o[i * r->dv + c];
            size_t from;
            NUM_(set)(z, &r->in.extra[B][i * r->dv + c]);
            if (shifted(&from, i, c, r->n, width, r->dv))
                SBX_TRY(
                    FN(sbx_mech_fma)(z, &r->in.v[from * r->dv + c], &r->in.extra[S][c], r, err));
        }
done:
    return st;
}
#endif
