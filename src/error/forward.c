/* error/forward.c -- running error analysis [L-ERR-02]: the algorithms on values that carry their
 * error bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/carry.h"

#include "base/alloc.h"
#include "base/try.h"

#define V     fv
#define OP(f) fwd_##f

#define FORWARD2(name, f2)                                \
    static fv fwd_##name(em *m, const fmt *f, fv a, fv b) \
    {                                                     \
        local l;                                          \
        return f2(m, &l, f, a, b);                        \
    }
FORWARD2(add, add)
FORWARD2(sub, sub)
FORWARD2(shift, shift)
FORWARD2(mul, mul)
#define FORWARD1(name, f1)                          \
    static fv fwd_##name(em *m, const fmt *f, fv a) \
    {                                               \
        local l;                                    \
        return f1(m, &l, f, a);                     \
    }
FORWARD1(exp, exponential)
FORWARD1(log, logarithm)
FORWARD1(log1p, log_one_plus)
FORWARD1(cast, cast)
static fv fwd_part(em *m, const fmt *f, fv a, fv b, size_t j)
{
    local l;
    return quotient(m, &l, f, a, b, &m->known[j]);
}
static fv fwd_fma(em *m, const fmt *f, fv a, fv b, fv c)
{
    local l;
    return fused(m, &l, f, a, b, c);
}
static fv fwd_max(em *m, fv a, fv b)
{
    (void)m;
    return larger(a, b);
}
static fv fwd_either(em *m, fv a, fv b)
{
    (void)m;
    return either(a, b);
}
static fv fwd_one(em *m)
{
    (void)m;
    return one;
}
static fv fwd_sure(em *m, fv s)
{
    (void)m;
    return sure(s);
}
static sbx_truth fwd_above(em *m, fv a, fv b, double t) { return above(m, a, b, t); }

static fv fwd_compensated(em *m, const fv *t, size_t n)
{
    local l;
    fv s = t[0];
    twofold w = {0.0, 0.0, 0.0, 0.0};
    if (n == 1) return cast(m, &l, &m->a, s);
    for (size_t j = 0; j < n; j++) {
        if (j) s = exact_add(s, t[j]);
        twofold_term(&w, &m->a, sbx_iv_mag(range(t[j])), 0.0);
    }
    return settled(m, &l, s, &w, n, 0.0);
}

static fv fwd_dot2(em *m, const fv *x, const fv *y, size_t n, fv *t)
{
    (void)t;
    return dot_twice(m, x, y, n);
}

#include "error/algorithms.tmpl.c"

sbx_status sbx_em_forward(em *m, em_bound *z, const em_box *box, sbx_err *err)
{
    const size_t n = box->n, outputs = sbx_alg_one(m->alg) ? 1 : n;
    sbx_status st = SBX_OK;
    fv *v = sbx_alloc(4 * n, sizeof *v);
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", 4 * n);
    for (size_t j = 0; j < n; j++)
        v[j] = side(box, j);
    m->lead = box->lead;
    m->why = NULL;
    fwd_algorithm(m, v + n, v, n, v + 2 * n);
    for (size_t i = 0; i < outputs; i++) {
        const fv *o = &v[n + i];
        z[i] = (em_bound){o->abs, o->eta == 0.0 ? o->rel : HUGE_VAL};
        if (m->why) z[i] = (em_bound){HUGE_VAL, HUGE_VAL};
        if (!m->why && !(o->abs < HUGE_VAL)) m->why = lost_digits;
    }
done:
    sbx_free(v);
    return st;
}
