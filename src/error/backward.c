/* error/backward.c -- every rounding's effect on every result. [L-ERR-03]
 *
 * All operations are recorded. Let every rounding grow from nothing to what it is; the result
 * moves by the integral of its derivative, a sum over the roundings of their size times the
 * derivative of the result by them. Those are bounded over all values that may occur on the way,
 * from the result back to the inputs, as in reverse differentiation: what an exponential does to
 * its numerator and to the sum cancels as far as it does.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/carry.h"

#include "base/alloc.h"
#include "base/try.h"

/* ---- the record ----------------------------------------------------------------------- */

typedef enum node_op {
    INPUT,
    ADD,
    SUB,
    MUL,
    DIV,
    FMA,
    EXP,
    LOG,
    LOG1P,
    SAME,
    EITHER,
    CONSTANT
} node_op;

typedef struct node {
    node_op op;
    uint32_t a, b, c;
    fv v;
    local l;
} node;

struct em_record {
    node *node;
    iv *A, *R; /* derivative of the result by a node, and by its logarithm */
    uint32_t n, room;
    bool nomem, lean;
};

em_record *sbx_em_record_new(void) { return sbx_alloc(1, sizeof(em_record)); }

void sbx_em_record_free(em_record *t)
{
    if (!t) return;
    sbx_free(t->node);
    sbx_free(t->A);
    sbx_free(t->R);
    sbx_free(t);
}

static bool grow(em_record *t)
{
    const uint32_t room = t->room ? 2 * t->room : 256;
    node *n = sbx_realloc(t->node, t->room, room, sizeof *n);
    iv *A, *R;
    if (n) t->node = n;
    A = n ? sbx_realloc(t->A, t->room, room, sizeof *A) : NULL;
    if (A) t->A = A;
    R = A ? sbx_realloc(t->R, t->room, room, sizeof *R) : NULL;
    if (R) t->R = R;
    if (R) t->room = room;
    return R != NULL;
}

static uint32_t push(em *m, node_op op, uint32_t a, uint32_t b, uint32_t c, fv v, local l)
{
    em_record *t = m->record;
    if (t->n == t->room && !grow(t)) {
        t->nomem = true;
        if (!m->why) m->why = "no memory";
        return 0;
    }
    t->node[t->n] = (node){op, a, b, c, v, l};
    return t->n++;
}

#define V     uint32_t
#define OP(f) rec_##f
#define AT(k) (((em_record *)m->record)->node[k].v)

#define RECORD2(name, f2, op)                                               \
    static uint32_t rec_##name(em *m, const fmt *f, uint32_t a, uint32_t b) \
    {                                                                       \
        local l = {.abs = 0.0};                                             \
        const fv z = f2(m, &l, f, AT(a), AT(b));                            \
        return push(m, (op), a, b, 0, z, l);                                \
    }
RECORD2(add, add, ADD)
RECORD2(sub, sub, SUB)
RECORD2(shift, shift, SUB)
RECORD2(mul, mul, MUL)
#define RECORD1(name, f1, op)                                   \
    static uint32_t rec_##name(em *m, const fmt *f, uint32_t a) \
    {                                                           \
        local l = {.abs = 0.0};                                 \
        const fv z = f1(m, &l, f, AT(a));                       \
        return push(m, (op), a, 0, 0, z, l);                    \
    }
RECORD1(exp, exponential, EXP)
RECORD1(log, logarithm, LOG)
RECORD1(log1p, log_one_plus, LOG1P)
RECORD1(cast, cast, SAME)
static uint32_t rec_part(em *m, const fmt *f, uint32_t a, uint32_t b, size_t j)
{
    local l = {.abs = 0.0};
    const fv z = quotient(m, &l, f, AT(a), AT(b), &m->known[j]);
    return push(m, DIV, a, b, 0, z, l);
}
static uint32_t rec_fma(em *m, const fmt *f, uint32_t a, uint32_t b, uint32_t c)
{
    local l = {.abs = 0.0};
    const fv z = fused(m, &l, f, AT(a), AT(b), AT(c));
    return push(m, FMA, a, b, c, z, l);
}
/* of inputs, which no rounding moves */
static uint32_t rec_max(em *m, uint32_t a, uint32_t b)
{
    return push(m, CONSTANT, a, b, 0, larger(AT(a), AT(b)), (local){.abs = 0.0});
}
static uint32_t rec_either(em *m, uint32_t a, uint32_t b)
{
    const bool factor = positive(AT(a)) && positive(AT(b));
    return push(m, EITHER, a, b, 0, either(AT(a), AT(b)), (local){.factor = factor});
}
static uint32_t rec_one(em *m) { return push(m, CONSTANT, 0, 0, 0, one, (local){.abs = 0.0}); }
static uint32_t rec_sure(em *m, uint32_t s)
{
    AT(s) = sure(AT(s));
    return s;
}
static sbx_truth rec_above(em *m, uint32_t a, uint32_t b, double t)
{
    return above(m, AT(a), AT(b), t);
}

static uint32_t rec_compensated(em *m, const uint32_t *t, size_t n)
{
    local l = {.abs = 0.0};
    uint32_t s = t[0];
    twofold w = {0.0, 0.0, 0.0, 0.0};
    if (n == 1) return rec_cast(m, &m->a, s);
    for (size_t j = 0; j < n; j++) {
        twofold_term(&w, &m->a, sbx_iv_mag(range(AT(t[j]))), 0.0);
        if (j) {
            const fv z = exact_add(AT(s), AT(t[j]));
            s = push(m, ADD, s, t[j], 0, z, (local){.factor = z.lo >= 0.0 && z.rel < HUGE_VAL});
        }
    }
    {
        const fv z = settled(m, &l, AT(s), &w, n, 0.0);
        return push(m, SAME, s, 0, 0, z, l);
    }
}

static uint32_t rec_dot2(em *m, const uint32_t *x, const uint32_t *y, size_t n, uint32_t *t)
{
    fv *v = sbx_alloc(2 * n, sizeof *v), z = unknown;
    (void)t;
    for (size_t j = 0; v && j < n; j++)
        v[j] = AT(x[j]), v[n + j] = AT(y[j]);
    if (v) z = dot_twice(m, v, v + n, n);
    if (!v && !m->why) m->why = "no memory";
    sbx_free(v);
    return push(m, CONSTANT, 0, 0, 0, z, (local){.abs = z.abs});
}

#include "error/algorithms.tmpl.c"
#undef V
#undef OP

/* ---- backward ---------------------------------------------------------------------------- */

static iv whole(void) { return (iv){-HUGE_VAL, HUGE_VAL}; }
static iv checked(iv a) { return a.lo <= a.hi ? a : whole(); } /* a NaN is anything */

static void more(iv *z, iv a) { *z = checked(sbx_iv_add(*z, checked(a))); }
static iv times(iv a, iv b)
{
    if (!(sbx_iv_mag(a) < HUGE_VAL && sbx_iv_mag(b) < HUGE_VAL)) {
        if ((a.lo == 0.0 && a.hi == 0.0) || (b.lo == 0.0 && b.hi == 0.0)) return (iv){0.0, 0.0};
        return whole();
    }
    return sbx_iv_mul(a, b);
}
/* the same where b is -1 or in [0, 1] and a finite */
static iv by_positive(iv a, iv b)
{
    if (b.lo < 0.0) return (iv){-a.hi, -a.lo};
    if (b.lo == 1.0) return a;
    return (iv){sbx_mul_lo(a.lo, a.lo >= 0.0 ? b.lo : b.hi),
                sbx_mul_hi(a.hi, a.hi >= 0.0 ? b.hi : b.lo)};
}
static iv minus(iv a) { return (iv){-a.hi, -a.lo}; }

/* both enclose the same number */
static iv meet(iv a, iv b)
{
    const iv z = {fmax(a.lo, b.lo), fmin(a.hi, b.hi)};
    return z.lo <= z.hi ? z : a;
}

/* e^+-lam */
static iv factor(const node *k)
{
    const double x = k->l.factor ? k->l.lam : 0.0;
    return (iv){sbx_sub_lo(1.0, x), sbx_add_hi(1.0, sbx_mul_hi(x, sbx_add_hi(1.0, x)))};
}

/* a/(a + b), both >= 0 */
static iv share(iv a, iv b)
{
    iv z = {0.0, 1.0};
    if (!(a.lo >= 0.0 && b.lo >= 0.0)) return whole();
    if (a.hi == 0.0 && b.lo > 0.0) return (iv){0.0, 0.0};
    if (a.lo > 0.0) z.lo = sbx_div_lo(a.lo, sbx_add_hi(a.lo, b.hi));
    if (a.hi + b.lo > 0.0) z.hi = fmin(1.0, sbx_div_hi(a.hi, sbx_add_lo(a.hi, b.lo)));
    return z;
}

/* Where all positive values keep their logarithms -- no underflow, and what is positive is made
 * of what is -- the derivatives A by them are never needed: half of the work. */
static bool logarithms_alone(const em_record *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        const node *k = &t->node[i];
        const uint32_t o[3] = {k->a, k->b, k->c};
        const int operands = k->op == SAME ? 1 : k->op == FMA ? 3 : 2;
        if (k->l.eta > 0.0) return false;
        if (k->op == EXP && !k->l.factor) return false;
        if (!k->l.factor || k->op == EXP || k->op == INPUT || k->op == CONSTANT) continue;
        for (int e = 0; e < operands; e++) {
            const node *of = &t->node[o[e]];
            if (!of->l.factor && of->op != INPUT && of->op != CONSTANT) return false;
        }
    }
    return true;
}

/* Passes the derivatives A, R of node k on to operand o: dk/do is d, and d log k/d log o is s
 * where the node is a product of its exact value and a factor alone. */
static void pass(em_record *t, const node *k, uint32_t o, iv A, iv R, iv d, const iv *s)
{
    iv to, log_to;
    if (t->lean && s && k->l.factor) {
        t->R[o] = checked(sbx_iv_add(t->R[o], by_positive(R, *s)));
        return;
    }
    to = times(times(A, factor(k)), d);
    log_to = times(to, range(t->node[o].v));
    if (s && k->l.factor && k->l.eta == 0.0) log_to = meet(times(R, *s), log_to);
    more(&t->A[o], to);
    more(&t->R[o], log_to);
}

static const iv unit = {1.0, 1.0};

/* operands of node k; A and R are complete when this is called */
static void back(em_record *t, uint32_t i)
{
    const node *k = &t->node[i];
    const iv A = t->A[i], R = t->R[i];
    const iv a = range(t->node[k->a].v), b = range(t->node[k->b].v), c = range(t->node[k->c].v);
    iv s, d;
    switch (k->op) {
    case INPUT:
    case CONSTANT: return;
    case SAME: pass(t, k, k->a, A, R, unit, &unit); return;
    case ADD:
        s = share(a, b);
        pass(t, k, k->a, A, R, unit, &s);
        s = share(b, a);
        pass(t, k, k->b, A, R, unit, &s);
        return;
    case SUB:
        pass(t, k, k->a, A, R, unit, NULL);
        pass(t, k, k->b, A, R, minus(unit), NULL);
        return;
    case MUL:
        pass(t, k, k->a, A, R, b, &unit);
        pass(t, k, k->b, A, R, a, &unit);
        return;
    case DIV:
        s = minus(unit);
        if (t->lean && k->l.factor) {
            pass(t, k, k->a, A, R, unit, &unit);
            pass(t, k, k->b, A, R, unit, &s);
            return;
        }
        d = checked(sbx_iv_div(unit, b));
        pass(t, k, k->a, A, R, d, &unit);
        pass(t, k, k->b, A, R, minus(meet(times(times(a, d), d), times(range(k->v), d))), &s);
        return;
    case FMA:
        s = share(checked(sbx_iv_mul(a, b)), c);
        pass(t, k, k->a, A, R, b, &s);
        pass(t, k, k->b, A, R, a, &s);
        s = share(c, checked(sbx_iv_mul(a, b)));
        pass(t, k, k->c, A, R, unit, &s);
        return;
    case EXP: { /* d log e^x/dx = 1 */
        iv to;
        if (t->lean) {
            more(&t->A[k->a], R);
            return;
        }
        to = times(times(A, factor(k)), range(k->v));
        if (k->l.factor && k->l.eta == 0.0) to = meet(R, to);
        if (k->l.eta > 0.0)
            to = times(times(A, factor(k)), (iv){0.0, sbx_add_hi(k->v.hi, k->l.eta)});
        more(&t->A[k->a], to);
        more(&t->R[k->a], times(to, a));
        return;
    }
    case LOG:
        d = checked(sbx_iv_div(unit, a));
        more(&t->A[k->a], times(A, d));
        more(&t->R[k->a], A);
        return;
    case LOG1P:
        d = checked(sbx_iv_div(unit, sbx_iv_add(unit, a)));
        more(&t->A[k->a], times(A, d));
        more(&t->R[k->a], times(A, log1p_slope(t->node[k->a].v)));
        return;
    case EITHER:
        s = (iv){0.0, 1.0};
        pass(t, k, k->a, A, R, s, &s);
        pass(t, k, k->b, A, R, s, &s);
        return;
    }
}

static bool zero(iv a) { return a.lo == 0.0 && a.hi == 0.0; }

/* what the rounding of node k moves the result by, at most */
static double moved(const em_record *t, uint32_t i)
{
    const local *l = &t->node[i].l;
    const double A = sbx_iv_mag(t->A[i]), R = sbx_iv_mag(t->R[i]);
    double d = 0.0;
    if (zero(t->A[i]) && zero(t->R[i])) return 0.0;
    if (!l->factor) return l->abs > 0.0 ? sbx_mul_hi(A, l->abs) : 0.0;
    if (l->lam > 0.0) d = sbx_mul_hi(R, l->lam);
    if (l->eta > 0.0) d = sbx_add_hi(d, sbx_mul_hi(A, sbx_mul_hi(l->eta, 2.0)));
    return d;
}

/* A sweep once more: what is not from exponentials and their arguments; the largest of those; and
 * what the additions make of shares. */
typedef struct apart {
    double other, term, additions;
} apart;

static void take_apart(apart *p, const em_record *t, const node *k, double d)
{
    if (k->op == EXP) {
        const local *x = &t->node[k->a].l;
        p->term = fmax(p->term, sbx_add_hi(k->l.lam, x->abs));
    } else if (k->op != SUB) {
        p->other = sbx_add_hi(p->other, d);
        if (k->op != DIV) p->additions = sbx_add_hi(p->additions, k->l.lam);
    }
}

/* The error of node `out` but for its own rounding, of its logarithm or of itself. */
static double sweep(em_record *t, uint32_t out, bool logarithmic, apart *p)
{
    const uint32_t top = out + 1;
    const local own = t->node[out].l;
    double sum = 0.0;
    for (uint32_t i = 0; i < top; i++)
        t->A[i] = t->R[i] = (iv){0.0, 0.0};
    t->A[out] = unit;
    t->R[out] = range(t->node[out].v);
    if (logarithmic) {
        t->R[out] = unit;
        t->A[out] = t->node[out].v.lo > 0.0 ? sbx_iv_div(unit, range(t->node[out].v)) : whole();
    }
    t->node[out].l = (local){.factor = own.factor};
    for (uint32_t i = top; i-- > 0;) {
        if (zero(t->A[i]) && zero(t->R[i])) continue;
        {
            const double d = moved(t, i);
            sum = sbx_add_hi(sum, d);
            take_apart(p, t, &t->node[i], d);
        }
        back(t, i);
    }
    t->node[out].l = own;
    return sum;
}

/* ---- a box ------------------------------------------------------------------------------ */

/* Softmax as e_i/sum e_j: the derivatives of its logarithm by the logarithms of the e_j are
 * 1 - s_i and -s_j with shares s_j whose sum is 1 at most, so exponentials with errors of `term`
 * move it by 2 term (1 - s_i) at most. At a quotient q, s_i >= q e^-additions; what is moved is at
 * most q times that: the largest value for q in [0, top]. [L-ERR-09] */
static double balanced(const apart *p, double top)
{
    const double r = sbx_sub_lo(1.0, p->additions), a = sbx_mul_hi(2.0, p->term);
    const double sum = sbx_add_hi(p->other, a);
    double low;
    if (!(r > 0.5)) return HUGE_VAL;
    low = sbx_mul_lo(4.0 * a, r);
    if (sbx_mul_hi(2.0 * a, top) <= sbx_add_lo(p->other, sbx_mul_lo(2.0, p->term)))
        return sbx_mul_hi(top, sbx_sub_hi(sum, sbx_mul_lo(sbx_mul_lo(a, r), top)));
    return low > 0.0 ? sbx_div_hi(sbx_mul_hi(sum, sum), low) : HUGE_VAL; /* at the vertex */
}

static bool is_quotient(alg_id a)
{
    return a == SOFTMAX_NAIVE || a == SOFTMAX_TWO_PASS || a == SOFTMAX_SAFE || a == SOFTMAX_SHIFTED;
}

/* The last operation's own rounding comes to that of the values before it. Of a positive result
 * r the logarithm moves by s at most: |r e^+-s - r| <= r (s + s^2) for s <= 1. */
static em_bound output_bound(em *m, em_record *t, uint32_t out, size_t i)
{
    const node *k = &t->node[out];
    em_bound z = {k->v.abs, k->v.eta == 0.0 ? k->v.rel : HUGE_VAL};
    apart p = {0.0, 0.0, 0.0};
    double s;
    if (m->known && k->l.factor && (s = sweep(t, out, true, &p)) <= 0.5) {
        const double up = sbx_add_hi(s, sbx_mul_hi(s, s)), most = m->known[i].hi;
        double d = sbx_mul_hi(most, up);
        if (is_quotient(m->alg) && t->lean)
            d = fmin(d, balanced(&p, sbx_add_hi(most, sbx_mul_hi(most, up))));
        if (k->l.eta == 0.0) z.rel = fmin(z.rel, sbx_add_hi(s, k->l.lam));
        z.abs = fmin(z.abs, sbx_add_hi(d, k->l.abs));
        return z;
    }
    s = sbx_add_hi(sweep(t, out, false, &p), k->l.abs);
    if (s < z.abs) z.abs = s;
    return z;
}

sbx_status sbx_em_backward(em *m, em_record *t, em_bound *z, const em_box *box, sbx_err *err)
{
    const size_t n = box->n, outputs = sbx_alg_one(m->alg) ? 1 : n;
    sbx_status st = SBX_OK;
    uint32_t *v = sbx_alloc(4 * n, sizeof *v);
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", 4 * n);
    t->n = 0;
    t->nomem = false;
    m->lead = box->lead;
    m->why = NULL;
    m->record = t;
    for (size_t j = 0; j < n; j++)
        v[j] = push(m, INPUT, 0, 0, 0, side(box, j), (local){.abs = 0.0});
    if (!t->nomem) rec_algorithm(m, v + n, v, n, v + 2 * n);
    if (t->nomem) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu operations", 8 * n);
    t->lean = logarithms_alone(t);
    for (size_t i = 0; i < outputs; i++) {
        z[i] = m->why ? (em_bound){HUGE_VAL, HUGE_VAL} : output_bound(m, t, v[n + i], i);
        if (!m->why && !(z[i].abs < HUGE_VAL)) m->why = lost_digits;
    }
done:
    sbx_free(v);
    return st;
}
