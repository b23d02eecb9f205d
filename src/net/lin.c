/* net/lin.c -- see lin.h; the text of the proofs is in proofs/, L-NET-02 to L-NET-06.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/lin.h"

#include "base/alloc.h"
#include "base/try.h"

#include <string.h>

#define ROWS      64      /* most rows of one pass */
#define ROW_BYTES 8388608 /* most memory for the coefficients of one tensor */

sbx_status sbx_lin_init(sbx_lin *l, const sbx_net *net, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t widest = SBX_LANES;
    *l = (sbx_lin){.net = net, .mat = sbx_mat_best(), .ctx = sbx_ctx_default};
    l->bound = sbx_alloc(net->n_tensor, sizeof *l->bound);
    l->mag = sbx_alloc(net->n_tensor, sizeof *l->mag);
    l->mag_sum = sbx_alloc(net->n_tensor, sizeof *l->mag_sum);
    l->coef = sbx_alloc(net->n_tensor, sizeof *l->coef);
    l->pool = sbx_alloc(net->n_tensor, sizeof *l->pool);
    l->aux = sbx_alloc(net->n_node, sizeof *l->aux);
    if (!l->bound || !l->mag || !l->mag_sum || !l->coef || !l->pool || !l->aux)
        SBX_FAIL(err, SBX_ERR_NOMEM, "bounds");
    for (size_t t = 0; t < net->n_tensor; t++) {
        const size_t n = sbx_pad(net->tensor[t].n);
        if (net->tensor[t].constant || net->tensor[t].root != t) continue;
        l->bound[t] = sbx_alloc(n, sizeof *l->bound[t]);
        l->mag[t] = sbx_alloc(n, sizeof *l->mag[t]);
        if (!l->bound[t] || !l->mag[t]) SBX_FAIL(err, SBX_ERR_NOMEM, "bounds");
        widest = n > widest ? n : widest;
    }
    for (size_t k = 0; k < net->n_node; k++) {
        const sbx_node *nd = &net->node[k];
        if (nd->view || !nd->op->aux) continue;
        l->aux[k] = sbx_alloc(nd->op->aux(net, nd), sizeof *l->aux[k]);
        if (!l->aux[k]) SBX_FAIL(err, SBX_ERR_NOMEM, "relaxations");
    }
    l->cap_rows = ROW_BYTES / sizeof(double) / widest;
    l->cap_rows = l->cap_rows < 4 ? 4 : l->cap_rows > ROWS ? ROWS : l->cap_rows;
    l->beta = sbx_alloc(l->cap_rows, sizeof *l->beta);
    l->scratch = sbx_alloc(l->cap_rows * widest, sizeof *l->scratch);
    if (!l->beta || !l->scratch) SBX_FAIL(err, SBX_ERR_NOMEM, "bounds");
done:
    if (st != SBX_OK) sbx_lin_clear(l);
    return st;
}

void sbx_lin_clear(sbx_lin *l)
{
    for (size_t t = 0; l->net && t < l->net->n_tensor; t++) {
        if (l->bound) sbx_free(l->bound[t]);
        if (l->mag) sbx_free(l->mag[t]);
        if (l->pool) sbx_free(l->pool[t]);
    }
    for (size_t k = 0; l->aux && k < l->net->n_node; k++)
        sbx_free(l->aux[k]);
    sbx_free(l->bound);
    sbx_free(l->mag);
    sbx_free(l->mag_sum);
    sbx_free(l->coef);
    sbx_free(l->pool);
    sbx_free(l->aux);
    sbx_free(l->beta);
    sbx_free(l->scratch);
    *l = (sbx_lin){0};
}

void sbx_lin_measure(sbx_lin *l, size_t t)
{
    const size_t n = l->net->tensor[t].n;
    const sbx_ivd *b = l->bound[t];
    double *m = l->mag[t], s = 0.0;
    for (size_t j = 0; j < n; j++) {
        m[j] = fmax(fabs(b[j].lo), fabs(b[j].hi));
        s += m[j];
    }
    l->mag_sum[t] = sbx_up(s, n); /* [L-FP-05] */
}

/* ---- one pass -------------------------------------------------------------------- */

static sbx_status make_live(sbx_lin *l, size_t t, sbx_err *err)
{
    const size_t n = l->net->tensor[t].n, ld = sbx_pad(n);
    if (!l->pool[t]) l->pool[t] = sbx_alloc(l->cap_rows * ld, sizeof(double));
    if (!l->pool[t]) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "coefficients");
    l->coef[t] = l->pool[t]; /* the padding stays as it was allocated: 0 */
    return SBX_OK;
}

sbx_status sbx_lin_start(sbx_lin *l, double **coef, size_t t, size_t rows, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t ld = sbx_pad(l->net->tensor[t].n);
    if (rows > l->cap_rows) SBX_FAIL(err, SBX_ERR_ARG, "too many rows");
    memset(l->coef, 0, l->net->n_tensor * sizeof *l->coef);
    memset(l->beta, 0, l->cap_rows * sizeof *l->beta);
    l->rows = rows;
    SBX_TRY(make_live(l, t, err));
    memset(l->coef[t], 0, rows * ld * sizeof(double));
    *coef = l->coef[t];
done:
    return st;
}

const double *sbx_lin_out(const sbx_lin *l, const sbx_node *nd, size_t k)
{
    if (k >= nd->n_out || nd->out[k] == SBX_NO_TENSOR) return NULL;
    return l->coef[l->net->tensor[nd->out[k]].root];
}

sbx_status sbx_lin_open(sbx_lin *l, double **coef, const sbx_node *nd, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t t = sbx_node_in(l->net, nd, k), n = l->net->tensor[t].n, ld = sbx_pad(n);
    if (!l->coef[t]) {
        SBX_TRY(make_live(l, t, err));
        *coef = l->coef[t];
    } else {
        *coef = l->scratch;
        for (size_t r = 0; r < l->rows; r++)
            memset(*coef + r * ld + n, 0, (ld - n) * sizeof(double));
    }
done:
    return st;
}

/* coef = fl(a + b): off by at most u |coef|, for values below m; a sum that underflows
 * is exact. */
void sbx_lin_close(sbx_lin *l, const double *coef, const sbx_node *nd, size_t k)
{
    const size_t t = sbx_node_in(l->net, nd, k), n = l->net->tensor[t].n, ld = sbx_pad(n);
    if (coef == l->coef[t]) return;
    for (size_t r = 0; r < l->rows; r++) {
        const double s = l->mat->add(l->coef[t] + r * ld, coef + r * ld, l->mag[t], ld);
        sbx_lin_beta(l, r, 0.0, sbx_up(SBX_U * sbx_up(s, n), 1)); /* [L-NET-04] */
    }
}

/* t = fl(coef.b) is within gamma_n |coef|.|b| + n eta of it: e holds gamma_n |b|. An
 * infinite or NaN coefficient makes s so, for every e > 0. */
void sbx_lin_charge(sbx_lin *l, const sbx_node *nd, const double *b, const double *e, double fixed)
{
    const size_t n = l->net->tensor[nd->out[0]].n, ld = sbx_pad(n);
    const double *coef = sbx_lin_out(l, nd, 0);
    const double floor = (double)n * SBX_ETA; /* exact: a multiple of eta below 2^53 of them */
    for (size_t r = 0; r < l->rows; r++) {
        double s[2];
        l->mat->charge(s, coef + r * ld, b, e, ld);
        sbx_lin_beta(l, r, s[0], sbx_add_hi(sbx_up(s[1], n), sbx_add_hi(fixed, floor)));
    }
}

/* the same with one of two constants: coef+ lo + coef- hi, of which one product is 0 */
void sbx_lin_charge_sides(sbx_lin *l, const sbx_node *nd, const double *lo, const double *hi,
                          const double *e, double fixed)
{
    const size_t n = l->net->tensor[nd->out[0]].n, ld = sbx_pad(n);
    const double *coef = sbx_lin_out(l, nd, 0);
    const double floor = (double)n * SBX_ETA;
    for (size_t r = 0; r < l->rows; r++) {
        double s[2];
        l->mat->corner(s, coef + r * ld, lo, hi, e, ld);
        sbx_lin_beta(l, r, s[0], sbx_add_hi(sbx_up(s[1], n), sbx_add_hi(fixed, floor)));
    }
}

sbx_status sbx_lin_slopes(sbx_lin *l, const sbx_node *nd, const double *const line[4], sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t t = sbx_node_in(l->net, nd, 0), n = l->net->tensor[t].n, ld = sbx_pad(n);
    const double *a = sbx_lin_out(l, nd, 0);
    /* each product: u |product| + eta [L-FP-02]; the coefficient's for values below m */
    const double fixed = sbx_up(SBX_ETA * (l->mag_sum[t] + (double)n), 2);
    double *out;
    SBX_TRY(sbx_lin_open(l, &out, nd, 0, err));
    for (size_t r = 0; r < l->rows; r++) {
        double s[3], cost;
        l->mat->slopes(out + r * ld, s, a + r * ld, line[0], line[1], line[2], line[3], l->mag[t],
                       ld);
        cost = sbx_add_hi(sbx_up(SBX_U * sbx_up(s[1], n), 1),
                          sbx_up(sbx_gamma(n) * sbx_up(s[2], n), 1)); /* [L-NET-03] */
        sbx_lin_beta(l, r, s[0], sbx_add_hi(cost, fixed));
    }
    sbx_lin_close(l, out, nd, 0);
done:
    return st;
}

/* min over the box of coef.x + beta: coef_j x_j at the lower end where coef_j >= 0, else
 * at the upper; s is off by gamma_n |coef|.m + n eta. */
static void concretise(sbx_lin *l, double *lo, const double *ends)
{
    const size_t t = l->net->input, n = l->net->tensor[t].n, ld = sbx_pad(n);
    for (size_t r = 0; r < l->rows; r++) {
        double s[2] = {0.0, 0.0}, cost;
        if (l->coef[t]) l->mat->corner(s, l->coef[t] + r * ld, ends, ends + ld, l->mag[t], ld);
        cost = sbx_add_hi(sbx_up(sbx_gamma(n) * sbx_up(s[1], n), 1), (double)n * SBX_ETA);
        lo[r] = sbx_sub_lo(sbx_add_lo(l->beta[r], s[0]), cost); /* [L-NET-06]; beta stays */
        if (!(fabs(lo[r]) <= DBL_MAX)) lo[r] = -HUGE_VAL;
    }
}

sbx_status sbx_lin_step(sbx_lin *l, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = l->net;
    const sbx_node *nd = &net->node[k];
    bool live = false;
    if (nd->view) goto done;
    for (size_t o = 0; o < nd->n_out; o++)
        live |= sbx_lin_out(l, nd, o) != NULL;
    if (!live) goto done;
    SBX_TRY(sbx_go_on(&l->ctx, err));
    SBX_TRY(nd->op->backward(l, nd, l->aux[k], err));
    for (size_t o = 0; o < nd->n_out; o++)
        if (nd->out[o] != SBX_NO_TENSOR) l->coef[net->tensor[nd->out[o]].root] = NULL;
done:
    return st;
}

sbx_status sbx_lin_run(sbx_lin *l, double *lo, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = l->net;
    const size_t n = net->tensor[net->input].n, ld = sbx_pad(n);
    double *ends = NULL;
    for (size_t k = net->n_node; k-- > 0;)
        SBX_TRY(sbx_lin_step(l, k, err));
    ends = sbx_alloc(2 * ld, sizeof *ends);
    if (!ends) SBX_FAIL(err, SBX_ERR_NOMEM, "bounds");
    for (size_t j = 0; j < n; j++) {
        ends[j] = l->bound[net->input][j].lo;
        ends[ld + j] = l->bound[net->input][j].hi;
    }
    concretise(l, lo, ends);
done:
    sbx_free(ends);
    return st;
}
