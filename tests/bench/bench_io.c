/* bench_io.c -- what a short question pays before it is asked: the start of the program, a model of
 * 4 MB, a property of 4.5 MB with 1000 disjuncts.
 *
 * Environment: B the folder of the build (build/release). SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/net.h"
#include "softbox/property.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(bool good, const char *what)
{
    if (good) return;
    (void)fprintf(stderr, "bench_io: %s\n", what);
    exit(1);
}

/* ---- the start of the program -------------------------------------------------------- */

static double run(const char *program, const char *a, const char *b, int times)
{
    const double start = now();
    for (int k = 0; k < times; k++) {
        int status;
        const pid_t p = fork();
        must(p >= 0, "fork");
        if (p == 0) {
            const int null = open("/dev/null", O_WRONLY);
            if (null >= 0 && dup2(null, 1) == 1) (void)execl(program, program, a, b, (char *)NULL);
            _exit(127);
        }
        must(waitpid(p, &status, 0) == p && status == 0, program);
    }
    return (now() - start) / times;
}

/* ---- a model -------------------------------------------------------------------------- */

typedef struct bytes {
    unsigned char *at;
    size_t n;
} bytes;

static void number(bytes *b, uint64_t v)
{
    for (; v > 127; v >>= 7)
        b->at[b->n++] = (unsigned char)(v | 128);
    b->at[b->n++] = (unsigned char)v;
}

/* a field of protobuf: a number, or what has a length */
static void field_number(bytes *b, unsigned field, uint64_t v)
{
    number(b, field << 3);
    number(b, v);
}
static void field(bytes *b, unsigned number_of, const void *s, size_t n)
{
    number(b, number_of << 3 | 2);
    number(b, n);
    memcpy(b->at + b->n, s, n);
    b->n += n;
}
static void text(bytes *b, unsigned number_of, const char *s) { field(b, number_of, s, strlen(s)); }

static bytes room(size_t n)
{
    bytes b = {malloc(n), 0};
    must(b.at != NULL, "no memory");
    return b;
}
static void message(bytes *b, unsigned number_of, bytes *inner)
{
    field(b, number_of, inner->at, inner->n);
    free(inner->at);
}

static void value_info(bytes *graph, unsigned number_of, const char *name, size_t n)
{
    bytes shape = room(100), one, tensor = room(100), type = room(100), info = room(200);
    for (int k = 0; k < 2; k++) {
        one = room(20);
        field_number(&one, 1, k ? n : 1);
        message(&shape, 1, &one);
    }
    field_number(&tensor, 1, 1);
    message(&tensor, 2, &shape);
    message(&type, 1, &tensor);
    text(&info, 1, name);
    message(&info, 2, &type);
    message(graph, number_of, &info);
}

/* layers of n x n floats and ReLU between them */
static void write_model(const char *path, size_t n, int layers)
{
    const size_t size = 4 * n * n;
    bytes graph = room((size_t)layers * (size + 1000) + 1000), model, set;
    char in[16], out[16], w[16];
    FILE *f = fopen(path, "wb");
    must(f != NULL, path);
    for (int k = 0; k < layers; k++) {
        bytes weights = room(size + 200), node;
        float *v = malloc(size);
        must(v != NULL, "no memory");
        for (size_t i = 0; i < n * n; i++)
            v[i] = (float)((double)(i * 7919 % 1009) / 1009.0 - 0.5);
        (void)snprintf(w, sizeof w, "w%d", k);
        (void)snprintf(in, sizeof in, k ? "r%d" : "x", k - 1);
        (void)snprintf(out, sizeof out, "y%d", k);
        field_number(&weights, 1, n);
        field_number(&weights, 1, n);
        field_number(&weights, 2, 1);
        text(&weights, 8, w);
        field(&weights, 9, v, size);
        free(v);
        message(&graph, 5, &weights);
        node = room(200);
        text(&node, 1, in);
        text(&node, 1, w);
        text(&node, 2, out);
        text(&node, 4, "MatMul");
        message(&graph, 1, &node);
        node = room(200);
        text(&node, 1, out);
        (void)snprintf(out, sizeof out, k + 1 == layers ? "y" : "r%d", k);
        text(&node, 2, out);
        text(&node, 4, "Relu");
        message(&graph, 1, &node);
    }
    value_info(&graph, 11, "x", n);
    value_info(&graph, 12, "y", n);
    model = room(graph.n + 100);
    set = room(20);
    field_number(&set, 2, 13);
    field_number(&model, 1, 7);
    message(&model, 8, &set);
    message(&model, 7, &graph);
    must(fwrite(model.at, 1, model.n, f) == model.n && fclose(f) == 0, path);
    free(model.at);
}

/* ---- a property ------------------------------------------------------------------------- */

/* its size in MB */
static double write_property(const char *path)
{
    long n;
    FILE *f = fopen(path, "w");
    must(f != NULL, path);
    for (int k = 0; k < 154; k++)
        (void)fprintf(f, "(declare-const X_%d Real)\n", k);
    (void)fprintf(f, "(declare-const Y_0 Real)\n(assert (or\n");
    for (int d = 0; d < 1000; d++) {
        (void)fprintf(f, "(and");
        for (int k = 0; k < 154; k++) {
            const double v = k % 14 ? 0.0 : (double)((d * 131 + k * 17) % 1000) / 1000.0;
            (void)fprintf(f, " (>= X_%d %.*f) (<= X_%d %.*f)", k, k % 14 ? 1 : 16, v, k,
                          k % 14 ? 1 : 16, v);
        }
        (void)fprintf(f, " (>= Y_0 0.7529531194427493))\n");
    }
    (void)fprintf(f, "))\n");
    n = ftell(f);
    must(fclose(f) == 0, path);
    return 1e-6 * (double)n;
}

int main(void)
{
    const char *build = getenv("B");
    char program[4096], path[] = "/tmp/bench_io_XXXXXX";
    const int fd = mkstemp(path);
    double start, size;
    must(fd >= 0 && close(fd) == 0, path);
    (void)snprintf(program, sizeof program, "%s/softbox", build ? build : "build/release");
    (void)printf("%-34s %8.2f ms\n", "another program (true)",
                 1e3 * run("/bin/true", "", NULL, 50));
    (void)printf("%-34s %8.2f ms\n", "softbox --version",
                 1e3 * run(program, "--version", NULL, 50));
    (void)printf("%-34s %8.2f ms\n", "softbox list operators",
                 1e3 * run(program, "list", "operators", 50));
    write_model(path, 256, 16); /* 4 MiB of weights */
    start = now();
    for (int k = 0; k < 10; k++) {
        sbx_net *net;
        must(sbx_net_read_onnx(&net, path, 0, NULL) == SBX_OK, path);
        sbx_net_free(net);
    }
    (void)printf("%-34s %8.2f ms\n", "a model of 4 MB", 1e2 * (now() - start));
    size = write_property(path);
    start = now();
    for (int k = 0; k < 5; k++) {
        sbx_property p;
        must(sbx_property_read(&p, path, 0, NULL) == SBX_OK, path);
        sbx_property_clear(&p);
    }
    (void)printf("a property of %.1f MB, 1000 disjuncts %6.2f ms\n", size, 2e2 * (now() - start));
    (void)unlink(path);
    return 0;
}
