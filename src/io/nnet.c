/* io/nnet.c -- reads a .nnet file: the header, then each layer's weights, a row a neuron, and
 * biases, a row each; ReLU between the layers.
 *
 * The network is Gemm, Relu, Gemm, ...; where the header's means are not 0 or its ranges not 1,
 * the inputs pass Sub and Div before it, the outputs Mul and Add behind it. The header's box
 * is kept as the domain.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/nnet.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/try.h"

#include <stdio.h>
#include <string.h>

#define MEMORY  ((size_t)2 << 30) /* max_bytes 0 */
#define OPSET   13                /* whose Gemm, Relu, Sub, ... these are */
#define SIZE_OK 1e9               /* above every size that a file has room for */

typedef struct header {
    size_t layers, inputs, outputs;
    size_t *size;         /* [layers + 1] */
    double *mean, *range; /* [inputs + 1], the last one of all outputs */
} header;

typedef struct reader {
    sbx_nnet_text t;
    sbx_net *net;
    size_t at;       /* the tensor that the next node reads */
    sbx_status lost; /* why there was no memory */
} reader;

/* n objects; NULL after the error is said */
static void *mem(reader *r, size_t n, size_t size)
{
    void *const p = sbx_graph_mem(r->net, n, size); /* n: within the bytes of the file */
    if (!p) {
        r->lost = sbx_graph_full(r->net, n * size + 64) ? SBX_ERR_LIMIT : SBX_ERR_NOMEM;
        (void)sbx_fail(r->t.err, r->lost, SBX_HERE, "%s: no memory for %zu numbers", r->t.path, n);
    }
    return p;
}

#define R_MEM(p, r, n)                    \
    do {                                  \
        (p) = mem((r), (n), sizeof *(p)); \
        if (!(p)) {                       \
            st = (r)->lost;               \
            goto done;                    \
        }                                 \
    } while (0)

/* A row of n numbers has at least 2 n - 1 bytes: no memory for what cannot be there. */
static sbx_status fits(const reader *r, size_t n, size_t rows)
{
    sbx_status st = SBX_OK;
    const size_t left = (size_t)(r->t.end - r->t.at);
    if (n && rows > (left + 1) / 2 / n)
        SBX_NNET_FAIL(&r->t, SBX_ERR_PARSE, r->t.end,
                      "the file is too short for a layer of %zu x %zu", rows, n);
done:
    return st;
}

/* ---- the header --------------------------------------------------------------------- */

static sbx_status sizes(size_t *to, size_t n, reader *r, const char *what)
{
    sbx_status st = SBX_OK;
    double *v = NULL;
    const char *before = r->t.at;
    SBX_TRY(fits(r, n, 1));
    R_MEM(v, r, n);
    SBX_TRY(sbx_nnet_row(v, NULL, n, &r->t, what));
    for (size_t k = 0; k < n; k++) {
        if (!(v[k] >= 0.0 && v[k] <= SIZE_OK) || v[k] != (double)(size_t)v[k])
            SBX_NNET_FAIL(&r->t, SBX_ERR_PARSE, before, "%s: number %zu is %g, no size", what,
                          k + 1, v[k]);
        to[k] = (size_t)v[k];
    }
done:
    return st;
}

static sbx_status read_sizes(header *h, reader *r)
{
    sbx_status st = SBX_OK;
    size_t first[4] = {0}, flag = 0;
    SBX_TRY(sizes(first, 4, r, "layers, inputs, outputs, largest layer"));
    h->layers = first[0];
    h->inputs = first[1];
    h->outputs = first[2];
    if (!h->layers || !h->inputs || !h->outputs)
        SBX_NNET_FAIL(&r->t, SBX_ERR_PARSE, r->t.at, "%zu layers, %zu inputs, %zu outputs",
                      first[0], first[1], first[2]);
    SBX_TRY(fits(r, h->layers + 1, 1));
    R_MEM(h->size, r, h->layers + 1);
    SBX_TRY(sizes(h->size, h->layers + 1, r, "the sizes of the layers"));
    if (h->size[0] != h->inputs || h->size[h->layers] != h->outputs)
        SBX_NNET_FAIL(&r->t, SBX_ERR_PARSE, r->t.at,
                      "the layers go from %zu to %zu, the inputs and outputs are %zu and %zu",
                      h->size[0], h->size[h->layers], h->inputs, h->outputs);
    for (size_t k = 0; k <= h->layers; k++) /* first[3] tells how much memory to get: unused */
        if (!h->size[k]) SBX_NNET_FAIL(&r->t, SBX_ERR_PARSE, r->t.at, "layer %zu is empty", k);
    SBX_TRY(sizes(&flag, 1, r, "the flag"));
    if (flag)
        SBX_NNET_FAIL(&r->t, SBX_ERR_UNSUPPORTED, r->t.at, "a symmetric network (flag %zu)", flag);
done:
    return st;
}

typedef struct numbers {
    size_t n;
    mpq_t *v;
} numbers;

static void clear_numbers(void *obj)
{
    numbers *q = obj;
    for (size_t k = 0; k < q->n; k++)
        mpq_clear(q->v[k]);
}

/* One side of the box, exactly. */
static sbx_status side(const mpq_t **to, size_t n, reader *r, const char *what)
{
    sbx_status st = SBX_OK;
    numbers *q = NULL;
    SBX_TRY(fits(r, n, 1));
    R_MEM(q, r, 1);
    R_MEM(q->v, r, n);
    if (!sbx_arena_defer(&r->net->arena, clear_numbers, q))
        SBX_FAIL(r->t.err, sbx_graph_full(r->net, 4096) ? SBX_ERR_LIMIT : SBX_ERR_NOMEM,
                 "%s: no memory", r->t.path);
    for (; q->n < n; q->n++)
        mpq_init(q->v[q->n]);
    SBX_TRY(sbx_nnet_row(NULL, q->v, n, &r->t, what));
    *to = (const mpq_t *)q->v;
done:
    return st;
}

static sbx_status read_header(header *h, reader *r)
{
    sbx_status st = SBX_OK;
    SBX_TRY(read_sizes(h, r));
    SBX_TRY(side(&r->net->domain_lo, h->inputs, r, "the minima of the inputs"));
    SBX_TRY(side(&r->net->domain_hi, h->inputs, r, "the maxima of the inputs"));
    for (size_t k = 0; k < h->inputs; k++)
        if (mpq_cmp(r->net->domain_lo[k], r->net->domain_hi[k]) > 0)
            SBX_NNET_FAIL(&r->t, SBX_ERR_PARSE, r->t.at,
                          "input %zu: its minimum is above its maximum", k);
    SBX_TRY(fits(r, h->inputs + 1, 1));
    R_MEM(h->mean, r, h->inputs + 1);
    R_MEM(h->range, r, h->inputs + 1);
    SBX_TRY(sbx_nnet_row(h->mean, NULL, h->inputs + 1, &r->t, "the means"));
    SBX_TRY(sbx_nnet_row(h->range, NULL, h->inputs + 1, &r->t, "the ranges"));
    for (size_t k = 0; k <= h->inputs; k++)
        if (!(h->range[k] > 0.0))
            SBX_NNET_FAIL(&r->t, SBX_ERR_PARSE, r->t.at, "range %zu is %g, not positive", k + 1,
                          h->range[k]);
done:
    return st;
}

/* ---- the graph ------------------------------------------------------------------------ */

static sbx_status relay(const reader *r, sbx_status code, const sbx_err *why)
{
    if (code == SBX_ERR_NOMEM && sbx_graph_full(r->net, 4096)) code = SBX_ERR_LIMIT;
    return sbx_fail(r->t.err, code, why->where, "%s: %s", r->t.path, why->msg);
}

/* r->at = op(r->at, constants of these shapes); its name tells the layer */
static sbx_status add(reader *r, const char *op, size_t layer, size_t n, const sbx_shape *shape,
                      const double *const *value, const sbx_attr *attr)
{
    sbx_status st = SBX_OK;
    sbx_err why = {0};
    size_t in[3] = {r->at}, out = 0;
    char name[48];
    (void)snprintf(name, sizeof name, "%s_%zu", op, layer);
    for (size_t k = 0; k < n && st == SBX_OK; k++)
        st = sbx_graph_const(&in[k + 1], r->net, "", &shape[k], value[k], NULL, &why);
    if (st == SBX_OK)
        st = sbx_graph_node(&out, r->net, op, name, in, n + 1, (const char *const[]){""}, 1, attr,
                            attr ? 1 : 0, &why);
    if (st != SBX_OK) return relay(r, st, &why);
    r->at = out;
    return st;
}

static sbx_status layer(reader *r, size_t k, size_t in, size_t out, bool last)
{
    sbx_status st = SBX_OK;
    const sbx_shape shape[2] = {{2, {out, in}}, {1, {out}}};
    const sbx_attr rows = {.name = "transB", .kind = SBX_ATTR_INT, .i = 1};
    double *w = NULL, *b = NULL;
    SBX_TRY(fits(r, in, out));
    R_MEM(w, r, out * in);
    R_MEM(b, r, out);
    for (size_t i = 0; i < out; i++)
        SBX_TRY(sbx_nnet_row(w + i * in, NULL, in, &r->t, "the weights of a neuron"));
    for (size_t i = 0; i < out; i++)
        SBX_TRY(sbx_nnet_row(b + i, NULL, 1, &r->t, "the bias of a neuron"));
    SBX_TRY(add(r, "Gemm", k, 2, shape, (const double *const[]){w, b}, &rows));
    if (!last) SBX_TRY(add(r, "Relu", k, 0, NULL, NULL, NULL));
done:
    return st;
}

/* Is one of v[0..n) not the number that changes nothing? */
static bool any_other(const double *v, size_t n, double idle)
{
    for (size_t k = 0; k < n; k++)
        if (v[k] != idle) return true;
    return false;
}

static sbx_status build(reader *r, const header *h)
{
    sbx_status st = SBX_OK;
    sbx_err why = {0};
    const size_t n = h->inputs;
    const sbx_shape in = {2, {1, n}}, row = {1, {n}}, one = {0, {0}};
    const double *const mean = h->mean, *const range = h->range;
    st = sbx_graph_input(&r->at, r->net, "x", &in, &why);
    if (st != SBX_OK) return relay(r, st, &why);
    if (any_other(mean, n, 0.0)) SBX_TRY(add(r, "Sub", 0, 1, &row, &mean, NULL));
    if (any_other(range, n, 1.0)) SBX_TRY(add(r, "Div", 0, 1, &row, &range, NULL));
    for (size_t k = 0; k < h->layers; k++)
        SBX_TRY(layer(r, k + 1, h->size[k], h->size[k + 1], k + 1 == h->layers));
    if (range[n] != 1.0)
        SBX_TRY(add(r, "Mul", h->layers + 1, 1, &one, (const double *const[]){range + n}, NULL));
    if (mean[n] != 0.0)
        SBX_TRY(add(r, "Add", h->layers + 1, 1, &one, (const double *const[]){mean + n}, NULL));
    st = sbx_graph_finish(r->net, r->at, &why);
    if (st != SBX_OK) return relay(r, st, &why);
    SBX_TRY(sbx_nnet_end(&r->t));
done:
    return st;
}

sbx_status sbx_net_read_nnet(sbx_net **net, const char *path, size_t max_bytes, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t max = max_bytes ? max_bytes : MEMORY;
    char *text = NULL;
    size_t size = 0;
    sbx_err why = {0};
    reader r = {.t = {.path = sbx_file_tail(path), .err = err}};
    header h = {0};

    *net = NULL;
    SBX_TRY(sbx_file_read(&text, &size, path, max, err));
    r.t.text = r.t.at = text;
    r.t.end = text + size;
    r.t.room = max > size ? max - size : 0;
    st = sbx_graph_new(&r.net, OPSET, max > size ? max - size : 1, &why);
    if (st != SBX_OK) SBX_TRY(sbx_fail(err, st, why.where, "%s: %s", r.t.path, why.msg));
    SBX_TRY(read_header(&h, &r));
    SBX_TRY(build(&r, &h));
    r.net->opset = 0; /* of no ONNX file */
    *net = r.net;
    r.net = NULL;
done:
    sbx_net_free(r.net);
    sbx_free(text);
    return st;
}
