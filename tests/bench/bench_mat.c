/* bench_mat.c -- time and width of certified norms and ranks; beside the spectral norm one plain product
 * E'E of the same size, which proves nothing.
 *   bench_mat [n ...]     default: 64 256 1024; above 256 only norms
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"
#include "softbox/mat.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t seed = 1;

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* row by row, the columns inside */
static double plain(double *g, const sbx_ivd *e, size_t n)
{
    const double t = now();
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = i; j < n; j++)
                g[i * n + j] += e[k * n + i].lo * e[k * n + j].lo;
    return now() - t;
}

static int ranks(size_t n, size_t d, unsigned bits)
{
    sbx_mpq *q = calloc(n * n, sizeof *q);
    mpz_t *b = calloc(2 * n * d, sizeof *b), *c;
    gmp_randstate_t rng;
    size_t r;
    double t;
    sbx_err err;
    if (!q || !b) return 1;
    c = b + n * d;
    gmp_randinit_default(rng);
    for (size_t i = 0; i < 2 * n * d; i++) {
        mpz_init(b[i]);
        mpz_urandomb(b[i], rng, bits / 2);
    }
    for (size_t i = 0; i < n * n; i++) {
        mpq_init(q[i].v);
        for (size_t k = 0; k < d; k++)
            mpz_addmul(mpq_numref(q[i].v), b[i / n * d + k], c[k * n + i % n]);
    }
    t = now();
    if (sbx_mat_rank(&r, q, n, n, NULL, &err)) return 1;
    printf("  rank %zu of %u bits, exactly: %.3f s\n", r, bits, now() - t);
    for (size_t i = 0; i < n * n; i++)
        mpq_clear(q[i].v);
    for (size_t i = 0; i < 2 * n * d; i++)
        mpz_clear(b[i]);
    gmp_randclear(rng);
    free(q);
    free(b);
    return r != d;
}

static int one(size_t n)
{
    sbx_ivd *e = calloc(n * n, sizeof *e), least;
    double *g = calloc(n * n, sizeof *g), t, base = 0.0;
    sbx_mat_norms z;
    size_t r;
    sbx_err err;
    if (!e || !g) return 1;
    for (size_t i = 0; i < n * n; i++)
        e[i].lo = e[i].hi = sbx_rng_unit(&seed) - 0.5;
    if (n <= 1024) base = plain(g, e, n);
    t = now();
    if (sbx_mat_norm(&z, e, n, n, NULL, &err)) return 1;
    t = now() - t;
    printf("n = %zu: all norms %.4f s", n, t);
    if (base > 0.0) printf(", %.1f times a plain product E'E", t / base);
    printf("; spectral, relative width %.1e\n", (z.spectral.hi - z.spectral.lo) / z.spectral.hi);
    if (n <= 1024) {
        t = now();
        if (sbx_mat_least_singular(&least, e, n, n, NULL, &err)) return 1;
        printf("  least singular value %.4f s, relative width %.1e\n", now() - t,
               (least.hi - least.lo) / least.hi);
        t = now();
        if (sbx_mat_rank_least(&r, e, n, n, NULL, &err)) return 1;
        printf("  rank at least %zu: %.4f s\n", r, now() - t);
    }
    free(e);
    free(g);
    return n <= 256 && (ranks(n, n, 300) || ranks(n, n - 1, 300) || ranks(n, n / 4, 300));
}

int main(int argc, char **argv)
{
    const size_t sizes[] = {64, 256, 1024};
    int bad = 0;
    for (int k = 1; k < argc; k++)
        bad |= one(strtoul(argv[k], NULL, 10));
    for (size_t k = 0; argc == 1 && k < 3; k++)
        bad |= one(sizes[k]);
    return bad;
}
