/* test_functional.c -- affine bounds of v.softmax(x): at corners and random points by MPFR at
 * 300 bits, against the sum of the outputs' bounds, against the limit that points set, and
 * the certificates read back in MPFR, apart from the code that made them.
 * [L-RLX-110], [L-RLX-111], [L-RLX-112], [L-RLX-113]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "certref.h"
#include "relax_ref.h"

#include "base/alloc.h"
#include "lp/lp.h"
#include "num/round.h"
#include "relax/functional.h"
#include "softbox/relax.h"

enum { N = 64 };

static size_t below(uint64_t *s, size_t n) { return sbx_rng(s) % n; }

typedef struct planes {
    double lo[N], up[N];
    sbx_affine lower, upper;
    sbx_ivd range;
} planes;

static void bound(planes *p, sbx_functional_cert *cert, sbx_method m, int effort, const sbx_ivd *v,
                  const sbx_zone *z, const double *at)
{
    p->lower.coef = p->lo;
    p->upper.coef = p->up;
    assert_ok(sbx_fun_relax(&p->lower, &p->upper, &p->range, cert, m, effort, v, z, at, err));
}

/* sign (a.x + cst - v.softmax(x)), 300 bits and more */
static void excess(mpfr_t d, const sbx_affine *a, const double *v, const double *x, size_t n)
{
    mpfr_t s, e, t;
    mpfr_inits2(2400, d, s, e, t, (mpfr_ptr)0);
    mpfr_set_prec(s, REF_BITS);
    mpfr_set_prec(e, REF_BITS);
    mpfr_set_zero(s, 1);
    mpfr_set_d(d, a->cst, MPFR_RNDN);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(t, x[j], MPFR_RNDN);
        mpfr_mul_d(t, t, a->coef[j], MPFR_RNDN);
        mpfr_add(d, d, t, MPFR_RNDN);
    }
    ref_sum(s, x, n, 0);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(t, x[j], MPFR_RNDN);
        mpfr_sub_d(t, t, x[0], MPFR_RNDN);
        mpfr_exp(e, t, MPFR_RNDN);
        mpfr_div(e, e, s, MPFR_RNDN);
        mpfr_mul_d(e, e, v[j], MPFR_RNDN);
        mpfr_sub(d, d, e, MPFR_RNDN);
    }
    mpfr_clears(s, e, t, (mpfr_ptr)0);
}

/* both planes at x, for both ends of v; the reference is good to 1e-80 */
static void judge(const planes *p, const sbx_ivd *v, const double *x, size_t n)
{
    double lo[N], hi[N];
    mpfr_t d;
    for (size_t j = 0; j < n; j++) {
        lo[j] = v[j].lo;
        hi[j] = v[j].hi;
    }
    excess(d, &p->upper, hi, x, n);
    assert_true(mpfr_cmp_d(d, -1e-75) >= 0);
    mpfr_clear(d);
    excess(d, &p->lower, lo, x, n);
    assert_true(mpfr_cmp_d(d, 1e-75) <= 0);
    mpfr_clear(d);
}

static void draw_v(sbx_ivd *v, size_t n, uint64_t *s)
{
    const int how = (int)below(s, 4);
    for (size_t j = 0; j < n; j++) {
        v[j].lo = how == 0   ? (double)(j == 0)
                  : how == 1 ? (double)below(s, 3)
                             : test_uniform(s, -1, 1);
        v[j].hi = v[j].lo + (how == 3 ? test_uniform(s, 0, 0.5) : 0.0);
    }
}

/* every kind of box: far, wide, narrow, degenerate, dominated */
static void test_sound(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (long k = 0; k < test_rounds(400); k++) {
        ref_box b;
        sbx_ivd x[REF_N], v[N];
        sbx_zone z;
        planes p;
        const int effort = (int)below(&s, 3) - 1;
        const sbx_method m = effort < 0 ? (sbx_method)below(&s, SBX_METHOD_COUNT) : SBX_METHOD_AUTO;
        ref_draw(&b, &s, k);
        if (b.n > 16) b.n = 16;
        if (effort == 1 && b.n > 6) b.n = 6;
        for (size_t j = 0; j < b.n; j++)
            x[j] = (sbx_ivd){b.lo[j], b.hi[j]};
        draw_v(v, b.n, &s);
        z = sbx_zone_box(x, b.n);
        bound(&p, NULL, m, effort, v, &z, below(&s, 2) ? b.c : NULL);
        for (int t = 0; t < 60; t++) {
            double y[REF_N];
            const size_t bits = sbx_rng(&s), mix = below(&s, 3);
            for (size_t j = 0; j < b.n; j++)
                y[j] = mix && (mix == 2 || bits >> (j + 20) & 1)
                           ? (bits >> j & 1 ? b.hi[j] : b.lo[j])
                           : test_uniform(&s, b.lo[j], b.hi[j]);
            judge(&p, v, y, b.n);
        }
    }
}

/* differences: points of the zone, and a tighter bound than the box alone gives */
static void test_zones(void **state)
{
    uint64_t s = test_seed() + 1;
    double with = 0, without = 0;
    (void)state;
    for (long k = 0; k < test_rounds(60); k++) {
        const size_t n = 2 + below(&s, 4);
        sbx_ivd x[N], v[N];
        sbx_diff d[3];
        double c[N];
        sbx_zone z;
        planes p, q;
        for (size_t j = 0; j < n; j++) {
            c[j] = test_uniform(&s, -2, 2);
            x[j] = (sbx_ivd){c[j] - test_uniform(&s, 0, 2), c[j] + test_uniform(&s, 0, 2)};
        }
        for (int e = 0; e < 3; e++) {
            d[e].i = below(&s, n);
            d[e].j = (d[e].i + 1 + below(&s, n - 1)) % n;
            d[e].d = sbx_sub_hi(c[d[e].i], c[d[e].j]) + test_uniform(&s, 0, 0.5);
        }
        draw_v(v, n, &s);
        z = (sbx_zone){x, n, d, 3};
        bound(&p, NULL, SBX_METHOD_AUTO, 0, v, &z, c);
        z.diffs = 0;
        bound(&q, NULL, SBX_METHOD_AUTO, 0, v, &z, c);
        with += p.upper.cst - p.lower.cst;
        without += q.upper.cst - q.lower.cst;
        for (size_t j = 0; j < n; j++) {
            with += (p.up[j] - p.lo[j]) * c[j];
            without += (q.up[j] - q.lo[j]) * c[j];
        }
        for (int t = 0; t < 200; t++) {
            double y[N];
            bool in = true;
            for (size_t j = 0; j < n; j++)
                y[j] = below(&s, 2) ? test_uniform(&s, x[j].lo, x[j].hi)
                                    : (below(&s, 2) ? x[j].lo : x[j].hi);
            for (int e = 0; e < 6; e++) {
                const double most = sbx_add_lo(y[d[e % 3].j], d[e % 3].d);
                if (y[d[e % 3].i] > most) y[d[e % 3].i] = most;
            }
            for (size_t j = 0; j < n; j++)
                in = in && y[j] >= x[j].lo && y[j] <= x[j].hi;
            for (int e = 0; e < 3; e++)
                in = in && sbx_sub_hi(y[d[e].i], y[d[e].j]) <= d[e].d;
            if (in) judge(&p, v, y, n);
        }
    }
    assert_true(with < 0.9 * without);
}

/* ---- how good --------------------------------------------------------------------------- */

static double value(const double *v, const double *x, size_t n)
{
    double num = 0, den = 0;
    for (size_t j = 0; j < n; j++) {
        num += v[j] * exp(x[j] - x[0]);
        den += exp(x[j] - x[0]);
    }
    return num / den;
}

static void add_point(sbx_lp *lp, const double *v, const double *c, const double *y, size_t n)
{
    size_t at[N];
    double row[N];
    for (size_t j = 0; j <= n; j++) {
        at[j] = j;
        row[j] = j < n ? y[j] - c[j] : 1.0;
    }
    assert_ok(sbx_lp_add_row(lp, (sbx_ivd){value(v, y, n), HUGE_VAL}, at, row, n + 1, err));
}

/* the least value at c that points allow: all corners, random ones, and where it is violated */
static double limit(const double *v, const sbx_ivd *x, const double *c, size_t n, uint64_t *s)
{
    sbx_lp *lp;
    sbx_lp_found found;
    double y[N], beta = 0;
    assert_ok(sbx_lp_new(&lp, false, err));
    for (size_t j = 0; j <= n; j++)
        assert_ok(sbx_lp_add_col(lp, j == n, (sbx_ivd){-10, 10}, err));
    for (size_t k = 0; k < (size_t)1 << n; k++) {
        for (size_t j = 0; j < n; j++)
            y[j] = k >> j & 1 ? x[j].hi : x[j].lo;
        add_point(lp, v, c, y, n);
    }
    for (int round = 0; round < 12; round++) {
        double a[N], worst = 0;
        assert_ok(sbx_lp_solve(&found, lp, 0, err));
        memcpy(a, sbx_lp_x(lp), (n + 1) * sizeof *a);
        beta = a[n];
        for (int start = 0; start < 12; start++) {
            double top = -HUGE_VAL;
            for (size_t j = 0; j < n; j++)
                y[j] = test_uniform(s, x[j].lo, x[j].hi);
            for (int sweep = 0; sweep < 5; sweep++)
                for (size_t j = 0; j < n; j++) {
                    double best = y[j];
                    top = -HUGE_VAL;
                    for (int g = 0; g <= 20; g++) {
                        double t;
                        y[j] = x[j].lo + (x[j].hi - x[j].lo) * g / 20;
                        t = value(v, y, n);
                        for (size_t q = 0; q < n; q++)
                            t -= a[q] * (y[q] - c[q]);
                        if (t > top) {
                            top = t;
                            best = y[j];
                        }
                    }
                    y[j] = best;
                }
            if (top > beta + 1e-7) add_point(lp, v, c, y, n);
            worst = fmax(worst, top - beta);
        }
        if (worst < 1e-6) break;
    }
    sbx_lp_free(lp);
    return beta;
}

static void test_tight(void **state)
{
    uint64_t s = test_seed() + 2;
    double best = 0, quick = 0, sum = 0, least = 0;
    (void)state;
    for (long k = 0; k < test_rounds(40); k++) {
        const size_t n = 2 + below(&s, 4);
        const double w = pow(2, test_uniform(&s, -2, 1.5));
        sbx_ivd x[N], v[N];
        double c[N], u[N], f, at[3] = {0, 0, 0};
        sbx_zone z = sbx_zone_box(x, n);
        planes p;
        for (size_t j = 0; j < n; j++) {
            const double h = k % 2 ? w : w * test_uniform(&s, 0.1, 1);
            c[j] = test_uniform(&s, -2, 2);
            x[j] = (sbx_ivd){c[j] - h, c[j] + h};
            u[j] = test_uniform(&s, -1, 1);
            v[j] = (sbx_ivd){u[j], u[j]};
        }
        f = value(u, c, n);
        for (int e = -1; e <= 1; e++) {
            double h;
            bound(&p, NULL, SBX_METHOD_AUTO, e, v, &z, c);
            h = p.upper.cst;
            for (size_t j = 0; j < n; j++)
                h += p.up[j] * c[j];
            at[e + 1] = h - f;
        }
        assert_true(at[1] <= at[0] + 1e-12 && at[2] <= at[0] + 1e-12);
        sum += at[0];
        quick += at[1];
        best += at[2];
        least += limit(u, x, c, n, &s) - f;
    }
    print_message("gap over the limit: sum %.3f, auto %.3f, optimal %.3f\n", sum / least,
                  quick / least, best / least);
    assert_true(best <= 1.02 * least);
    assert_true(quick <= 1.25 * least);
    assert_true(sum >= 1.1 * least); /* what direct bounds gain */
}

/* two coordinates: the concave envelope in the difference, at the centre of the box */
static void test_two(void **state)
{
    uint64_t s = test_seed() + 3;
    (void)state;
    for (long k = 0; k < test_rounds(300); k++) {
        const double w = test_uniform(&s, 0.1, 3), r = test_uniform(&s, 0.1, 3);
        sbx_ivd x[2], v[2] = {{1, 1}, {0, 0}};
        sbx_zone z = sbx_zone_box(x, 2);
        planes p;
        double c[2], lo, hi, t, best = HUGE_VAL;
        for (size_t j = 0; j < 2; j++) {
            c[j] = test_uniform(&s, -2, 2);
            x[j] = (sbx_ivd){c[j] - (j ? w : r), c[j] + (j ? w : r)};
        }
        lo = x[0].lo - x[1].hi;
        hi = x[0].hi - x[1].lo;
        t = c[0] - c[1];
        for (int i = 0; i <= 600; i++) { /* the envelope at t: the highest chord over it */
            const double a = lo + (t - lo) * i / 600;
            for (int j = 0; j <= 600; j += 3) {
                const double b = t + (hi - t) * j / 600, fa = 1 / (1 + exp(-a)),
                             fb = 1 / (1 + exp(-b)),
                             y = b > a ? fa + (fb - fa) * (t - a) / (b - a) : fa;
                if (best == HUGE_VAL || y > best) best = y;
            }
        }
        bound(&p, NULL, SBX_METHOD_AUTO, 0, v, &z, c);
        t = p.upper.cst + p.up[0] * c[0] + p.up[1] * c[1];
        assert_true(t >= best - 1e-12 && t <= best + 1e-4);
    }
}

/* ---- certificates ------------------------------------------------------------------------- */

static void test_certificates(void **state)
{
    uint64_t s = test_seed() + 4;
    long seen = 0, sides = 0;
    (void)state;
    for (long k = 0; k < test_rounds(60); k++) {
        const size_t n = 2 + below(&s, 4);
        sbx_ivd x[N], v[N];
        double c[N];
        sbx_zone z = sbx_zone_box(x, n);
        sbx_functional_cert cert[2];
        planes p;
        const int effort = (int)below(&s, 3) - 1;
        for (size_t j = 0; j < n; j++) {
            c[j] = test_uniform(&s, -2, 2);
            x[j] = (sbx_ivd){c[j] - test_uniform(&s, 0, 1.5), c[j] + test_uniform(&s, 0, 1.5)};
            v[j].lo = v[j].hi = test_uniform(&s, -1, 1);
        }
        bound(&p, cert, effort < 0 ? SBX_METHOD_ER : SBX_METHOD_AUTO, effort, v, &z, NULL);
        for (int up = 0; up < 2; up++) {
            const sbx_functional_cert *q = &cert[up];
            double a[N], u[N];
            sbx_ivd y[N];
            sides++;
            if (!q->leaves) continue;
            seen++;
            for (size_t j = 0; j < n; j++) {
                a[j] = up ? p.up[j] : -p.lo[j];
                u[j] = up ? v[j].hi : -v[j].lo;
                y[j] = q->view == n   ? x[j]
                       : j == q->view ? (sbx_ivd){0, 0}
                                      : (sbx_ivd){sbx_sub_lo(x[j].lo, x[q->view].hi),
                                                  sbx_sub_hi(x[j].hi, x[q->view].lo)};
            }
            assert_true(cert_proves(q, a, u, y, q->cst)); /* [L-RLX-110] */
            /* and the bound is no better than what it proves */
            if (q->view == n)
                assert_true((up ? p.upper.cst : -p.lower.cst) >= q->cst);
            else
                assert_true((up ? p.upper.cst : -p.lower.cst) >= q->cst - 1e-12);
        }
        sbx_functional_cert_clear(&cert[0]);
        sbx_functional_cert_clear(&cert[1]);
    }
    print_message("%ld of %ld sides have pieces\n", seen, sides);
    assert_true(10 * seen >= 8 * sides);
}

static void test_refusals(void **state)
{
    const sbx_ivd x[2] = {{0, 1}, {0, 1}}, open[2] = {{-HUGE_VAL, 1}, {0, 1}};
    const sbx_ivd v[2] = {{1, 1}, {0, 0}}, inf[2] = {{1, HUGE_VAL}, {0, 0}};
    const double out[2] = {2, 0};
    double a[2], b[2];
    sbx_affine lower = {a, 0}, upper = {b, 0};
    sbx_ivd r;
    sbx_zone z = sbx_zone_box(x, 2);
    (void)state;
    assert_status(SBX_ERR_ARG, sbx_relax_functional(&lower, &upper, &r, NULL, SBX_METHOD_AUTO, inf,
                                                    &z, NULL, err));
    assert_status(SBX_ERR_ARG,
                  sbx_relax_functional(&lower, &upper, &r, NULL, SBX_METHOD_AUTO, v, &z, out, err));
    z.x = open; /* constants */
    assert_ok(sbx_relax_functional(&lower, &upper, &r, NULL, SBX_METHOD_AUTO, v, &z, NULL, err));
    assert_true(a[0] == 0 && b[1] == 0 && lower.cst <= 0 && upper.cst >= 1 / (1 + exp(-1.0)));
    z.n = 0;
    assert_status(SBX_ERR_ARG, sbx_relax_functional(&lower, &upper, &r, NULL, SBX_METHOD_AUTO, v,
                                                    &z, NULL, err));
}

static void test_memory(void **state)
{
    const sbx_ivd x[3] = {{0, 1}, {0, 1}, {-1, 2}}, v[3] = {{1, 1}, {0, 0}, {0.3, 0.4}};
    const sbx_diff d[1] = {{0, 1, 0.5}};
    const sbx_zone z = {x, 3, d, 1};
    const long live = sbx_alloc_live();
    double a[3], b[3];
    sbx_affine lower = {a, 0}, upper = {b, 0};
    sbx_functional_cert cert[2];
    sbx_status st = SBX_ERR_NOMEM;
    sbx_ivd r;
    (void)state;
    for (long k = 0; st == SBX_ERR_NOMEM; k += 1 + k / 50) {
        sbx_alloc_fail_after(k);
        st = sbx_relax_functional(&lower, &upper, &r, cert, SBX_METHOD_AUTO, v, &z, NULL, err);
        sbx_alloc_fail_after(-1);
        sbx_functional_cert_clear(&cert[0]);
        sbx_functional_cert_clear(&cert[1]);
        assert_int_equal(sbx_alloc_live(), live);
        assert_true(k < 100000);
    }
    assert_int_equal(st, SBX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_tight),        cmocka_unit_test(test_two),
        cmocka_unit_test(test_certificates), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
