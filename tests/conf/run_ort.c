/* run_ort -- judges the outputs of another runtime in float32 (tests/conf/ort.js writes
 * them) by enclosures of every result that float32 can give.
 *
 * Standard input: "net PATH", then for each point "x v ..." and "y v ...", doubles. From
 * the interval of the inputs of a node its outputs are enclosed in intervals, then
 * widened by what one float32 evaluation of the operator may lose, whatever the order of
 * its sums. For sums of k products that is gamma_k times the sum of magnitudes, which the
 * operator itself gives on [-m, m]; for the functions that a runtime approximates it
 * is an assumption, APPROX below.
 *
 * Exit status: 0, 1 (an output outside, a network that is not read in a new way), 65.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "conf.h"

#include <math.h>

#define U32    0x1p-24
#define TINY   0x1p-148         /* two underflows of float32 */
#define APPROX (16.0 * 0x1p-24) /* absolute, of a function with values in [-1,1] */

static long nets, refused, unjudged, other, points, outside;
static double worst_width, worst_gap; /* enclosure, and distance to the real value: / (1 + |y|) */
#define FAR 1e-3 /* a gap that no rounding of these networks makes: the enclosures may be wide */

static bool is(const sbx_node *nd, const char *op) { return strcmp(nd->op->name, op) == 0; }

static bool one_of(const sbx_node *nd, const char *const *ops)
{
    for (; *ops; ops++)
        if (is(nd, *ops)) return true;
    return false;
}

/* Operators that round nothing in float32. */
static const char *const exact[] = {
    "Abs",       "Ceil",      "Clip",     "Concat",  "Constant",
    "Expand",    "Flatten",   "Floor",    "Gather",  "Identity",
    "Max",       "MaxPool",   "Min",      "Neg",     "Pad",
    "ReduceMax", "ReduceMin", "Relu",     "Reshape", "Resize",
    "Round",     "Sign",      "Slice",    "Split",   "ThresholdedRelu",
    "Tile",      "Transpose", "Upsample", "Where",   NULL};
/* Sums of products: they lose gamma_k of the sum of magnitudes. */
static const char *const sums[] = {
    "Add",         "AveragePool", "Conv", "ConvTranspose", "Gemm",       "GlobalAveragePool",
    "HardSigmoid", "MatMul",      "Mean", "Mul",           "ReduceMean", "ReduceSum",
    "Sub",         "Sum",         NULL};
/* Correctly rounded, or within a few ulp, of each value. */
static const char *const relative[] = {
    "Cast",  "Celu", "Div",        "Elu",  "Exp",      "HardSwish", "LeakyRelu", "Log",
    "PRelu", "Pow",  "Reciprocal", "Selu", "Softplus", "Softsign",  "Sqrt",      NULL};
static const char *const approx[] = {"Cos", "Erf", "Sigmoid", "Sin", "Tanh", NULL};

/* terms of one output of a sum, and three roundings more */
static double terms(const sbx_net *net, const sbx_node *nd)
{
    const sbx_tensor *x = &net->tensor[nd->in[0]], *y = &net->tensor[nd->out[0]];
    const sbx_tensor *w = nd->n_in > 1 && nd->in[1] != SBX_NO_TENSOR ? &net->tensor[nd->in[1]] : x;
    if (is(nd, "Gemm") || is(nd, "MatMul"))
        return 3.0 + (double)(w->n / (w->shape.rank ? w->shape.dim[w->shape.rank - 1] : 1)) +
               (double)(x->shape.rank ? x->shape.dim[x->shape.rank - 1] : 1);
    if (is(nd, "Conv") || is(nd, "ConvTranspose")) return 3.0 + (double)w->n;
    if (is(nd, "Add") || is(nd, "Sub") || is(nd, "Mul")) return 3.0;
    if (is(nd, "HardSigmoid") || is(nd, "Sum") || is(nd, "Mean")) return 3.0 + (double)nd->n_in;
    return 3.0 + (double)x->n / (double)(is(nd, "AveragePool") ? 1 : y->n);
}

static double size(sbx_ivd x) { return fmax(fabs(x.lo), fabs(x.hi)); }

/* *y = [-m, m] for every element of a tensor that is no constant */
static sbx_ivd *magnitudes(const sbx_ivd *x, size_t n)
{
    sbx_ivd *y = malloc((n + 1) * sizeof *y);
    for (size_t j = 0; y && j < n; j++)
        y[j] = (sbx_ivd){-size(x[j]), size(x[j])};
    return y;
}

static void widen(sbx_ivd *y, double e)
{
    y->lo = nextafter(y->lo - e, -HUGE_VAL);
    y->hi = nextafter(y->hi + e, HUGE_VAL);
}

/* y: of a sum; loses gamma_k times its magnitude on [-m, m] */
static bool widen_sum(sbx_ivd *y, const sbx_net *net, const sbx_node *nd, const sbx_ivd *const *x)
{
    const size_t n = net->tensor[nd->out[0]].n;
    const double k = terms(net, nd), g = 1.01 * k * U32;
    sbx_ivd *m[8] = {NULL};
    sbx_ivd *s = calloc(n + 1, sizeof *s), *out[1] = {s};
    bool ok = s != NULL && nd->n_in <= 8 && k * U32 < 0.01;
    for (size_t i = 0; ok && i < nd->n_in; i++)
        if (x[i]) m[i] = magnitudes(x[i], net->tensor[nd->in[i]].n);
    ok = ok && nd->op->eval_ivd(out, net, nd, (const sbx_ivd *const *)m, &sbx_ctx_default, NULL) ==
                   SBX_OK;
    for (size_t j = 0; ok && j < n; j++)
        widen(&y[j], g * size(s[j]) + k * TINY);
    for (size_t i = 0; i < 8; i++)
        free(m[i]);
    free(s);
    return ok;
}

/* scale (x - mean) / sqrt(var + eps) + bias, in any order of these; var + eps >= var */
static bool widen_norm(sbx_ivd *y, const sbx_net *net, const sbx_node *nd, const sbx_ivd *const *x)
{
    const sbx_shape *s = &net->tensor[nd->in[0]].shape;
    const size_t n = net->tensor[nd->out[0]].n, c = s->rank > 1 ? s->dim[1] : 1;
    const size_t inner = sbx_shape_prod(s, 2, s->rank > 2 ? s->rank : 2);
    const double *p[5] = {NULL};
    for (size_t i = 1; i < 5; i++)
        if (!(p[i] = net->tensor[nd->in[i]].real)) return false;
    for (size_t j = 0; j < n; j++) {
        const size_t k = j / inner % c;
        const double f = fabs(p[1][k]) / sqrt(p[4][k]);
        if (!(p[4][k] > 0.0)) return false;
        widen(&y[j],
              16.0 * U32 * (f * (size(x[0][j]) + fabs(p[3][k])) + fabs(p[2][k])) + 16 * TINY);
    }
    return true;
}

/* exp(x - max) / sum: exp has the error of its argument, the sum n roundings */
static void widen_softmax(sbx_ivd *y, const sbx_net *net, const sbx_node *nd,
                          const sbx_ivd *const *x)
{
    const size_t n = net->tensor[nd->out[0]].n;
    double m = 0.0;
    for (size_t j = 0; j < n; j++)
        m = fmax(m, size(x[0][j]));
    for (size_t j = 0; j < n; j++) {
        widen(&y[j], size(y[j]) * U32 * ((double)n + 32.0 + 4.0 * m) + 4.0 * 0x1p-126);
        y[j].lo = fmax(y[j].lo, 0.0);
    }
}

/* (x - max) - log of a sum of n exponentials */
static void widen_log_softmax(sbx_ivd *y, const sbx_net *net, const sbx_node *nd,
                              const sbx_ivd *const *x)
{
    const size_t n = net->tensor[nd->out[0]].n;
    double m = 1.0;
    for (size_t j = 0; j < n; j++)
        m = fmax(m, size(x[0][j]));
    for (size_t j = 0; j < n; j++)
        widen(&y[j], U32 * ((double)n + 32.0) * (m + size(y[j])));
}

/* Widens the outputs of one node by one float32 evaluation; false: no model for it. */
static bool widen_node(sbx_ivd *const *y, const sbx_net *net, const sbx_node *nd,
                       const sbx_ivd *const *x)
{
    const size_t n = nd->out[0] != SBX_NO_TENSOR ? net->tensor[nd->out[0]].n : 0;
    if (one_of(nd, exact)) return true;
    if (one_of(nd, sums)) return widen_sum(y[0], net, nd, x);
    if (is(nd, "BatchNormalization")) return widen_norm(y[0], net, nd, x);
    if (is(nd, "Softmax")) {
        widen_softmax(y[0], net, nd, x);
        return true;
    }
    if (is(nd, "LogSoftmax")) {
        widen_log_softmax(y[0], net, nd, x);
        return true;
    }
    if (!one_of(nd, relative) && !one_of(nd, approx)) return false;
    for (size_t j = 0; j < n; j++)
        widen(&y[0][j], one_of(nd, approx) ? APPROX : 16.0 * U32 * size(y[0][j]) + TINY);
    return true;
}

/* Enclosures of all tensors at x, for float32; NULL: *why tells. */
static sbx_ivd **run_float32(const sbx_net *net, const double *at, const char **why)
{
    sbx_ivd **v = calloc(net->n_tensor, sizeof *v);
    const size_t in = net->tensor[net->input].n;
    *why = "no memory";
    if (!v || !(v[net->input] = malloc(in * sizeof **v))) goto fail;
    for (size_t j = 0; j < in; j++)
        v[net->input][j] = (sbx_ivd){at[j], at[j]};
    for (size_t k = 0; k < net->n_node; k++) {
        const sbx_node *nd = &net->node[k];
        const sbx_ivd *x[64] = {NULL};
        sbx_ivd *y[64] = {NULL};
        if (nd->view) continue;
        *why = nd->op->name;
        if (nd->n_in > 64 || nd->n_out > 64) goto fail;
        for (size_t i = 0; i < nd->n_in; i++)
            x[i] = sbx_node_has(nd, i) ? v[sbx_node_in(net, nd, i)] : NULL;
        for (size_t o = 0; o < nd->n_out; o++) {
            if (nd->out[o] == SBX_NO_TENSOR) continue;
            y[o] = v[nd->out[o]] = calloc(net->tensor[nd->out[o]].n + 1, sizeof **v);
            if (!y[o]) goto fail;
        }
        if (nd->op->eval_ivd(y, net, nd, x, &sbx_ctx_default, NULL) != SBX_OK) goto fail;
        if (!widen_node(y, net, nd, x)) goto fail;
    }
    return v;
fail:
    for (size_t t = 0; v && t < net->n_tensor; t++)
        free(v[t]);
    free(v);
    return NULL;
}

/* n doubles from a line; false: not exactly so many */
static bool numbers(double *x, size_t n, const char *line)
{
    char *end;
    for (size_t j = 0; j < n; j++, line = end) {
        x[j] = strtod(line, &end);
        if (end == line) return false;
    }
    return line[strspn(line, " \r\n")] == 0;
}

/* the real values of the outputs at a point; NULL: no memory, no value */
static sbx_ivd *run_real(const sbx_net *net, const double *at)
{
    const size_t n = sbx_net_inputs(net);
    sbx_ivd *x = calloc(n + 1, sizeof *x), *y = calloc(sbx_net_outputs(net) + 1, sizeof *y);
    for (size_t j = 0; x && j < n; j++)
        x[j] = (sbx_ivd){at[j], at[j]};
    if (!x || !y || sbx_net_eval_ivd(y, net, x, NULL, NULL) != SBX_OK) {
        free(y);
        y = NULL;
    }
    free(x);
    return y;
}

/* one point: are all outputs inside, and near the real value? Else why there is no verdict. */
static const char *judge(const sbx_net *net, const double *x, const double *y, bool *good)
{
    const size_t m = net->tensor[net->output].n;
    const char *why;
    sbx_ivd **v = run_float32(net, x, &why), *real = run_real(net, x), *out;
    if (!v) return why;
    if (!real) return "no real value";
    out = v[net->tensor[net->output].root];
    *good = true;
    for (size_t j = 0; j < m; j++) {
        const double s = 1.0 + fabs(y[j]), w = (out[j].hi - out[j].lo) / s;
        const double gap = fmax(y[j] - real[j].lo, real[j].hi - y[j]) / s;
        const bool in = out[j].lo <= y[j] && y[j] <= out[j].hi && gap <= FAR;
        if (!in && *good)
            printf("  output %zu: %.9g not in [%.9g, %.9g], real value [%.9g, %.9g]\n", j, y[j],
                   out[j].lo, out[j].hi, real[j].lo, real[j].hi);
        *good = *good && in;
        if (!(w <= worst_width)) worst_width = w;
        if (!(gap <= worst_gap)) worst_gap = gap;
    }
    for (size_t t = 0; t < net->n_tensor; t++)
        free(v[t]);
    free(v);
    free(real);
    return NULL;
}

static sbx_net *next_net(const char *path)
{
    sbx_net *net = NULL;
    sbx_err err = {0};
    nets++;
    if (sbx_net_read_onnx(&net, path, 0, &err) != SBX_OK) {
        printf("%s: refused: %s\n", path, err.msg);
        refused++;
    }
    return net;
}

int main(void)
{
    sbx_net *net = NULL;
    char *line = NULL, name[4096] = "";
    size_t cap = 0;
    double *x = NULL, *y = NULL;
    bool have = false, good = true;
    for (ssize_t got; (got = getline(&line, &cap, stdin)) > 0;) {
        line[strcspn(line, "\r\n")] = 0;
        if (strncmp(line, "net ", 4) == 0) {
            sbx_net_free(net);
            snprintf(name, sizeof name, "%s", line + 4);
            net = next_net(name);
            worst_width = worst_gap = 0.0;
            free(x);
            free(y);
            x = calloc(net ? sbx_net_inputs(net) + 1 : 1, sizeof *x);
            y = calloc(net ? sbx_net_outputs(net) + 1 : 1, sizeof *y);
            if (!x || !y) return BAD_INPUT;
        } else if (strncmp(line, "x ", 2) == 0 && net) {
            have = numbers(x, sbx_net_inputs(net), line + 2);
        } else if (strncmp(line, "y ", 2) == 0 && net) {
            const char *why = "its shapes differ";
            if (have && numbers(y, sbx_net_outputs(net), line + 2)) why = judge(net, x, y, &good);
            if (why) {
                printf("%s: not judged: %s\n", name, why);
                unjudged++;
                sbx_net_free(net);
                net = NULL;
                continue;
            }
            points++;
            outside += !good;
            if (!good) printf("%s: OUTSIDE\n", name);
        } else if (strncmp(line, "not ", 4) == 0) {
            printf("%s: the runtime refuses it\n", line + 4);
            other++;
        } else if (strcmp(line, "end") == 0 && net)
            printf("%s: agrees: at most %.2g from the real value, enclosures %.2g wide\n", name,
                   worst_gap, worst_width);
    }
    sbx_net_free(net);
    free(line);
    free(x);
    free(y);
    printf(
        "%ld networks, %ld refused, %ld not judged, %ld refused by the runtime, %ld points, %ld outside\n",
        nets, refused, unjudged, other, points, outside);
    return nets == 0 ? BAD_INPUT : outside > 0 || unjudged > 0;
}
