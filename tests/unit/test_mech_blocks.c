/* test_mech_blocks.c -- RALA, Combiner and SEA against their definitions in doubles; their masses and blocks.
 * [L-MCH-23], [L-MCH-24], [L-MCH-25]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech_judge.h"

static double elu1(double x) { return x > 0 ? x + 1 : exp(x); }

/* y = elu(x) + 1, turned by place * base^(-2 c / d) if wanted */
static void turned(double *y, const double *x, size_t place, const sbx_mech_args *a)
{
    for (size_t c = 0; c < D; c++)
        y[c] = elu1(x[c]);
    for (size_t c = 0; c < D && number(a, 0) == 1; c += 2) {
        const double t = (double)place * pow(number(a, 1), -(double)c / D), u = y[c], w = y[c + 1];
        y[c] = u * cos(t) - w * sin(t);
        y[c + 1] = u * sin(t) + w * cos(t);
    }
}

static bool rala(const sbx_mech_args *a)
{
    double mean[D] = {0}, alpha[N], all = 0, x[D], y[D];
    for (size_t i = 0; i < N; i++)
        for (size_t c = 0; c < D; c++)
            mean[c] += elu1(q[i * D + c]) / N;
    for (size_t j = 0; j < N; j++) {
        double s = 0;
        for (size_t c = 0; c < D; c++)
            s += mean[c] * elu1(k[j * D + c]);
        all += alpha[j] = exp(s / 2);
    }
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t j = 0; j < N; j++) {
            for (size_t c = 0; c < D; c++)
                sum += elu1(q[i * D + c]) * elu1(k[j * D + c]) * N * alpha[j] / all;
            turned(x, q + i * D, i, a);
            turned(y, k + j * D, j, a);
            A[i * N + j] = dot(x, y, D) * alpha[j] / all;
        }
        for (size_t j = 0; j < N; j++)
            A[i * N + j] /= sum / N + number(a, 2);
        for (size_t c = 0; c < dv; c++) {
            O[i * dv + c] = e[0][i * dv + c];
            for (size_t j = 0; j < N; j++)
                O[i * dv + c] += A[i * N + j] * v[j * dv + c];
            O[i * dv + c] *= e[1][i * dv + c];
        }
    }
    return true;
}

static double pooled(const double *x, size_t from, size_t to, size_t c, bool mean)
{
    double z = mean ? 0 : x[from * D + c];
    for (size_t j = from; j < to; j++)
        z = mean ? z + x[j * D + c] / (double)(to - from) : fmax(z, x[j * D + c]);
    return z;
}

static size_t block_of(const sbx_mech_args *a)
{
    return number(a, 1) == 0 ? 3 : (size_t)number(a, 1); /* 3 * 3 >= 6 > 2 * 2 */
}

static bool combiner(const sbx_mech_args *a)
{
    const size_t b = block_of(a);
    for (size_t i = 0; i < N; i++) {
        double all = 0;
        for (size_t from = 0; from < N; from += b) {
            const size_t to = from + b < N ? from + b : N;
            double summary[D], query[D], g, share = 0;
            if (causal(a) && from > i) break;
            if (from <= i && i < to) {
                for (size_t j = from; j < (causal(a) ? i + 1 : to); j++)
                    all += A[i * N + j] = exp(dot(q + i * D, k + j * D, D) / 2);
                continue;
            }
            for (size_t c = 0; c < D; c++) {
                summary[c] = pooled(k, from, to, c, number(a, 2) == 1);
                query[c] = pooled(q, from, to, c, number(a, 2) == 1);
            }
            g = exp(dot(q + i * D, summary, D) / 2);
            all += g;
            for (size_t j = from; j < to; j++)
                share += A[i * N + j] = exp(dot(query, k + j * D, D) / 2);
            for (size_t j = from; j < to; j++)
                A[i * N + j] *= g / share;
        }
        for (size_t j = 0; j < N; j++)
            A[i * N + j] /= all;
    }
    return false;
}

/* what blocks of one key, and one block of all keys, come to */
static bool attention(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++)
            A[i * N + j] = exp(dot(q + i * D, k + j * D, D) / 2);
    normal();
    return false;
}

static double sigma(double x) { return 1 / (1 + exp(-x)); }

static bool sea(const sbx_mech_args *a)
{
    const size_t columns = (size_t)number(a, 1), heads = (size_t)number(a, 3),
                 wide = columns * heads;
    const size_t own = columns * (size_t)number(a, 4);
    double mean[64] = {0};
    for (size_t i = 0; i < N; i++) {
        double all = 0;
        for (size_t c = 0; c < columns; c++)
            all += exp(e[0][i * wide + own + c]);
        for (size_t c = 0; c < columns; c++)
            mean[c] += exp(e[0][i * wide + own + c]) / all / N;
    }
    for (size_t i = 0; i < N; i++) {
        const size_t len = sees(a, i);
        double keep = (double)heads * nearbyint(number(a, 2) * (double)columns / (double)len);
        double all = 0;
        size_t at[N];
        keep = fmin(fmax(keep, 1), (double)wide);
        for (size_t j = 0; j < len; j++) {
            size_t above = 0;
            at[j] =
                (size_t)fmax(0, floor(((double)j + 0.5) / (double)len * (double)columns - 1e-4));
            for (size_t c = 0; c < wide; c++) /* the first of equal ones is greater */
                if (e[0][i * wide + c] > e[0][i * wide + own + at[j]] ||
                    (e[0][i * wide + c] == e[0][i * wide + own + at[j]] && c < own + at[j]))
                    above++;
            if ((double)above < keep) all += A[i * N + j] = exp(dot(q + i * D, k + j * D, D) / 2);
        }
        for (size_t j = 0; j < len; j++) {
            const double rest = causal(a) ? 1 / (double)len : mean[at[j]];
            if (all > 0) A[i * N + j] *= sigma(e[1][i]) * sigma(e[2][i]) / all;
            A[i * N + j] += (1 - sigma(e[2][i])) * rest;
        }
    }
    return false;
}

static void definitions(void **state)
{
    (void)state;
    judge("rala", rala, 3);
    judge("rala:eps=2", rala, 3);
    judge("rala:rotate=yes:base=7", rala, 3);
    judge("combiner", combiner, 3);
    judge("combiner:mask=none:pool=mean", combiner, 3);
    judge("combiner:block=4", combiner, 3);
    judge("combiner:block=1", attention, 3);
    judge("combiner:block=6", attention, 3);
    judge("combiner:block=1:mask=none", attention, 3);
    judge("sea:K=16:k=2", sea, 3);
    judge("sea:K=16:k=1:mask=causal", sea, 3);
    judge("sea:K=4:k=2", sea, 3);
    judge("sea:K=5:k=3:heads=3:head=1:mask=causal", sea, 3);
    judge("sea:K=8:k=1:heads=2:head=1", sea, 3);
}

static void orders(void **state)
{
    (void)state;
    same("rala:eps=1/3", "rala:eps=1/3:form=recurrent");
    same("rala:rotate=yes", "rala:rotate=yes:form=recurrent");
    same("combiner", "combiner:form=blocks");
    same("combiner:block=4:mask=none", "combiner:block=4:mask=none:form=blocks");
}

/* weights in 300 bits */
static void weights_of(sbx_ivf *w, sbx_mech_args *a, const char *name)
{
    sbx_mech_data x;
    sbx_mech_in_ivf in;
    static sbx_ivf o[N * DM];
    sbx_err why;
    dv = 3;
    made(a, &x, name, "gaussian", 4);
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_ivf_init(&w[c], &fine);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_ivf_init(&o[c], &fine);
    assert_int_equal(sbx_mech_in_of_ivf(&in, &x, &fine, NULL), SBX_OK);
    if (!run_ivf(w, o, a, &in, &why)) fail_msg("%s", why.msg);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_ivf_clear(&o[c]);
    sbx_mech_in_free_ivf(&in);
    sbx_mech_data_clear(&x);
}

static void weights_clear(sbx_ivf *w)
{
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_ivf_clear(&w[c]);
}

/* z = the sum of row i, which of its numbers a >= 0 */
static void mass(sbx_ivf *z, const sbx_ivf *w, size_t i)
{
    assert_int_equal(sbx_ivf_set_si(z, 0, &fine, NULL), SBX_OK);
    for (size_t j = 0; j < N; j++)
        assert_int_equal(sbx_ivf_add(z, z, &w[i * N + j], &fine, NULL), SBX_OK);
}

/* z holds the number x to 2^-250, where y, another form of it, is */
static void meets(const sbx_ivf *x, const sbx_ivf *y)
{
    sbx_ivf t;
    sbx_ivf_init(&t, &fine);
    assert_int_equal(sbx_ivf_sub(&t, x, y, &fine, NULL), SBX_OK);
    assert_true(mpfr_sgn(t.lo) <= 0 && mpfr_sgn(t.hi) >= 0);
    assert_true(mpfr_cmp_d(t.lo, -0x1p-250) > 0 && mpfr_cmp_d(t.hi, 0x1p-250) < 0);
    sbx_ivf_clear(&t);
}

/* SEA, one query by one: sigma(s1) sigma(s0) (0 where the mask misses every key) + (1 - sigma(s1)) times the mean's
 * mass, 1 if causal */
static void sea_mass(void **state)
{
    static sbx_ivf w[N * N];
    static const char *const names[] = {"sea:K=4:k=2:mask=causal", "sea:K=16:k=1:mask=causal"};
    size_t missed = 0;
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        sbx_mech_args a;
        sbx_ivf t[4];
        weights_of(w, &a, names[n]);
        for (size_t c = 0; c < 4; c++)
            sbx_ivf_init(&t[c], &fine);
        for (size_t i = 0; i < N; i++) {
            bool empty = true;
            for (size_t j = 0; j <= i; j++) /* the mean's share is the same for all */
                if (mpfr_cmp(w[i * N + j].lo, w[i * N].hi) > 0 ||
                    mpfr_cmp(w[i * N + j].hi, w[i * N].lo) < 0)
                    empty = false;
            if (i == 0) empty = false; /* one key: every column is kept */
            mass(&t[0], w, i);
            assert_int_equal(sbx_ivf_set_d(&t[1], e[2][i], &fine, NULL), SBX_OK);
            assert_int_equal(sbx_ivf_sigmoid(&t[1], &t[1], &fine, NULL), SBX_OK);
            assert_int_equal(sbx_ivf_set_d(&t[2], e[1][i], &fine, NULL), SBX_OK);
            assert_int_equal(sbx_ivf_sigmoid(&t[2], &t[2], &fine, NULL), SBX_OK);
            assert_int_equal(sbx_ivf_mul(&t[2], &t[2], &t[1], &fine, NULL), SBX_OK);
            if (empty) assert_int_equal(sbx_ivf_set_si(&t[2], 0, &fine, NULL), SBX_OK);
            missed += empty;
            assert_int_equal(sbx_ivf_set_si(&t[3], 1, &fine, NULL), SBX_OK);
            assert_int_equal(sbx_ivf_sub(&t[1], &t[3], &t[1], &fine, NULL), SBX_OK);
            assert_int_equal(sbx_ivf_add(&t[1], &t[1], &t[2], &fine, NULL), SBX_OK);
            meets(&t[0], &t[1]);
        }
        for (size_t c = 0; c < 4; c++)
            sbx_ivf_clear(&t[c]);
        weights_clear(w);
        sbx_mech_args_clear(&a);
    }
    assert_true(missed > 0); /* 16 columns, few kept, few keys: some query's mask misses them all */
}

/* An estimate over a box that leaves the k greatest open is refused, one that does not is not. */
static void sea_order(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_in_ivd in;
    static sbx_ivd w[N * N], o[N * DM];
    sbx_err why;
    sbx_ivd *estimate;
    (void)state;
    dv = 3;
    made(&a, &x, "sea:K=6:k=2", "gaussian", 4);
    assert_int_equal(sbx_mech_in_of_ivd(&in, &x, NULL, NULL), SBX_OK);
    estimate = in.block + 2 * N * D + N * dv;
    assert_true(in.extra[0] == estimate);
    for (size_t c = 0; c < (size_t)N * 6; c++)
        estimate[c] = (sbx_ivd){(double)(c % 6) - 0.4, (double)(c % 6) + 0.4};
    assert_true(run_ivd(w, o, &a, &in, NULL));
    estimate[3].hi = 4;
    assert_false(run_ivd(w, o, &a, &in, &why));
    assert_int_equal(why.code, SBX_ERR_DOMAIN);
    sbx_mech_in_free_ivd(&in);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
}

/* Combiner: rows sum to 1; rows 3, 4, 5 are multiples of one vector on the keys 0, 1, 2 */
static void combiner_blocks(void **state)
{
    static sbx_ivf w[N * N];
    sbx_mech_args a;
    sbx_ivf one, p, s;
    (void)state;
    weights_of(w, &a, "combiner");
    sbx_ivf_init(&one, &fine);
    sbx_ivf_init(&p, &fine);
    sbx_ivf_init(&s, &fine);
    assert_int_equal(sbx_ivf_set_si(&one, 1, &fine, NULL), SBX_OK);
    for (size_t i = 0; i < N; i++) {
        mass(&s, w, i);
        meets(&s, &one);
    }
    for (size_t i = 4; i < N; i++)
        for (size_t j = 1; j < 3; j++) {
            assert_int_equal(sbx_ivf_mul(&p, &w[3 * N], &w[i * N + j], &fine, NULL), SBX_OK);
            assert_int_equal(sbx_ivf_mul(&s, &w[3 * N + j], &w[i * N], &fine, NULL), SBX_OK);
            meets(&p, &s);
        }
    sbx_ivf_clear(&s);
    sbx_ivf_clear(&p);
    sbx_ivf_clear(&one);
    weights_clear(w);
    sbx_mech_args_clear(&a);
}

/* RALA without rotation: weights >= 0, a mass below 1 and, with eps = 2 as with 1e-6, s / (s + eps) for one s: eps
 * mass / (1 - mass) is the same. With rotation some mass is above 1 or a weight negative. */
static void rala_mass(void **state)
{
    static sbx_ivf w[2][N * N];
    sbx_mech_args a[2];
    bool other = false;
    (void)state;
    weights_of(w[0], &a[0], "rala:eps=2");
    weights_of(w[1], &a[1], "rala:eps=1/7");
    for (size_t i = 0; i < N; i++) {
        double s[2];
        for (size_t n = 0; n < 2; n++) {
            sbx_ivf z;
            sbx_ivf_init(&z, &fine);
            mass(&z, w[n], i);
            s[n] = mpfr_get_d(z.lo, MPFR_RNDN);
            assert_true(mpfr_cmp_ui(z.hi, 1) < 0 && mpfr_sgn(z.lo) > 0);
            s[n] *= number(&a[n], 2) / (1 - s[n]);
            sbx_ivf_clear(&z);
        }
        near("rala", "sum", i, s[0], s[1]);
    }
    for (size_t n = 0; n < 2; n++) {
        weights_clear(w[n]);
        sbx_mech_args_clear(&a[n]);
    }
    weights_of(w[0], &a[0], "rala:rotate=yes:base=1");
    for (size_t i = 0; i < N; i++) {
        sbx_ivf z;
        sbx_ivf_init(&z, &fine);
        mass(&z, w[0], i);
        other = other || mpfr_cmp_ui(z.lo, 1) > 0;
        for (size_t j = 0; j < N; j++)
            other = other || mpfr_sgn(w[0][i * N + j].hi) < 0;
        sbx_ivf_clear(&z);
    }
    assert_true(other);
    weights_clear(w[0]);
    sbx_mech_args_clear(&a[0]);
}

static void refusals(void **state)
{
    static const char *const names[] = {"rala:rotate=yes", "sea:heads=2:head=2", "combiner"};
    static const char *const says[] = {"even", "head 2 of 2", "as many queries"};
    (void)state;
    for (size_t n = 0; n < 3; n++) {
        sbx_mech_args a;
        sbx_mech_data x;
        sbx_err why;
        assert_int_equal(sbx_mech_generate(&x, "gaussian", 3, 3, 1, 1, NULL), SBX_OK);
        if (n == 2) x.shape.m = 2;
        assert_int_equal(sbx_mech_read(&a, names[n], NULL), SBX_OK);
        assert_int_equal(sbx_mech_fill(&x, &a, 1, &why), SBX_ERR_ARG);
        if (!strstr(why.msg, says[n])) fail_msg("%s", why.msg);
        x.shape.m = 3;
        sbx_mech_data_clear(&x);
        sbx_mech_args_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions),     cmocka_unit_test(orders),
        cmocka_unit_test(sea_mass),        cmocka_unit_test(sea_order),
        cmocka_unit_test(combiner_blocks), cmocka_unit_test(rala_mass),
        cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
