/* mech/generate.c -- inputs by name and draws by seed, all of them dyadic numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/mech.h"

#include "base/rng.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* digits behind the binary point */
#define STEP 256L

static void block_clear(mpq_t **x, size_t n)
{
    for (size_t k = 0; *x && k < n; k++)
        mpq_clear((*x)[k]);
    sbx_free(*x);
    *x = NULL;
}

static sbx_status block_new(mpq_t **x, size_t n, sbx_err *err)
{
    *x = n > SIZE_MAX / 64 ? NULL : sbx_alloc(n ? n : 1, sizeof **x);
    if (!*x) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory for %zu numbers", n);
    for (size_t k = 0; k < n; k++)
        mpq_init((*x)[k]);
    return SBX_OK;
}

void sbx_mech_data_clear(sbx_mech_data *x)
{
    const sbx_mech_shape s = x->shape;
    block_clear(&x->q, s.n * s.d);
    block_clear(&x->k, s.m * s.d);
    block_clear(&x->v, s.m * s.dv);
    sbx_mech_extra_clear(x);
    *x = (sbx_mech_data){0};
}

void sbx_mech_extra_clear(sbx_mech_data *x)
{
    for (size_t e = 0; e < SBX_MECH_EXTRA_MAX; e++) {
        block_clear(&x->extra[e], x->n_extra[e]);
        x->n_extra[e] = 0;
    }
}

sbx_status sbx_mech_extra_new(sbx_mech_data *x, size_t e, size_t numbers, sbx_err *err)
{
    sbx_status st;
    block_clear(&x->extra[e], x->n_extra[e]);
    x->n_extra[e] = 0;
    st = block_new(&x->extra[e], numbers, err);
    if (st == SBX_OK) x->n_extra[e] = numbers;
    return st;
}

sbx_status sbx_mech_data_new(sbx_mech_data *x, sbx_mech_shape s, sbx_err *err)
{
    const size_t most = SIZE_MAX >> 24;
    sbx_status st = SBX_OK;
    *x = (sbx_mech_data){.shape = s};
    if (s.n == 0 || s.m == 0 || s.d == 0 || s.dv == 0 || s.n > most / s.d || s.m > most / s.d ||
        s.m > most / s.dv) {
        x->shape = (sbx_mech_shape){0};
        SBX_FAIL(err, SBX_ERR_ARG, "no input of %zu queries, %zu keys of %zu numbers", s.n, s.m,
                 s.d);
    }
    SBX_TRY(block_new(&x->q, s.n * s.d, err));
    SBX_TRY(block_new(&x->k, s.m * s.d, err));
    SBX_TRY(block_new(&x->v, s.m * s.dv, err));
done:
    if (st != SBX_OK) sbx_mech_data_clear(x);
    return st;
}

/* ---- draws, in units of 1/STEP --------------------------------------------------------- */

/* a sum of 12 uniform numbers less 6: mean 0, variance 1 */
static long gauss(uint64_t *rng)
{
    long s = 0;
    for (int k = 0; k < 12; k++)
        s += (long)(sbx_rng(rng) % STEP);
    return s - 6 * STEP + 6; /* each uniform one is (u + 1/2) / STEP */
}

static void put(mpq_t z, long units) /* units / STEP */
{
    mpq_set_si(z, units, STEP);
    mpq_canonicalize(z);
}

static void normal(mpq_t *x, size_t n, long divide, uint64_t *rng)
{
    for (size_t k = 0; k < n; k++)
        put(x[k], gauss(rng) / divide);
}

/* ---- the inputs ------------------------------------------------------------------------- */

static void gaussian(sbx_mech_data *x, uint64_t *rng)
{
    normal(x->q, x->shape.n * x->shape.d, 1, rng);
    normal(x->k, x->shape.m * x->shape.d, 1, rng);
}

static void two_clusters(sbx_mech_data *x, uint64_t *rng)
{
    const size_t d = x->shape.d;
    for (size_t k = 0; k < x->shape.n * d; k++)
        put(x->q[k], (k / d % 2 ? -STEP : STEP) + gauss(rng) / 4);
    for (size_t k = 0; k < x->shape.m * d; k++)
        put(x->k[k], (k / d % 2 ? -STEP : STEP) + gauss(rng) / 4);
}

static void needle(sbx_mech_data *x, uint64_t *rng)
{
    const size_t m = x->shape.m, d = x->shape.d;
    mpq_t four;
    mpq_init(four);
    mpq_set_si(four, 4, 1);
    normal(x->k, m * d, 1, rng);
    for (size_t k = 0; k < x->shape.n * d; k++) {
        mpq_t t;
        mpq_init(t);
        mpq_mul(t, x->k[(m - 1 - k / d % m) * d + k % d], four);
        put(x->q[k], gauss(rng) / 4);
        mpq_add(x->q[k], x->q[k], t);
        mpq_clear(t);
    }
    mpq_clear(four);
}

/* L = sqrt(log n), to the nearest of 1/STEP */
static long root_log(size_t n)
{
    long v;
    mpfr_t t;
    mpfr_init2(t, 64);
    mpfr_set_ui(t, (unsigned long)n, MPFR_RNDN);
    mpfr_log(t, t, MPFR_RNDN);
    mpfr_sqrt(t, t, MPFR_RNDN);
    mpfr_mul_si(t, t, STEP, MPFR_RNDN);
    v = mpfr_get_si(t, MPFR_RNDN);
    mpfr_clear(t);
    return v;
}

static void deng(sbx_mech_data *x, uint64_t *rng)
{
    const size_t n = x->shape.n, d = x->shape.d;
    const long root = root_log(n);
    (void)rng;
    for (size_t i = 0; i < n; i++) {
        mpq_t *const row = x->q + i * d;
        if (i == n / 2) mpq_set_si(row[0], 3 * root, 4 * STEP);
        mpq_set_si(row[1 + i % (d - 2)], root, 2 * STEP);
        mpq_set_si(row[d - 1], root, 2 * STEP);
        for (size_t c = 0; c < d; c++) {
            mpq_canonicalize(row[c]);
            mpq_set(x->k[i * d + c], row[c]);
        }
    }
}

sbx_status sbx_mech_generate(sbx_mech_data *x, const char *name, size_t n, size_t d, size_t dv,
                             uint64_t seed, sbx_err *err)
{
    static const struct {
        const char *name;
        void (*fill)(sbx_mech_data *, uint64_t *);
    } all[] = {
        {"gaussian", gaussian}, {"two-clusters", two_clusters}, {"needle", needle}, {"deng", deng}};
    const size_t most = SIZE_MAX >> 24;
    sbx_status st = SBX_OK;
    uint64_t rng = seed;
    size_t g = 0;
    *x = (sbx_mech_data){0};
    while (g < 4 && strcmp(all[g].name, name) != 0)
        g++;
    if (g == 4)
        SBX_FAIL(err, SBX_ERR_ARG, "no input '%.20s': gaussian, two-clusters, needle, deng", name);
    if (n == 0 || d == 0 || dv == 0 || n > most / d || n > most / dv)
        SBX_FAIL(err, SBX_ERR_ARG, "no input of %zu queries of %zu numbers", n, d);
    if (all[g].fill == deng && d < 3) SBX_FAIL(err, SBX_ERR_ARG, "deng needs d >= 3, not %zu", d);
    SBX_TRY(sbx_mech_data_new(x, (sbx_mech_shape){n, n, d, dv}, err));
    all[g].fill(x, &rng);
    normal(x->v, n * dv, 1, &rng);
done:
    return st;
}

/* ---- what a mechanism needs beside -------------------------------------------------------- */

/* columns different numbers below most, if there are that many */
static void choose(mpq_t *row, size_t columns, size_t most, uint64_t *rng)
{
    for (size_t c = 0; c < columns; c++) {
        bool again = true;
        while (again) {
            mpq_set_ui(row[c], (unsigned long)(sbx_rng(rng) % most), 1);
            again = false;
            for (size_t b = 0; b < c && columns <= most; b++)
                again = again || mpq_equal(row[b], row[c]);
        }
    }
}

static sbx_status fill(mpq_t *x, size_t rows, size_t columns, size_t m, const char *how,
                       uint64_t *rng, sbx_err *err)
{
    static const char *const names[] = {"gauss", "sign", "unit", "choice", "eye",
                                        "one",   "zero", "mean", "bit"};
    size_t h = 0;
    while (h < 9 && strcmp(names[h], how) != 0)
        h++;
    if (h == 9) return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "no filling '%s'", how);
    for (size_t i = 0; i < rows; i++) {
        if (h == 3) choose(x + i * columns, columns, m, rng);
        for (size_t c = 0; c < columns; c++) {
            mpq_t *const z = &x[i * columns + c];
            if (h == 0) put(*z, gauss(rng));
            if (h == 1) mpq_set_si(*z, sbx_rng(rng) >> 63 ? 1 : -1, 1);
            if (h == 2) put(*z, (long)(sbx_rng(rng) % STEP));
            if (h == 4) mpq_set_si(*z, i == c, 1);
            if (h == 5) mpq_set_si(*z, 1, 1);
            if (h == 8) mpq_set_si(*z, sbx_rng(rng) >> 63 ? 1 : 0, 1);
            if (h == 7) mpq_set_ui(*z, 1, (unsigned long)columns);
        }
    }
    return SBX_OK;
}

sbx_status sbx_mech_fill(sbx_mech_data *x, const sbx_mech_args *a, uint64_t seed, sbx_err *err)
{
    const sbx_mech_info *f = &a->mech->info;
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_mech_fits(a, x->shape, err));
    for (size_t e = 0; e < f->n_extra; e++) {
        uint64_t rng = seed + 0x9e3779b97f4a7c15u * (e + 1);
        size_t rows, columns;
        if (x->extra[e]) {
            SBX_TRY(sbx_mech_extra_fits(a, x->shape, e, x->n_extra[e], err));
            continue;
        }
        sbx_mech_dims(a, x->shape, e, &rows, &columns);
        if (rows && columns > (SIZE_MAX >> 24) / rows)
            SBX_FAIL(err, SBX_ERR_NOMEM, "%s: a matrix that large", f->name);
        SBX_TRY(sbx_mech_extra_new(x, e, rows * columns, err));
        SBX_TRY(fill(x->extra[e], rows, columns, x->shape.m, f->extra[e].fill, &rng, err));
    }
done:
    return st;
}
