/* bench_bound.c -- the price of the proof: bounds of ReLU networks with and without the
 * corrections for rounding, on 5-6x50-5 and 784-3x256-10.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"
#include "bound/bounder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(sbx_status st, const sbx_err *err)
{
    if (st == SBX_OK) return;
    (void)fprintf(stderr, "%s: %s\n", sbx_status_name(st), err->msg);
    exit(1);
}

/* the widths of the layers, 0 at the end; small random float32 weights */
static sbx_net *random_net(const size_t *width, uint64_t *r, sbx_err *err)
{
    const char *const name[1] = {""};
    sbx_shape s = {2, {1, width[0]}};
    size_t x;
    sbx_net *net;
    must(sbx_graph_new(&net, 13, 0, err), err);
    must(sbx_graph_input(&x, net, "x", &s, err), err);
    for (size_t k = 1; width[k]; k++) {
        const size_t in = width[k - 1], out = width[k];
        double *w = sbx_graph_mem(net, in * out, sizeof *w);
        double *b = sbx_graph_mem(net, out, sizeof *b);
        size_t id[3] = {x};
        for (size_t i = 0; i < in * out; i++)
            w[i] = (double)(float)((2.0 * sbx_rng_unit(r) - 1.0) * sqrt(6.0 / (double)in));
        for (size_t i = 0; i < out; i++)
            b[i] = (double)(float)((2.0 * sbx_rng_unit(r) - 1.0) * 0.1);
        s = (sbx_shape){2, {in, out}};
        must(sbx_graph_const(&id[1], net, "", &s, w, NULL, err), err);
        s = (sbx_shape){1, {out}};
        must(sbx_graph_const(&id[2], net, "", &s, b, NULL, err), err);
        must(sbx_graph_node(&x, net, "Gemm", "", id, 3, name, 1, NULL, 0, err), err);
        if (width[k + 1])
            must(sbx_graph_node(&x, net, "Relu", "", &x, 1, name, 1, NULL, 0, err), err);
    }
    must(sbx_graph_finish(net, x, err), err);
    return net;
}

/* ---- the same products without corrections ------------------------------------------ */

/* kernels that do only what plain propagation needs, for the same processors */
#define BUILDS __attribute__((target_clones("avx512f", "avx2", "default")))
typedef double v8 __attribute__((vector_size(64), aligned(8), may_alias));
typedef long long i8 __attribute__((vector_size(64), aligned(8)));
#define LD(p) (*(const v8 *)(p))

static double sum(const double *x)
{
    return ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]));
}

BUILDS static void plain_charge(double s[2], const double *a, const double *b, const double *e,
                                size_t n)
{
    v8 t = {0};
    double x[8];
    (void)e;
    for (size_t k = 0; k < n; k += 8)
        t += LD(a + k) * LD(b + k);
    memcpy(x, &t, sizeof x);
    s[0] = sum(x);
    s[1] = 0.0;
}

BUILDS static void plain_slopes(double *out, double s[3], const double *a, const double *al,
                                const double *bl, const double *au, const double *bu,
                                const double *m, size_t n)
{
    v8 t = {0};
    double x[8];
    (void)m;
    for (size_t k = 0; k < n; k += 8) {
        const v8 v = LD(a + k), p = (v8)((i8)v & (v >= 0.0)), q = (v8)((i8)v & (v < 0.0));
        const v8 o = p * LD(al + k) + q * LD(au + k);
        memcpy(out + k, &o, sizeof o);
        t += p * LD(bl + k) + q * LD(bu + k);
    }
    memcpy(x, &t, sizeof x);
    s[0] = sum(x);
    s[1] = s[2] = 0.0;
}

/* no v = |W| m: nothing is charged */
static void no_interval(double *const out[3], const double *w, size_t ldw, size_t rows, size_t n,
                        const double *c, const double *r)
{
    (void)w;
    (void)ldw;
    (void)n;
    (void)c;
    (void)r;
    for (size_t k = 0; k < 3; k++)
        memset(out[k], 0, rows * sizeof *out[k]);
}

static double run(sbx_bounder *b, const sbx_ivd *box, const double *C, size_t rows, double *lo,
                  int times, sbx_err *err)
{
    double best = 1e9;
    for (int k = 0; k < times; k++) {
        const double t = now();
        must(sbx_bounder_run(b, lo, box, C, rows, SBX_BOUND_CROWN, err), err);
        best = fmin(best, now() - t);
    }
    return best;
}

static void bench(const char *name, const size_t *width, double radius, int times)
{
    sbx_err err = {0};
    uint64_t r = 1;
    sbx_net *net = random_net(width, &r, &err);
    const size_t in = sbx_net_inputs(net), out = sbx_net_outputs(net);
    sbx_ivd *box = calloc(in, sizeof *box);
    double *C = calloc(out * out, sizeof *C), *lo = calloc(out, sizeof *lo);
    double proved = 1e9, plain = 1e9;
    sbx_bounder *b;
    sbx_mat quick;
    const sbx_mat *full;
    if (!box || !C || !lo) exit(1);
    for (size_t j = 0; j < in; j++) {
        const double c = 2.0 * sbx_rng_unit(&r) - 1.0;
        box[j] = (sbx_ivd){c - radius, c + radius};
    }
    for (size_t j = 0; j < out; j++) { /* y_0 - y_j */
        C[j * out] += 1.0;
        C[j * out + j] -= 1.0;
    }
    must(sbx_bounder_new(&b, net, &err), &err);
    full = b->lin.mat;
    quick = *full;
    quick.charge = plain_charge;
    quick.slopes = plain_slopes;
    quick.interval = no_interval;
    for (int k = 0; k < 5; k++) { /* in turn, so that both see the same machine */
        b->lin.mat = full;
        proved = fmin(proved, run(b, box, C, out, lo, times, &err));
        b->lin.mat = &quick;
        plain = fmin(plain, run(b, box, C, out, lo, times, &err));
    }
    b->lin.mat = full;
    must(sbx_bounder_run(b, lo, box, C, out, SBX_BOUND_CROWN, &err), &err);
    (void)printf("%-14s radius %-6g proved %9.1f us, uncorrected %9.1f us, ratio %.2f, lo %.6g\n",
                 name, radius, proved * 1e6, plain * 1e6, proved / plain, lo[1]);
    sbx_bounder_free(b);
    sbx_net_free(net);
    free(box);
    free(C);
    free(lo);
}

int main(void)
{
    const size_t acas[] = {5, 50, 50, 50, 50, 50, 50, 5, 0}, mnist[] = {784, 256, 256, 256, 10, 0};
    const size_t deep[] = {784, 256, 256, 256, 256, 256, 256, 10, 0};
    bench("5-6x50-5", acas, 0.01, 50);
    bench("5-6x50-5", acas, 0.1, 50);
    bench("5-6x50-5", acas, 0.5, 50);
    bench("784-3x256-10", mnist, 0.001, 5);
    bench("784-3x256-10", mnist, 0.01, 5);
    bench("784-3x256-10", mnist, 0.03, 5);
    bench("784-6x256-10", deep, 0.001, 1);
    bench("784-6x256-10", deep, 0.01, 1);
    return 0;
}
