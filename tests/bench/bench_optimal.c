/* bench_optimal.c -- time and gap of optimal and optimal-fast for one output, both sides, and of
 * the constant for given slopes; beside them LSE's tangents in plain doubles, which prove nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"
#include "softbox/relax.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N_MAX = 100, BOXES = 200 };

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* the tangents of L_LSE and U_LSE at the centre, to nearest; their sum of values, to be used */
static double plain(double *lower, double *upper, const sbx_ivd *x, size_t n)
{
    double S = 0.0, chord = 0.0, low = 0.0, high = 0.0, pl, pu, v, c0;
    for (size_t j = 0; j < n; j++) {
        const double el = exp(x[j].lo), eu = exp(x[j].hi);
        upper[j] = exp(x[j].lo / 2 + x[j].hi / 2);
        lower[j] = (eu - el) / (x[j].hi - x[j].lo);
        S += upper[j];
        chord += (el + eu) / 2;
        low += j ? eu : el;
        high += j ? el : eu;
    }
    pl = exp(x[0].lo) / low;
    pu = exp(x[0].hi) / high;
    v = upper[0] / chord;
    c0 = (pu - pl) / log(pu / pl);
    for (size_t j = 0; j < n; j++) {
        lower[j] *= -v / chord;
        upper[j] *= -c0 / S;
    }
    lower[0] += v;
    upper[0] += c0;
    return v + c0 * log(S);
}

int main(void)
{
    const size_t sizes[] = {3, 10, 30};
    const sbx_method methods[] = {SBX_METHOD_LSE, SBX_METHOD_L2D, SBX_METHOD_OPTIMAL_FAST,
                                  SBX_METHOD_OPTIMAL};
    static sbx_ivd x[BOXES][N_MAX];
    double a[N_MAX], b[N_MAX], t, sink = 0.0;
    sbx_affine lo = {a, 0}, up = {b, 0};
    uint64_t s = 1;
    sbx_err err;

    for (size_t q = 0; q < 3; q++) {
        const size_t n = sizes[q];
        double base;
        for (size_t k = 0; k < BOXES; k++)
            for (size_t j = 0; j < n; j++) {
                const double c = 4 * sbx_rng_unit(&s) - 2, w = 0.05 + sbx_rng_unit(&s);
                x[k][j] = (sbx_ivd){c - w, c + w};
            }
        t = now();
        for (int r = 0; r < 20; r++)
            for (size_t k = 0; k < BOXES; k++)
                sink += plain(a, b, x[k], n);
        base = (now() - t) / (20 * BOXES);
        printf("n = %zu, one output: plain LSE tangents, not proved: %.2f us\n", n, base * 1e6);
        for (size_t m = 0; m < 4; m++) {
            const size_t boxes = methods[m] == SBX_METHOD_OPTIMAL && n > 10 ? 3 : BOXES;
            double gap = 0.0;
            t = now();
            for (size_t k = 0; k < boxes; k++) {
                const sbx_zone z = sbx_zone_box(x[k], n);
                sbx_ivd range;
                if (sbx_relax_vector(&lo, &up, &range, SBX_FN_SOFTMAX, methods[m], 0, &z, NULL,
                                     &err))
                    return 1;
                gap += up.cst - lo.cst;
                for (size_t j = 0; j < n; j++)
                    gap += (b[j] - a[j]) * (x[k][j].lo / 2 + x[k][j].hi / 2);
            }
            t = (now() - t) / (double)boxes;
            printf("  %-14s %9.1f us, %6.1f times that; mean gap %.5f\n",
                   sbx_method_name(methods[m]), t * 1e6, t / base, gap / (double)boxes);
        }
        for (int side = 0; side < 2; side++) {
            double width = 0.0;
            t = now();
            for (size_t k = 0; k < BOXES; k++) {
                sbx_ivd at;
                double cst;
                sink += plain(a, b, x[k], n);
                if (sbx_relax_intercept(&cst, &at, NULL, side ? SBX_HI : SBX_LO, 0, side ? b : a,
                                        x[k], n, 1e-9, &err))
                    return 1;
                width = fmax(width, side ? cst - at.lo : at.hi - cst);
            }
            printf("  constant, %s, to 1e-9: %.1f us; farthest from its point %.1e\n",
                   side ? "upper" : "lower", (now() - t) / BOXES * 1e6, width);
        }
    }
    return sink > 1e300;
}
