/* bench_relax.c -- time of affine bounds of all n softmax outputs over one box.
 *
 * Beside them a baseline that proves nothing: the tangent planes of the LSE bounds at the centre
 * in plain doubles, all coefficients and constants, with exponentials shared by all outputs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"
#include "softbox/kernel.h"
#include "softbox/relax.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double guarded_log(double x) { return log(x > 1e-300 ? x : 1e-300); }

/* the tangents of L_LSE and U_LSE at the centre, to nearest */
static void plain(sbx_affine *lower, sbx_affine *upper, const sbx_ivd *x, size_t n, double *w)
{
    double *el = w, *eu = w + n, *ec = w + 2 * n, *k = w + 3 * n, *slope = w + 4 * n,
           *arg = w + 5 * n;
    double top = x[0].hi, sl = 0, su = 0, sc = 0, chord = 0, dot_k = 0, dot_c = 0;
    for (size_t j = 1; j < n; j++)
        top = fmax(top, x[j].hi);
    for (size_t j = 0; j < n; j++) {
        arg[j] = x[j].lo - top;
        arg[n + j] = x[j].hi - top;
        arg[2 * n + j] = (x[j].lo + x[j].hi) / 2 - top;
    }
    sbx_exp_bulk(w, arg + 3 * n, arg, 3 * n);
    for (size_t j = 0; j < 3 * n; j++)
        w[j] = ldexp(w[j], (int)arg[3 * n + j]);
    for (size_t j = 0; j < n; j++) {
        const double c = (x[j].lo + x[j].hi) / 2;
        sl += el[j];
        su += eu[j];
        sc += ec[j];
        slope[j] = (eu[j] - el[j]) / (x[j].hi - x[j].lo);
        chord += (eu[j] + el[j]) / 2;
        dot_k += slope[j] * c;
        dot_c += ec[j] * c;
    }
    (void)k;
    for (size_t i = 0; i < n; i++) {
        const double c = (x[i].lo + x[i].hi) / 2;
        const double pl = el[i] / (el[i] + su - eu[i]), pu = eu[i] / (eu[i] + sl - el[i]);
        const double c0 = (pu - pl) / (guarded_log(pu) - guarded_log(pl));
        const double s = guarded_log(ec[i] / sc), v = ec[i] / chord;
        for (size_t j = 0; j < n; j++) {
            lower[i].coef[j] = -v / chord * slope[j];
            upper[i].coef[j] = -c0 / sc * ec[j];
        }
        lower[i].coef[i] += v;
        upper[i].coef[i] += c0;
        lower[i].cst = v - v * c + v / chord * dot_k;
        upper[i].cst = pu + c0 * (s - guarded_log(pu)) - c0 * c + c0 / sc * dot_c;
    }
}

int main(void)
{
    static const size_t sizes[] = {2, 10, 100, 1000};
    static const sbx_method methods[] = {SBX_METHOD_LSE, SBX_METHOD_ENV, SBX_METHOD_L2D,
                                         SBX_METHOD_AUTO};
    printf("%6s %12s", "n", "plain us");
    for (size_t m = 0; m < 4; m++)
        printf(" %10s us %7s", sbx_method_name(methods[m]), "ratio");
    printf("\n");
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const size_t n = sizes[k];
        sbx_ivd *x = malloc(n * sizeof *x), *range = malloc(n * sizeof *range);
        sbx_affine *lower = malloc(n * sizeof *lower), *upper = malloc(n * sizeof *upper);
        double *coef = malloc(2 * n * n * sizeof *coef), *w = malloc(12 * n * sizeof *w);
        const sbx_zone z = sbx_zone_box(x, n);
        double base = 1e9;
        uint64_t s = 1;
        for (size_t j = 0; j < n; j++) {
            const double m = 6 * sbx_rng_unit(&s) - 3;
            x[j] = (sbx_ivd){m - 0.5, m + 0.5};
            lower[j].coef = coef + j * n;
            upper[j].coef = coef + (n + j) * n;
        }
        for (int round = 0; round < 7; round++) {
            const int reps = (int)(200000 / (n * n)) + 1;
            double t = now();
            for (int r = 0; r < reps; r++)
                plain(lower, upper, x, n, w);
            t = (now() - t) / reps;
            base = t < base ? t : base;
        }
        printf("%6zu %12.2f", n, base * 1e6);
        for (size_t m = 0; m < 4; m++) {
            double best = 1e9;
            for (int round = 0; round < (n > 100 ? 1 : 7); round++) {
                const int reps = n > 100 ? 1 : (int)(10000 / (n * n)) + 1;
                double t = now();
                for (int r = 0; r < reps; r++)
                    if (sbx_relax_softmax(lower, upper, range, methods[m], &z, NULL, NULL) !=
                        SBX_OK)
                        return 1;
                t = (now() - t) / reps;
                best = t < best ? t : best;
            }
            printf(" %13.2f %7.1f", best * 1e6, best / base);
        }
        printf("\n");
        free(w);
        free(coef);
        free(upper);
        free(lower);
        free(range);
        free(x);
    }
    return 0;
}
