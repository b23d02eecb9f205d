/* mech/sim.c -- a machine that rounds: every operation once, in its format.
 *
 * + - * / fma exp log log1p by doubles (error/format.h), the others by the number systems.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "mech/machine.h"
#include "num/system.h"

static sbx_status put(sbx_sim *z, double v)
{
    if (v - v != 0.0) z->m->overflow = true;
    z->v = v;
    return SBX_OK;
}

static double flush(const fmt *f, double v)
{
    return f->ftz && fabs(v) < f->min ? copysign(0.0, v) : v;
}

void sbx_sim_init(sbx_sim *z, const sbx_ctx *ctx)
{
    *z = (sbx_sim){0.0, ((const sbx_mech_ctx *)ctx)->m};
}
void sbx_sim_clear(sbx_sim *z) { (void)z; }
void sbx_sim_set(sbx_sim *z, const sbx_sim *x) { *z = *x; }

/* z = op(args) of the format's number system, x its operand there */
#define BY_SYSTEM(op, ...)                                  \
    const fmt *const f_ = &z->m->w;                         \
    const sbx_ctx c_ = {.prec = 128, .format = f_->format}; \
    double v_ = 0.0;                                        \
    if (f_->num == SBX_NUM_F64) {                           \
        sbx_f64 r_ = 0.0;                                   \
        SYSTEM_(f64, double, op, __VA_ARGS__)               \
        v_ = r_;                                            \
    } else if (f_->num == SBX_NUM_F32) {                    \
        sbx_f32 r_ = 0.0F;                                  \
        SYSTEM_(f32, float, op, __VA_ARGS__)                \
        v_ = (double)r_;                                    \
    } else {                                                \
        sbx_lowp r_ = {0.0};                                \
        SYSTEM_(lowp, sbx_lowp, op, __VA_ARGS__)            \
        v_ = r_.v;                                          \
    }                                                       \
    return put(z, flush(f_, v_));
/* v: an operand in the system; ARG: what is no number of it */
#define SYSTEM_(S, type, op, args)         \
    {                                      \
        const sbx_status s_ = args(S, op); \
        if (s_ != SBX_OK) return s_;       \
    }
#define NUMBER_f64(x) x
#define NUMBER_f32(x) (float)(x)
#define NUMBER_lowp(x) \
    {                  \
        x              \
    }
#define OF_X(S, op)  of_x_##S(sbx_##S##_##op, &r_, x->v, &c_, err)
#define OF_V(S, op)  sbx_##S##_##op(&r_, v, &c_, err)
#define OF_XY(S, op) of_xy_##S(&r_, x->v, y, &c_, err)
#define UNARY_OF(S)                                                                                \
    typedef sbx_status unary_##S(sbx_##S *, const sbx_##S *, const sbx_ctx *, sbx_err *);          \
    static sbx_status of_x_##S(unary_##S *f, sbx_##S *r, double v, const sbx_ctx *c, sbx_err *err) \
    {                                                                                              \
        const sbx_##S x = NUMBER_##S(v);                                                           \
        return f(r, &x, c, err);                                                                   \
    }                                                                                              \
    static sbx_status of_xy_##S(sbx_##S *r, double v, double y, const sbx_ctx *c, sbx_err *err)    \
    {                                                                                              \
        const sbx_##S x = NUMBER_##S(v);                                                           \
        return sbx_##S##_pow(r, &x, y, c, err);                                                    \
    }
UNARY_OF(f64)
UNARY_OF(f32)
UNARY_OF(lowp)

sbx_status sbx_sim_set_q(sbx_sim *z, mpq_srcptr v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    BY_SYSTEM(set_q, OF_V)
}
sbx_status sbx_sim_set_si(sbx_sim *z, long v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    BY_SYSTEM(set_si, OF_V)
}
sbx_status sbx_sim_set_d(sbx_sim *z, double v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    BY_SYSTEM(set_d, OF_V)
}

#define UNARY(op) \
    sbx_status sbx_sim_##op(sbx_sim *z, const sbx_sim *x, const sbx_ctx *ctx, sbx_err *err)
#define UNARY_BY_SYSTEM(op) \
    UNARY(op)               \
    {                       \
        (void)ctx;          \
        BY_SYSTEM(op, OF_X) \
    }
UNARY_BY_SYSTEM(sqrt)
UNARY_BY_SYSTEM(exp2)
UNARY_BY_SYSTEM(expm1)
UNARY_BY_SYSTEM(tanh)
UNARY_BY_SYSTEM(sigmoid)
UNARY_BY_SYSTEM(sin)
UNARY_BY_SYSTEM(cos)
UNARY_BY_SYSTEM(erf)
UNARY_BY_SYSTEM(floor)
UNARY_BY_SYSTEM(round)
UNARY_BY_SYSTEM(sign)

sbx_status sbx_sim_pow(sbx_sim *z, const sbx_sim *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    BY_SYSTEM(pow, OF_XY)
}

#define UNARY_AS(op, value)   \
    UNARY(op)                 \
    {                         \
        (void)ctx;            \
        (void)err;            \
        return put(z, value); \
    }
UNARY_AS(neg, -x->v)
UNARY_AS(abs, fabs(x->v))
UNARY_AS(sqr, sbx_fmt_mul(&z->m->w, x->v, x->v))
UNARY_AS(exp, sbx_fmt_exp(&z->m->w, x->v, z->m->kernel))
UNARY_AS(log, x->v > 0.0 ? sbx_fmt_log(&z->m->w, x->v) : (double)NAN)
UNARY_AS(log1p, sbx_fmt_log1p(&z->m->w, x->v))

#define BINARY(op)                                                                              \
    sbx_status sbx_sim_##op(sbx_sim *z, const sbx_sim *x, const sbx_sim *y, const sbx_ctx *ctx, \
                            sbx_err *err)
#define BINARY_AS(op, value)  \
    BINARY(op)                \
    {                         \
        (void)ctx;            \
        (void)err;            \
        return put(z, value); \
    }
BINARY_AS(add, sbx_fmt_add(&z->m->w, x->v, y->v))
BINARY_AS(sub, sbx_fmt_add(&z->m->w, x->v, -y->v))
BINARY_AS(mul, sbx_fmt_mul(&z->m->w, x->v, y->v))
BINARY_AS(div, sbx_fmt_div(&z->m->w, x->v, y->v))
BINARY_AS(min, y->v < x->v ? y->v : x->v)
BINARY_AS(max, x->v < y->v ? y->v : x->v)
BINARY_AS(shift, sbx_fmt_add(&z->m->w, x->v, -y->v))
BINARY_AS(share, sbx_fmt_div(&z->m->w, x->v, y->v))
BINARY(hull)
{
    (void)z, (void)x, (void)y, (void)ctx;
    return sbx_num_lacks(SBX_NUM_F64, SBX_CAN_ENCLOSE, "hull", err);
}
BINARY(intersect)
{
    (void)z, (void)x, (void)y, (void)ctx;
    return sbx_num_lacks(SBX_NUM_F64, SBX_CAN_ENCLOSE, "intersect", err);
}
void sbx_sim_sure(sbx_sim *s) { (void)s; }

sbx_status sbx_sim_fma(sbx_sim *z, const sbx_sim *x, const sbx_sim *y, const sbx_sim *a,
                       const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    return put(z, sbx_fmt_fma(&z->m->w, x->v, y->v, a->v));
}

void sbx_sim_total(sbx_sim *z, const sbx_sim *start, const sbx_sim *a, size_t sa, const sbx_sim *b,
                   size_t sb, size_t n)
{
    em *const m = z->m;
    const fmt *const f = &m->a;
    double s = start ? start->v : b ? sbx_fmt_mul(f, a->v, b->v) : a->v;
    for (size_t k = start ? 0 : 1; k < n; k++) {
        const double x = a[k * sa].v;
        if (!b)
            s = sbx_fmt_add(f, s, x);
        else
            s = m->fma ? sbx_fmt_fma(f, x, b[k * sb].v, s)
                       : sbx_fmt_add(f, s, sbx_fmt_mul(f, x, b[k * sb].v));
        if (s - s != 0.0) m->overflow = true;
    }
    (void)put(z, m->a.p == m->w.p && m->a.emax == m->w.emax ? s : sbx_fmt_round(&m->w, s, 0.0));
}

/* ---- what is not an operation of the machine ------------------------------------------- */

sbx_status sbx_sim_set_below(sbx_sim *z, const sbx_sim *x, sbx_err *err)
{
    (void)z, (void)x;
    return sbx_num_lacks(SBX_NUM_F64, SBX_CAN_UNBOUNDED, "unbounded side", err);
}
sbx_status sbx_sim_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_sim *x, sbx_err *err)
{
    return sbx_f64_get_q(lo, hi, &x->v, err);
}
sbx_status sbx_sim_end(sbx_sim *z, const sbx_sim *x, sbx_end e, sbx_err *err)
{
    (void)e, (void)err;
    *z = *x;
    return SBX_OK;
}
bool sbx_sim_is_finite(const sbx_sim *x) { return sbx_f64_is_finite(&x->v); }
sbx_truth sbx_sim_lt(const sbx_sim *x, const sbx_sim *y) { return sbx_f64_lt(&x->v, &y->v); }
sbx_truth sbx_sim_le(const sbx_sim *x, const sbx_sim *y) { return sbx_f64_le(&x->v, &y->v); }
sbx_truth sbx_sim_eq(const sbx_sim *x, const sbx_sim *y) { return sbx_f64_eq(&x->v, &y->v); }
