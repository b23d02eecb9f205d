/* net/op_softmax.c -- Softmax.
 *
 * Every output j of a row has affine bounds A_lo[j].x + c_lo[j] <= p_j <= A_hi[j].x +
 * c_hi[j] (sbx_relax_softmax). The step is that of a dense layer whose row j is taken by
 * the sign of the coefficient L_j: with L+ = max(L, 0), L- = L - L+, it is the product of
 * (L+, L-) and the stacked (A_lo; A_hi), so its error is at most gamma_{2 len} |L|.v +
 * 2 len eta sum(m), v_j >= max(|A_lo[j]|, |A_hi[j]|).m [L-NET-02].
 *
 * As a row of p adds up to 1, L.p = w + sum_j (L_j - w) p_j for every w; the step takes the L_j at
 * which the planes lose least at the centre [L-RLX-114].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/rowwise.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/lin.h"
#include "softbox/kernel.h"
#include "softbox/relax.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    return sbx_rowwise_make(net, nd, attr, n_attr, false, err);
}

/* what prepare leaves for one row: a[2 len][ld], c[ld2], e[ld2], gap[ld2], ld2 = pad(2 len); gap:
 * what the planes are off at the centre, about */
typedef struct {
    double *a, *c, *e, *gap;
} part;

static size_t part_size(const sbx_rowwise *d)
{
    return 2 * d->len * sbx_pad(d->len) + 3 * sbx_pad(2 * d->len);
}

static part part_of(double *aux, const sbx_rowwise *d, size_t g)
{
    part p;
    p.a = aux + g * part_size(d);
    p.c = p.a + 2 * d->len * sbx_pad(d->len);
    p.e = p.c + sbx_pad(2 * d->len);
    p.gap = p.e + sbx_pad(2 * d->len);
    return p;
}

static size_t aux_size(const sbx_net *net, const sbx_node *nd)
{
    const sbx_rowwise *d = nd->data;
    (void)net;
    return d->outer * d->inner * part_size(d);
}

/* both bounds of all outputs, the closed forms, of which none of the published ones is better;
 * without finite bounds of x those of y alone */
static sbx_status all_outputs(const part *p, const sbx_rowwise *d, sbx_affine *row, sbx_ivd *range,
                              const sbx_ivd *x, bool finite, const sbx_ivd *y, sbx_err *err)
{
    const size_t n = d->len, ld = sbx_pad(n);
    const sbx_zone z = sbx_zone_box(x, n);
    sbx_status st = SBX_OK;

    for (size_t j = 0; j < 2 * n; j++) {
        row[j].coef = p->a + j * ld;
        for (size_t k = 0; k < n; k++)
            row[j].coef[k] = 0.0;
        row[j].cst = j < n ? y[j * d->inner].lo : y[(j - n) * d->inner].hi;
    }
    if (finite) SBX_TRY(sbx_relax_softmax(row, row + n, range, SBX_METHOD_L2D, &z, NULL, err));
    for (size_t j = 0; j < 2 * n; j++)
        p->c[j] = row[j].cst;
done:
    return st;
}

/* e = gamma v + gamma |c|, for each of the 2 len rows of a */
static void error_part(const part *p, const sbx_rowwise *d, const double *m)
{
    const size_t ld = sbx_pad(d->len), rows = 2 * d->len;
    for (size_t j = 0; j < rows; j++) {
        double s = 0.0;
        for (size_t k = 0; k < d->len; k++)
            s += fabs(p->a[j * ld + k]) * m[k];
        s = sbx_gamma(rows) * sbx_up(s, d->len);
        p->e[j] = sbx_up(s + sbx_gamma(rows) * fabs(p->c[j]), 2);
    }
}

/* The planes' gaps at the centre of x. */
static void gap_part(const part *p, const sbx_rowwise *d, const sbx_ivd *x, double *y)
{
    const size_t ld = sbx_pad(d->len);
    double top = -HUGE_VAL, sum = 0.0;
    for (size_t k = 0; k < d->len; k++)
        top = fmax(top, 0.5 * x[k].lo + 0.5 * x[k].hi);
    for (size_t k = 0; k < d->len; k++) {
        const double v = fmax(0.5 * x[k].lo + 0.5 * x[k].hi - top, -700.0);
        double e;
        sbx_exp_bulk(&y[k], &e, &v, 1);
        sum += y[k] = ldexp(y[k], (int)e);
    }
    for (size_t j = 0; j < 2 * d->len; j++) {
        double at = p->c[j];
        for (size_t k = 0; k < d->len; k++)
            at += p->a[j * ld + k] * (0.5 * x[k].lo + 0.5 * x[k].hi);
        at = j < d->len ? y[j] / sum - at : at - y[j - d->len] / sum;
        p->gap[j] = at > 0.0 ? at : 0.0; /* a NaN is 0 too */
    }
}

static sbx_status prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_rowwise *d = nd->data;
    const size_t t = sbx_node_in(l->net, nd, 0);
    sbx_ivd *x = sbx_alloc(d->len, 2 * sizeof *x);
    sbx_affine *row = sbx_alloc(d->len, 2 * sizeof *row);
    double *m = sbx_alloc(d->len, sizeof *m);
    if (!x || !row || !m) SBX_FAIL(err, SBX_ERR_NOMEM, "a relaxation");
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        const part p = part_of(aux, d, g);
        const size_t at = sbx_rowwise_at(d, g);
        bool finite = true;
        for (size_t k = 0; k < d->len; k++) {
            x[k] = l->bound[t][at + k * d->inner];
            m[k] = l->mag[t][at + k * d->inner];
            finite = finite && m[k] <= DBL_MAX;
        }
        SBX_TRY(all_outputs(&p, d, row, x + d->len, x, finite, l->bound[nd->out[0]] + at, err));
        error_part(&p, d, m);
        gap_part(&p, d, x, m);
    }
done:
    sbx_free(x);
    sbx_free(row);
    sbx_free(m);
    return st;
}

/* what the planes lose with the shift w, about */
static double lost(const double *coef, const sbx_rowwise *d, const double *gap, double w)
{
    double s = 0.0;
    for (size_t j = 0; j < d->len; j++) {
        const double v = coef[j * d->inner] - w;
        s += v >= 0.0 ? v * gap[j] : -v * gap[d->len + j];
    }
    return s;
}

/* The shift that loses least: 0, or one of the coefficients, of which 32 are tried at most. */
static double shift(const double *coef, const sbx_rowwise *d, const double *gap)
{
    const size_t skip = d->len / 32 + 1;
    double best = 0.0, least = lost(coef, d, gap, 0.0);
    for (size_t j = 0; j < d->len; j += skip) {
        const double w = coef[j * d->inner], s = lost(coef, d, gap, w);
        if (s < least) {
            least = s;
            best = w;
        }
    }
    return best;
}

/* one row of the pass over one row of the softmax; both: [2 ld2] */
static void step(sbx_lin *l, size_t r, const double *a, const sbx_rowwise *d, double *out,
                 const double *coef, double *both, double fixed)
{
    const size_t ld = sbx_pad(d->len), ld2 = sbx_pad(2 * d->len);
    const double *c = a + 2 * d->len * ld, *e = c + ld2;
    const double w = shift(coef, d, e + ld2);
    double *to = both + ld2, s[2], most = 0.0;
    for (size_t j = 0; j < d->len; j++) {
        const double v = coef[j * d->inner] - w;
        most = fabs(v) > most ? fabs(v) : most;
        both[j] = v >= 0.0 ? v : 0.0;
        both[d->len + j] = v >= 0.0 ? 0.0 : v; /* a NaN too */
    }
    l->mat->mul(to, ld, both, ld2, a, ld, 1, 2 * d->len, d->len);
    l->mat->charge(s, both, c, e, ld2);
    sbx_lin_beta(l, r, s[0], sbx_add_hi(sbx_up(s[1], 2 * d->len), fixed)); /* [L-NET-02] */
    if (w != 0.0) sbx_lin_beta(l, r, w, sbx_next_up(SBX_U * most));        /* [L-RLX-114] */
    for (size_t k = 0; k < d->len; k++)
        out[k * d->inner] = to[k];
}

static sbx_status backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_rowwise *d = nd->data;
    const size_t t = sbx_node_in(l->net, nd, 0), ld = sbx_pad(l->net->tensor[t].n);
    const size_t len = 2 * d->len;
    const double fixed = sbx_up((double)len * SBX_ETA * (l->mag_sum[t] + 1.0), 4);
    const double *coef = sbx_lin_out(l, nd, 0);
    double *out, *both = sbx_alloc(2 * sbx_pad(len), sizeof *both);
    if (!both) SBX_FAIL(err, SBX_ERR_NOMEM, "a relaxation");
    SBX_TRY(sbx_lin_open(l, &out, nd, 0, err));
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        const size_t at = sbx_rowwise_at(d, g);
        for (size_t r = 0; r < l->rows; r++)
            step(l, r, aux + g * part_size(d), d, out + r * ld + at, coef + r * ld + at, both,
                 fixed);
    }
    sbx_lin_close(l, out, nd, 0);
done:
    sbx_free(both);
    return st;
}

/* the exact range over the box of the logits, row by row [L-SMX-08] */
static sbx_status functional(double *lo, const sbx_lin *l, const sbx_node *nd, const double *c,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_rowwise *d = nd->data;
    const sbx_ivd *bound = l->bound[sbx_node_in(l->net, nd, 0)];
    sbx_ivd *x = sbx_alloc(2 * d->len, sizeof *x), *w = x + d->len, z;
    double sum = 0.0;
    if (!x) SBX_FAIL(err, SBX_ERR_NOMEM, "a functional of softmax");
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        const size_t at = sbx_rowwise_at(d, g);
        for (size_t j = 0; j < d->len; j++) {
            const double v = c[at + j * d->inner];
            x[j] = bound[at + j * d->inner];
            w[j] = (sbx_ivd){v, v};
            if (!(x[j].hi <= DBL_MAX)) {
                *lo = -HUGE_VAL;
                goto done;
            }
        }
        SBX_TRY(sbx_softmax_functional_ivd(&z, w, x, d->len, &sbx_ctx_default, err));
        sum = sbx_add_lo(sum, z.lo);
    }
    *lo = fabs(sum) <= DBL_MAX ? sum : -HUGE_VAL;
done:
    sbx_free(x);
    return st;
}

static const char *const attrs[] = {"axis", NULL};

const sbx_op sbx_op_softmax = {.name = "Softmax",
                               .min_in = 1,
                               .max_in = 1,
                               .attrs = attrs,
                               .build = build,
                               SBX_ROWWISE_EVAL,
                               .nonlinear = true,
                               .mixes = true,
                               .aux = aux_size,
                               .prepare = prepare,
                               .backward = backward,
                               .row = sbx_rowwise_row,
                               .functional = functional,
                               .forward = sbx_rowwise_forward,
                               .adjoint = sbx_rowwise_adjoint};
