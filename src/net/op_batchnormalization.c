/* net/op_batchnormalization.c -- BatchNormalization for inference, with constant statistics.
 *
 * y = a x + b with a = scale / sqrt(var + epsilon), b = bias - a mean: no doubles, so each
 * is enclosed and kept as centre and radius [L-NET-42].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/batchnorm.h"

#include "base/try.h"
#include "net/centre.h"

static sbx_status operand(const double **v, const sbx_net *net, const sbx_node *nd, size_t k,
                          size_t n, sbx_err *err)
{
    const sbx_tensor *t = &net->tensor[nd->in[k]];
    if (!t->real)
        return sbx_fail(err, SBX_ERR_UNSUPPORTED, SBX_HERE, "input %zu is no constant of reals",
                        k + 1);
    if (t->n != n)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "input %zu has %zu elements, not %zu", k + 1,
                        t->n, n);
    *v = t->real;
    return SBX_OK;
}

/* one channel: centre and radius of a, then of b */
static sbx_status channel(double v[4], const sbx_batchnorm *d, size_t c, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const double lo = sbx_add_lo(d->var[c], d->epsilon), hi = sbx_add_hi(d->var[c], d->epsilon);
    const double s = d->scale[c], m = d->mean[c];
    double under, over; /* of s / under, the least a; of the largest */
    sbx_ivd a, b;
    if (!(lo >= 0x1p-900 && hi <= 0x1p900))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "variance and epsilon add up to %g", lo);
    under = s >= 0.0 ? sbx_sqrt_hi(hi) : sbx_sqrt_lo(lo);
    over = s >= 0.0 ? sbx_sqrt_lo(lo) : sbx_sqrt_hi(hi);
    a = (sbx_ivd){sbx_div_lo(s, under), sbx_div_hi(s, over)};
    b.lo = sbx_sub_lo(d->bias[c], sbx_mul_hi(m, m >= 0.0 ? a.hi : a.lo));
    b.hi = sbx_sub_hi(d->bias[c], sbx_mul_lo(m, m >= 0.0 ? a.lo : a.hi));
    if (!sbx_all_finite(&a, 1) || !sbx_all_finite(&b, 1))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "statistics that overflow");
    sbx_centre(&v[0], &v[1], a);
    sbx_centre(&v[2], &v[3], b); /* [L-NET-42] */
done:
    return st;
}

static sbx_status coefficients(sbx_batchnorm *d, sbx_net *net, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *v[4], *of;
    for (size_t k = 0; k < 4; k++)
        SBX_TRY(sbx_op_mem(&v[k], net, sbx_pad(n), sizeof **v, err));
    SBX_TRY(sbx_op_mem(&of, net, d->kept, 4 * sizeof *of, err));
    for (size_t c = 0; c < d->kept; c++)
        SBX_TRY(channel(of + 4 * c, d, c, err));
    for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k < 4; k++)
            v[k][j] = of[4 * (j / d->each % d->kept) + k];
    d->ew = (sbx_ew){.kind = SBX_EW_MUL, .terms = 1, .has_b = true, .rounds = true};
    SBX_TRY(sbx_op_mem(&d->ew.term, net, 1, sizeof *d->ew.term, err));
    d->ew.term[0] = (sbx_ew_term){.n = n, .fan = 1, .sign = 1.0, .a = v[0], .rad = v[1]};
    d->ew.b = v[2];
    d->ew.b_rad = v[3];
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *x = &net->tensor[nd->in[0]];
    const sbx_shape shape = x->shape;
    sbx_batchnorm *d;
    int64_t training, spatial;
    SBX_TRY(sbx_attr_int(&training, 0, attr, n_attr, "training_mode", err));
    SBX_TRY(sbx_attr_int(&spatial, 1, attr, n_attr, "spatial", err));
    if (training) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "training_mode");
    if (nd->unread && net->opset < 14) /* the outputs tell the mode there */
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "more than one output: that is training");
    if (x->constant) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its input is constant");
    if (shape.rank < 1 || x->n == 0) SBX_FAIL(err, SBX_ERR_PARSE, "an input that is empty");
    SBX_TRY(sbx_op_mem(&d, net, 1, sizeof *d, err));
    SBX_TRY(sbx_attr_float(&d->epsilon, (double)1e-5F, attr, n_attr, "epsilon", err));
    d->kept = shape.rank < 2 ? 1 : spatial ? shape.dim[1] : sbx_shape_prod(&shape, 1, shape.rank);
    d->each = shape.rank < 2 || !spatial ? 1 : sbx_shape_prod(&shape, 2, shape.rank);
    SBX_TRY(operand(&d->scale, net, nd, 1, d->kept, err));
    SBX_TRY(operand(&d->bias, net, nd, 2, d->kept, err));
    SBX_TRY(operand(&d->mean, net, nd, 3, d->kept, err));
    SBX_TRY(operand(&d->var, net, nd, 4, d->kept, err));
    SBX_TRY(coefficients(d, net, x->n, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &shape, err));
    nd->data = d;
done:
    return st;
}

static const char *const attrs[] = {"epsilon", "momentum", "spatial", "training_mode", NULL};

const sbx_op sbx_op_batchnormalization = {.name = "BatchNormalization",
                                          .min_in = 5,
                                          .max_in = 5,
                                          .attrs = attrs,
                                          .build = build,
                                          SBX_OP_EVAL_ALL(sbx_batchnorm_eval),
                                          .aux = sbx_ew_aux,
                                          .prepare = sbx_ew_prepare,
                                          .backward = sbx_ew_backward,
                                          .forward = sbx_ew_forward,
                                          .adjoint = sbx_ew_adjoint};
