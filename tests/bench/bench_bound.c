/* bench_bound.c -- the price of the proof: bounds of ReLU networks with and without the
 * corrections for rounding, dense and convolutional, on one core; and the builds of the
 * inner loops side by side.
 *
 *   bench_bound [NAME]   only the networks whose name begins so
 *
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
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(sbx_status st, const sbx_err *err)
{
    if (st == SBX_OK) return;
    (void)fprintf(stderr, "%s: %s\n", sbx_status_name(st), err->msg);
    exit(1);
}

/* a constant of small random float32 numbers */
static size_t constant(sbx_net *net, const sbx_shape *s, double scale, uint64_t *r, sbx_err *err)
{
    size_t n = 1, id;
    double *v;
    for (size_t k = 0; k < s->rank; k++)
        n *= s->dim[k];
    v = sbx_graph_mem(net, n, sizeof *v);
    if (!v) exit(1);
    for (size_t i = 0; i < n; i++)
        v[i] = (double)(float)((2.0 * sbx_rng_unit(r) - 1.0) * scale);
    must(sbx_graph_const(&id, net, "", s, v, NULL, err), err);
    return id;
}

static size_t node(sbx_net *net, const char *op, const size_t *in, size_t n_in, const sbx_attr *at,
                   size_t n_at, sbx_err *err)
{
    const char *const name[1] = {""};
    size_t y;
    must(sbx_graph_node(&y, net, op, "", in, n_in, name, 1, at, n_at, err), err);
    return y;
}

static size_t layer(sbx_net *net, const char *op, size_t x, sbx_shape w, sbx_shape b, double in,
                    const sbx_attr *at, size_t n_at, uint64_t *r, sbx_err *err)
{
    size_t id[3] = {x};
    id[1] = constant(net, &w, sqrt(6.0 / in), r, err);
    id[2] = constant(net, &b, 0.1, r, err);
    return node(net, op, id, 3, at, n_at, err);
}

/* the widths of the layers, 0 at the end */
static sbx_net *random_net(const size_t *width, uint64_t *r, sbx_err *err)
{
    const sbx_shape s = {2, {1, width[0]}};
    size_t x;
    sbx_net *net;
    must(sbx_graph_new(&net, 13, 0, err), err);
    must(sbx_graph_input(&x, net, "x", &s, err), err);
    for (size_t k = 1; width[k]; k++) {
        const size_t in = width[k - 1], out = width[k];
        x = layer(net, "Gemm", x, (sbx_shape){2, {in, out}}, (sbx_shape){1, {out}}, (double)in,
                  NULL, 0, r, err);
        if (width[k + 1]) x = node(net, "Relu", &x, 1, NULL, 0, err);
    }
    must(sbx_graph_finish(net, x, err), err);
    return net;
}

/* 3x32x32, convolutions to 8x16x16 three times, 8x8x8, then dense 100 and 10 */
static sbx_net *image_net(uint64_t *r, sbx_err *err)
{
    static const int64_t one[] = {1, 1}, two[] = {2, 2}, pads[] = {1, 1, 1, 1};
    const sbx_shape s = {4, {1, 3, 32, 32}};
    size_t x;
    sbx_net *net;
    must(sbx_graph_new(&net, 13, 0, err), err);
    must(sbx_graph_input(&x, net, "x", &s, err), err);
    for (size_t k = 0; k < 4; k++) {
        const size_t in = k ? 8 : 3, side = k % 3 ? 3 : 4;
        const sbx_attr at[2] = {
            {.name = "strides", .kind = SBX_ATTR_INTS, .ints = k % 3 ? one : two, .n = 2},
            {.name = "pads", .kind = SBX_ATTR_INTS, .ints = pads, .n = 4}};
        x = layer(net, "Conv", x, (sbx_shape){4, {8, in, side, side}}, (sbx_shape){1, {8}},
                  (double)(in * side * side), at, 2, r, err);
        x = node(net, "Relu", &x, 1, NULL, 0, err);
    }
    x = node(net, "Flatten", &x, 1, NULL, 0, err);
    x = layer(net, "Gemm", x, (sbx_shape){2, {512, 100}}, (sbx_shape){1, {100}}, 512.0, NULL, 0, r,
              err);
    x = node(net, "Relu", &x, 1, NULL, 0, err);
    x = layer(net, "Gemm", x, (sbx_shape){2, {100, 10}}, (sbx_shape){1, {10}}, 100.0, NULL, 0, r,
              err);
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

typedef long long i2 __attribute__((vector_size(16), aligned(8), may_alias));

static inline __attribute__((always_inline)) bool zeros(const double *p)
{
    const i2 *q = (const i2 *)(const void *)p;
    const i2 t = (q[0] | q[1]) | (q[2] | q[3]);
    return ((t[0] | t[1]) & 0x7fffffffffffffffLL) == 0;
}

BUILDS static void plain_charge(double s[2], const double *a, const double *b, const double *e,
                                size_t n)
{
    v8 t = {0};
    double x[8];
    (void)e;
    for (size_t k = 0; k < n; k += 8)
        if (!zeros(a + k)) t += LD(a + k) * LD(b + k);
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
        if (zeros(a + k)) {
            memset(out + k, 0, 8 * sizeof *out);
            continue;
        }
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

static void no_taps_interval(double *out, const double *c, const double *r, const double *w,
                             const sbx_tap *tap, size_t n)
{
    (void)c;
    (void)r;
    (void)w;
    (void)tap;
    (void)n;
    memset(out, 0, 3 * SBX_LANES * sizeof *out);
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

static const char *only; /* the one network that is wanted, by the start of its name */

/* proved and plain in turn, so that both see the same machine; every: each build of the
 * loops, too; ends net */
static void bench(const char *name, sbx_net *net, double radius, int times, bool every)
{
    sbx_err err = {0};
    uint64_t r = 1;
    const size_t in = sbx_net_inputs(net), out = sbx_net_outputs(net);
    sbx_ivd *box = calloc(in, sizeof *box);
    double *C = calloc(out * out, sizeof *C), *lo = calloc(out, sizeof *lo);
    double proved = 1e9, plain = 1e9;
    sbx_bounder *b;
    sbx_mat quick;
    const sbx_mat *full;
    if (only && strncmp(name, only, strlen(only)) != 0) return;
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
    quick.taps_interval = no_taps_interval;
    for (int k = 0; k < 5; k++) {
        b->lin.mat = full;
        proved = fmin(proved, run(b, box, C, out, lo, times, &err));
        b->lin.mat = &quick;
        plain = fmin(plain, run(b, box, C, out, lo, times, &err));
    }
    b->lin.mat = full;
    must(sbx_bounder_run(b, lo, box, C, out, SBX_BOUND_CROWN, &err), &err);
    for (size_t k = 0; every && k < SBX_MAT_BUILDS; k++) {
        b->lin.mat = sbx_mat_build(k);
        if (!b->lin.mat) continue;
        (void)printf("%-14s %s %.1f us\n", name, b->lin.mat->name,
                     1e6 * run(b, box, C, out, lo, times, &err));
    }
    (void)printf("%-14s radius %-6g proved %9.1f us, uncorrected %9.1f us, ratio %.2f, lo %.6g\n",
                 name, radius, proved * 1e6, plain * 1e6, proved / plain, lo[out > 1]);
    sbx_bounder_free(b);
    sbx_net_free(net);
    free(box);
    free(C);
    free(lo);
}

static void dense(const char *name, const size_t *width, double radius, int times)
{
    sbx_err err = {0};
    uint64_t r = 1;
    bench(name, random_net(width, &r, &err), radius, times, times == 1);
}

/* a network of the benchmarks, where they are */
static void file(const char *name, const char *path, double radius)
{
    const char *shared = getenv("SBX_SHARED");
    char full[4096];
    sbx_err err = {0};
    sbx_net *net;
    (void)snprintf(full, sizeof full, "%s/data/vnn/%s", shared ? shared : "../shared", path);
    if (sbx_net_read_onnx(&net, full, 0, &err) == SBX_OK)
        bench(name, net, radius, 1, false);
    else
        (void)printf("%-14s skipped: %s is not there\n", name, path);
}

int main(int argc, char **argv)
{
    const size_t acas[] = {5, 50, 50, 50, 50, 50, 50, 5, 0}, mnist[] = {784, 256, 256, 256, 10, 0};
    const size_t deep[] = {784, 256, 256, 256, 256, 256, 256, 10, 0};
    sbx_err err = {0};
    uint64_t r = 1;
    only = argc > 1 ? argv[1] : NULL;
    dense("5-6x50-5", acas, 0.01, 50);
    dense("5-6x50-5", acas, 0.1, 50);
    dense("5-6x50-5", acas, 0.5, 50);
    dense("784-3x256-10", mnist, 0.001, 5);
    dense("784-3x256-10", mnist, 0.03, 5);
    dense("784-6x256-10", deep, 0.001, 1);
    dense("784-6x256-10", deep, 0.01, 1);
    bench("3x32x32 image", image_net(&r, &err), 0.01, 1, true);
    file("cifar_base_kw", "oval21/onnx/cifar_base_kw.onnx", 0.1);
    file("cifar_deep_kw", "oval21/onnx/cifar_deep_kw.onnx", 0.1);
    file("collins full", "collins_rul_cnn_2023/onnx/NN_rul_full_window_20.onnx", 0.5);
    return 0;
}
