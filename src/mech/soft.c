/* mech/soft.c -- SOFT and SOFT++ (Lu et al. 2021, 2024): keys are the queries, the kernel
 * A(x, y) = exp(-scale |x - y|^2 / 2) through landmarks, K1 V K1^T, K1 = A(Q, L), V near the inverse of K2 = A(L, L).
 *
 * `steps` of Newton on P = K2 + shift I from V = alpha / |K2|_1^2 P: I - P V is squared a step [L-MCH-30]. P is
 * positive definite and, where alpha (1 + shift)^2 <= 2, 0 <= V <= P^-1 in the order of matrices after a step: |V_ab| <= 1 / shift
 * [L-MCH-36], to which enclosures are cut. Rank at most the number of landmarks [L-MCH-32].
 * form=soft++: V is D^-1/2 V D^-1/2, D the row sums of K2.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, LANDMARKS, FROM, STEPS, ALPHA, SHIFT, FORM };
enum { SEGMENTS, STRIDE, GIVEN };

static size_t count(const sbx_mech_args *a, size_t n)
{
    const size_t l = sbx_mech_size(a, LANDMARKS);
    return l < n || sbx_mech_long(a, FROM) == GIVEN ? l : n;
}

/* shift > 0, alpha (1 + shift)^2 <= 2 */
static bool tame(const sbx_mech_args *a)
{
    bool is = mpq_sgn(a->value[SHIFT].v[0]) > 0;
    mpq_t t;
    mpq_init(t);
    mpq_set_ui(t, 1, 1);
    mpq_add(t, t, a->value[SHIFT].v[0]);
    mpq_mul(t, t, t);
    mpq_mul(t, t, a->value[ALPHA].v[0]);
    is = is && mpq_cmp_ui(t, 2, 1) <= 0;
    mpq_clear(t);
    return is;
}

#define MECH_FILE "mech/soft.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the squared distances; 0: 1/sqrt(d)", "0", "0", NULL, 0},
    {"landmarks", "how many; at most as many as queries, unless given", "16", "1", "1000000",
     SBX_PARAM_INTEGER},
    {"from", "landmarks: means of segments of queries; first queries of segments; given",
     "segments", "segments|stride|given", NULL, SBX_PARAM_NAME},
    {"steps", "of Newton's iteration", "20", "0", "1000", SBX_PARAM_INTEGER},
    {"alpha", "the start is alpha P / |K2|_1^2", "9/5", "0", NULL, SBX_PARAM_OPEN_LO},
    {"shift", "P = K2 + shift I", "1/100", "0", NULL, 0},
    {"form", "soft++ divides by the row sums of K2, half on each side", "soft", "soft|soft++", NULL,
     SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"L", "the landmarks, landmarks x d", "gauss"}};

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s) { return count(a, s.n); }

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)e;
    if (sbx_mech_long(a, FROM) != GIVEN) return;
    *rows = sbx_mech_size(a, LANDMARKS);
    *columns = s.d;
}

/* K1, V, K1^T */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t l = count(a, s.n);
    return l * (2 * s.n + l);
}

/* L, P, two matrices like it, row sums; later a row of l numbers and K1^T v */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t l = count(a, s.n), before = l * s.d + 3 * l * l + l, after = l * (s.dv + 1);
    return before > after ? before : after;
}

const sbx_mech sbx_mech_soft = {
    .info = {.name = "soft",
             .formula = "K1 V K1^T, K1 = exp(-scale |q_i - l_a|^2 / 2), V near (K2 + shift I)^-1",
             .note =
                 "landmarks are learnt (a convolution, a norm, GELU): here means, queries or "
                 "given; keys are the queries; soft++ as in the code, which has shift=0, alpha=2 "
                 "and halves alpha where Newton would diverge",
             .from = "Lu et al., arXiv:2110.11945, arXiv:2207.03341",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_TIED,
             .need = SBX_CAN_EXP | SBX_CAN_SQRT,
             .param = params,
             .n_params = 7,
             .extra = extra,
             .n_extra = 1},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .rank = rank,
    .dims = dims,
    .state = state,
    .work = work};
#else
/* z[i][a] = exp(-half |x_i - y_a|^2), n x l */
static sbx_status FN(kernel)(NUM *z, const NUM *half, const NUM *x, const NUM *y, size_t n,
                             size_t l, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    for (size_t k = 0; k < n * l; k++) {
        const NUM *const p = &x[k / l * r->d], *const q = &y[k % l * r->d];
        NUM *const s = &z[k];
        SBX_TRY(NUM_(sub)(s, p, q, r->ctx, err));
        SBX_TRY(NUM_(sqr)(s, s, r->ctx, err));
        for (size_t c = 1; c < r->d; c++) {
            SBX_TRY(NUM_(sub)(&t, &p[c], &q[c], r->ctx, err));
            SBX_TRY(NUM_(sqr)(&t, &t, r->ctx, err));
            SBX_TRY(NUM_(add)(s, s, &t, r->ctx, err));
        }
        SBX_TRY(NUM_(mul)(s, s, half, r->ctx, err));
        SBX_TRY(NUM_(neg)(s, s, r->ctx, err));
        SBX_TRY(NUM_(exp)(s, s, r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(landmarks)(NUM *z, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t l = count(r->a, r->n), d = r->d;
    const long from = sbx_mech_long(r->a, FROM);
    if (from == SEGMENTS) return FN(sbx_mech_segment_means)(z, r->in.q, r->n, l, d, r, err);
    for (size_t k = 0; k < l * d; k++) {
        const NUM *const q =
            r->in.q + (from == GIVEN ? 0 : sbx_mech_segment(k / d, r->n, l) * d) + k % d;
        NUM_(set)(&z[k], from == GIVEN ? &r->in.extra[0][k] : q);
    }
    return SBX_OK;
}

#if NUM_ENCLOSE
/* Cuts V to |V_ab| <= 1 / shift [L-MCH-36]. */
static sbx_status FN(cut)(NUM *v, size_t n, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[2];
    NUM_(init)(&t[0], r->ctx);
    NUM_(init)(&t[1], r->ctx);
    SBX_TRY(FN(sbx_mech_param)(&t[0], r, SHIFT, 0, err));
    SBX_TRY(NUM_(set_si)(&t[1], 1, r->ctx, err));
    SBX_TRY(NUM_(div)(&t[0], &t[1], &t[0], r->ctx, err));
    SBX_TRY(NUM_(neg)(&t[1], &t[0], r->ctx, err));
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(NUM_(min)(&v[k], &v[k], &t[0], r->ctx, err));
        SBX_TRY(NUM_(max)(&v[k], &v[k], &t[1], r->ctx, err));
    }
done:
    NUM_(clear)(&t[1]);
    NUM_(clear)(&t[0]);
    return st;
}
#endif

/* V from K2 in p, which becomes P; t: 2 l l numbers */
static sbx_status FN(inverse)(NUM *v, NUM *p, size_t l, NUM *t, const FN(sbx_mech_run) * r,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM s, u;
    NUM_(init)(&s, r->ctx);
    NUM_(init)(&u, r->ctx);
    SBX_TRY(FN(sbx_mech_norm1)(&u, p, l, r, err));
    SBX_TRY(NUM_(sqr)(&u, &u, r->ctx, err));
    SBX_TRY(FN(sbx_mech_param)(&s, r, ALPHA, 0, err));
    SBX_TRY(NUM_(div)(&u, &s, &u, r->ctx, err));
    SBX_TRY(FN(sbx_mech_param)(&s, r, SHIFT, 0, err));
    for (size_t k = 0; k < l * l; k++) {
        if (k % (l + 1) == 0) SBX_TRY(NUM_(add)(&p[k], &p[k], &s, r->ctx, err));
        SBX_TRY(NUM_(mul)(&v[k], &p[k], &u, r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_shorten)(p, l * l, r, err));
    SBX_TRY(FN(sbx_mech_shorten)(v, l * l, r, err));
    for (size_t step = 0; step < sbx_mech_size(r->a, STEPS); step++) {
        SBX_TRY(FN(sbx_mech_newton)(v, p, l, t, r, err));
        SBX_TRY(FN(sbx_mech_shorten)(v, l * l, r, err));
#if NUM_ENCLOSE
        if (tame(r->a)) SBX_TRY(FN(cut)(v, l * l, r, err));
#endif
    }
done:
    NUM_(clear)(&u);
    NUM_(clear)(&s);
    return st;
}

/* V becomes D^-1/2 V D^-1/2, D in sum[0..l) */
static sbx_status FN(divided)(NUM *v, NUM *sum, size_t l, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t a = 0; a < l; a++)
        SBX_TRY(NUM_(sqrt)(&sum[a], &sum[a], r->ctx, err));
    for (size_t k = 0; k < l * l; k++) {
        SBX_TRY(NUM_(div)(&v[k], &v[k], &sum[k / l], r->ctx, err));
        SBX_TRY(NUM_(div)(&v[k], &v[k], &sum[k % l], r->ctx, err));
    }
done:
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t l = count(r->a, r->n), n = r->n;
    NUM *const left = r->state, *const v = left + n * l, *const last = v + l * l;
    NUM *const mark = r->work, *const p = mark + l * r->d, *const t = p + l * l,
               *const sum = t + 2 * l * l;
    sbx_status st = SBX_OK;
    NUM half, two;
    NUM_(init)(&half, r->ctx);
    NUM_(init)(&two, r->ctx);
    SBX_TRY(NUM_(set_si)(&two, 2, r->ctx, err));
    SBX_TRY(FN(sbx_mech_scale)(&half, r, SCALE, r->d, err));
    SBX_TRY(NUM_(div)(&half, &half, &two, r->ctx, err));
    SBX_TRY(FN(landmarks)(mark, r, err));
    SBX_TRY(FN(kernel)(left, &half, r->in.q, mark, n, l, r, err));
    SBX_TRY(FN(kernel)(p, &half, mark, mark, l, l, r, err));
    for (size_t k = 0; k < n * l; k++)
        NUM_(set)(&last[k % l * n + k / l], &left[k]);
    for (size_t a = 0; a < l; a++)
        SBX_TRY(FN(sbx_mech_sum)(&sum[a], &p[a * l], 1, l, r, err));
    SBX_TRY(FN(inverse)(v, p, l, t, r, err));
    if (sbx_mech_long(r->a, FORM) == 1) SBX_TRY(FN(divided)(v, sum, l, r, err));
done:
    NUM_(clear)(&two);
    NUM_(clear)(&half);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t l = count(r->a, r->n);
    const NUM *const v = r->state + r->n * l;
    return FN(sbx_mech_through)(w, r->state + i * l, v, v + l * l, l, r->work, r, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t l = count(r->a, r->n);
    const NUM *const v = r->state + r->n * l;
    return FN(sbx_mech_through_all)(o, r->state, v, v + l * l, l, r->work, r, err);
}
#endif
