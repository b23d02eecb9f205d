/* test_bound.c -- proved bounds of random small networks of dense layers, ReLU, LeakyReLU,
 * residual sums and scalings, against their exact values in rationals at the corners and at
 * random points of the box; so the bounds with slopes that were searched for.
 * [L-NET-01] to [L-NET-07], [L-NET-71], [L-RLX-12]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "netmake.h"

typedef struct {
    long bounds, none, affine_tight, affine, tighter;
    double worst;
} tally;

static bool leaky; /* every layer bends by slopes that are not 0; else one in four */

static void add_layer(made *m, int *top, uint64_t *r, bool wild, bool affine)
{
    const double scale = made_scale(r, wild);
    const int n = 1 + (int)(sbx_rng(r) % 9), was = *top;
    int t = made_step(m, K_DENSE, *top, 0, n, r, scale);
    if (sbx_rng(r) % 8 == 0) t = made_step(m, K_SCALE, t, 0, n, r, scale);
    if (sbx_rng(r) % 8 == 0) t = made_step(m, K_DIV, t, 0, n, r, scale);
    if (sbx_rng(r) % 8 == 0) t = made_step(m, K_BIAS, t, 0, n, r, scale);
    if (!affine) t = made_step(m, sbx_rng(r) % 4 && !leaky ? K_RELU : K_LEAKY, t, 0, n, r, 1.0);
    if (sbx_rng(r) % 8 == 0) t = made_step(m, K_NEG, t, 0, n, r, 1.0);
    if (sbx_rng(r) % 3 == 0) { /* fan-out */
        const int u = made_width(m, was) == n && sbx_rng(r) % 2 ? was : t;
        t = made_step(m, sbx_rng(r) % 2 ? K_ADD : K_SUB, t, u, n, r, 1.0);
    }
    *top = t;
}

static void random_net(made *m, uint64_t *r, bool wild, bool affine)
{
    const int layers = 1 + (int)(sbx_rng(r) % 3);
    int top = -1;
    m->in = 1 + (int)(sbx_rng(r) % 4);
    m->steps = 0;
    for (int k = 0; k < layers; k++)
        add_layer(m, &top, r, wild, affine || k + 1 == layers);
}

/* bound <= v; the bound may be -inf, never NaN */
static bool holds(double bound, mpq_srcptr v, mpq_ptr t)
{
    if (bound == -HUGE_VAL) return true;
    if (!(fabs(bound) <= 1.7976931348623157e308)) return false;
    mpq_set_d(t, bound);
    return mpq_cmp(t, v) <= 0;
}

static void check_point(const made *m, exact *e, const double *lo, const double *C, int rows,
                        const sbx_ivd *y, uint64_t seed)
{
    const int n = made_outputs(m);
    mpq_t v, t;
    exact_run(e, m);
    mpq_inits(v, t, NULL);
    for (int r = 0; r < rows; r++) {
        mpq_set_ui(v, 0, 1);
        for (int j = 0; j < n; j++) {
            mpq_set_d(t, C[r * n + j]);
            mpq_mul(t, t, e->v[m->steps][j]);
            mpq_add(v, v, t);
        }
        if (!holds(lo[r], v, t)) fail_msg("seed %llu: row %d", (unsigned long long)seed, r);
    }
    for (int j = 0; j < n; j++) {
        mpq_neg(v, e->v[m->steps][j]);
        if (!holds(y[j].lo, e->v[m->steps][j], t) || !holds(-y[j].hi, v, t))
            fail_msg("seed %llu: output %d", (unsigned long long)seed, j);
    }
    mpq_clears(v, t, NULL);
}

/* the affine bound of a row at the point of e, in rationals: at most the row's value there */
static void check_affine(const made *m, const exact *e, const double *coef, const double *c,
                         uint64_t seed)
{
    mpq_t s, t;
    mpq_inits(s, t, NULL);
    mpq_set_d(s, coef[m->in]);
    for (int i = 0; i < m->in; i++) {
        mpq_set_d(t, coef[i]);
        mpq_mul(t, t, e->v[0][i]);
        mpq_add(s, s, t);
    }
    for (int j = 0; j < made_outputs(m); j++) {
        mpq_set_d(t, c[j]);
        mpq_mul(t, t, e->v[m->steps][j]);
        mpq_sub(s, s, t);
    }
    if (mpq_sgn(s) > 0) fail_msg("seed %llu: the affine bound", (unsigned long long)seed);
    mpq_clears(s, t, NULL);
}

static void one_net(uint64_t seed, bool wild, bool affine, exact *e, tally *total)
{
    uint64_t r = seed;
    double C[3 * MOST_WIDTH], ibp[3], crown[3], coef[MOST_WIDTH + 1];
    double first = -HUGE_VAL, tight = -HUGE_VAL, again = -HUGE_VAL;
    sbx_ivd box[MOST_WIDTH], y[2][MOST_WIDTH];
    sbx_bounder *b;
    sbx_net *net;
    made m;
    int n;
    random_net(&m, &r, wild, affine);
    n = made_outputs(&m);
    made_box(box, m.in, &r, sbx_rng(&r) % 2 ? 1.0 : 1e-3);
    for (int k = 0; k < 3 * n; k++)
        C[k] = k < n ? (k == 0) : made_coef(&r, made_scale(&r, wild));
    net = made_net(&m);
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, ibp, box, C, 3, SBX_BOUND_IBP, err));
    memcpy(y[0], sbx_bounder_outputs(b), (size_t)n * sizeof **y);
    assert_null(sbx_bounder_input_coef(b, 0));
    assert_ok(sbx_bounder_run(b, crown, box, C, 3, SBX_BOUND_CROWN, err));
    memcpy(y[1], sbx_bounder_outputs(b), (size_t)n * sizeof **y);
    assert_non_null(sbx_bounder_input_coef(b, 2));
    assert_ok(sbx_bounder_tighten(b, &first, coef, C + n, HUGE_VAL, 1, err));
    assert_ok(sbx_bounder_tighten(b, &tight, coef, C + n, HUGE_VAL, 20, err));
    assert_ok(sbx_bounder_tighten(b, &again, coef, C + n, HUGE_VAL, 20, err));
    assert_true(tight >= first && memcmp(&again, &tight, sizeof tight) == 0); /* put back */
    total->tighter += tight > first;
    for (int k = 0; k < 3; k++) {
        total->bounds++;
        total->none += crown[k] == -HUGE_VAL;
        assert_true(crown[k] >= ibp[k]);
    }
    for (int j = 0; j < n; j++)
        assert_true(y[1][j].lo >= y[0][j].lo && y[1][j].hi <= y[0][j].hi);
    for (unsigned k = 0; k < (1u << m.in) + 8; k++) {
        for (int i = 0; i < m.in; i++)
            mpq_set_d(e->v[0][i], made_point(box, i, k, m.in, &r));
        check_point(&m, e, ibp, C, 3, y[0], seed);
        check_point(&m, e, crown, C, 3, y[1], seed);
        check_point(&m, e, &tight, C + n, 1, y[1], seed);
        if (tight > -HUGE_VAL) check_affine(&m, e, coef, C + n, seed);
    }
    sbx_bounder_free(b);
    sbx_net_free(net);
}

static void sound(bool wild, bool affine, long rounds)
{
    const uint64_t seed = test_seed();
    static exact e;
    tally t = {0};
    exact_init(&e);
    for (long k = 0; k < test_rounds(rounds); k++)
        one_net(seed * 1000003u + (uint64_t)k, wild, affine, &e, &t);
    exact_clear(&e);
    print_message("%ld bounds, %ld of them none, %ld of %ld made tighter\n", t.bounds, t.none,
                  t.tighter, test_rounds(rounds));
    if (!wild && !affine) assert_true(t.tighter > test_rounds(rounds) / 30);
    assert_true(t.none == 0);
}

static void tame_nets(void **state)
{
    (void)state;
    sound(false, false, 700);
}
/* Below a leaky unit there is a choice too, if a smaller one. */
static void leaky_nets(void **state)
{
    (void)state;
    leaky = true;
    sound(false, false, 700);
    leaky = false;
}
static void wild_nets(void **state)
{
    (void)state;
    sound(true, false, 700);
}
static void affine_nets(void **state)
{
    (void)state;
    sound(true, true, 700);
}

/* On an affine network the bound is the minimum but for rounding: its slack, in units of
 * u times the sum of the magnitudes of all paths. */
static void affine_slack(void **state)
{
    const uint64_t seed = test_seed();
    static exact e, size;
    double worst = 0.0;
    (void)state;
    exact_init(&e);
    exact_init(&size);
    for (long k = 0; k < test_rounds(300); k++) {
        uint64_t r = seed * 777u + (uint64_t)k;
        double C[MOST_WIDTH] = {1.0}, lo;
        sbx_ivd box[MOST_WIDTH];
        made m, big;
        sbx_bounder *b;
        sbx_net *net;
        mpq_t best;
        random_net(&m, &r, true, true);
        made_box(box, m.in, &r, 1.0);
        net = made_net(&m);
        assert_ok(sbx_bounder_new(&b, net, err));
        assert_ok(sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
        mpq_init(best);
        for (unsigned c = 0; c < 1u << m.in; c++) {
            for (int i = 0; i < m.in; i++)
                mpq_set_d(e.v[0][i], made_point(box, i, c, m.in, &r));
            exact_run(&e, &m);
            if (c == 0 || mpq_cmp(e.v[m.steps][0], best) < 0) mpq_set(best, e.v[m.steps][0]);
        }
        big = m; /* every coefficient and input by its magnitude */
        for (int i = 0; i < m.in; i++)
            mpq_set_d(size.v[0][i], fmax(fabs(box[i].lo), fabs(box[i].hi)));
        for (int s = 0; s < m.steps; s++) {
            step *p = &big.s[s];
            if (p->k == K_SUB) p->k = K_ADD;
            if (p->k == K_NEG) p->k = K_SCALE;
            for (int i = 0; i < MOST_WIDTH; i++) {
                p->c[i] = m.s[s].k == K_NEG ? 1.0 : fabs(p->c[i]);
                for (int j = 0; j < MOST_WIDTH; j++)
                    p->w[i][j] = fabs(p->w[i][j]);
            }
        }
        exact_run(&size, &big);
        mpq_set_d(e.t, lo);
        mpq_sub(best, best, e.t);
        assert_true(mpq_sgn(best) >= 0);
        if (mpq_sgn(size.v[m.steps][0]) > 0) {
            mpq_div(best, best, size.v[m.steps][0]);
            worst = fmax(worst, mpq_get_d(best) * 0x1p53);
        }
        mpq_clear(best);
        sbx_bounder_free(b);
        sbx_net_free(net);
    }
    print_message("worst slack %.1f u\n", worst);
    assert_true(worst < 400.0);
    exact_clear(&e);
    exact_clear(&size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tame_nets),   cmocka_unit_test(leaky_nets),   cmocka_unit_test(wild_nets),
        cmocka_unit_test(affine_nets), cmocka_unit_test(affine_slack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
