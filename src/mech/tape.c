/* mech/tape.c -- all operations of a mechanism, and what the rounding of each does to a result. [L-ERR-21]
 *
 * Let the roundings s_k grow from nothing to what they are, all at once: v_k(t) = f_k(operands) + t s_k. The result
 * moves by the integral of its derivative, sum A_k s_k, and the A_k are bounded over enclosures of all v_k(t).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/tape.h"

#include <float.h>

#include "base/alloc.h"
#include "error/rounding.h"
#include "num/round.h"

typedef struct node {
    uint32_t from[3]; /* 0: nothing that moves */
    iv d[3];          /* derivatives by them    */
    iv p;             /* all values on the way  */
    double abs;
} node;

struct sbx_tape {
    node *node; /* [0] is nothing */
    iv *A;
    size_t n, room, most;
    bool failed;
};

sbx_tape *sbx_tape_new(size_t most)
{
    sbx_tape *t = sbx_alloc(1, sizeof *t);
    if (t) *t = (sbx_tape){.n = 1, .most = most < UINT32_MAX / 2 ? most : UINT32_MAX / 2};
    return t;
}
void sbx_tape_free(sbx_tape *t)
{
    if (!t) return;
    sbx_free(t->node);
    sbx_free(t->A);
    sbx_free(t);
}
bool sbx_tape_usable(const sbx_tape *t) { return !t->failed; }
size_t sbx_tape_length(const sbx_tape *t) { return t->n; }

static bool grow(sbx_tape *t)
{
    const size_t room = t->room ? 2 * t->room : 1024;
    node *n = t->n < t->most ? sbx_realloc(t->node, t->room, room, sizeof *n) : NULL;
    iv *A;
    if (!n) return false;
    t->node = n;
    A = sbx_realloc(t->A, t->room, room, sizeof *A);
    if (!A) return false;
    t->A = A;
    t->room = room;
    return true;
}

/* ---- one operation over the values on the way ------------------------------------------- */

static const iv one = {1.0, 1.0}, none = {0.0, 0.0};
static iv minus(iv a) { return (iv){-a.hi, -a.lo}; }
static iv meet(iv a, double lo, double hi) { return (iv){fmax(a.lo, lo), fmin(a.hi, hi)}; }
static iv reciprocal(iv a) { return sbx_iv_div(one, a); }
static bool apart(iv a) { return a.lo > 0.0 || a.hi < 0.0; } /* from 0 */

typedef sbx_status enclosure(sbx_ivd *, const sbx_ivd *, const sbx_ctx *, sbx_err *);
static bool by(iv *z, enclosure *f, iv a)
{
    const sbx_ivd x = {a.lo, a.hi};
    sbx_ivd y = {0.0, 0.0};
    if (f(&y, &x, NULL, NULL) != SBX_OK) return false;
    *z = (iv){y.lo, y.hi};
    return true;
}
static bool raised(iv *z, iv a, double e)
{
    const sbx_ivd x = {a.lo, a.hi};
    sbx_ivd y = {0.0, 0.0};
    if (sbx_ivd_pow(&y, &x, e, NULL, NULL) != SBX_OK) return false;
    *z = (iv){y.lo, y.hi};
    return true;
}

/* the greater: derivatives of the one that is certainly that, else both in [0, 1] */
static void greater(node *k, iv a, iv b)
{
    const iv half = {0.0, 1.0};
    k->p = (iv){fmax(a.lo, b.lo), fmax(a.hi, b.hi)};
    k->d[0] = a.lo >= b.hi ? one : b.lo >= a.hi ? none : half;
    k->d[1] = a.lo >= b.hi ? none : b.lo >= a.hi ? one : half;
}

static bool two(node *k, sbx_tape_op op, iv a, iv b, iv c)
{
    switch ((int)op) {
    case TAPE_SUM:
        k->p = sbx_iv_add(a, b);
        k->d[0] = k->d[1] = one;
        return true;
    case TAPE_DIFFERENCE:
    case TAPE_SHIFT:
        k->p = sbx_iv_add(a, minus(b));
        if (op == TAPE_SHIFT) k->p = (iv){fmin(k->p.lo, 0.0), fmin(k->p.hi, 0.0)};
        k->d[0] = one;
        k->d[1] = minus(one);
        return true;
    case TAPE_PRODUCT:
        k->p = sbx_iv_mul(a, b);
        k->d[0] = b;
        k->d[1] = a;
        return true;
    case TAPE_FMA:
        k->p = sbx_iv_add(sbx_iv_mul(a, b), c);
        k->d[0] = b;
        k->d[1] = a;
        k->d[2] = one;
        return true;
    case TAPE_QUOTIENT:
        if (!apart(b)) return false;
        if (b.hi < 0.0) {
            k->p = sbx_iv_div(minus(a), minus(b));
            k->d[0] = minus(reciprocal(minus(b)));
        } else {
            k->p = sbx_iv_div(a, b);
            k->d[0] = reciprocal(b);
        }
        k->d[1] = minus(sbx_iv_mul(k->p, k->d[0]));
        return true;
    case TAPE_MAX: greater(k, a, b); return true;
    case TAPE_MIN:
        greater(k, minus(a), minus(b));
        k->p = minus(k->p);
        return true;
    default: return false;
    }
}

static bool one_of(node *k, sbx_tape_op op, iv a, double e)
{
    iv *const d = &k->d[0];
    iv t = none;
    switch ((int)op) {
    case TAPE_SAME: k->p = a, *d = one; return true;
    case TAPE_NEG: k->p = minus(a), *d = minus(one); return true;
    case TAPE_ABS:
        k->p = a.lo >= 0.0 ? a : a.hi <= 0.0 ? minus(a) : (iv){0.0, sbx_iv_mag(a)};
        *d = a.lo >= 0.0 ? one : a.hi <= 0.0 ? minus(one) : (iv){-1.0, 1.0};
        return true;
    case TAPE_SQR: *d = (iv){2.0 * a.lo, 2.0 * a.hi}; return by(&k->p, sbx_ivd_sqr, a);
    case TAPE_SQRT:
        if (!(a.lo > 0.0) || !by(&k->p, sbx_ivd_sqrt, a) || !(k->p.lo > 0.0)) return false;
        *d = reciprocal((iv){2.0 * k->p.lo, 2.0 * k->p.hi});
        return true;
    case TAPE_EXP:
        sbx_exp_ends(&k->p.lo, &k->p.hi, a.lo, a.hi);
        *d = k->p;
        return true;
    case TAPE_EXP2: /* log 2 */
        if (!by(&k->p, sbx_ivd_exp2, a)) return false;
        *d = sbx_iv_mul(k->p, (iv){0x1.62e42fefa39efp-1, 0x1.62e42fefa39fp-1});
        return true;
    case TAPE_EXPM1: return by(d, sbx_ivd_exp, a) && by(&k->p, sbx_ivd_expm1, a);
    case TAPE_LOG: *d = reciprocal(a); return a.lo > 0.0 && by(&k->p, sbx_ivd_log, a);
    case TAPE_LOG1P:
        t = sbx_iv_add(one, a);
        *d = reciprocal(t);
        return t.lo > 0.0 && by(&k->p, sbx_ivd_log1p, a);
    case TAPE_TANH: /* 1 - tanh^2 */
        if (!by(&k->p, sbx_ivd_tanh, a) || !by(&t, sbx_ivd_sqr, k->p)) return false;
        *d = meet(sbx_iv_add(one, minus(t)), 0.0, 1.0);
        return true;
    case TAPE_SIGMOID: /* s (1 - s) */
        if (!by(&k->p, sbx_ivd_sigmoid, a)) return false;
        *d = meet(sbx_iv_mul(k->p, sbx_iv_add(one, minus(k->p))), 0.0, 0.25);
        return true;
    case TAPE_SIN: return by(d, sbx_ivd_cos, a) && by(&k->p, sbx_ivd_sin, a);
    case TAPE_COS:
        if (!by(&t, sbx_ivd_sin, a)) return false;
        *d = minus(t);
        return by(&k->p, sbx_ivd_cos, a);
    case TAPE_ERF: *d = (iv){0.0, 1.1284}; return by(&k->p, sbx_ivd_erf, a); /* 2/sqrt(pi) */
    case TAPE_POW:
        if (sbx_two_sum_err(e, -1.0, e - 1.0) != 0.0 || !(a.lo > 0.0)) return false;
        if (!raised(&k->p, a, e) || !raised(&t, a, e - 1.0)) return false;
        *d = sbx_iv_mul((iv){e, e}, t);
        return true;
    default: return false;
    }
}

static bool finite(iv a) { return a.lo >= -DBL_MAX && a.hi <= DBL_MAX && a.lo <= a.hi; }

/* ---- the tape --------------------------------------------------------------------------- */

static iv on_the_way(const sbx_tape *t, const sbx_rea *x)
{
    return x->id ? t->node[x->id].p : (iv){x->lo, x->hi};
}

void sbx_tape_push(sbx_rea *z, sbx_tape_op op, const sbx_rea *x, const sbx_rea *y, const sbx_rea *w,
                   double e, double abs)
{
    sbx_tape *const t = z->m->record;
    const sbx_rea *const from[3] = {x, y, w};
    node k = {.abs = abs};
    iv p[3] = {none, none, none};
    bool moves = !(abs <= 0.0), ok = true; /* a NaN moves */
    if (!t || t->failed) return;
    for (int j = 0; j < 3; j++) {
        if (!from[j]) continue;
        p[j] = on_the_way(t, from[j]);
        k.from[j] = from[j]->id;
        moves = moves || from[j]->id;
    }
    z->id = 0;
    if (!moves) return;
    if (!x)
        k.p = (iv){z->lo, z->hi};
    else
        ok = y ? two(&k, op, p[0], p[1], p[2]) : one_of(&k, op, p[0], e);
    if (x) k.p = (iv){sbx_sub_lo(k.p.lo, abs), sbx_add_hi(k.p.hi, abs)};
    for (int j = 0; j < 3; j++)
        ok = ok && (k.from[j] == 0 || finite(k.d[j]));
    if (!ok || !finite(k.p) || !(abs < HUGE_VAL) || (t->n >= t->room && !grow(t))) {
        t->failed = true;
        return;
    }
    t->node[t->n] = k;
    t->A[t->n] = none;
    z->id = (uint32_t)t->n++;
}

double sbx_tape_bound(sbx_tape *t, const sbx_rea *z)
{
    double sum = 0.0;
    if (z->id == 0) return z->abs;
    t->A[z->id] = one;
    for (size_t i = z->id; i > 0; i--) {
        const node *const k = &t->node[i];
        const iv A = t->A[i];
        if (A.lo == 0.0 && A.hi == 0.0) continue;
        t->A[i] = none;
        if (!finite(A)) sum = HUGE_VAL;
        if (k->abs > 0.0) sum = sbx_add_hi(sum, sbx_mul_hi(sbx_iv_mag(A), k->abs));
        for (int j = 0; j < 3; j++)
            if (k->from[j]) t->A[k->from[j]] = sbx_iv_add(t->A[k->from[j]], sbx_iv_mul(A, k->d[j]));
    }
    return sum < HUGE_VAL ? sum : HUGE_VAL;
}
