/* net/bmm.c -- products of matrices: making, backward step, plain doubles.
 *
 * Around the centres p, q of their intervals, with radii r, s,
 *
 *   a b = q a + p b - p q + (a - p)(b - q),   |(a - p)(b - q)| <= r s     [L-RLX-60]
 *
 * so y = a b has the planes q a + p b - p q -+ r s: of all of McCormick's mixtures those
 * that are nowhere further off than 2 r s. Their slopes are the same on both sides and
 * the same for a whole row or column: the step is two products of matrices, L q' into a
 * and p' L into b [L-NET-60]. With a constant operand r = 0, and the plane is a b itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/bmm.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/lin.h"
#include "net/rowwise.h"

#include <string.h>

/* ---- making ---------------------------------------------------------------------- */

static const sbx_op two_variables, one_constant;

/* The dimensions in front of an operand's matrix. */
static sbx_shape leading(const sbx_shape *s)
{
    sbx_shape z = *s;
    z.rank = s->rank < 2 ? 0 : s->rank - 2;
    return z;
}

static sbx_status shapes(sbx_bmm *d, sbx_shape *y, sbx_net *net, const sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape a = net->tensor[nd->in[0]].shape, b = net->tensor[nd->in[1]].shape;
    const sbx_shape la = leading(&a), lb = leading(&b);
    const size_t kb = b.dim[b.rank == 1 ? 0 : b.rank - 2];
    d->m = a.rank == 1 ? 1 : a.dim[a.rank - 2];
    d->k = a.dim[a.rank - 1];
    d->n = b.rank == 1 ? 1 : b.dim[b.rank - 1];
    if (d->k != kb) SBX_FAIL(err, SBX_ERR_PARSE, "inner dimensions %zu and %zu", d->k, kb);
    SBX_TRY(sbx_shape_broadcast(y, &la, &lb, err));
    d->batch = sbx_shape_prod(y, 0, y->rank);
    if (!d->batch || !d->m || !d->k || !d->n)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "an empty operand");
    if ((double)d->batch * (double)d->m * (double)d->k * (double)d->n > 0x1p40)
        SBX_FAIL(err, SBX_ERR_LIMIT, "a product of %zu times %zu x %zu x %zu", d->batch, d->m, d->k,
                 d->n);
    SBX_TRY(sbx_op_broadcast_map(&d->map[0], net, &la, y, err));
    SBX_TRY(sbx_op_broadcast_map(&d->map[1], net, &lb, y, err));
    d->fan[0] = d->n * d->batch / sbx_shape_prod(&la, 0, la.rank);
    d->fan[1] = d->m * d->batch / sbx_shape_prod(&lb, 0, lb.rank);
    if (a.rank > 1) y->dim[y->rank++] = d->m;
    if (b.rank > 1) y->dim[y->rank++] = d->n;
done:
    return st;
}

/* Did a softmax along rows of k make the left operand? */
static bool are_weights(const sbx_net *net, const sbx_node *nd, size_t k)
{
    const size_t made = net->tensor[sbx_node_in(net, nd, 0)].node;
    const sbx_rowwise *d;
    if (made == SBX_NO_TENSOR || strcmp(net->node[made].op->name, "Softmax") != 0) return false;
    d = net->node[made].data;
    return !d->logs && d->len == k && d->inner == 1;
}

sbx_status sbx_bmm_make(sbx_net *net, sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_shape y;
    sbx_bmm *d;
    SBX_TRY(sbx_op_mem(&d, net, 1, sizeof *d, err));
    SBX_TRY(shapes(d, &y, net, nd, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err));
    for (size_t k = 0; k < 2; k++) {
        d->constant[k] = sbx_op_const(net, nd, k);
        if (d->constant[k] && !net->tensor[nd->in[k]].real)
            SBX_FAIL(err, SBX_ERR_PARSE, "a constant of integers");
    }
    d->weights = !d->constant[0] && !d->constant[1] && are_weights(net, nd, d->k);
    d->ldk = sbx_pad(d->k);
    d->ldn = sbx_pad(d->n);
    for (size_t i = 0; i < 3; i++)
        d->at_y[i] = d->batch * (d->n * d->ldk + d->k * d->m) + i * sbx_pad(d->batch * d->m * d->n);
    nd->data = d;
    nd->op = d->constant[0] || d->constant[1] ? &one_constant : &two_variables;
done:
    return st;
}

/* ---- bounds ---------------------------------------------------------------------- */

/* aux: for each batch the centres of b, transposed [n][ldk], and of a [k][m]; then lo,
 * hi, the constants of the planes, and e; at the end the fixed cost. */
static size_t aux_size(const sbx_net *net, const sbx_node *nd)
{
    const sbx_bmm *d = nd->data;
    (void)net;
    return d->at_y[2] + sbx_pad(d->batch * d->m * d->n) + 1;
}

/* one operand, rows x cols, copied with rows of ld: centre, |centre|, radius, magnitude */
typedef struct {
    double *c, *size, *r, *mag;
} part;

static void fill(const part *p, const sbx_lin *l, const sbx_node *nd, size_t k, size_t from,
                 size_t rows, size_t cols, size_t ld)
{
    const sbx_bmm *d = nd->data;
    const size_t t = sbx_node_in(l->net, nd, k);
    const double *constant = l->net->tensor[nd->in[k]].real;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            const size_t to = i * ld + j, at = from + i * cols + j;
            const double v = d->constant[k] ? constant[at] : 0.0;
            const sbx_ivd x = d->constant[k] ? (sbx_ivd){v, v} : l->bound[t][at];
            const double c = d->constant[k] ? v : 0.5 * x.lo + 0.5 * x.hi;
            p->c[to] = c;
            p->size[to] = fabs(c);
            p->r[to] = fmax(sbx_sub_hi(x.hi, c), sbx_sub_hi(c, x.lo));
            p->mag[to] = d->constant[k] ? 0.0 : l->mag[t][at];
        }
}

/* b's centres q become fl(q - m) where a has weights, m: their mean over k. Then m + fl(q - m)
 * is off q by at most u |fl(q - m)|, and so much more is the radius. */
static void shift(const part *b, const sbx_bmm *d, double *m)
{
    for (size_t j = 0; j < d->n; j++) {
        m[j] = 0.0;
        for (size_t k = 0; d->weights && k < d->k; k++)
            m[j] += b->c[k * d->ldn + j] / (double)d->k;
        for (size_t k = 0; d->weights && k < d->k; k++) {
            const size_t i = k * d->ldn + j;
            b->c[i] -= m[j];
            b->size[i] = fabs(b->c[i]);
            b->r[i] = sbx_add_hi(b->r[i], SBX_U * b->size[i] + SBX_ETA);
        }
    }
}

/* The constants and e of batch g; sum: five products [m][n], of the centres, of their
 * magnitudes, of the radii, of magnitudes of a with |slopes|, of |p| with magnitudes of b. */
static void constants(double *aux, const sbx_bmm *d, size_t g, const double *sum, const double *m)
{
    const size_t mn = d->m * d->n;
    for (size_t i = 0; i < mn; i++) {
        const double size = sbx_up(sum[mn + i], d->k), around = sbx_up(sum[2 * mn + i], d->k);
        const double lost = sbx_up(sbx_gamma(d->k) * size + (double)d->k * SBX_ETA, 2);
        const double moved =
            d->weights ? sbx_up(2.0 * SBX_U * sbx_up(sum[3 * mn + i], d->k), 2) : 0.0;
        const double far = sbx_add_hi(sbx_add_hi(around, lost), moved); /* [L-RLX-61] */
        const double lo = sbx_sub_lo(sbx_sub_lo(m[i % d->n], sum[i]), far);
        const double hi = sbx_add_hi(sbx_sub_hi(m[i % d->n], sum[i]), far);
        const double e = sbx_gamma(d->fan[0]) * sbx_up(sum[3 * mn + i], d->k) +
                         sbx_gamma(d->fan[1]) * sbx_up(sum[4 * mn + i], d->k);
        const bool linear = d->constant[0] || d->constant[1]; /* then p q is in q a + p b */
        const double c = linear ? 0.0 : fmax(fabs(lo), fabs(hi));
        aux[d->at_y[0] + g * mn + i] = linear ? 0.0 : lo;
        aux[d->at_y[1] + g * mn + i] = linear ? 0.0 : hi;
        aux[d->at_y[2] + g * mn + i] = sbx_up(e + sbx_gamma(d->batch * mn) * c, 3); /* > 0 */
    }
}

/* batch g; mem: both operands, the five products, and the row m */
static void prepare_one(const sbx_lin *l, const sbx_node *nd, double *aux, size_t g, double *mem)
{
    const sbx_bmm *d = nd->data;
    const size_t na = d->m * d->k, nb = d->k * d->ldn, mn = d->m * d->n;
    const part a = {mem, mem + na, mem + 2 * na, mem + 3 * na};
    double *const at_b = mem + 4 * na, *const sum = at_b + 4 * nb, *const m = sum + 5 * mn;
    const part b = {at_b, at_b + nb, at_b + 2 * nb, at_b + 3 * nb};
    const double *const left[5] = {a.c, a.size, a.r, a.mag, a.size};
    const double *const right[5] = {b.c, b.size, b.r, b.size, b.mag};
    double *q = aux + g * (d->n * d->ldk + d->k * d->m), *p = q + d->n * d->ldk;
    fill(&a, l, nd, 0, sbx_bmm_at(d, 0, g), d->m, d->k, d->k);
    fill(&b, l, nd, 1, sbx_bmm_at(d, 1, g), d->k, d->n, d->ldn);
    for (size_t s = 0; s < 2; s++)
        l->mat->mul(sum + s * mn, d->n, left[s], d->k, right[s], d->ldn, d->m, d->k, d->n);
    shift(&b, d, m);
    for (size_t k = 0; k < d->k; k++) {
        for (size_t j = 0; j < d->n; j++)
            q[j * d->ldk + k] = b.c[k * d->ldn + j];
        for (size_t i = 0; i < d->m; i++)
            p[k * d->m + i] = a.c[i * d->k + k];
    }
    for (size_t s = 2; s < 5; s++)
        l->mat->mul(sum + s * mn, d->n, left[s], d->k, right[s], d->ldn, d->m, d->k, d->n);
    constants(aux, d, g, sum, m);
}

static sbx_status prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_bmm *d = nd->data;
    double fixed = 0.0;
    double *mem =
        sbx_alloc(4 * d->m * d->k + 4 * d->k * d->ldn + 5 * d->m * d->n + d->n, sizeof *mem);
    if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "a product of matrices");
    for (size_t g = 0; g < d->batch; g++)
        prepare_one(l, nd, aux, g, mem);
    for (size_t k = 0; k < 2; k++)
        if (!d->constant[k])
            fixed += (double)d->fan[k] * SBX_ETA * l->mag_sum[sbx_node_in(l->net, nd, k)];
    aux[aux_size(l->net, nd) - 1] = sbx_up(fixed, 4);
done:
    sbx_free(mem);
    return st;
}

/* one row into operand k: out = L q' or p' L, over all batches; tile: [m][ldn], then the
 * product of one batch */
static void into(const sbx_lin *l, const sbx_bmm *d, const double *aux, size_t k, double *out,
                 const double *row, double *tile)
{
    const size_t cols = k ? d->n : d->k, size = (k ? d->k : d->m) * cols;
    double *const part_of = tile + d->m * d->ldn;
    for (size_t g = 0; g < d->batch; g++) {
        const double *q = aux + g * (d->n * d->ldk + d->k * d->m), *p = q + d->n * d->ldk;
        double *const to = out + sbx_bmm_at(d, k, g), *const z = d->map[k] ? part_of : to;
        for (size_t i = 0; i < d->m; i++)
            memcpy(tile + i * d->ldn, row + (g * d->m + i) * d->n, d->n * sizeof *tile);
        if (k)
            l->mat->mul(z, d->n, p, d->m, tile, d->ldn, d->k, d->m, d->n);
        else
            l->mat->mul(z, d->k, tile, d->ldn, q, d->ldk, d->m, d->n, d->k);
        for (size_t i = 0; z != to && i < size; i++)
            to[i] += z[i];
    }
}

static sbx_status backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_bmm *d = nd->data;
    const size_t ldy = sbx_pad(d->batch * d->m * d->n), most = d->m > d->n ? d->m : d->n;
    const double *row = sbx_lin_out(l, nd, 0);
    double *tile = sbx_alloc(d->m * d->ldn + d->k * most, sizeof *tile);
    if (!tile) SBX_FAIL(err, SBX_ERR_NOMEM, "a product of matrices");
    for (size_t k = 0; k < 2; k++) {
        size_t n, ld;
        double *out;
        if (d->constant[k]) continue;
        n = l->net->tensor[sbx_node_in(l->net, nd, k)].n;
        ld = sbx_pad(n);
        SBX_TRY(sbx_lin_open(l, &out, nd, k, err));
        for (size_t r = 0; r < l->rows; r++) {
            memset(out + r * ld, 0, n * sizeof *out);
            into(l, d, aux, k, out + r * ld, row + r * ldy, tile);
        }
        sbx_lin_close(l, out, nd, k);
    }
    sbx_lin_charge_sides(l, nd, aux + d->at_y[0], aux + d->at_y[1], aux + d->at_y[2],
                         aux[aux_size(l->net, nd) - 1]);
done:
    sbx_free(tile);
    return st;
}

/* ---- plain doubles --------------------------------------------------------------- */

static void forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    const sbx_bmm *d = nd->data;
    (void)net;
    memset(y, 0, d->batch * d->m * d->n * sizeof *y);
    for (size_t g = 0; g < d->batch; g++)
        for (size_t i = 0; i < d->m; i++)
            for (size_t k = 0; k < d->k; k++) {
                const double v = x[0][sbx_bmm_at(d, 0, g) + i * d->k + k];
                const double *b = x[1] + sbx_bmm_at(d, 1, g) + k * d->n;
                double *to = y + (g * d->m + i) * d->n;
                for (size_t j = 0; j < d->n; j++)
                    to[j] += v * b[j];
            }
}

static void adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                    const double *const *x, const double *y)
{
    const sbx_bmm *d = nd->data;
    (void)net;
    (void)y;
    for (size_t g = 0; g < d->batch; g++)
        for (size_t i = 0; i < d->m; i++)
            for (size_t k = 0; k < d->k; k++) {
                const size_t a = sbx_bmm_at(d, 0, g) + i * d->k + k;
                const size_t b = sbx_bmm_at(d, 1, g) + k * d->n;
                const double *v = gy + (g * d->m + i) * d->n;
                double s = 0.0;
                for (size_t j = 0; j < d->n; j++) {
                    s += v[j] * x[1][b + j];
                    if (gx[1]) gx[1][b + j] += v[j] * x[0][a];
                }
                if (gx[0]) gx[0][a] += s;
            }
}

#define BMM_OP                                                                                \
    .name = "MatMul", .min_in = 2, .max_in = 2, SBX_OP_EVAL_ALL(sbx_bmm_eval), .mixes = true, \
    .aux = aux_size, .prepare = prepare, .backward = backward, .forward = forward,            \
    .adjoint = adjoint

static const sbx_op two_variables = {BMM_OP, .nonlinear = true};
static const sbx_op one_constant = {BMM_OP};
