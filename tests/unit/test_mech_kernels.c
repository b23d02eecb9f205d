/* test_mech_kernels.c -- mechanisms of feature maps: against their definitions in doubles, the orders of their sums, and
 * their laws. [L-MCH-10], [L-MCH-11], [L-MCH-17], [L-MCH-18], [L-MCH-19], [L-MCH-20],
 * [L-MCH-21], [L-MCH-22]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech_judge.h"

static double elu1(double x) { return x > 0 ? x + 1 : exp(x); }

static bool elu(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++)
            for (size_t c = 0; c < D; c++)
                A[i * N + j] += elu1(q[i * D + c]) * elu1(k[j * D + c]);
    normal();
    return false;
}

/* A = phi(q).psi(k) of features that f writes, w numbers each */
typedef void feature(double *to, const double *x, const sbx_mech_args *a);

static void products(const sbx_mech_args *a, feature *f, size_t w)
{
    static double p[64], s[64];
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++) {
            f(p, q + i * D, a);
            f(s, k + j * D, a);
            A[i * N + j] = dot(p, s, w);
        }
}

static bool cosformer(const sbx_mech_args *a)
{
    const double places = number(a, 3) == 0 ? N : number(a, 3), eps = number(a, 4);
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t j = 0; j < sees(a, i); j++) {
            for (size_t c = 0; c < D; c++)
                A[i * N + j] += fmax(q[i * D + c], 0) * fmax(k[j * D + c], 0);
            A[i * N + j] *= cos(acos(-1) * ((double)i - (double)j) / (2 * places));
            sum += A[i * N + j];
        }
        for (size_t j = 0; j < N; j++)
            A[i * N + j] /= fmax(sum, eps);
    }
    return false;
}

static void focused(double *to, const double *x, const sbx_mech_args *a)
{
    double of_x = 0, of_power = 0;
    for (size_t c = 0; c < D; c++) {
        const double z = (fmax(x[c], 0) + number(a, 4)) / e[0][c];
        of_x += z * z;
        to[c] = pow(z, number(a, 3));
        of_power += to[c] * to[c];
    }
    for (size_t c = 0; c < D; c++)
        to[c] *= sqrt(of_x / of_power);
}

static bool flatten(const sbx_mech_args *a)
{
    products(a, focused, D);
    for (size_t i = 0; i < N; i++) {
        double sum = number(a, 5);
        for (size_t j = 0; j < N; j++)
            sum += A[i * N + j];
        for (size_t j = 0; j < N; j++)
            A[i * N + j] /= sum;
    }
    return false;
}

/* W x + b of the extra matrices 0 and 1 */
static double mixed(const double *x, size_t c) { return dot(e[0] + c * D, x, D) + e[1][c]; }

static void of_number(double *to, const double *x, const sbx_mech_args *a)
{
    for (size_t c = 0; c < D; c++) {
        const double y = mixed(x, c), r = fmax(y, 0),
                     all[5] = {r, r * r, y * erfc(-y / sqrt(2)) / 2, y / (1 + exp(-y)),
                               1 / (1 + exp(-y))};
        to[c] = all[(int)number(a, 3)];
    }
}

static bool pointwise(const sbx_mech_args *a)
{
    products(a, of_number, D);
    if (number(a, 4) == 0) normal();
    return false;
}

static void hedged(double *to, const double *x, const sbx_mech_args *a)
{
    double up = 0, down = 0;
    for (size_t c = 0; c < D; c++) {
        const double f = number(a, 3) == 2 ? 2 : 1;
        to[c] = exp(f * mixed(x, c));
        to[D + c] = exp(-f * mixed(x, c));
        up += to[c];
        down += to[D + c];
    }
    for (size_t c = 0; c < (size_t)2 * D && number(a, 3) > 0; c++)
        to[c] /= number(a, 3) == 2 ? up + down : c < D ? up : down;
}

static bool hedgehog(const sbx_mech_args *a)
{
    products(a, hedged, 2 * D);
    normal();
    return false;
}

static void rolled(double *to, const double *x, const sbx_mech_args *a)
{
    double z[2 * D];
    for (size_t c = 0; c < D; c++) {
        z[c] = fmax(x[c], 0);
        z[D + c] = number(a, 4) == 1 ? -z[c] : fmax(-x[c], 0);
    }
    for (size_t roll = 1; roll <= (size_t)number(a, 3); roll++)
        for (size_t c = 0; c < (size_t)2 * D; c++)
            *to++ = z[c] * z[(c + 2 * D - roll) % (2 * D)];
}

static bool dpfp(const sbx_mech_args *a)
{
    products(a, rolled, 2 * D * (size_t)number(a, 3));
    normal();
    return false;
}

static void standard(double *y, const double *x, const sbx_mech_args *a)
{
    double mean = 0, var = 0;
    for (size_t c = 0; c < D; c++)
        mean += x[c] / D;
    for (size_t c = 0; c < D; c++)
        var += (x[c] - mean) * (x[c] - mean) / D;
    for (size_t c = 0; c < D; c++)
        y[c] = (number(a, 4) == 1 ? (x[c] - mean) / sqrt(var + number(a, 5)) : x[c]) * e[0][c] +
               e[1][c];
}

static bool quadratic(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++) {
            double x[D], y[D], s, own = 0;
            standard(x, q + i * D, a);
            standard(y, k + j * D, a);
            s = dot(x, y, D) / sqrt(D);
            for (size_t c = 0; c < D; c++)
                own += pow(x[c] * y[c], 2);
            A[i * N + j] = number(a, 3) == 0   ? 1 + s + s * s / 2
                           : number(a, 3) == 1 ? s * s
                                               : (s * s * D + own) / 2;
        }
    if (number(a, 6) == 0) normal();
    return false;
}

static void definitions(void **state)
{
    static const char *const maps[] = {"relu", "relu2", "gelu", "silu", "sigmoid"};
    char name[100];
    (void)state;
    judge("elu", elu, 3);
    judge("elu:mask=causal", elu, 3);
    judge("cosformer", cosformer, 3);
    judge("cosformer:M=9:eps=3:mask=causal", cosformer, 3);
    judge("flatten", flatten, 3);
    judge("flatten:p=2:shift=1/8:eps=1/2:mask=causal", flatten, 3);
    for (size_t m = 0; m < 5; m++) {
        (void)snprintf(name, sizeof name, "feature:map=%s:rows=plain", maps[m]);
        judge(name, pointwise, 3);
        (void)snprintf(name, sizeof name, "feature:map=%s:mask=causal:rows=plain", maps[m]);
        judge(name, pointwise, 3);
    }
    judge("feature:map=sigmoid", pointwise, 3);
    judge("feature:map=relu2", pointwise, 3);
    judge("hedgehog", hedgehog, 3);
    judge("hedgehog:map=split", hedgehog, 3);
    judge("hedgehog:map=joint:mask=causal", hedgehog, 3);
    judge("dpfp", dpfp, 3);
    judge("dpfp:nu=3", dpfp, 3);
    judge("dpfp:nu=2:half=negated", dpfp, 3);
    judge("quadratic", quadratic, 3);
    judge("quadratic:mask=causal", quadratic, 3);
    judge("quadratic:map=rebased:norm=layer:eps=1/10", quadratic, 3);
    judge("quadratic:map=rebased:rows=plain", quadratic, 3);
    judge("quadratic:map=polysketch", quadratic, 3);
}

/* For d = 4 the two orders of taylor2, rebased and polysketch agree in exact rationals: their features have these
 * kernels. */
static void orders(void **state)
{
    (void)state;
    orders_of("elu");
    orders_of("cosformer");
    orders_of("cosformer:eps=3");
    orders_of("flatten:eps=1/2");
    orders_of("feature");
    orders_of("feature:map=relu2:rows=plain");
    orders_of("feature:map=silu");
    orders_of("hedgehog:map=joint");
    orders_of("dpfp:nu=2");
    orders_of("quadratic");
    orders_of("quadratic:map=rebased");
    orders_of("quadratic:map=polysketch:rows=plain");
}

static void exactly(void **state)
{
    (void)state;
    by_hand_case("feature", "1/4 3/4 1/2 1/2", "7/4 3/2");
    by_hand_case("feature:map=relu2", "1/10 9/10 5/14 9/14", "19/10 23/14");
    by_hand_case("feature:rows=plain:mask=causal", "1 0 3 3", "1 9");
    by_hand_case("dpfp", "1/2 1/2 1 0", "3/2 1");
    by_hand_case("dpfp:nu=2:half=negated", "1/10 9/10 1/2 1/2", "19/10 3/2");
    by_hand_case("quadratic:map=rebased", "1/10 9/10 9/13 4/13", "19/10 17/13");
    by_hand_case("quadratic:map=rebased:rows=plain", "1/2 9/2 9/2 2", "");
    by_hand_case("quadratic:map=polysketch:rows=plain", "1 9 7 7", "19 21");
}

/* rows of weights in doubles' enclosures over q (radius rq) and k (rk) */
static void enclosed(sbx_ivd *w, const char *name, const char *input, bool zero_q, double rq,
                     double rk)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_in_ivd in;
    static sbx_ivd o[N * DM];
    sbx_err why;
    dv = 3;
    made(&a, &x, name, input, 3);
    for (size_t c = 0; c < (size_t)N * D && zero_q; c++)
        mpq_set_ui(x.q[c], 0, 1);
    assert_int_equal(sbx_mech_in_of_ivd(&in, &x, NULL, NULL), SBX_OK);
    for (size_t c = 0; c < (size_t)2 * N * D; c++) {
        in.block[c].lo -= c < (size_t)N * D ? rq : rk;
        in.block[c].hi += c < (size_t)N * D ? rq : rk;
    }
    if (!run_ivd(w, o, &a, &in, &why)) fail_msg("%s", why.msg);
    sbx_mech_in_free_ivd(&in);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
}

/* Hedgehog's three forms: at q = 0 split and joint have one feature for all, so the row is uniform; exp's is not. On
 * other inputs no two of them agree. */
static void three_hedgehogs(void **state)
{
    static sbx_ivd w[3][N * N];
    static const char *const names[] = {"hedgehog", "hedgehog:map=split", "hedgehog:map=joint"};
    (void)state;
    for (size_t m = 0; m < 3; m++) {
        bool uniform = true;
        enclosed(w[m], names[m], "gaussian", true, 0, 0);
        for (size_t j = 0; j < N; j++)
            uniform = uniform && w[m][j].lo <= 1.0 / N && w[m][j].hi >= 1.0 / N;
        assert_int_equal(uniform, m > 0);
        enclosed(w[m], names[m], "gaussian", false, 0, 0);
        for (size_t b = 0; b < m; b++)
            assert_true(w[b][0].hi < w[m][0].lo || w[m][0].hi < w[b][0].lo);
    }
}

/* cosFormer: a query with no number above 0 has a row of zeros; a mass is never above 1 */
static void cosformer_mass(void **state)
{
    static sbx_ivd w[N * N];
    (void)state;
    enclosed(w, "cosformer", "gaussian", true, 0, 0);
    for (size_t j = 0; j < (size_t)N * N; j++)
        assert_true(w[j].lo == 0 && w[j].hi == 0);
    enclosed(w, "cosformer", "gaussian", true, 0.5, 0.5);
    for (size_t j = 0; j < (size_t)N * N; j++)
        assert_true(w[j].lo >= 0 && w[j].hi <= 1);
}

/* Based: a weight over a wide box is at least 1/2 before the division */
static void taylor_above_half(void **state)
{
    static sbx_ivd w[N * N];
    (void)state;
    enclosed(w, "quadratic:rows=plain", "gaussian", false, 3, 3);
    for (size_t j = 0; j < (size_t)N * N; j++)
        assert_true(w[j].lo >= 0.5);
}

/* One query, one key the same: the weight is |x|^2 / (|x|^2 + eps), as f_p keeps the norm. And the power
 * sharpens: a key with the same greatest channel gains on another one. */
static void flatten_norm(void **state)
{
    static const char *const powers[] = {"flatten:p=1:shift=0:eps=1/2",
                                         "flatten:p=3:shift=0:eps=1/2"};
    double other[2];
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        sbx_ivd x[3][4] = {{{2, 2}, {1, 1}}, {{2, 2}, {1, 1}, {1, 1}, {3, 3}}, {{1, 1}, {1, 1}}};
        sbx_ivd one[2] = {{1, 1}, {1, 1}}, w[2];
        sbx_mech_in_ivd in = {{1, 1, 2, 1}, x[0], x[1], x[2], {one}, {2}, NULL, 0};
        sbx_mech_args a;
        sbx_mech_run_ivd *r;
        assert_int_equal(sbx_mech_read(&a, powers[p], NULL), SBX_OK);
        assert_int_equal(sbx_mech_open_ivd(&r, &a, &in, NULL, NULL), SBX_OK);
        assert_int_equal(sbx_mech_row_ivd(w, r, 0, NULL), SBX_OK);
        assert_true(w[0].lo <= 10.0 / 11 && w[0].hi >= 10.0 / 11 && width(w[0]) < 1e-13);
        sbx_mech_close_ivd(r);
        in.shape.m = 2;
        assert_int_equal(sbx_mech_open_ivd(&r, &a, &in, NULL, NULL), SBX_OK);
        assert_int_equal(sbx_mech_row_ivd(w, r, 0, NULL), SBX_OK);
        other[p] = p ? w[1].hi / w[0].lo : w[1].lo / w[0].hi;
        sbx_mech_close_ivd(r);
        sbx_mech_args_clear(&a);
    }
    assert_true(other[1] < other[0] * 0.99);
}

static void refusals(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_err why;
    (void)state;
    assert_int_equal(sbx_mech_generate(&x, "gaussian", 3, 2, 1, 1, NULL), SBX_OK);
    x.shape.m = 2;
    assert_int_equal(sbx_mech_read(&a, "elu:mask=causal", NULL), SBX_OK);
    assert_int_equal(sbx_mech_fill(&x, &a, 1, &why), SBX_ERR_ARG);
    assert_non_null(strstr(why.msg, "causal"));
    sbx_mech_args_clear(&a);
    x.shape.m = 3;
    assert_int_equal(sbx_mech_read(&a, "cosformer:M=2", NULL), SBX_OK);
    assert_int_equal(sbx_mech_fill(&x, &a, 1, &why), SBX_ERR_ARG);
    assert_non_null(strstr(why.msg, "negative"));
    sbx_mech_args_clear(&a);
    assert_int_equal(sbx_mech_read(&a, "dpfp:nu=4", NULL), SBX_OK);
    assert_int_equal(sbx_mech_fill(&x, &a, 1, &why), SBX_ERR_ARG);
    sbx_mech_args_clear(&a);
    sbx_mech_data_clear(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions),    cmocka_unit_test(orders),
        cmocka_unit_test(exactly),        cmocka_unit_test(three_hedgehogs),
        cmocka_unit_test(cosformer_mass), cmocka_unit_test(taylor_above_half),
        cmocka_unit_test(flatten_norm),   cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
