/* mech/favor.c -- random features for softmax attention (FAVOR+, Choromanski et al. 2021): phi(q).phi(k) in
 * place of exp(scale q.k), its mean over Gaussian rows of W.
 *
 * With x' = sqrt(scale) x, y = W x', h = |x'|^2 / 2 the features of x are exp(y - h) (positive), exp(y - h) and
 * exp(-y - h) (hyperbolic), e^h cos y and e^h sin y (trigonometric). Rank at most the number of features; mean and
 * variances: [L-MCH-34]. norm=row divides rows by their sums; none: A = phi(q).phi(k) over the rows of W.
 *
 * eps: the code adds it to features exp(y - h - c), c the greatest y (of the query; of all keys); then c does not
 * cancel. In enclosures c is not known: features are exp(y - h - t) + eps exp(c - t) there with a number t near c,
 * which does cancel; where c = t it is the code's sum. Not for trigonometric ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, FEATURES, ESTIMATOR, EPS, NORM, ORDER, ROWS };
enum { POSITIVE, HYPERBOLIC, TRIGONOMETRIC };

/* features of one query or key */
static size_t width(const sbx_mech_args *a)
{
    return sbx_mech_size(a, FEATURES) * (sbx_mech_long(a, ESTIMATOR) == POSITIVE ? 1 : 2);
}

#define MECH_FILE "mech/favor.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", "0", NULL, 0},
    {"features", "rows of W", "16", "1", "1000000", SBX_PARAM_INTEGER},
    {"estimator", "the features", "positive", "positive|hyperbolic|trigonometric", NULL,
     SBX_PARAM_NAME},
    {"eps", "added to features >= 0", "1e-4", "0", NULL, 0},
    {"norm", "rows are divided by their sums, or not", "row", "row|none", NULL, SBX_PARAM_NAME},
    {"order", "of the products, for outputs", "left", "left|right", NULL, SBX_PARAM_NAME},
    {"rows", "of W: as given, or made orthogonal in blocks of d, their lengths kept", "given",
     "given|orthogonal", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"W", "directions, features x d", "gauss"}};

static unsigned traits(const sbx_mech_args *a)
{
    return (sbx_mech_long(a, ESTIMATOR) == TRIGONOMETRIC ? 0u : SBX_MECH_NONNEGATIVE) |
           (sbx_mech_long(a, NORM) == 0 ? SBX_MECH_SUMS_TO_ONE : 0u);
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)s;
    return width(a);
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)e;
    *rows = sbx_mech_size(a, FEATURES);
    *columns = s.d;
}

/* features of the keys; sqrt(scale), what a mean over rows of W divides by; W */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    return s.m * width(a) + 2 + sbx_mech_size(a, FEATURES) * s.d;
}

/* features of a query, x', a divisor; a row of weights; sums of phi and of phi v^T */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    return width(a) * (s.dv + 2) + s.d + 1 + s.m;
}

const sbx_mech sbx_mech_favor = {
    .info =
        {.name = "favor",
         .formula = "phi(q_i).phi(k_j) / sum_j phi(q_i).phi(k_j), phi of exp or cos, sin of W x",
         .undefined = "trigonometric features: where a row sums to 0",
         .note =
             "rows=orthogonal is the code's, but for its lengths: drawn apart there, those of the "
             "given rows here",
         .from = "Choromanski et al., arXiv:2009.14794",
         .kind = SBX_NORM_TRANSCENDENTAL,
         .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
         .need = SBX_CAN_EXP | SBX_CAN_SQRT,
         .param = params,
         .n_params = 7,
         .extra = extra,
         .n_extra = 1},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .rank = rank,
    .dims = dims,
    .state = state,
    .work = work};
#else
/* y[0..features) = W x', *h = |x'|^2 / 2 */
static sbx_status FN(project)(NUM *y, NUM *h, const NUM *x, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t f = sbx_mech_size(r->a, FEATURES);
    const NUM *const root = r->state + r->m * width(r->a), *const w = root + 2;
    NUM *const scaled = r->work + width(r->a);
    sbx_status st = SBX_OK;
    NUM two;
    NUM_(init)(&two, r->ctx);
    SBX_TRY(NUM_(set_si)(&two, 2, r->ctx, err));
    for (size_t c = 0; c < r->d; c++)
        SBX_TRY(NUM_(mul)(&scaled[c], &x[c], root, r->ctx, err));
    for (size_t k = 0; k < f; k++)
        SBX_TRY(FN(sbx_mech_dot)(&y[k], &w[k * r->d], 1, scaled, 1, r->d, r, err));
    SBX_TRY(NUM_(set_si)(h, 0, r->ctx, err));
    for (size_t c = 0; c < r->d; c++) {
        SBX_TRY(NUM_(sqr)(&scaled[c], &scaled[c], r->ctx, err));
        SBX_TRY(NUM_(add)(h, h, &scaled[c], r->ctx, err));
    }
    SBX_TRY(NUM_(div)(h, h, &two, r->ctx, err));
done:
    NUM_(clear)(&two);
    return st;
}

/* The exponents of the features of x, to[0..width): y - h; y - h and -y - h; h in to[0] and y behind, for
 * both halves. *top = max(*top, greatest y or |y|), or that alone if it is the first. */
static sbx_status FN(exponents)(NUM *to, NUM *top, bool first, const NUM *x, FN(sbx_mech_run) * r,
                                sbx_err *err)
{
    const size_t f = sbx_mech_size(r->a, FEATURES);
    const long how = sbx_mech_long(r->a, ESTIMATOR);
    sbx_status st = SBX_OK;
    NUM h, t;
    NUM_(init)(&h, r->ctx);
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(project)(to, &h, x, r, err));
    if (how == TRIGONOMETRIC) { /* the factor e^h is put in by `waves` */
        NUM_(set)(&to[f], &h);
        if (first)
            NUM_(set)(top, &h);
        else
            SBX_TRY(NUM_(max)(top, top, &h, r->ctx, err));
        goto done;
    }
    for (size_t k = 0; k < f; k++) {
        if (how == HYPERBOLIC)
            SBX_TRY(NUM_(abs)(&t, &to[k], r->ctx, err));
        else
            NUM_(set)(&t, &to[k]);
        if (first && k == 0)
            NUM_(set)(top, &t);
        else
            SBX_TRY(NUM_(max)(top, top, &t, r->ctx, err));
        if (how == HYPERBOLIC) {
            SBX_TRY(NUM_(neg)(&to[f + k], &to[k], r->ctx, err));
            SBX_TRY(NUM_(sub)(&to[f + k], &to[f + k], &h, r->ctx, err));
        }
        SBX_TRY(NUM_(sub)(&to[k], &to[k], &h, r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    NUM_(clear)(&h);
    return st;
}

/* y of f numbers and h behind become e^(h - top) cos y, e^(h - top) sin y */
static sbx_status FN(waves)(NUM *phi, const NUM *top, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t f = sbx_mech_size(r->a, FEATURES);
    sbx_status st = SBX_OK;
    NUM e, t;
    NUM_(init)(&e, r->ctx);
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(sub)(&e, &phi[f], top, r->ctx, err));
    SBX_TRY(NUM_(exp)(&e, &e, r->ctx, err));
    for (size_t k = 0; k < f; k++) {
        SBX_TRY(NUM_(sin)(&t, &phi[k], r->ctx, err));
        SBX_TRY(NUM_(mul)(&phi[f + k], &t, &e, r->ctx, err));
        SBX_TRY(NUM_(cos)(&t, &phi[k], r->ctx, err));
        SBX_TRY(NUM_(mul)(&phi[k], &t, &e, r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    NUM_(clear)(&e);
    return st;
}

/* Exponents to features, all with the greatest y (or h) *top; rows not divided by their sums keep their size. */
static sbx_status FN(features)(NUM *phi, const NUM *top, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const bool plain = sbx_mech_long(r->a, NORM) == 1;
    sbx_status st = SBX_OK;
    NUM t, add;
    NUM_(init)(&t, r->ctx);
    NUM_(init)(&add, r->ctx);
    if (!plain) SBX_TRY(NUM_(end)(&t, top, SBX_HI, err));
    if (sbx_mech_long(r->a, ESTIMATOR) == TRIGONOMETRIC) {
        SBX_TRY(FN(waves)(phi, &t, r, err));
        goto done;
    }
    SBX_TRY(FN(sbx_mech_param)(&add, r, EPS, 0, err));
    if (!plain && !sbx_value_is(&r->a->value[EPS], 0)) {
        NUM shift;
        NUM_(init)(&shift, r->ctx);
        st = NUM_(sub)(&shift, top, &t, r->ctx, err);
        if (st == SBX_OK) st = NUM_(exp)(&shift, &shift, r->ctx, err);
        if (st == SBX_OK) st = NUM_(mul)(&add, &add, &shift, r->ctx, err);
        NUM_(clear)(&shift);
        if (st != SBX_OK) goto done;
    }
    for (size_t k = 0; k < width(r->a); k++) {
        SBX_TRY(NUM_(sub)(&phi[k], &phi[k], &t, r->ctx, err));
        SBX_TRY(NUM_(exp)(&phi[k], &phi[k], r->ctx, err));
        SBX_TRY(NUM_(add)(&phi[k], &phi[k], &add, r->ctx, err));
    }
done:
    NUM_(clear)(&add);
    NUM_(clear)(&t);
    return st;
}

/* w = W, its rows orthogonal to those before them in their block of d, as long as they were [L-MCH-44] */
static sbx_status FN(directions)(NUM *w, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t d = r->d;
    sbx_status st = SBX_OK;
    NUM t[3];
    for (size_t k = 0; k < 3; k++)
        NUM_(init)(&t[k], r->ctx);
    for (size_t k = 0; k < sbx_mech_size(r->a, FEATURES); k++) {
        NUM *const u = &w[k * d];
        for (size_t c = 0; c < d; c++)
            NUM_(set)(&u[c], &r->in.extra[0][k * d + c]);
        if (sbx_mech_long(r->a, ROWS) == 0) continue;
        SBX_TRY(FN(sbx_mech_dot)(&t[0], u, 1, u, 1, d, r, err));
        for (size_t b = k / d * d; b < k; b++) {
            const NUM *const v = &w[b * d];
            SBX_TRY(FN(sbx_mech_dot)(&t[1], u, 1, v, 1, d, r, err));
            SBX_TRY(FN(sbx_mech_dot)(&t[2], v, 1, v, 1, d, r, err));
            SBX_TRY(NUM_(div)(&t[1], &t[1], &t[2], r->ctx, err));
            for (size_t c = 0; c < d; c++) {
                SBX_TRY(NUM_(mul)(&t[2], &t[1], &v[c], r->ctx, err));
                SBX_TRY(NUM_(sub)(&u[c], &u[c], &t[2], r->ctx, err));
            }
        }
        if (k % d == 0) continue;
        SBX_TRY(FN(sbx_mech_dot)(&t[1], u, 1, u, 1, d, r, err));
        SBX_TRY(NUM_(div)(&t[0], &t[0], &t[1], r->ctx, err));
        SBX_TRY(NUM_(sqrt)(&t[0], &t[0], r->ctx, err));
        for (size_t c = 0; c < d; c++)
            SBX_TRY(NUM_(mul)(&u[c], &u[c], &t[0], r->ctx, err));
    }
done:
    for (size_t k = 0; k < 3; k++)
        NUM_(clear)(&t[k]);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t f = width(r->a);
    NUM *const root = r->state + r->m * f, *const rows = root + 1;
    sbx_status st = SBX_OK;
    NUM top;
    NUM_(init)(&top, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(root, r, SCALE, r->d, err));
    SBX_TRY(NUM_(sqrt)(root, root, r->ctx, err));
    SBX_TRY(FN(directions)(rows + 1, r, err));
    SBX_TRY(NUM_(set_si)(
        rows,
        sbx_mech_long(r->a, ESTIMATOR) == TRIGONOMETRIC ? sbx_mech_long(r->a, FEATURES) : (long)f,
        r->ctx, err));
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(FN(exponents)(r->state + j * f, &top, j == 0, r->in.k + j * r->d, r, err));
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(FN(features)(r->state + j * f, &top, r, err));
done:
    NUM_(clear)(&top);
    return st;
}

/* work: the features of query i */
static sbx_status FN(query)(FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM top;
    NUM_(init)(&top, r->ctx);
    SBX_TRY(FN(exponents)(r->work, &top, true, r->in.q + i * r->d, r, err));
    SBX_TRY(FN(features)(r->work, &top, r, err));
done:
    NUM_(clear)(&top);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t f = width(r->a);
    const NUM *const rows = r->state + r->m * f + 1;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(query)(r, i, err));
    for (size_t j = 0; j < r->m; j++) {
        SBX_TRY(FN(sbx_mech_dot)(&w[j], r->work, 1, r->state + j * f, 1, f, r, err));
        if (sbx_mech_long(r->a, NORM) == 0) continue;
        SBX_TRY(NUM_(div)(&w[j], &w[j], rows, r->ctx, err));
    }
    if (sbx_mech_long(r->a, NORM) == 0)
        SBX_TRY(sbx_mech_long(r->a, ESTIMATOR) == TRIGONOMETRIC
                    ? FN(sbx_mech_signed_weights)(w, r->m, r, err)
                    : FN(sbx_mech_weights)(w, r->m, r, err));
done:
    return st;
}

/* phi(q) (sum phi(k) v^T) by phi(q) . sum phi(k), or by the number of rows */
static sbx_status FN(right)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t f = width(r->a);
    const bool plain = sbx_mech_long(r->a, NORM) == 1;
    NUM *const by = r->work + f + r->d, *const sum = by + 1 + r->m, *const kv = sum + f;
    sbx_status st = SBX_OK;
    NUM zero;
    NUM_(init)(&zero, r->ctx);
    for (size_t k = 0; k < f; k++) {
        SBX_TRY(FN(sbx_mech_sum)(&sum[k], &r->state[k], f, r->m, r, err));
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(FN(sbx_mech_dot)(&kv[k * r->dv + c], &r->state[k], f, &r->in.v[c], r->dv, r->m,
                                     r, err));
    }
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        SBX_TRY(FN(query)(r, i, err));
        if (plain)
            NUM_(set)(by, &r->state[r->m * f + 1]);
        else
            SBX_TRY(FN(sbx_mech_dot)(by, r->work, 1, sum, 1, f, r, err));
        if (NUM_(lt)(&zero, by) != SBX_TRUE && NUM_(lt)(by, &zero) != SBX_TRUE)
            SBX_FAIL(err, SBX_ERR_DOMAIN, "the features of a row sum to 0%s",
                     NUM_ENCLOSE ? ", perhaps" : "");
        SBX_TRY(FN(sbx_mech_product)(o, r->work, kv, 1, f, r->dv, r, err));
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(NUM_(div)(&o[c], &o[c], by, r->ctx, err));
    }
done:
    NUM_(clear)(&zero);
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const w = r->work + width(r->a) + r->d + 1;
    sbx_status st = SBX_OK;
    if (sbx_mech_long(r->a, ORDER) == 1) return FN(right)(o, r, err);
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(row)(w, r, i, err));
        SBX_TRY(FN(sbx_mech_mix)(o + i * r->dv, w, r->in.v, r->m, r->dv, r, err));
    }
done:
    return st;
}
#endif
