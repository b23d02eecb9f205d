/* test_verify.c -- random networks whose verdict is known by construction: a planted
 * counterexample is never overlooked by a proof, and thresholds at the exact maximum.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify_nets.h"

static void q_random(mpq_t q, uint64_t *s, long range)
{
    const unsigned long d[] = {1, 2, 3, 7, 10, 1000, 1u << 20};
    mpq_set_si(q, (long)(sbx_rng(s) % (unsigned long)(2 * range * 1000 + 1)) - range * 1000, 1000);
    mpz_mul_ui(mpq_denref(q), mpq_denref(q), d[sbx_rng(s) % 7]);
    mpq_canonicalize(q);
}

/* a point of the box: a corner, inside, or on a face */
static void point_in(mpq_t *x, const sbx_disjunct *d, size_t n, uint64_t *s)
{
    const uint64_t kind = sbx_rng(s) % 4;
    mpq_t u;
    mpq_init(u);
    for (size_t i = 0; i < n; i++) {
        const uint64_t r = sbx_rng(s);
        mpq_set_ui(u, r % 1001, 1000);
        mpq_canonicalize(u);
        if (kind == 0 || (kind == 1 && (r >> 20) % 2)) mpq_set_ui(u, (r >> 30) % 2, 1);
        mpq_sub(x[i], d->hi[i], d->lo[i]);
        mpq_mul(x[i], x[i], u);
        mpq_add(x[i], x[i], d->lo[i]);
    }
    mpq_clear(u);
}

/* rhs <- left side at (x, y), plus slack */
static void tie_at(sbx_constraint *c, const mpq_t *x, const mpq_t *y, const mpq_t slack)
{
    mpq_t t;
    mpq_init(t);
    mpq_set(c->rhs, slack);
    for (size_t i = 0; i < c->n_terms; i++) {
        mpq_mul(t, c->term[i].coef, c->term[i].is_output ? y[c->term[i].var] : x[c->term[i].var]);
        mpq_add(c->rhs, c->rhs, t);
    }
    mpq_clear(t);
}

static void random_box(sbx_disjunct *d, size_t n, uint64_t *s)
{
    const bool narrow = sbx_rng(s) % 5 == 0;
    for (size_t i = 0; i < n; i++) {
        q_random(d->lo[i], s, 1);
        q_random(d->hi[i], s, 1);
        mpq_abs(d->hi[i], d->hi[i]);
        if (narrow) mpz_mul_2exp(mpq_denref(d->hi[i]), mpq_denref(d->hi[i]), 20 + sbx_rng(s) % 60);
        if (sbx_rng(s) % 8 == 0) mpq_set_ui(d->hi[i], 0, 1);
        mpq_canonicalize(d->hi[i]);
        mpq_add(d->hi[i], d->hi[i], d->lo[i]);
    }
}

/* Constraints that hold at a point of the box, most with equality; strict ones have slack.
 * Other disjuncts without a point of their own stand before and after. */
static sbx_property *planted(const mlp *m, uint64_t *s)
{
    const size_t n = m->width[0], o = m->width[m->layers];
    sbx_property *const p = prop_new(n, o);
    const size_t at = sbx_rng(s) % 3;
    mpq_t x[MLP_WIDTH], y[MLP_WIDTH], slack;
    mpq_init(slack);
    for (size_t i = 0; i < MLP_WIDTH; i++)
        mpq_inits(x[i], y[i], NULL);
    for (size_t k = 0; k < 3; k++) {
        sbx_disjunct *const d = prop_case(p);
        random_box(d, n, s);
        point_in(x, d, n, s);
        mlp_exact(y, m, (const mpq_t *)x);
        for (size_t c = 0; c <= sbx_rng(s) % 3; c++) {
            sbx_constraint *const con = prop_con(d, sbx_rng(s) % 4 == 0, "0");
            for (size_t j = 0; j < o; j++) {
                prop_term(con, true, j, "1");
                q_random(con->term[con->n_terms - 1].coef, s, 2);
            }
            if (sbx_rng(s) % 3 == 0) {
                prop_term(con, false, sbx_rng(s) % n, "1");
                q_random(con->term[con->n_terms - 1].coef, s, 2);
            }
            mpq_set_ui(slack, con->strict ? 1 : sbx_rng(s) % 2, 1 + sbx_rng(s) % 100000);
            mpq_canonicalize(slack);
            if (k != at) mpq_set_si(slack, -1000, 1); /* hardly */
            tie_at(con, (const mpq_t *)x, (const mpq_t *)y, slack);
        }
        if (k == at) assert_true(prop_satisfied(p, k, (const mpq_t *)x, (const mpq_t *)y));
    }
    for (size_t i = 0; i < MLP_WIDTH; i++)
        mpq_clears(x[i], y[i], NULL);
    mpq_clear(slack);
    return p;
}

/* [L-NET-08] [L-NET-09] [L-NET-31] [L-NET-34] */
static void a_planted_counterexample_is_never_proved_away(void **unused)
{
    const long rounds = test_rounds(400);
    long count[4] = {0};
    (void)unused;
    for (long k = 0; k < rounds; k++) {
        uint64_t s = test_seed() + (uint64_t)k;
        const uint64_t seed = s;
        mlp m;
        sbx_property *p;
        sbx_verify_result r;
        const sbx_verify_opts o = {.method = (sbx_verify_method)(sbx_rng(&s) % 4),
                                   .max_nodes = 60,
                                   .seed = seed,
                                   .threads = 1 + (unsigned)(sbx_rng(&s) % 2)};
        mlp_random(&m, &s, 1 + sbx_rng(&s) % 4, 2 + sbx_rng(&s) % 3, 2 + sbx_rng(&s) % 5,
                   1 + sbx_rng(&s) % 3, 1 + (int)(sbx_rng(&s) % 20));
        p = planted(&m, &s);
        if (judged(&r, &m, p, &o) == SBX_HOLDS)
            fail_msg("HOLDS, but a counterexample is planted: SBX_SEED=%llu",
                     (unsigned long long)seed);
        count[r.verdict]++;
        sbx_verify_result_clear(&r);
        prop_free(p);
    }
    print_message("planted: %ld violated, %ld unknown of %ld\n", count[SBX_VIOLATED],
                  count[SBX_VERDICT_UNKNOWN], rounds);
    assert_true(2 * count[SBX_VIOLATED] > rounds); /* and most are found */
}

/* Two ridges of width 2^-k that cross at one point of the unit square: no slope anywhere else
 * leads there. The last of three disjuncts with one box asks for the crossing. */
static void a_needle_is_never_proved_away(void **unused)
{
    const long rounds = test_rounds(30);
    long found = 0;
    (void)unused;
    for (long k = 0; k < rounds; k++) {
        uint64_t s = test_seed() + 5000000u + (uint64_t)k;
        const int wide = 5 + (int)(sbx_rng(&s) % 6);
        const double w = ldexp(1.0, -wide);
        mlp m = {.layers = 2, .width = {2, 6, 1}};
        sbx_property *const p = prop_new(2, 1);
        const sbx_verify_opts o = {.max_nodes = 3000, .threads = 1 + (unsigned)(k % 2)};
        sbx_verify_result r;
        for (size_t i = 0; i < 2;
             i++) { /* height 1: relu(t + w) - 2 relu(t) + relu(t - w), over w */
            const double at = ldexp(floor(ldexp(sbx_rng_unit(&s), 20)), -20);
            for (size_t j = 0; j < 3; j++) {
                m.A[0][2 * (3 * i + j) + i] = 1.0;
                m.b[0][3 * i + j] = ((double)j - 1.0) * w - at;
                m.A[1][3 * i + j] = (j == 1 ? -2.0 : 1.0) / w;
            }
        }
        for (size_t c = 0; c < 3; c++) {
            sbx_disjunct *const d = prop_case(p);
            prop_side(d, 0, "0", "1");
            prop_side(d, 1, "0", "1");
            prop_term(prop_con(d, c == 1,
                               c == 2   ? "-3/2"
                               : c == 1 ? "-9/4"
                                        : "-21/10"),
                      true, 0, "-1");
        }
        if (judged(&r, &m, p, &o) == SBX_HOLDS)
            fail_msg("HOLDS: SBX_SEED=%llu", (unsigned long long)(test_seed() + (uint64_t)k));
        found += r.verdict == SBX_VIOLATED;
        sbx_verify_result_clear(&r);
        prop_free(p);
    }
    print_message("needles: %ld of %ld found\n", found, rounds);
    assert_true(2 * found > rounds);
}

/* ---- one hidden layer, two inputs: the exact maximum is at a vertex ------------- */

/* the vertex of the lines a x + b y + c = 0 and d x + e y + f = 0, if it is one */
static bool meet(mpq_t *x, const mpq_t *u, const mpq_t *v)
{
    mpq_t det, s, t;
    bool ok;
    mpq_inits(det, s, t, NULL);
    mpq_mul(s, u[0], v[1]);
    mpq_mul(t, u[1], v[0]);
    mpq_sub(det, s, t);
    ok = mpq_sgn(det) != 0;
    if (ok) {
        mpq_mul(s, u[1], v[2]);
        mpq_mul(t, u[2], v[1]);
        mpq_sub(x[0], s, t);
        mpq_div(x[0], x[0], det);
        mpq_mul(s, u[2], v[0]);
        mpq_mul(t, u[0], v[2]);
        mpq_sub(x[1], s, t);
        mpq_div(x[1], x[1], det);
    }
    mpq_clears(det, s, t, NULL);
    return ok;
}

/* The function is linear on each cell of the arrangement of the lines where a hidden unit
 * is 0, so its maximum over the box is at a vertex of that and of the sides of the box. */
static void exact_max(mpq_t best, const mlp *m, const sbx_disjunct *d)
{
    const size_t h = m->width[1];
    mpq_t line[MLP_WIDTH + 4][3], x[2], y[1];
    bool any = false;
    mpq_inits(x[0], x[1], y[0], NULL);
    for (size_t k = 0; k < h + 4; k++) {
        for (size_t i = 0; i < 3; i++)
            mpq_init(line[k][i]);
        if (k < h) {
            mpq_set_d(line[k][0], m->A[0][2 * k]);
            mpq_set_d(line[k][1], m->A[0][2 * k + 1]);
            mpq_set_d(line[k][2], m->b[0][k]);
        } else { /* x_i = lo or hi */
            mpq_set_ui(line[k][(k - h) / 2], 1, 1);
            mpq_neg(line[k][2], (k - h) % 2 ? d->hi[(k - h) / 2] : d->lo[(k - h) / 2]);
        }
    }
    for (size_t k = 0; k < h + 4; k++) {
        for (size_t i = 0; i < k; i++) {
            if (!meet(x, (const mpq_t *)line[i], (const mpq_t *)line[k])) continue;
            if (mpq_cmp(x[0], d->lo[0]) < 0 || mpq_cmp(x[0], d->hi[0]) > 0 ||
                mpq_cmp(x[1], d->lo[1]) < 0 || mpq_cmp(x[1], d->hi[1]) > 0)
                continue;
            mlp_exact(y, m, (const mpq_t *)x);
            if (!any || mpq_cmp(y[0], best) > 0) mpq_set(best, y[0]);
            any = true;
        }
    }
    assert_true(any);
    for (size_t k = 0; k < h + 4; k++)
        mpq_clears(line[k][0], line[k][1], line[k][2], NULL);
    mpq_clears(x[0], x[1], y[0], NULL);
}

/* Y >= max + gap: holds; Y >= max: not; Y > max: not violated; Y >= max - gap: violated */
static void thresholds_at_the_exact_maximum(void **unused)
{
    const long rounds = test_rounds(40);
    long held = 0, tried = 0, ties = 0, found = 0;
    (void)unused;
    for (long k = 0; k < rounds; k++) {
        uint64_t s = test_seed() + 7000000u + (uint64_t)k;
        const unsigned long gap = 1 + sbx_rng(&s) % 5; /* 1e-1 .. 1e-5 */
        mlp m;
        mpq_t best, g;
        mpq_inits(best, g, NULL);
        mlp_random(&m, &s, 2, 2, 2 + sbx_rng(&s) % 4, 1, 6);
        mpz_ui_pow_ui(mpq_denref(g), 10, gap);
        mpz_set_ui(mpq_numref(g), 1);
        for (int kind = 0; kind < 4; kind++) {
            sbx_property *const p = prop_new(2, 1);
            sbx_disjunct *const d = prop_case(p);
            sbx_constraint *const c = prop_con(d, kind == 2, "0");
            const sbx_verify_opts o = {.max_nodes = 600, .threads = 1 + (unsigned)(k % 2)};
            uint64_t t = s;
            sbx_verify_result r;
            sbx_verdict v;
            random_box(d, 2, &t);
            prop_term(c, true, 0, "-1");
            exact_max(best, &m, d);
            mpq_neg(c->rhs, best);
            if (kind == 0) mpq_sub(c->rhs, c->rhs, g);
            if (kind == 3) mpq_add(c->rhs, c->rhs, g);
            v = judged(&r, &m, p, &o);
            if (((kind == 0 || kind == 2) && v == SBX_VIOLATED) ||
                ((kind == 1 || kind == 3) && v == SBX_HOLDS))
                fail_msg("kind %d is %s: SBX_SEED=%llu", kind, verdict_name(v),
                         (unsigned long long)(test_seed() + (uint64_t)k));
            tried += kind == 0;
            held += kind == 0 && v == SBX_HOLDS;
            ties += kind == 1 && v == SBX_VIOLATED;
            found += kind == 3 && v == SBX_VIOLATED;
            sbx_verify_result_clear(&r);
            prop_free(p);
        }
        mpq_clears(best, g, NULL);
    }
    print_message("of %ld: above the maximum %ld hold, below %ld violated, ties %ld violated\n",
                  tried, held, found, ties);
    assert_true(2 * held > tried && 2 * found > tried);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planted_counterexample_is_never_proved_away),
        cmocka_unit_test(a_needle_is_never_proved_away),
        cmocka_unit_test(thresholds_at_the_exact_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
