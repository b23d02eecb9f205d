/* net/op_resize.c -- Upsample and Resize with mode nearest: an element of the output is one
 * of the input.
 *
 * Which one follows from the coordinate x of j in the input, a formula in the scale, computed
 * here as a rational. Programs compute it in float32: where that names another element, the
 * network has no one meaning, and is refused [L-NET-53].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

#include <gmp.h>
#include <math.h>
#include <string.h>

typedef enum place { HALF_PIXEL, PYTORCH_HALF_PIXEL, ALIGN_CORNERS, ASYMMETRIC, TF_HALF } place;
typedef enum round_to { PREFER_FLOOR, PREFER_CEIL, FLOOR, CEIL } round_to;
static const char *const places[] = {"half_pixel", "pytorch_half_pixel", "align_corners",
                                     "asymmetric", "tf_half_pixel_for_nn"};
static const char *const rounds[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};

static sbx_status choose(int *k, const char *const *names, int n, const sbx_attr *attr,
                         size_t n_attr, const char *what, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const char *s;
    SBX_TRY(sbx_attr_text(&s, names[0], attr, n_attr, what, err));
    *k = 0;
    while (*k < n && strcmp(s, names[*k]) != 0)
        ++*k;
    if (*k == n) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%s %.40s", what, s);
done:
    return st;
}

/* ---- which element ------------------------------------------------------------------- */

/* x = (j + add) / s - sub: the coordinate, s = p / q */
static int64_t by_rational(size_t j, const mpq_t s, double add, double sub, round_to r)
{
    mpq_t x, t;
    mpz_t z;
    int64_t v;
    mpq_inits(x, t, NULL);
    mpz_init(z);
    mpq_set_d(x, (double)j + add);
    mpq_div(x, x, s);
    mpq_set_d(t, sub);
    mpq_sub(x, x, t);
    mpq_set_d(t, 0.5);
    if (r == PREFER_FLOOR) mpq_sub(x, x, t); /* ceil(x - 1/2) */
    if (r == PREFER_CEIL) mpq_add(x, x, t);  /* floor(x + 1/2) */
    if (r == PREFER_FLOOR || r == CEIL)
        mpz_cdiv_q(z, mpq_numref(x), mpq_denref(x));
    else
        mpz_fdiv_q(z, mpq_numref(x), mpq_denref(x));
    v = mpz_fits_slong_p(z) ? mpz_get_si(z) : -1;
    mpq_clears(x, t, NULL);
    mpz_clear(z);
    return v;
}

static int64_t by_float(size_t j, float s, float add, float sub, round_to r)
{
    const float x = ((float)j + add) / s - sub;
    switch (r) {
    case PREFER_FLOOR: return (int64_t)ceilf(x - 0.5f);
    case PREFER_CEIL: return (int64_t)floorf(x + 0.5f);
    case FLOOR: return (int64_t)floorf(x);
    case CEIL: break;
    }
    return (int64_t)ceilf(x);
}

static sbx_status one_axis(sbx_axes *a, size_t k, const mpq_t scale, place p, round_to r,
                           sbx_net *net, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t d = a->x.dim[k], n = a->y.dim[k];
    double add = 0.0, sub = 0.0;
    mpq_t s;
    float f;
    mpq_init(s);
    mpq_set(s, scale);
    if (p == HALF_PIXEL || p == TF_HALF || (p == PYTORCH_HALF_PIXEL && n > 1)) add = 0.5;
    if (p == HALF_PIXEL || (p == PYTORCH_HALF_PIXEL && n > 1)) sub = 0.5;
    if (p == ALIGN_CORNERS && n > 1 && d > 1) mpq_set_ui(s, n - 1, d - 1);
    mpq_canonicalize(s);
    f = (float)mpq_get_d(s);
    SBX_TRY(sbx_axes_index(a, k, net, err));
    for (size_t j = 0; j < n; j++) {
        const bool only = d == 1 || (n == 1 && (p == PYTORCH_HALF_PIXEL || p == ALIGN_CORNERS));
        int64_t i = only ? 0 : by_rational(j, s, add, sub, r);
        if (!only && i != by_float(j, f, (float)add, (float)sub, r))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED,
                     "rounding decides which element output %zu of axis %zu is", j, k);
        i = i < 0 ? 0 : i >= (int64_t)d ? (int64_t)d - 1 : i;
        a->index[k][j] = (size_t)i;
    }
done:
    mpq_clear(s);
    return st;
}

/* ---- sizes --------------------------------------------------------------------------- */

typedef struct goal {
    const double *scale; /* one of these */
    const int64_t *size;
    const int64_t *axis; /* NULL: all */
    size_t n;
} goal;

static sbx_status reals_of(const double **v, size_t *n, const sbx_net *net, const sbx_node *nd,
                           size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!sbx_node_has(nd, k) || net->tensor[nd->in[k]].n == 0) goto done;
    if (!net->tensor[nd->in[k]].real)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the scales are no constant of reals");
    *v = net->tensor[nd->in[k]].real;
    *n = net->tensor[nd->in[k]].n;
done:
    return st;
}

static sbx_status resize(sbx_net *net, sbx_node *nd, const goal *g, place p, round_to r,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_axes a = {.x = x, .y = x};
    mpq_t s, t;
    mpq_inits(s, t, NULL);
    if (g->n != (g->axis ? g->n : x.rank) || !g->scale == !g->size)
        SBX_FAIL(err, SBX_ERR_PARSE, "its scales or sizes do not fit %zu dimensions", x.rank);
    for (size_t i = 0; i < g->n; i++) {
        size_t k;
        SBX_TRY(sbx_op_axis(&k, g->axis ? g->axis[i] : (int64_t)i, x.rank, false, err));
        if (a.index[k]) SBX_FAIL(err, SBX_ERR_PARSE, "axis %zu is named twice", k);
        if (g->scale ? !(g->scale[i] >= 0x1p-20 && g->scale[i] <= 0x1p20)
                     : g->size[i] < 1 || g->size[i] > 1 << 30)
            SBX_FAIL(err, SBX_ERR_PARSE, "a scale or size that is no use");
        if (x.dim[k] == 0 || x.dim[k] > 1u << 30) SBX_FAIL(err, SBX_ERR_LIMIT, "axis %zu", k);
        if (g->scale) {
            mpq_set_d(s, g->scale[i]);
            mpq_set_ui(t, x.dim[k], 1);
            mpq_mul(t, t, s);
            mpz_fdiv_q(mpq_numref(t), mpq_numref(t), mpq_denref(t));
            a.y.dim[k] = mpz_get_ui(mpq_numref(t));
        } else {
            a.y.dim[k] = (size_t)g->size[i];
            mpq_set_ui(s, a.y.dim[k], x.dim[k]);
            mpq_canonicalize(s);
        }
        SBX_TRY(one_axis(&a, k, s, p, r, net, err));
    }
    SBX_TRY(sbx_ew_axes(net, nd, NULL, &a, err));
done:
    mpq_clears(s, t, NULL);
    return st;
}

static sbx_status build_resize(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    static const char *const modes[] = {"nearest"}, *const policies[] = {"stretch"};
    const bool first = net->opset < 11; /* X, scales; no choice of places */
    goal g = {0};
    int p, r, only;
    size_t n_axis = 0, n_size = 0;
    SBX_TRY(choose(&only, modes, 1, attr, n_attr, "mode", err));
    SBX_TRY(choose(&only, policies, 1, attr, n_attr, "keep_aspect_ratio_policy", err));
    SBX_TRY(choose(&p, places, 5, attr, n_attr, "coordinate_transformation_mode", err));
    SBX_TRY(choose(&r, rounds, 4, attr, n_attr, "nearest_mode", err));
    SBX_TRY(reals_of(&g.scale, &g.n, net, nd, first ? 1 : 2, err));
    if (!g.scale && sbx_node_has(nd, 3)) {
        SBX_TRY(sbx_op_ints(&g.size, &n_size, net, nd, 3, "the list of sizes", err));
        g.n = n_size;
    }
    SBX_TRY(sbx_attr_ints(&g.axis, &n_axis, attr, n_attr, "axes", err));
    if (g.axis && n_axis != g.n) SBX_FAIL(err, SBX_ERR_PARSE, "%zu axes", n_axis);
    for (size_t k = 0; first && k < g.n; k++)
        if (g.scale[k] < 1.0)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "smaller than it was, before opset 11");
    SBX_TRY(resize(net, nd, &g, first ? ASYMMETRIC : (place)p, first ? FLOOR : (round_to)r, err));
done:
    return st;
}

static sbx_status build_upsample(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                                 sbx_err *err)
{
    sbx_status st = SBX_OK;
    static const char *const modes[] = {"nearest"};
    goal g = {0};
    int only;
    SBX_TRY(choose(&only, modes, 1, attr, n_attr, "mode", err));
    SBX_TRY(sbx_attr_floats(&g.scale, &g.n, attr, n_attr, "scales", err));
    if (!g.scale) SBX_TRY(reals_of(&g.scale, &g.n, net, nd, 1, err));
    if (!g.scale) SBX_FAIL(err, SBX_ERR_PARSE, "it has no scales");
    SBX_TRY(resize(net, nd, &g, ASYMMETRIC, FLOOR, err));
done:
    return st;
}

static const char *const upsample_attrs[] = {"mode", "scales", NULL};
static const char *const resize_attrs[] = {"mode",
                                           "coordinate_transformation_mode",
                                           "nearest_mode",
                                           "axes",
                                           "keep_aspect_ratio_policy",
                                           "cubic_coeff_a",
                                           "exclude_outside",
                                           "extrapolation_value",
                                           "antialias",
                                           NULL};

const sbx_op sbx_op_upsample = {.name = "Upsample",
                                .min_in = 1,
                                .max_in = 2,
                                .attrs = upsample_attrs,
                                .folds = true,
                                .build = build_upsample,
                                SBX_EW_OP};
const sbx_op sbx_op_resize = {.name = "Resize",
                              .min_in = 1,
                              .max_in = 4,
                              .attrs = resize_attrs,
                              .folds = true,
                              .build = build_resize,
                              SBX_EW_OP};
