/* test_mech_single.c -- mechanisms whose weights are made one by one: polynomial, rectified, sigmoid, L2 attention, and
 * AFT; against their definitions in doubles, and their laws.
 * [L-MCH-12], [L-MCH-13], [L-MCH-14], [L-MCH-15], [L-MCH-16]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech_judge.h"

/* scores: 1, 3; 3, 2 */
static void by_hand(void **state)
{
    (void)state;
    by_hand_case("polynomial:p=3:scale=1:factor=1/2", "1/2 27/2 27/2 4", "55/2 43/2");
    by_hand_case("polynomial:p=2:scale=1/3:rows=normalised", "1/10 9/10 9/13 4/13", "19/10 17/13");
    by_hand_case("polynomial:p=1:scale=1:factor=1:mask=causal", "1 0 3 2", "1 7");
    by_hand_case("rela:scale=1:norm=none", "1 3 3 2", "7 7");
    by_hand_case("rela:scale=-1:norm=none", "0 0 0 0", "0 0");
}

/* ---- single weights -------------------------------------------------------------------------- */

static bool polynomial(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++) {
            double s = 1;
            for (int p = 0; p < (int)number(a, 1); p++)
                s *= dot(q + i * D, k + j * D, D) / 2;
            A[i * N + j] = s / sqrt(N);
        }
    if (number(a, 4) == 1) normal();
    return false;
}

static bool scaled(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++)
            A[i * N + j] = pow(dot(q + i * D, k + j * D, D) / 2, 2) / 6;
    return false;
}

static bool sigmoid(const sbx_mech_args *a)
{
    const double keys = number(a, 3) == 0 ? N : number(a, 3);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++)
            A[i * N + j] = 1 / (1 + keys * exp(-dot(q + i * D, k + j * D, D) / 2 - number(a, 2)));
    return false;
}

static bool l2(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++) {
            double s = 0;
            for (size_t c = 0; c < D; c++)
                s += pow(q[i * D + c] - q[j * D + c], 2);
            A[i * N + j] = exp(-s / 2);
        }
    normal();
    return false;
}

static bool rela(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++) {
        double o[DM] = {0}, square = 0;
        for (size_t j = 0; j < sees(a, i); j++) {
            const double s = dot(q + i * D, k + j * D, D) / 2;
            A[i * N + j] = s > 0 ? s : 0;
            for (size_t c = 0; c < dv; c++)
                o[c] += A[i * N + j] * v[j * dv + c];
        }
        for (size_t c = 0; c < dv; c++)
            square += o[c] * o[c] / (double)dv;
        for (size_t c = 0; c < dv; c++) {
            O[i * dv + c] = o[c] * e[0][c] / sqrt(square + number(a, 3));
            if (number(a, 4) == 1) O[i * dv + c] /= 1 + exp(-e[1][c] * o[c]);
        }
    }
    return true;
}

static bool plain_rela(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++)
            A[i * N + j] = fmax(dot(q + i * D, k + j * D, D) / 2, 0);
    return false;
}

static bool aft(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t c = 0; c < dv; c++) {
            double up = 0, down = 0;
            for (size_t j = 0; j < sees(a, i); j++) {
                const double window = number(a, 2), far = fabs((double)i - (double)j);
                const double bias = window > 0 && far >= window ? 0 : e[0][i * N + j];
                up += exp(k[j * D + c] + bias) * v[j * dv + c];
                down += exp(k[j * D + c] + bias);
            }
            O[i * dv + c] = up / down;
            if (number(a, 1) == 0) O[i * dv + c] /= 1 + exp(-q[i * D + c]);
        }
    return true;
}

static void pointwise(void **state)
{
    (void)state;
    judge("polynomial", polynomial, 3);
    judge("polynomial:p=2:rows=normalised", polynomial, 3);
    judge("polynomial:p=4:mask=causal", polynomial, 3);
    judge("polynomial:p=2:rows=normalised:mask=causal", polynomial, 3);
    judge("polynomial:p=2:factor=1/6:scale=1/2", scaled, 3);
    judge("sigmoid", sigmoid, 3);
    judge("sigmoid:N=1:b=-1/2:mask=causal", sigmoid, 3);
    judge("l2", l2, 3);
    judge("l2:mask=causal", l2, 3);
    judge("rela:eps=1/100", rela, 3);
    judge("rela:eps=1:gate=yes:mask=causal", rela, 3);
    judge("rela:norm=none", plain_rela, 3);
    judge("aft", aft, D);
    judge("aft:gate=none:window=2:mask=causal", aft, D);
    judge("aft:form=products", aft, D);
    judge("aft:form=products:window=3:mask=causal", aft, D);
}

/* ---- laws -------------------------------------------------------------------------------------- */

/* ||A||_F^2 <= n B^2p with B the greatest |s|; p = 1 has rank d, exactly; C(d + p - 1, p) is the bound */
static void polynomial_norm(void **state)
{
    static mpq_t w[N * N];
    static const char *const names[] = {
        "polynomial:p=1:scale=1/2:factor=1/3", "polynomial:p=2:scale=1/2:factor=1/3",
        "polynomial:p=3:scale=1/2:factor=1/3", "polynomial:p=1:scale=1/2:factor=1"};
    (void)state;
    dv = 3;
    exact_init(w);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        mpq_t s, t, most;
        mpq_inits(s, t, most, NULL);
        exact_rows(w, names[3], inputs[seed % 3], seed); /* the scores */
        for (size_t c = 0; c < (size_t)N * N; c++) {
            mpq_abs(t, w[c]);
            if (mpq_cmp(t, most) > 0) mpq_set(most, t);
        }
        for (unsigned p = 1; p <= 3; p++) {
            exact_rows(w, names[p - 1], inputs[seed % 3], seed);
            mpq_set_ui(s, 0, 1);
            for (size_t c = 0; c < (size_t)N * N; c++) {
                mpq_mul(t, w[c], w[c]);
                mpq_add(s, s, t);
            }
            mpq_set_ui(t, N * N, 9); /* factor^2 = 1/9 in place of 1/N */
            for (unsigned x = 0; x < 2 * p; x++)
                mpq_mul(t, t, most);
            assert_true(mpq_cmp(s, t) <= 0);
        }
        exact_rows(w, names[0], inputs[seed % 3], seed);
        assert_int_equal(rank_of(w), D);
        mpq_clears(s, t, most, NULL);
    }
    exact_clear(w);
}

/* ||A(S) - A(T)||_F^2 <= (p B^(p-1))^2 ||S - T||_F^2 / m for scores of at most B: the slope of powers, exactly; 1/9
 * in place of 1/m */
static void polynomial_slope(void **state)
{
    static mpq_t w[4][N * N]; /* scores of two inputs, their powers */
    static const char *const names[] = {"polynomial:p=1:scale=1/2:factor=1",
                                        "polynomial:p=3:scale=1/2:factor=1/3"};
    (void)state;
    dv = 3;
    for (size_t x = 0; x < 4; x++)
        exact_init(w[x]);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        mpq_t s[2], t, most;
        mpq_inits(s[0], s[1], t, most, NULL);
        for (size_t x = 0; x < 4; x++)
            exact_rows(w[x], names[x / 2], inputs[seed % 3], seed + 50 * (x % 2));
        for (size_t c = 0; c < (size_t)N * N; c++)
            for (size_t x = 0; x < 2; x++) {
                mpq_abs(t, w[x][c]);
                if (mpq_cmp(t, most) > 0) mpq_set(most, t);
                mpq_sub(t, w[2 * x][c], w[2 * x + 1][c]);
                mpq_mul(t, t, t);
                mpq_add(s[x], s[x], t);
            }
        mpq_mul(most, most, most); /* (3 B^2)^2 / 9 = B^4 */
        mpq_mul(most, most, most);
        mpq_mul(most, most, s[0]);
        assert_true(mpq_cmp(s[1], most) <= 0 && mpq_sgn(s[1]) > 0);
        mpq_clears(s[0], s[1], t, most, NULL);
    }
    for (size_t x = 0; x < 4; x++)
        exact_clear(w[x]);
}

/* keys orthogonal to the query: N sigma(-ln N) = N / (N + 1); and slopes: a box of width h has weights of width at
 * most h / 4 */
static void sigmoid_mass(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_in_ivf in;
    sbx_mech_in_ivd box;
    sbx_mech_run_ivf *r;
    sbx_mech_run_ivd *b;
    sbx_ivf w[N];
    sbx_ivd p[N];
    mpfr_t lo, hi;
    (void)state;
    dv = 3;
    made(&a, &x, "sigmoid:scale=1", "gaussian", 5);
    for (size_t c = 0; c < (size_t)N * D; c++)
        mpq_set_ui(x.q[c], c == 2, 1); /* q_0 = (0, 0, 1, 0), the others 0 */
    mpfr_inits2(300, lo, hi, (mpfr_ptr)0);
    mpfr_set_zero(lo, 1);
    mpfr_set_zero(hi, 1);
    assert_int_equal(sbx_mech_in_of_ivf(&in, &x, &fine, NULL), SBX_OK);
    assert_int_equal(sbx_mech_open_ivf(&r, &a, &in, &fine, NULL), SBX_OK);
    for (size_t j = 0; j < N; j++)
        sbx_ivf_init(&w[j], &fine);
    assert_int_equal(sbx_mech_row_ivf(w, r, 1, NULL), SBX_OK);
    for (size_t j = 0; j < N; j++) {
        mpfr_add(lo, lo, w[j].lo, MPFR_RNDD);
        mpfr_add(hi, hi, w[j].hi, MPFR_RNDU);
    }
    mpfr_mul_ui(lo, lo, N + 1, MPFR_RNDD);
    mpfr_mul_ui(hi, hi, N + 1, MPFR_RNDU);
    assert_true(mpfr_cmp_ui(lo, N) <= 0 && mpfr_cmp_ui(hi, N) >= 0);
    mpfr_sub(hi, hi, lo, MPFR_RNDU);
    assert_true(mpfr_cmp_d(hi, 0x1p-280) < 0);
    sbx_mech_close_ivf(r);
    sbx_mech_in_free_ivf(&in);
    for (size_t j = 0; j < N; j++)
        sbx_ivf_clear(&w[j]);
    assert_int_equal(sbx_mech_in_of_ivd(&box, &x, NULL, NULL), SBX_OK);
    for (size_t j = 0; j < N; j++) /* scores of query 0: k_j2 alone */
        box.block[N * D + j * D + 2] = (sbx_ivd){-0.5, 0.5};
    assert_int_equal(sbx_mech_open_ivd(&b, &a, &box, NULL, NULL), SBX_OK);
    assert_int_equal(sbx_mech_row_ivd(p, b, 0, NULL), SBX_OK);
    for (size_t j = 0; j < N; j++)
        assert_true(width(p[j]) <= 0.25);
    sbx_mech_close_ivd(b);
    sbx_mech_in_free_ivd(&box);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
    mpfr_clears(lo, hi, (mpfr_ptr)0);
}

/* L2 over a box of equal queries: the own weight is the greatest of the row, and at least 1 / N */
static void l2_own(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_in_ivd in;
    sbx_mech_run_ivd *r;
    sbx_ivd w[N];
    (void)state;
    dv = 3;
    made(&a, &x, "l2", "two-clusters", 9);
    for (size_t c = 0; c < (size_t)N * D; c++)
        mpq_set_ui(x.q[c], 1, 2);
    assert_int_equal(sbx_mech_in_of_ivd(&in, &x, NULL, NULL), SBX_OK);
    for (size_t c = 0; c < (size_t)N * D; c++)
        in.block[c].lo -= 0.125, in.block[c].hi += 0.125;
    assert_int_equal(sbx_mech_open_ivd(&r, &a, &in, NULL, NULL), SBX_OK);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(sbx_mech_row_ivd(w, r, i, NULL), SBX_OK);
        assert_true(w[i].lo >= 1.0 / N - 1e-12);
        for (size_t j = 0; j < N; j++)
            assert_true(w[j].hi <= w[i].hi + 1e-12);
    }
    sbx_mech_close_ivd(r);
    sbx_mech_in_free_ivd(&in);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
}

/* AFT without a gate: outputs over a wide box stay between the channel's values */
static void aft_between(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_in_ivd in;
    static sbx_ivd w[N * N], o[N * DM];
    (void)state;
    dv = D;
    made(&a, &x, "aft:gate=none", "gaussian", 3);
    assert_int_equal(sbx_mech_in_of_ivd(&in, &x, NULL, NULL), SBX_OK);
    for (size_t c = 0; c < (size_t)2 * N * D; c++)
        in.block[c].lo -= 2, in.block[c].hi += 2;
    assert_true(run_ivd(w, o, &a, &in, NULL));
    for (size_t c = 0; c < dv; c++) {
        double lo = v[c], hi = v[c];
        for (size_t j = 0; j < N; j++) {
            lo = fmin(lo, v[j * dv + c]);
            hi = fmax(hi, v[j * dv + c]);
        }
        for (size_t i = 0; i < N; i++)
            assert_true(o[i * dv + c].lo >= lo && o[i * dv + c].hi <= hi);
    }
    sbx_mech_in_free_ivd(&in);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
}

/* ReLA's division by the root mean square of a box is sharp in each coordinate: |z_c| <= sqrt(dv) even where the
 * others may be 0 and eps is tiny */
static void rela_rms(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_in_ivd in;
    static sbx_ivd w[N * N], o[N * DM];
    (void)state;
    dv = 3;
    made(&a, &x, "rela:eps=1e-20", "gaussian", 3);
    assert_int_equal(sbx_mech_in_of_ivd(&in, &x, NULL, NULL), SBX_OK);
    for (size_t c = 0; c < (size_t)2 * N * D; c++)
        in.block[c].lo -= 1, in.block[c].hi += 1;
    assert_true(run_ivd(w, o, &a, &in, NULL));
    for (size_t c = 0; c < (size_t)N * dv; c++)
        assert_true(o[c].lo >= -sqrt(3) - 1e-12 && o[c].hi <= sqrt(3) + 1e-12);
    sbx_mech_in_free_ivd(&in);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
}

static void refusals(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_err why;
    (void)state;
    assert_int_equal(sbx_mech_generate(&x, "gaussian", 3, 2, 1, 1, NULL), SBX_OK);
    assert_int_equal(sbx_mech_read(&a, "aft", NULL), SBX_OK);
    assert_int_equal(sbx_mech_fill(&x, &a, 1, &why), SBX_ERR_ARG);
    assert_non_null(strstr(why.msg, "channels"));
    sbx_mech_args_clear(&a);
    sbx_mech_data_clear(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),         cmocka_unit_test(pointwise),
        cmocka_unit_test(polynomial_norm), cmocka_unit_test(polynomial_slope),
        cmocka_unit_test(sigmoid_mass),    cmocka_unit_test(l2_own),
        cmocka_unit_test(aft_between),     cmocka_unit_test(rela_rms),
        cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
