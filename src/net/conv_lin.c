/* net/conv_lin.c -- operators of sliding windows: bounds, plain doubles.
 *
 * The backward step [L-NET-40] is the sum on the side of x of L_y w, eight rows at a
 * time: with N the most products of one sum, L' = fl(...) is off by gamma_N |L||W| +
 * N eta, so v = |W| m is computed once for all rows, as for a dense layer. Where the
 * sum is divided by count, L a stands for L: one more rounding of each product, and the
 * radius of a [L-NET-41]. Coefficients that are 0 in all eight rows are left out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "net/centre.h"
#include "net/conv.h"

#include <string.h>

enum { ROWS = SBX_LANES, CHANNELS = 4 }; /* of one call of mat->taps */

/* ---- sums for all outputs ------------------------------------------------------------- */

/* For every position of side t, image and group: the sums of mat->taps_one (r NULL) or
 * taps_interval; out[0], or out[0..3), by element. */
static sbx_status sweep(double *const *out, const sbx_conv *d, const sbx_mat *mat, size_t t,
                        const double *c, const double *r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t s = 1 - t, *n = d->win.n[t];
    sbx_tap *tap = NULL;
    uint32_t *mem = NULL;
    double v[3 * SBX_LANES];
    SBX_TRY(sbx_conv_tap_mem(&tap, &mem, d, t, err));
    for (size_t p = 0; p < d->pos[t]; p++) {
        const size_t q[3] = {p / (n[1] * n[2]), p / n[2] % n[1], p % n[2]};
        const size_t count = sbx_conv_taps(tap, d, t, q, mem);
        for (size_t ng = 0; ng < d->batch * d->groups; ng++)
            for (size_t b = 0; b < d->ch[t]; b += SBX_LANES) {
                const double *w =
                    d->pack[t] + ng % d->groups * d->ch[s] * d->volume * d->wide[t] + b;
                const size_t from = sbx_conv_at(d, s, ng, 0), to = sbx_conv_at(d, t, ng, b) + p;
                const size_t some = d->ch[t] - b < SBX_LANES ? d->ch[t] - b : SBX_LANES;
                if (r)
                    mat->taps_interval(v, c + from, r + from, w, tap, count);
                else
                    mat->taps_one(v, c + from, w, tap, count);
                for (size_t k = 0; k < (r ? 3 : 1); k++)
                    for (size_t i = 0; i < some; i++)
                        out[k][to + i * d->pos[t]] = v[k * SBX_LANES + i];
            }
    }
done:
    sbx_free(tap);
    sbx_free(mem);
    return st;
}

static size_t elements(const sbx_conv *d, size_t side)
{
    return d->batch * d->groups * d->ch[side] * d->pos[side];
}

sbx_status sbx_conv_eval_ivd(sbx_ivd *const *y, const sbx_net *net, const sbx_node *nd,
                             const sbx_ivd *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_conv *d = nd->data;
    const size_t nx = elements(d, d->x), ny = elements(d, d->y);
    double *mem = NULL, *out[3];
    if (!sbx_all_finite(x[0], nx)) return sbx_conv_generic_ivd(y, net, nd, x, ctx, err);
    mem = sbx_alloc(2 * nx + 3 * ny, sizeof *mem);
    if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "a convolution");
    for (size_t k = 0; k < 3; k++)
        out[k] = mem + 2 * nx + k * ny;
    for (size_t k = 0; k < nx; k++)
        sbx_centre(&mem[k], &mem[nx + k], x[0][k]);
    SBX_TRY(sweep(out, d, sbx_mat_best(), d->y, mem, mem + nx, err));
    for (size_t j = 0; j < ny; j++) {
        sbx_ivd z = sbx_around(out[0][j], out[1][j], out[2][j], d->b_all[j], d->terms[d->y]);
        if (d->count) {
            const double count = d->count[j % d->pos[d->y]];
            z = (sbx_ivd){sbx_div_lo(z.lo, count), sbx_div_hi(z.hi, count)};
        }
        y[0][j] = z;
    }
done:
    sbx_free(mem);
    return st;
}

/* ---- backward --------------------------------------------------------------------------- */

size_t sbx_conv_aux(const sbx_net *net, const sbx_node *nd)
{
    return sbx_pad(net->tensor[nd->out[0]].n);
}

sbx_status sbx_conv_prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_conv *d = nd->data;
    const size_t ny = elements(d, d->y), terms = d->terms[d->x];
    const double *m = l->mag[sbx_node_in(l->net, nd, 0)];
    double *mem = sbx_alloc(3 * ny, sizeof *mem), *out[3] = {mem, mem + ny, mem + 2 * ny};
    if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "a convolution");
    SBX_TRY(sweep(out, d, l->mat, d->y, m, m, err));
    for (size_t j = 0; j < ny; j++) {
        const double v = sbx_up(out[1][j], d->terms[d->y]); /* >= |W| m */
        double g = sbx_gamma(terms);
        if (d->count) {
            const size_t q = j % d->pos[d->y];
            g = sbx_up(sbx_gamma(terms + 1) * d->a[q] + d->rad[q], 2);
        }
        aux[j] = sbx_up(g * v + sbx_gamma(ny) * fabs(d->b_all[j]), 2); /* > 0 */
    }
done:
    sbx_free(mem);
    return st;
}

typedef struct block {
    double *src;         /* [ch[y] pos[y]][ROWS] */
    unsigned char *live; /* [ch[y] pos[y]]: is it not 0 in some row? */
    unsigned char *some; /* [pos[y]]: in some channel? */
    sbx_tap *tap, *kept;
    uint32_t *mem;
} block;

/* the coefficients of up to eight rows, side by side, where they are not 0; false when all
 * are */
static bool load(block *b, const sbx_conv *d, const sbx_mat *mat, const double *a, size_t lda,
                 size_t rows)
{
    const size_t pos = d->pos[d->y];
    if (!mat->live(b->live, a, lda, rows, d->ch[d->y] * pos)) return false;
    memset(b->some, 0, pos);
    for (size_t c = 0; c < d->ch[d->y]; c++)
        for (size_t p = 0; p < pos; p++) {
            const size_t i = c * pos + p;
            if (!b->live[i]) continue;
            for (size_t r = 0; r < rows; r++)
                b->src[i * ROWS + r] = d->a ? a[r * lda + i] * d->a[p] : a[r * lda + i];
            b->some[p] = 1;
        }
    return true;
}

/* The positions of x that meet the box of positions of y that are not 0. */
static void reach(size_t box[3][2], const block *b, const sbx_conv *d)
{
    const size_t *n = d->win.n[d->y];
    size_t y[3][2] = {{SIZE_MAX, 0}, {SIZE_MAX, 0}, {SIZE_MAX, 0}};
    for (size_t p = 0; p < d->pos[d->y]; p++) {
        const size_t q[3] = {p / (n[1] * n[2]), p / n[2] % n[1], p % n[2]};
        for (size_t k = 0; b->some[p] && k < 3; k++) {
            y[k][0] = q[k] < y[k][0] ? q[k] : y[k][0];
            y[k][1] = q[k] > y[k][1] ? q[k] : y[k][1];
        }
    }
    for (size_t k = 0; k < 3; k++) {
        const sbx_meets *m = &d->win.meet[d->x][k];
        box[k][0] = box[k][1] = 0;
        for (size_t q = 0; q < d->win.n[d->x][k]; q++)
            for (uint32_t e = m->start[q]; e < m->start[q + 1]; e++) {
                if (m->p[e] < y[k][0] || m->p[e] > y[k][1]) continue;
                if (box[k][1] == 0) box[k][0] = q;
                box[k][1] = q + 1;
            }
    }
}

/* the sums at one position of x, for all its channels */
static void position(double *out, size_t ldo, size_t rows, block *b, const sbx_conv *d,
                     const sbx_mat *mat, const double *w, const size_t *q)
{
    const size_t x = d->x, all = sbx_conv_taps(b->tap, d, x, q, b->mem);
    double v[CHANNELS * ROWS];
    size_t n = 0;
    for (size_t e = 0; e < all; e++) {
        b->kept[n] = b->tap[e];
        n += b->live[b->tap[e].at];
    }
    for (size_t c = 0; n && c < d->ch[x]; c += CHANNELS) {
        const size_t some = d->ch[x] - c < CHANNELS ? d->ch[x] - c : CHANNELS;
        mat->taps(v, b->src, w + c, b->kept, n);
        for (size_t r = 0; r < rows; r++)
            for (size_t i = 0; i < some; i++)
                out[r * ldo + (c + i) * d->pos[x]] = v[i * ROWS + r];
    }
}

/* up to eight rows of one image and group */
static void rows_of_group(double *out, size_t ldo, const double *a, size_t lda, size_t rows,
                          block *b, const sbx_conv *d, const sbx_mat *mat, size_t g)
{
    const size_t x = d->x, *n = d->win.n[x];
    const double *w = d->pack[x] + g * d->ch[d->y] * d->volume * d->wide[x];
    size_t box[3][2], q[3];
    for (size_t r = 0; r < rows; r++)
        memset(out + r * ldo, 0, d->ch[x] * d->pos[x] * sizeof *out);
    if (!load(b, d, mat, a, lda, rows)) return;
    reach(box, b, d);
    for (q[0] = box[0][0]; q[0] < box[0][1]; q[0]++)
        for (q[1] = box[1][0]; q[1] < box[1][1]; q[1]++)
            for (q[2] = box[2][0]; q[2] < box[2][1]; q[2]++)
                position(out + (q[0] * n[1] + q[1]) * n[2] + q[2], ldo, rows, b, d, mat, w, q);
}

static sbx_status block_new(block *b, const sbx_conv *d, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = d->ch[d->y] * d->pos[d->y];
    SBX_TRY(sbx_conv_tap_mem(&b->tap, &b->mem, d, d->x, err));
    b->kept = sbx_alloc(d->terms[d->x] + 1, sizeof *b->kept);
    b->src = sbx_alloc(n * ROWS, sizeof *b->src);
    b->live = sbx_alloc(n, 1);
    b->some = sbx_alloc(d->pos[d->y], 1);
    if (!b->kept || !b->src || !b->live || !b->some) SBX_FAIL(err, SBX_ERR_NOMEM, "a convolution");
done:
    return st;
}

sbx_status sbx_conv_backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_conv *d = nd->data;
    const size_t t = sbx_node_in(l->net, nd, 0), terms = d->terms[d->x];
    const size_t lda = sbx_pad(elements(d, d->y)), ldo = sbx_pad(elements(d, d->x));
    const double *a = sbx_lin_out(l, nd, 0);
    double *out;
    block b = {0};
    SBX_TRY(block_new(&b, d, err));
    SBX_TRY(sbx_lin_open(l, &out, nd, 0, err));
    for (size_t r = 0; r < l->rows; r += ROWS) {
        const size_t rows = l->rows - r < ROWS ? l->rows - r : ROWS;
        SBX_TRY(sbx_go_on(&l->ctx, err));
        if (rows < ROWS) memset(b.src, 0, d->ch[d->y] * d->pos[d->y] * ROWS * sizeof *b.src);
        for (size_t ng = 0; ng < d->batch * d->groups; ng++)
            rows_of_group(out + r * ldo + sbx_conv_at(d, d->x, ng, 0), ldo,
                          a + r * lda + sbx_conv_at(d, d->y, ng, 0), lda, rows, &b, d, l->mat,
                          ng % d->groups);
    }
    sbx_lin_charge(l, nd, d->b_all, aux, /* [L-NET-40] */
                   sbx_up((double)(d->count ? 2 * terms : terms) * SBX_ETA * l->mag_sum[t], 2));
    sbx_lin_close(l, out, nd, 0);
done:
    sbx_free(b.src);
    sbx_free(b.live);
    sbx_free(b.some);
    sbx_free(b.tap);
    sbx_free(b.kept);
    sbx_free(b.mem);
    return st;
}

/* ---- plain doubles ------------------------------------------------------------------------ */

void sbx_conv_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    const sbx_conv *d = nd->data;
    const size_t n = elements(d, d->y);
    const bool done = sweep(&y, d, sbx_mat_best(), d->y, x[0], NULL, NULL) == SBX_OK;
    (void)net;
    for (size_t j = 0; j < n; j++)
        y[j] = !done ? (double)NAN : d->a ? y[j] * d->a[j % d->pos[d->y]] : y[j] + d->b_all[j];
}

void sbx_conv_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                      const double *const *x, const double *y)
{
    const sbx_conv *d = nd->data;
    const size_t nx = elements(d, d->x), ny = elements(d, d->y);
    double *mem = sbx_alloc(nx + ny, sizeof *mem);
    (void)net;
    (void)x;
    (void)y;
    if (!mem) return;
    for (size_t j = 0; d->a && j < ny; j++)
        mem[nx + j] = gy[j] * d->a[j % d->pos[d->y]];
    if (sweep(&mem, d, sbx_mat_best(), d->x, d->a ? mem + nx : gy, NULL, NULL) == SBX_OK)
        for (size_t k = 0; k < nx; k++)
            gx[0][k] += mem[k];
    sbx_free(mem);
}
