/* test_mech_lowrank.c -- Linformer, cross-covariance, random features, Nystrom, SOFT, bilinear and convolved attention:
 * against plain doubles, their laws, enclosures over boxes. [L-MCH-30], [L-MCH-31], [L-MCH-32], [L-MCH-33], [L-MCH-34], [L-MCH-35],
 * [L-MCH-36], [L-MCH-41], [L-MCH-42], [L-MCH-44]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mechbox.h"

#include "mech/lowrank.h"

enum { N = 6, D = 4, DV = 3 };

/* ---- iterations towards an inverse, exactly ------------------------------------------------ */

static void fill(sbx_mpq *x, size_t n, uint64_t *rng)
{
    for (size_t k = 0; k < n; k++) {
        mpq_set_si(x[k].v, (long)(sbx_rng(rng) % 21) - 10, 1 + sbx_rng(rng) % 9);
        mpq_canonicalize(x[k].v);
    }
}

/* e = I - p v, by the definition */
static void residual(sbx_mpq *e, const sbx_mpq *p, const sbx_mpq *v, size_t l)
{
    mpq_t t;
    mpq_init(t);
    for (size_t k = 0; k < l * l; k++) {
        mpq_set_si(e[k].v, k % (l + 1) == 0, 1);
        for (size_t j = 0; j < l; j++) {
            mpq_mul(t, p[k / l * l + j].v, v[j * l + k % l].v);
            mpq_sub(e[k].v, e[k].v, t);
        }
    }
    mpq_clear(t);
}

static void times(sbx_mpq *z, const sbx_mpq *x, const sbx_mpq *y, size_t l)
{
    mpq_t t;
    mpq_init(t);
    for (size_t k = 0; k < l * l; k++) {
        mpq_set_si(z[k].v, 0, 1);
        for (size_t j = 0; j < l; j++) {
            mpq_mul(t, x[k / l * l + j].v, y[j * l + k % l].v);
            mpq_add(z[k].v, z[k].v, t);
        }
    }
    mpq_clear(t);
}

/* E becomes E^2; (3 E^3 + E^4) / 4 */
static void residuals(void **state)
{
    enum { L = 4, COUNT = 7 };
    const sbx_mech_run_mpq r = {.ctx = NULL};
    uint64_t rng = test_seed();
    (void)state;
    for (long round = 0; round < test_rounds(20); round++) {
        const size_t l = 1 + (size_t)round % L;
        sbx_mpq m[COUNT][L * L], t[3 * L * L];
        for (size_t k = 0; k < (size_t)COUNT * L * L; k++)
            sbx_mpq_init(&m[k / (L * L)][k % (L * L)], NULL);
        for (size_t k = 0; k < (size_t)3 * L * L; k++)
            sbx_mpq_init(&t[k], NULL);
        for (int cubic = 0; cubic < 2; cubic++) {
            sbx_mpq *const p = m[0], *const v = m[1], *const e = m[2], *const e2 = m[3],
                           *const e3 = m[4], *const e4 = m[5], *const after = m[6];
            fill(p, l * l, &rng);
            fill(v, l * l, &rng);
            residual(e, p, v, l);
            times(e2, e, e, l);
            times(e3, e2, e, l);
            times(e4, e3, e, l);
            assert_ok(cubic ? sbx_mech_cubic_mpq(v, p, l, t, &r, err)
                            : sbx_mech_newton_mpq(v, p, l, t, &r, err));
            residual(after, p, v, l);
            for (size_t k = 0; k < l * l; k++) {
                mpq_t want;
                mpq_init(want);
                mpq_set(want, e2[k].v);
                if (cubic) {
                    mpq_set_ui(want, 3, 1);
                    mpq_mul(want, want, e3[k].v);
                    mpq_add(want, want, e4[k].v);
                    mpq_div_2exp(want, want, 2);
                }
                assert_true(mpq_equal(want, after[k].v));
                mpq_clear(want);
            }
        }
        for (size_t k = 0; k < (size_t)COUNT * L * L; k++)
            sbx_mpq_clear(&m[k / (L * L)][k % (L * L)]);
        for (size_t k = 0; k < (size_t)3 * L * L; k++)
            sbx_mpq_clear(&t[k]);
    }
}

/* P = [2 1; 1 2], V = I / 4: V P V = [2 1; 1 2] / 16, so V becomes [6 -1; -1 6] / 16. P = 1, V = 1/2: e = 1/2
 * becomes 3/32 + 1/64 = 7/64 */
static void iterations_by_hand(void **state)
{
    const sbx_mech_run_mpq r = {.ctx = NULL};
    static const long p0[4] = {2, 1, 1, 2}, want[4] = {6, -1, -1, 6};
    sbx_mpq p[4], v[4], t[8];
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        sbx_mpq_init(&p[k], NULL);
        sbx_mpq_init(&v[k], NULL);
        mpq_set_si(p[k].v, p0[k], 1);
        mpq_set_si(v[k].v, k % 3 == 0, 4);
        mpq_canonicalize(v[k].v);
    }
    for (size_t k = 0; k < 8; k++)
        sbx_mpq_init(&t[k], NULL);
    assert_ok(sbx_mech_newton_mpq(v, p, 2, t, &r, err));
    for (size_t k = 0; k < 4; k++) {
        mpq_mul_2exp(v[k].v, v[k].v, 4);
        assert_int_equal(mpq_cmp_si(v[k].v, want[k], 1), 0);
    }
    mpq_set_ui(p[0].v, 1, 1);
    mpq_set_ui(v[0].v, 1, 2);
    assert_ok(sbx_mech_cubic_mpq(v, p, 1, t, &r, err));
    assert_int_equal(mpq_cmp_ui(v[0].v, 57, 64), 0);
    for (size_t k = 0; k < 4; k++) {
        sbx_mpq_clear(&p[k]);
        sbx_mpq_clear(&v[k]);
    }
    for (size_t k = 0; k < 8; k++)
        sbx_mpq_clear(&t[k]);
}

/* Ends of rationals stay short and outward: 1/3 between neighbours of 8 binary digits; products of a whole run in ivq
 * hold what 300 bits give. */
static void rational_ends(void **state)
{
    static const char *const names[] = {"soft:landmarks=3", "nystromformer:landmarks=3"};
    const sbx_ctx four = {.prec = 4}, fine = {.prec = 100};
    const sbx_mech_run_ivq short_run = {.ctx = &four};
    sbx_ivq t;
    mpq_t q;
    (void)state;
    mpq_init(q);
    sbx_ivq_init(&t, &four);
    for (int sign = -1; sign <= 1; sign += 2) {
        mpq_set_si(q, sign, 3);
        assert_ok(sbx_ivq_set_q(&t, q, &four, err));
        assert_ok(sbx_mech_shorten_ivq(&t, 1, &short_run, err));
        assert_int_equal(mpq_cmp_si(t.lo, sign > 0 ? 85 : -86, 256), 0);
        assert_int_equal(mpq_cmp_si(t.hi, sign > 0 ? 86 : -85, 256), 0);
    }
    sbx_ivq_clear(&t);
    mpq_clear(q);
    for (size_t s = 0; s < 2; s++) {
        mcase c;
        sbx_mech_in_ivq in;
        sbx_mech_run_ivq *r = NULL;
        sbx_ivq w[N];
        mcase_seed(&c, names[s], N, D, DV, 3);
        mcase_fine(&c);
        for (size_t j = 0; j < N; j++)
            sbx_ivq_init(&w[j], &fine);
        assert_ok(sbx_mech_in_of_ivq(&in, &c.x, &fine, err));
        assert_ok(sbx_mech_open_ivq(&r, &c.a, &in, &fine, err));
        for (size_t i = 0; i < N; i++) {
            assert_ok(sbx_mech_row_ivq(w, r, i, err));
            for (size_t j = 0; j < N; j++) {
                const sbx_ivf *const f = &c.fw[i * N + j];
                assert_true(mpfr_cmp_q(f->hi, w[j].lo) >= 0 && mpfr_cmp_q(f->lo, w[j].hi) <= 0);
                mpq_sub(w[j].hi, w[j].hi, w[j].lo);
                assert_true(mpq_get_d(w[j].hi) < 1e-9);
            }
        }
        sbx_mech_close_ivq(r);
        sbx_mech_in_free_ivq(&in);
        for (size_t j = 0; j < N; j++)
            sbx_ivq_clear(&w[j]);
        mcase_close(&c);
    }
}

/* ---- plain doubles --------------------------------------------------------------------------- */

typedef struct {
    mbox_matrix q, k, v, e[3];
} plain;

static void get(plain *p, mcase *c)
{
    mbox_get(p->q, c->x.q, c->n * c->d);
    mbox_get(p->k, c->x.k, c->m * c->d);
    mbox_get(p->v, c->x.v, c->m * c->dv);
    for (size_t e = 0; e < 3; e++)
        if (c->x.n_extra[e]) mbox_get(p->e[e], c->x.extra[e], c->x.n_extra[e]);
}

/* z: means of `l` segments of the rows of x, l divides n or the later ones are longer by at most 1 */
static void segments(double *z, const double *x, size_t n, size_t l, size_t d)
{
    for (size_t k = 0; k < l * d; k++)
        z[k] = 0;
    for (size_t a = 0, i = 0; a < l; a++) {
        const size_t to = (a + 1) * n / l, from = i;
        for (; i < to; i++)
            for (size_t c = 0; c < d; c++)
                z[a * d + c] += x[i * d + c];
        for (size_t c = 0; c < d; c++)
            z[a * d + c] /= (double)(to - from);
    }
}

static void linformer(void **state)
{
    static const char *const names[] = {
        "linformer:k=3:project=given", "linformer:k=3:project=given:share=yes",
        "linformer:k=3:project=given:gain=1/4:scale=2", "linformer:k=3", "linformer:k=4"};
    (void)state;
    for (size_t s = 0; s < 5; s++) {
        mcase c;
        plain p;
        mbox_matrix e, f, ek, w, soft, eye = {0};
        const size_t l = s == 4 ? 4 : 3;
        const double gain = s == 2 ? 0.25 : 1 / sqrt(3), scale = s == 2 ? 2 : 0.5;
        mcase_seed(&c, names[s], N, D, DV, 3 + s);
        get(&p, &c);
        for (size_t k = 0; k < l * N && s < 3; k++) {
            e[k] = gain * p.e[0][k];
            f[k] = gain * p.e[s != 1][k];
        }
        for (size_t i = 0; i < N; i++)
            eye[i * (N + 1)] = 1;
        if (s >= 3) segments(e, eye, N, l, N);
        if (s >= 3) memcpy(f, e, sizeof f);
        mbox_times(ek, e, p.k, l, N, D);
        mbox_scores(soft, scale, p.q, ek, N, l, D);
        mbox_softmax(soft, N, l);
        mbox_times(w, soft, f, N, l, N);
        mbox_agrees(&c, w, NULL);
        assert_int_equal(mbox_rank(&c), l);
        assert_int_equal(sbx_mech_rank(&c.a, c.x.shape), l);
        for (size_t i = 0; i < N && s >= 3; i++)
            mbox_row_sum(&c, i, 1);
        mcase_close(&c);
    }
    mcase_same("linformer:k=100", "softmax", N, D, DV, 5);
}

/* q = 0: P is 1/2 everywhere, A = (F_0 + F_1) / 2 = (1/8, 1/2, 1) */
static void linformer_by_hand(void **state)
{
    mcase c;
    (void)state;
    mcase_open(&c, "linformer:k=2:project=given:gain=1", 3, 2, 1);
    mcase_put(c.x.q, "0 0 0 0 0 0");
    mcase_put(c.x.extra[1], "1 0 2 -3/4 1 0");
    mcase_put(c.x.v, "8 2 -1");
    mcase_fine(&c);
    mcase_expect_fine(c.fw, &c.ctx, "1/8 1/2 1 1/8 1/2 1 1/8 1/2 1", 9);
    mcase_expect_fine(c.fo, &c.ctx, "1 1 1", 3);
    mcase_close(&c);
}

static void xca(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        mcase c;
        plain p;
        mbox_matrix a, o;
        mcase_seed(&c, s ? "xca:tau=1/2" : "xca", N, D, D, 3 + s);
        get(&p, &c);
        for (size_t x = 0; x < D; x++)
            for (size_t y = 0; y < D; y++) {
                double qk = 0, qq = 0, kk = 0;
                for (size_t i = 0; i < N; i++) {
                    qk += p.q[i * D + x] * p.k[i * D + y];
                    qq += p.q[i * D + x] * p.q[i * D + x];
                    kk += p.k[i * D + y] * p.k[i * D + y];
                }
                a[x * D + y] = qk / sqrt(qq * kk) * (s ? 2 : 1);
            }
        mbox_softmax(a, D, D);
        mbox_scores(o, 1, p.v, a, N, D, D);
        mbox_agrees(&c, NULL, o);
        mcase_close(&c);
    }
    assert_int_equal(mcase_status("xca"), SBX_ERR_ARG); /* d = 4, dv = 2 */
}

/* The enclosures over a box as wide as one likes stay in the a-priori range; the range of the definitions' table: tau = 1, d =
 * 32: [4.35e-3, 0.1925]; tau = 1/2, d = 64: [2.91e-4, 0.4643] */
static void xca_range(void **state)
{
    static const struct {
        const char *name;
        size_t d;
        double tau, lo, hi;
    } cases[] = {{"xca", 32, 1, 4.35e-3, 0.1925}, {"xca:tau=1/2", 64, 0.5, 2.91e-4, 0.4643}};
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        const size_t d = cases[s].d;
        const double lo = 1 / (1 + (double)(d - 1) * exp(2 / cases[s].tau)),
                     hi = 1 / (1 + (double)(d - 1) * exp(-2 / cases[s].tau));
        sbx_mech_args a;
        sbx_mech_data x;
        sbx_mech_in_ivd in;
        sbx_mech_run_ivd *r = NULL;
        sbx_ivd *o = calloc(d * d, sizeof *o);
        assert_non_null(o);
        assert_true(fabs(lo / cases[s].lo - 1) < 2e-3 && fabs(hi / cases[s].hi - 1) < 2e-3);
        assert_ok(sbx_mech_read(&a, cases[s].name, err));
        assert_ok(sbx_mech_generate(&x, "gaussian", d, d, d, 2, err));
        assert_ok(sbx_mech_in_of_ivd(&in, &x, NULL, err));
        for (size_t k = 0; k < d * d; k++) { /* V = I: the outputs are the weights */
            sbx_ivd *const v = &in.block[2 * d * d + k];
            v->lo = v->hi = k % (d + 1) == 0;
            in.block[k].lo -= 4;
            in.block[k].hi += 4;
        }
        assert_ok(sbx_mech_open_ivd(&r, &a, &in, NULL, err));
        assert_ok(sbx_mech_output_ivd(o, r, err));
        for (size_t k = 0; k < d * d; k++) {
            assert_true(o[k].lo >= lo * (1 - 1e-12) && o[k].hi <= hi * (1 + 1e-12));
            assert_true(o[k].lo <= o[k].hi);
        }
        sbx_mech_close_ivd(r);
        sbx_mech_in_free_ivd(&in);
        sbx_mech_data_clear(&x);
        sbx_mech_args_clear(&a);
        free(o);
    }
}

/* ---- random features --------------------------------------------------------------------------- */

/* rows of w orthogonal to those before them in blocks of D, as long as before */
static void orthogonal(double *w, size_t f)
{
    for (size_t k = 0; k < f; k++) {
        double *const u = w + k * D, own = 0, left = 0;
        for (size_t c = 0; c < D; c++)
            own += u[c] * u[c];
        for (size_t b = k - k % D; b < k; b++) {
            double uv = 0, vv = 0;
            for (size_t c = 0; c < D; c++) {
                uv += u[c] * w[b * D + c];
                vv += w[b * D + c] * w[b * D + c];
            }
            for (size_t c = 0; c < D; c++)
                u[c] -= uv / vv * w[b * D + c];
        }
        for (size_t c = 0; c < D; c++)
            left += u[c] * u[c];
        for (size_t c = 0; c < D; c++)
            u[c] *= sqrt(own / left);
    }
}

/* phi of the rows of x, n x width; the way the definition has it */
static size_t features(double *phi, const double *x, const double *w, size_t n, size_t f, int how,
                       double root, double eps, bool together)
{
    const size_t width = how ? 2 * f : f;
    double all = -HUGE_VAL;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            double h = 0, top = -HUGE_VAL;
            for (size_t c = 0; c < D; c++)
                h += root * root * x[i * D + c] * x[i * D + c] / 2;
            for (size_t k = 0; k < f; k++) {
                double y = 0;
                for (size_t c = 0; c < D; c++)
                    y += root * w[k * D + c] * x[i * D + c];
                phi[i * width + k] = how == 2 ? exp(h) * cos(y) : y - h;
                if (how) phi[i * width + f + k] = how == 2 ? exp(h) * sin(y) : -y - h;
                top = fmax(top, how ? fabs(y) : y);
            }
            all = fmax(all, top);
            if (together) top = all;
            for (size_t k = 0; k < width && pass && how < 2; k++)
                phi[i * width + k] = exp(phi[i * width + k] - top) + eps;
        }
    return width;
}

static void favor(void **state)
{
    static const char *const names[] = {
        "favor:features=5",
        "favor:features=5:estimator=hyperbolic:scale=1/4",
        "favor:features=5:estimator=trigonometric:scale=1/64",
        "favor:features=2:eps=1/8",
        "favor:features=5:eps=0",
        "favor:features=2:estimator=hyperbolic:eps=1/16",
        "favor:features=7:rows=orthogonal",
    };
    static const size_t f[] = {5, 5, 5, 2, 5, 2, 7};
    static const int how[] = {0, 1, 2, 0, 0, 1, 0};
    static const double scale[] = {0.5, 0.25, 1. / 64, 0.5, 0.5, 0.5, 0.5},
                        eps[] = {1e-4, 1e-4, 0, 0.125, 0, 0.0625, 1e-4};
    (void)state;
    for (size_t s = 0; s < 7; s++) {
        mcase c;
        plain p;
        mbox_matrix w;
        static double phi[2][N * 14];
        size_t width;
        mcase_seed(&c, names[s], N, D, DV, 5 + s);
        get(&p, &c);
        if (s == 6) orthogonal(p.e[0], f[s]);
        width = features(phi[0], p.q, p.e[0], N, f[s], how[s], sqrt(scale[s]), eps[s], false);
        (void)features(phi[1], p.k, p.e[0], N, f[s], how[s], sqrt(scale[s]), eps[s], true);
        mbox_scores(w, 1, phi[0], phi[1], N, N, width);
        for (size_t i = 0; i < N; i++) {
            double sum = 0;
            for (size_t j = 0; j < N; j++)
                sum += w[i * N + j];
            for (size_t j = 0; j < N; j++)
                w[i * N + j] /= sum;
        }
        mbox_agrees(&c, w, NULL);
        for (size_t i = 0; i < N; i++)
            mbox_row_sum(&c, i, 1);
        assert_true(mbox_rank(&c) <= width);
        assert_int_equal(mbox_rank(&c) <= 4, width <= 4);
        mcase_close(&c);
    }
    mcase_same("favor", "favor:order=right", N, D, DV, 3);
    mcase_same("favor:eps=1/8:estimator=hyperbolic",
               "favor:eps=1/8:estimator=hyperbolic:order=right", N, D, DV, 3);
    mcase_same("favor:norm=none:estimator=trigonometric",
               "favor:norm=none:estimator=trigonometric:order=right", N, D, DV, 3);
}

/* The greatest y of all keys, and with it what eps adds to each of them, is not known over a box of one key. */
static void favor_eps_over_a_box(void **state)
{
    static const char *const points[] = {"0 0 -2", "1 0 -2", "4 0 -2"};
    mcase c;
    sbx_mech_in_ivd in;
    sbx_mech_run_ivd *r = NULL;
    sbx_ivd w[3];
    (void)state;
    mcase_open(&c, "favor:features=2:eps=1/4:scale=1", 3, 1, 1);
    mcase_put(c.x.q, "0 0 0");
    mcase_put(c.x.k, points[0]);
    mcase_put(c.x.extra[0], "1 0");
    assert_ok(sbx_mech_in_of_ivd(&in, &c.x, NULL, err));
    in.block[3].hi = 4;
    assert_ok(sbx_mech_open_ivd(&r, &c.a, &in, NULL, err));
    assert_ok(sbx_mech_row_ivd(w, r, 0, err));
    for (size_t p = 0; p < 3; p++) {
        mcase_put(c.x.k, points[p]);
        mcase_fine(&c);
        for (size_t j = 0; j < 3; j++)
            assert_true(mbox_holds(&w[j], &c.fw[j]));
    }
    sbx_mech_close_ivd(r);
    sbx_mech_in_free_ivd(&in);
    mcase_close(&c);
}

/* Mean and variance over w of the estimate of e^(q k), d = 1, one row of W: sums over a fine grid, which for a Gaussian times an entire
 * function are as good as the integral. */
static void favor_moments(void **state)
{
    static const char *const names[] = {
        "favor:norm=none:features=1:eps=0:scale=1",
        "favor:norm=none:features=1:eps=0:scale=1:estimator=hyperbolic",
        "favor:norm=none:features=1:eps=0:scale=1:estimator=trigonometric"};
    static const char *const at[][2] = {{"1/2", "1/4"}, {"1", "-1/2"}, {"3/4", "1"}};
    (void)state;
    for (size_t s = 0; s < 3; s++)
        for (size_t b = 0; b < 3; b++) {
            mcase c;
            double q, k, sum, dif, first = 0, second = 0, want;
            mcase_open(&c, names[s], 1, 1, 1);
            mcase_put(c.x.q, at[b][0]);
            mcase_put(c.x.k, at[b][1]);
            q = mpq_get_d(c.x.q[0]);
            k = mpq_get_d(c.x.k[0]);
            sum = (q + k) * (q + k);
            dif = (q - k) * (q - k);
            for (long i = -96; i <= 96; i++) {
                const double w = (double)i / 8, p = exp(-w * w / 2) / (8 * sqrt(8 * atan(1)));
                double z;
                mpq_set_si(c.x.extra[0][0], i, 8);
                mpq_canonicalize(c.x.extra[0][0]);
                mcase_fine(&c);
                z = mbox_mid(&c.fw[0]);
                first += p * z;
                second += p * z * z;
            }
            want = exp(2 * q * k) * (exp(sum) - 1); /* e^s (1 - e^-s) e^(2 q k) */
            if (s == 1) want *= (1 - exp(-sum)) / 2;
            if (s == 2) want = exp(sum - 2 * q * k) * (1 - exp(-dif)) * (1 - exp(-dif)) / 2;
            assert_true(fabs(first - exp(q * k)) < 1e-10);
            assert_true(fabs(second - first * first - want) < 1e-9 * (1 + want));
            mcase_close(&c);
        }
}

/* ---- landmarks ----------------------------------------------------------------------------------- */

static void transposed(double *z, const double *x, size_t a, size_t b)
{
    for (size_t i = 0; i < a; i++)
        for (size_t j = 0; j < b; j++)
            z[j * a + i] = x[i * b + j];
}

static void nystromformer(void **state)
{
    (void)state;
    for (size_t s = 0; s < 4; s++) {
        static const char *const names[] = {
            "nystromformer:landmarks=3", "nystromformer:landmarks=4",
            "nystromformer:landmarks=2:steps=1", "nystromformer:landmarks=3:steps=0:scale=1"};
        const size_t l = s == 1 ? 4 : s == 2 ? 2 : 3, steps = s == 2 ? 1 : s == 3 ? 0 : 6;
        const double scale = s == 3 ? 1 : 0.5;
        mcase c;
        plain p;
        mbox_matrix ql, kl, k1, k2, k3, z, t, u, x, w;
        double most = 0;
        mcase_seed(&c, names[s], N, D, DV, 9 + s);
        get(&p, &c);
        segments(ql, p.q, N, l, D);
        segments(kl, p.k, N, l, D);
        mbox_scores(k1, scale, p.q, kl, N, l, D);
        mbox_scores(k2, scale, ql, kl, l, l, D);
        mbox_scores(k3, scale, ql, p.k, l, N, D);
        mbox_softmax(k1, N, l);
        mbox_softmax(k2, l, l);
        mbox_softmax(k3, l, N);
        for (size_t j = 0; j < l; j++) {
            double sum = 0;
            for (size_t i = 0; i < l; i++)
                sum += k2[i * l + j];
            most = fmax(most, sum);
        }
        transposed(z, k2, l, l);
        for (size_t k = 0; k < l * l; k++)
            z[k] /= most;
        for (size_t step = 0; step < steps; step++) {
            /* z (13 - u (15 - u (7 - u))) / 4, expanded: z (13 - 15 u + 7 u^2 - u^3) / 4 */
            mbox_times(u, k2, z, l, l, l);
            mbox_times(t, u, u, l, l, l);
            mbox_times(x, t, u, l, l, l);
            for (size_t k = 0; k < l * l; k++)
                x[k] = ((k % (l + 1) == 0 ? 13 : 0) - 15 * u[k] + 7 * t[k] - x[k]) / 4;
            mbox_times(t, z, x, l, l, l);
            memcpy(z, t, sizeof z);
        }
        mbox_times(t, k1, z, N, l, l);
        mbox_times(w, t, k3, N, l, N);
        mbox_agrees(&c, w, NULL);
        assert_true(mbox_rank(&c) <= l);
        mcase_close(&c);
    }
}

/* enough steps: rows sum to 1; with every row a landmark it is softmax attention */
static void nystrom_limits(void **state)
{
    mcase c, s;
    (void)state;
    mcase_seed(&c, "nystromformer:landmarks=3:steps=40", N, D, DV, 2);
    mcase_fine(&c);
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t j = 0; j < N; j++)
            sum += mbox_mid(&c.fw[i * N + j]);
        assert_true(fabs(sum - 1) < 1e-12);
    }
    mcase_close(&c);
    mcase_seed(&c, "nystromformer:landmarks=6:steps=18", N, D, DV, 2);
    mcase_seed(&s, "softmax", N, D, DV, 2);
    mcase_fine(&c);
    mcase_fine(&s);
    for (size_t k = 0; k < (size_t)N * N; k++)
        assert_true(fabs(mbox_mid(&c.fw[k]) - mbox_mid(&s.fw[k])) < 1e-9);
    mcase_close(&s);
    mcase_close(&c);
}

static double gauss(const double *x, const double *y, double scale)
{
    double s = 0;
    for (size_t c = 0; c < D; c++)
        s += (x[c] - y[c]) * (x[c] - y[c]);
    return exp(-scale * s / 2);
}

static void soft(void **state)
{
    static const char *const names[] = {"soft:landmarks=3", "soft:landmarks=4:from=stride",
                                        "soft:landmarks=2:from=given:steps=3",
                                        "soft:landmarks=3:form=soft++:shift=0:alpha=1:steps=12",
                                        "soft:landmarks=3:scale=1/4:steps=0"};
    static const size_t l_of[] = {3, 4, 2, 3, 3}, steps_of[] = {20, 20, 3, 12, 0};
    (void)state;
    for (size_t s = 0; s < 5; s++) {
        const size_t l = l_of[s];
        const double scale = s == 4 ? 0.25 : 0.5, shift = s == 3 ? 0 : 0.01,
                     alpha = s == 3 ? 1 : 1.8;
        mcase c;
        plain p;
        mbox_matrix mark, k1, k2, k3, v, t, u, w;
        double most = 0, sum[4];
        mcase_seed(&c, names[s], N, D, DV, 4 + s);
        get(&p, &c);
        if (s == 1) /* queries 0, 1, 3, 4 */
            for (size_t k = 0; k < l * D; k++)
                mark[k] = p.q[k / D * N / l * D + k % D];
        else if (s == 2)
            memcpy(mark, p.e[0], sizeof mark);
        else
            segments(mark, p.q, N, l, D);
        for (size_t k = 0; k < N * l; k++)
            k1[k] = gauss(&p.q[k / l * D], &mark[k % l * D], scale);
        for (size_t a = 0; a < l; a++) {
            sum[a] = 0;
            for (size_t b = 0; b < l; b++)
                sum[a] += k2[a * l + b] = gauss(&mark[a * D], &mark[b * D], scale);
            most = fmax(most, sum[a]);
        }
        for (size_t k = 0; k < l * l; k++) {
            k2[k] += k % (l + 1) == 0 ? shift : 0;
            v[k] = alpha / (most * most) * k2[k];
        }
        for (size_t step = 0; step < steps_of[s]; step++) {
            mbox_times(t, k2, v, l, l, l);
            mbox_times(u, v, t, l, l, l);
            for (size_t k = 0; k < l * l; k++)
                v[k] = 2 * v[k] - u[k];
        }
        for (size_t k = 0; k < l * l && s == 3; k++)
            v[k] /= sqrt(sum[k / l] * sum[k % l]);
        transposed(k3, k1, N, l);
        mbox_times(t, k1, v, N, l, l);
        mbox_times(w, t, k3, N, l, N);
        mbox_agrees(&c, w, NULL);
        assert_true(mbox_rank(&c) <= l);
        mcase_close(&c);
    }
}

/* Every query a landmark, no shift, enough steps: the Gaussian kernel itself. Boxes: no entry of the iterate is above 1 / shift = 100, so no weight above
 * 6 * 6 * 100, however wide the box. */
static void soft_limits(void **state)
{
    mcase c;
    plain p;
    sbx_mech_in_ivd in;
    sbx_mech_run_ivd *r = NULL;
    sbx_ivd w[N];
    (void)state;
    mcase_seed(&c, "soft:landmarks=6:shift=0:steps=60", N, D, DV, 2);
    get(&p, &c);
    mcase_fine(&c);
    for (size_t k = 0; k < (size_t)N * N; k++)
        assert_true(fabs(mbox_mid(&c.fw[k]) - gauss(&p.q[k / N * D], &p.q[k % N * D], 0.5)) < 1e-9);
    mcase_close(&c);
    mcase_seed(&c, "soft", N, D, DV, 2);
    assert_ok(sbx_mech_in_of_ivd(&in, &c.x, NULL, err));
    for (size_t k = 0; k < (size_t)N * D; k++) {
        in.block[k].lo -= 1;
        in.block[k].hi += 1;
    }
    assert_ok(sbx_mech_open_ivd(&r, &c.a, &in, NULL, err));
    for (size_t i = 0; i < N; i++) {
        assert_ok(sbx_mech_row_ivd(w, r, i, err));
        for (size_t j = 0; j < N; j++)
            assert_true(w[j].lo >= -3601 && w[j].hi <= 3601);
    }
    sbx_mech_close_ivd(r);
    sbx_mech_in_free_ivd(&in);
    mcase_close(&c);
}

static void dba(void **state)
{
    static const char *const names[] = {
        "dba:rank=3", "dba:rank=3:rows=given", "dba:rank=3:queries=compressed",
        "dba:rank=2:queries=compressed:rows=given:width=3:scale=1/8"};
    (void)state;
    for (size_t s = 0; s < 4; s++) {
        const size_t l = s == 3 ? 2 : 3, u = s == 3 ? 3 : D;
        mcase c;
        plain p;
        mbox_matrix pk, kr, qr, pq, w, t, a;
        mcase_seed(&c, names[s], N, D, DV, 3 + s);
        get(&p, &c);
        if (s % 2 == 0) mbox_softmax(p.e[0], l, N);
        if (s == 2) mbox_softmax(p.e[2], l, N);
        mbox_times(pk, p.e[0], p.k, l, N, D);
        mbox_times(kr, pk, p.e[1], l, D, u);
        if (s < 2) {
            mbox_times(qr, p.q, p.e[1], N, D, u);
            mbox_scores(a, 0.5, qr, kr, N, l, u);
            mbox_softmax(a, N, l);
        } else {
            mbox_times(pq, p.e[2], p.q, l, N, D);
            mbox_times(qr, pq, p.e[1], l, D, u);
            mbox_scores(t, s == 3 ? 0.125 : 0.5, qr, kr, l, l, u);
            mbox_softmax(t, l, l);
            transposed(pq, p.e[2], l, N);
            mbox_times(a, pq, t, N, l, l);
        }
        mbox_times(w, a, p.e[0], N, l, N);
        mbox_agrees(&c, w, NULL);
        assert_true(mbox_rank(&c) <= l);
        for (size_t i = 0; i < N && s == 0; i++)
            mbox_row_sum(&c, i, 1);
        mcase_close(&c);
    }
}

/* ---- convolved, exactly ----------------------------------------------------------------------------- */

/* short (1, 1), long (1, 0, 2): mixed (1, 1, 2, 2, ...): q = (1, 0, 0): q' = (1, 1, 2); k = (0, 1, 0): k' = (0, 1, 1).
 * Weights q'_i k'_j: rows 0 | 0 1 | 0 2 2; outputs times the gate (1, 2, 1/2): 0, 2 * 3, (2 * 3 + 2 * 5) / 2 */
static void chela_by_hand(void **state)
{
    mcase c;
    (void)state;
    mcase_open(&c, "chela:taps=2", 3, 1, 1);
    mcase_put(c.x.q, "1 0 0");
    mcase_put(c.x.k, "0 1 0");
    mcase_put(c.x.v, "7 3 5");
    mcase_put(c.x.extra[0], "1 1");
    mcase_put(c.x.extra[1], "1 0 2");
    mcase_put(c.x.extra[2], "1 2 1/2");
    mcase_exact(&c);
    mcase_expect(c.w, "0 0 0 0 1 0 0 2 2", 9);
    mcase_expect(c.o, "0 6 8", 3);
    mcase_close(&c);
}

static void chela_laws(void **state)
{
    mpq_t t, u, a, b;
    (void)state;
    mpq_inits(t, u, a, b, NULL);
    mcase_same("chela", "chela:form=chunked:tile=1", 7, 3, 2, 4);
    mcase_same("chela", "chela:form=chunked:tile=3", 7, 3, 2, 5);
    mcase_same("chela:taps=9", "chela:taps=9:form=chunked:tile=7", 7, 3, 2, 6);
    /* d = 1 and k an impulse: column 0 of the weights is k'_0 q', of l2 norm at most |short|_1 |long|_1 |q|_2 |k'_0| */
    for (uint64_t seed = 1; seed <= 10; seed++) {
        mcase c;
        mpq_set_ui(t, 0, 1);
        mpq_set_ui(u, 0, 1);
        mcase_seed(&c, "chela", 8, 1, 1, seed);
        for (size_t i = 0; i < 8; i++)
            mpq_set_ui(c.x.k[i], i == 0, 1);
        mcase_exact(&c);
        for (size_t i = 0; i < 8; i++) {
            mpq_mul(a, c.w[i * 8], c.w[i * 8]);
            mpq_add(t, t, a);
            mpq_mul(a, c.x.q[i], c.x.q[i]);
            mpq_add(u, u, a);
        }
        for (size_t e = 0; e < 2; e++) {
            mpq_set_ui(b, 0, 1);
            for (size_t k = 0; k < c.x.n_extra[e]; k++) {
                mpq_abs(a, c.x.extra[e][k]);
                mpq_add(b, b, a);
            }
            mpq_mul(u, u, b);
            mpq_mul(u, u, b);
            mpq_mul(u, u, c.x.extra[e][0]); /* k'_0 is the product of the first taps */
            mpq_mul(u, u, c.x.extra[e][0]);
        }
        assert_true(mpq_cmp(t, u) <= 0);
        mcase_close(&c);
    }
    mpq_clears(t, u, a, b, NULL);
}

/* ---- boxes ---------------------------------------------------------------------------------------------- */

static void boxes(void **state)
{
    static const char *const names[] = {"linformer:k=3",
                                        "linformer:k=3:project=given",
                                        "favor:features=3",
                                        "favor:features=3:eps=1/4",
                                        "favor:features=3:eps=1/4:order=right",
                                        "favor:features=3:estimator=hyperbolic:eps=1/4",
                                        "favor:features=8:estimator=trigonometric:scale=1/64",
                                        "favor:features=3:norm=none",
                                        "favor:features=6:rows=orthogonal",
                                        "nystromformer:landmarks=3",
                                        "nystromformer:landmarks=3:steps=2",
                                        "soft:landmarks=3",
                                        "soft:landmarks=3:steps=2",
                                        "soft:landmarks=3:form=soft++",
                                        "soft:landmarks=3:from=given:steps=1",
                                        "dba:rank=3",
                                        "dba:rank=3:rows=given",
                                        "dba:rank=3:queries=compressed",
                                        "chela",
                                        "chela:form=chunked:tile=2"};
    (void)state;
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        for (int e = 3; e <= 9; e += 3)
            if (!mbox_sound(names[k], N, D, DV, e, 5 + k) && e > 6)
                fail_msg("%s: refused", names[k]);
    for (int e = 0; e <= 9; e += 3) {
        assert_true(mbox_sound("xca", N, D, D, e, 3));
        assert_true(mbox_sound("xca:tau=1/3", N, D, D, e, 4));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(residuals),
                                       cmocka_unit_test(iterations_by_hand),
                                       cmocka_unit_test(rational_ends),
                                       cmocka_unit_test(linformer),
                                       cmocka_unit_test(linformer_by_hand),
                                       cmocka_unit_test(xca),
                                       cmocka_unit_test(xca_range),
                                       cmocka_unit_test(favor),
                                       cmocka_unit_test(favor_moments),
                                       cmocka_unit_test(favor_eps_over_a_box),
                                       cmocka_unit_test(nystromformer),
                                       cmocka_unit_test(nystrom_limits),
                                       cmocka_unit_test(soft),
                                       cmocka_unit_test(soft_limits),
                                       cmocka_unit_test(dba),
                                       cmocka_unit_test(chela_by_hand),
                                       cmocka_unit_test(chela_laws),
                                       cmocka_unit_test(boxes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
