/* bench_softmax.c -- time of the double kernels: softmax over a box, the functional, exp.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"
#include "softbox/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void)
{
    static const size_t sizes[] = {10, 100, 1000, 10000, 100000, 1000000};
    printf("%8s %14s %14s %14s %16s\n", "n", "exp ns/el", "softmax ns/el", "softmax us",
           "functional us");
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const size_t n = sizes[k];
        const int reps = (int)(4000000 / n) + 1;
        sbx_ivd *x = malloc(n * sizeof *x), *p = malloc(n * sizeof *p), *c = malloc(n * sizeof *c),
                z;
        double *d = malloc(3 * n * sizeof *d), best[3] = {1e9, 1e9, 1e9};
        uint64_t s = 1;
        for (size_t j = 0; j < n; j++) {
            const double m = 6 * sbx_rng_unit(&s) - 3;
            x[j] = (sbx_ivd){m - 0.5, m + 0.5};
            c[j].lo = c[j].hi = 2 * sbx_rng_unit(&s) - 1;
            d[j] = m;
        }
        for (int round = 0; round < 5; round++) {
            double t = now();
            for (int r = 0; r < reps; r++)
                sbx_exp_bulk(d + n, d + 2 * n, d, n);
            t = (now() - t) / reps;
            best[0] = t < best[0] ? t : best[0];
            t = now();
            for (int r = 0; r < reps; r++)
                if (sbx_softmax_ivd(p, x, n, NULL, NULL) != SBX_OK) return 1;
            t = (now() - t) / reps;
            best[1] = t < best[1] ? t : best[1];
            t = now();
            for (int r = 0; r < reps / 10 + 1; r++)
                if (sbx_softmax_functional_ivd(&z, c, x, n, NULL, NULL) != SBX_OK) return 1;
            t = (now() - t) / (reps / 10 + 1);
            best[2] = t < best[2] ? t : best[2];
        }
        printf("%8zu %14.3f %14.3f %14.3f %16.3f\n", n, best[0] * 1e9 / (double)n,
               best[1] * 1e9 / (double)n, best[1] * 1e6, best[2] * 1e6);
        free(x);
        free(p);
        free(c);
        free(d);
    }
    return 0;
}
