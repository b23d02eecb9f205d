/* net/curve_eval.tmpl.c -- nonlinear functions of single elements in one number system.
 * Bound by net/curve_eval.c.
 *
 * Values are made of the system's own operations, each rounded as it rounds; enclosures are
 * natural extensions, of the ends alone where a function rises and they would be wide.
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* what one value needs: parameters, places to work */
typedef struct FN(curve_work) {
    const sbx_ctx *ctx;
    sbx_err *err;
    NUM p, q, zero, one, t[3], u, v;
} FN(curve_work);

#define DO1(op, z, x)    SBX_TRY(NUM_(op)(z, x, w->ctx, w->err))
#define DO2(op, z, x, y) SBX_TRY(NUM_(op)(z, x, y, w->ctx, w->err))

static sbx_status FN(set_ratio)(FN(curve_work) * w, NUM *z, unsigned long a, unsigned long b)
{
    sbx_status st = SBX_OK;
    mpq_t v;
    mpq_init(v);
    mpq_set_ui(v, a, b);
    mpq_canonicalize(v);
    SBX_TRY(NUM_(set_q)(z, v, w->ctx, w->err));
done:
    mpq_clear(v);
    return st;
}

/* sqrt(2/pi), by way of a rational on either side of 2/pi that is far nearer than prec */
static sbx_status FN(set_root)(FN(curve_work) * w, NUM *z)
{
    sbx_status st = SBX_OK;
    const long prec = 64 + (w->ctx->prec > 128 ? w->ctx->prec : 128);
    mpfr_t r;
    mpq_t v;
    mpfr_init2(r, prec);
    mpq_init(v);
    mpfr_const_pi(r, MPFR_RNDU);
    mpfr_ui_div(r, 2, r, MPFR_RNDD);
    mpfr_get_q(v, r);
    SBX_TRY(NUM_(set_q)(z, v, w->ctx, w->err));
#if NUM_ENCLOSE
    mpfr_const_pi(r, MPFR_RNDD);
    mpfr_ui_div(r, 2, r, MPFR_RNDU);
    mpfr_get_q(v, r);
    SBX_TRY(NUM_(set_q)(&w->v, v, w->ctx, w->err));
    DO2(hull, z, z, &w->v);
#endif
    DO1(sqrt, z, z);
done:
    mpfr_clear(r);
    mpq_clear(v);
    return st;
}

/* x for x >= 0, p x for x <= 0: a mixed interval is the hull of its two parts */
static sbx_status FN(leaky)(FN(curve_work) * w, NUM *y, const NUM *x)
{
    sbx_status st = SBX_OK;
    if (NUM_(le)(x, &w->zero) == SBX_TRUE) {
        DO2(mul, y, &w->p, x);
    } else if (NUM_(le)(&w->zero, x) == SBX_TRUE || !NUM_ENCLOSE) {
        NUM_(set)(y, x);
    } else {
        DO2(min, &w->t[0], x, &w->zero);
        DO2(mul, &w->t[0], &w->t[0], &w->p);
        DO2(max, &w->t[1], x, &w->zero);
        DO2(hull, y, &w->t[0], &w->t[1]);
    }
done:
    return st;
}

/* x for x > p, else 0 */
static sbx_status FN(threshold)(FN(curve_work) * w, NUM *y, const NUM *x)
{
    sbx_status st = SBX_OK;
    const sbx_truth above = NUM_(lt)(&w->p, x);
    if (above == SBX_FALSE) {
        NUM_(set)(y, &w->zero);
    } else if (above == SBX_TRUE || !NUM_ENCLOSE) { /* or a NaN */
        NUM_(set)(y, x);
    } else {
        DO2(max, &w->t[0], x, &w->p);
        DO2(hull, y, &w->t[0], &w->zero);
    }
done:
    return st;
}

/* log(1 + e^x) = max(x, 0) + log1p(e^-|x|) */
static sbx_status FN(softplus)(FN(curve_work) * w, NUM *y, const NUM *x)
{
    sbx_status st = SBX_OK;
    DO1(abs, &w->t[0], x);
    DO1(neg, &w->t[0], &w->t[0]);
    DO1(exp, &w->t[0], &w->t[0]);
    DO1(log1p, &w->t[0], &w->t[0]);
    DO2(max, &w->t[1], x, &w->zero);
    DO2(add, y, &w->t[1], &w->t[0]);
done:
    return st;
}

/* x/(1 + |x|) */
static sbx_status FN(softsign)(FN(curve_work) * w, NUM *y, const NUM *x)
{
    sbx_status st = SBX_OK;
    DO1(abs, &w->t[0], x);
    DO2(add, &w->t[0], &w->t[0], &w->one);
    DO2(div, y, x, &w->t[0]);
done:
    return st;
}

/* a rising f: at the ends, where there are two */
static sbx_status FN(rising)(FN(curve_work) * w, NUM *y, const NUM *x,
                             sbx_status (*f)(FN(curve_work) *, NUM *, const NUM *))
{
#if NUM_ENCLOSE
    if (NUM_(is_finite)(x)) {
        sbx_status st = SBX_OK;
        SBX_TRY(NUM_(end)(&w->u, x, SBX_LO, w->err));
        SBX_TRY(NUM_(end)(&w->v, x, SBX_HI, w->err));
        SBX_TRY(f(w, &w->u, &w->u));
        SBX_TRY(f(w, &w->v, &w->v));
        DO2(hull, y, &w->u, &w->v);
    done:
        return st;
    }
#endif
    return f(w, y, x);
}

/* max(x, 0) + p (e^{min(x, 0)/r} - 1) */
static sbx_status FN(exp_left)(FN(curve_work) * w, NUM *y, const NUM *x, const NUM *r)
{
    sbx_status st = SBX_OK;
    DO2(min, &w->t[0], x, &w->zero);
    DO2(div, &w->t[0], &w->t[0], r);
    DO1(expm1, &w->t[0], &w->t[0]);
    DO2(mul, &w->t[0], &w->t[0], &w->p);
    DO2(max, &w->t[1], x, &w->zero);
    DO2(add, y, &w->t[0], &w->t[1]);
done:
    return st;
}

/* x/2 (1 + t) */
static sbx_status FN(half_of)(FN(curve_work) * w, NUM *y, const NUM *x, NUM *t)
{
    sbx_status st = SBX_OK;
    DO2(add, t, t, &w->one);
    DO2(mul, t, t, x);
    SBX_TRY(FN(set_ratio)(w, &w->u, 1, 2));
    DO2(mul, y, t, &w->u);
done:
    return st;
}

static sbx_status FN(gelu)(FN(curve_work) * w, NUM *y, const NUM *x)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(set_ratio)(w, &w->t[0], 1, 2));
    DO1(sqrt, &w->t[0], &w->t[0]);
    DO2(mul, &w->t[0], &w->t[0], x);
    DO1(erf, &w->t[0], &w->t[0]);
    SBX_TRY(FN(half_of)(w, y, x, &w->t[0]));
done:
    return st;
}

/* x + 0.044715 x^3 = x (1 + 0.044715 x^2) */
static sbx_status FN(gelu_tanh)(FN(curve_work) * w, NUM *y, const NUM *x)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(set_ratio)(w, &w->t[0], 44715, 1000000));
    DO1(sqr, &w->t[1], x);
    DO2(mul, &w->t[0], &w->t[0], &w->t[1]);
    DO2(add, &w->t[0], &w->t[0], &w->one);
    DO2(mul, &w->t[0], &w->t[0], x);
    SBX_TRY(FN(set_root)(w, &w->t[1]));
    DO2(mul, &w->t[0], &w->t[0], &w->t[1]);
    DO1(tanh, &w->t[0], &w->t[0]);
    SBX_TRY(FN(half_of)(w, y, x, &w->t[0]));
done:
    return st;
}

/* min(max(a x + b, 0), 1) */
static sbx_status FN(hard)(FN(curve_work) * w, NUM *y, const NUM *x, const NUM *a, const NUM *b)
{
    sbx_status st = SBX_OK;
    DO2(mul, &w->t[0], a, x);
    DO2(add, &w->t[0], &w->t[0], b);
    DO2(max, &w->t[0], &w->t[0], &w->zero);
    DO2(min, y, &w->t[0], &w->one);
done:
    return st;
}

static sbx_status FN(hard_swish)(FN(curve_work) * w, NUM *y, const NUM *x)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(set_ratio)(w, &w->t[1], 1, 6));
    SBX_TRY(FN(set_ratio)(w, &w->t[2], 1, 2));
    SBX_TRY(FN(hard)(w, &w->t[0], x, &w->t[1], &w->t[2]));
    DO2(mul, y, &w->t[0], x);
done:
    return st;
}

/* Where f is not defined on all of an enclosure, nothing is said of it; points give what
 * IEEE 754 gives. */
static sbx_status FN(inside)(FN(curve_work) * w, const sbx_unary *f, const NUM *x)
{
    const bool bounded = f->fn == SBX_FN_SQRT || f->fn == SBX_FN_LOG ||
                         (f->fn == SBX_FN_POW && (floor(f->p) < f->p));
    if (NUM_ENCLOSE && bounded && NUM_(lt)(x, &w->zero) != SBX_FALSE)
        return sbx_fail(w->err, SBX_ERR_DOMAIN, SBX_HERE, "its argument may be negative");
    return SBX_OK;
}

static sbx_status FN(curve_one)(FN(curve_work) * w, NUM *y, const sbx_unary *f, const NUM *x)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(inside)(w, f, x));
    switch (f->fn) {
    case SBX_FN_RELU: DO2(max, y, x, &w->zero); break;
    case SBX_FN_LEAKY_RELU: SBX_TRY(FN(leaky)(w, y, x)); break;
    case SBX_FN_SIGMOID: DO1(sigmoid, y, x); break;
    case SBX_FN_TANH: DO1(tanh, y, x); break;
    case SBX_FN_EXP: DO1(exp, y, x); break;
    case SBX_FN_LOG: DO1(log, y, x); break;
    case SBX_FN_RECIPROCAL: DO2(div, y, &w->one, x); break;
    case SBX_FN_SQRT: DO1(sqrt, y, x); break;
    case SBX_FN_ABS: DO1(abs, y, x); break;
    case SBX_FN_POW: SBX_TRY(NUM_(pow)(y, x, f->p, w->ctx, w->err)); break;
    case SBX_FN_CLIP:
        NUM_(set)(y, x);
        if (f->p > -HUGE_VAL) DO2(max, y, y, &w->p);
        if (f->q < HUGE_VAL) DO2(min, y, y, &w->q);
        break;
    case SBX_FN_SIN: DO1(sin, y, x); break;
    case SBX_FN_COS: DO1(cos, y, x); break;
    case SBX_FN_ERF: DO1(erf, y, x); break;
    case SBX_FN_SOFTPLUS: SBX_TRY(FN(rising)(w, y, x, FN(softplus))); break;
    case SBX_FN_ELU: SBX_TRY(FN(exp_left)(w, y, x, &w->one)); break;
    case SBX_FN_SELU:
        SBX_TRY(FN(exp_left)(w, y, x, &w->one));
        DO2(mul, y, y, &w->q);
        break;
    case SBX_FN_CELU: SBX_TRY(FN(exp_left)(w, y, x, &w->p)); break;
    case SBX_FN_GELU: SBX_TRY(FN(gelu)(w, y, x)); break;
    case SBX_FN_GELU_TANH: SBX_TRY(FN(gelu_tanh)(w, y, x)); break;
    case SBX_FN_SOFTSIGN: SBX_TRY(FN(rising)(w, y, x, FN(softsign))); break;
    case SBX_FN_HARD_SIGMOID: SBX_TRY(FN(hard)(w, y, x, &w->p, &w->q)); break;
    case SBX_FN_HARD_SWISH: SBX_TRY(FN(hard_swish)(w, y, x)); break;
    case SBX_FN_MISH:
        SBX_TRY(FN(rising)(w, &w->t[2], x, FN(softplus)));
        DO1(tanh, &w->t[2], &w->t[2]);
        DO2(mul, y, &w->t[2], x);
        break;
    case SBX_FN_THRESHOLDED_RELU: SBX_TRY(FN(threshold)(w, y, x)); break;
    case SBX_FN_FLOOR: DO1(floor, y, x); break;
    case SBX_FN_CEIL:
        DO1(neg, &w->t[0], x);
        DO1(floor, &w->t[0], &w->t[0]);
        DO1(neg, y, &w->t[0]);
        break;
    case SBX_FN_ROUND: DO1(round, y, x); break;
    case SBX_FN_SIGN: DO1(sign, y, x); break;
    }
done:
    return st;
}

static sbx_status FN(curve_all)(FN(curve_work) * w, NUM *y, const sbx_curve *c, const NUM *x,
                                size_t n)
{
    sbx_status st = SBX_OK;
    const bool finite_p = c->f.p - c->f.p == 0.0, finite_q = c->f.q - c->f.q == 0.0;
    SBX_TRY(NUM_(set_si)(&w->one, 1, w->ctx, w->err));
    if (finite_p) SBX_TRY(NUM_(set_d)(&w->p, c->f.p, w->ctx, w->err));
    if (finite_q) SBX_TRY(NUM_(set_d)(&w->q, c->f.q, w->ctx, w->err));
    for (size_t j = 0; j < n; j++) {
        const sbx_unary f = sbx_curve_at(c, j);
        if (c->p) SBX_TRY(NUM_(set_d)(&w->p, f.p, w->ctx, w->err));
        SBX_TRY(FN(curve_one)(w, &y[j], &f, &x[j]));
    }
done:
    return st;
}

sbx_status FN(sbx_curve_eval)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                              const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    FN(curve_work) w = {.ctx = ctx, .err = err};
    NUM *const all[] = {&w.p, &w.q, &w.zero, &w.one, &w.t[0], &w.t[1], &w.t[2], &w.u, &w.v};
    const size_t n = net->tensor[nd->out[0]].n;
    sbx_status st;
    if (NUM_ID == SBX_NUM_IVD)
        return eval_ranges((void *)y[0], nd->data, (const void *)x[0], n, err);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        NUM_(init)(all[k], ctx);
    st = FN(curve_all)(&w, y[0], nd->data, x[0], n);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        NUM_(clear)(all[k]);
    return st;
}
#undef DO1
#undef DO2
