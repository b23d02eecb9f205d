/* study/calc.c -- small steps of formulas; the root of a rising function, the greatest value of
 * a function of one variable.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/calc.h"

#include "base/alloc.h"

static void with_si(calc *c, sbx_ivf *z, const sbx_ivf *x, long k,
                    void (*op)(calc *, sbx_ivf *, const sbx_ivf *, const sbx_ivf *))
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_si(c, &t, k);
    op(c, z, x, &t);
    calc_clear(&t, 1);
}
void sbx_calc_mul_si(calc *c, sbx_ivf *z, const sbx_ivf *x, long k)
{
    with_si(c, z, x, k, calc_mul);
}
void sbx_calc_add_si(calc *c, sbx_ivf *z, const sbx_ivf *x, long k)
{
    with_si(c, z, x, k, calc_add);
}
void sbx_calc_div_si(calc *c, sbx_ivf *z, const sbx_ivf *x, long k)
{
    with_si(c, z, x, k, calc_div);
}

void sbx_calc_ratio(calc *c, sbx_ivf *z, long a, long b)
{
    calc_si(c, z, a);
    sbx_calc_div_si(c, z, z, b);
}

void sbx_calc_point(calc *c, sbx_ivf *z, mpfr_srcptr v)
{
    if (c->st != SBX_OK) return;
    mpfr_set(z->lo, v, MPFR_RNDD);
    mpfr_set(z->hi, v, MPFR_RNDU);
}

/* x^y, y > 0, at the point v >= 0 */
static void power_at(calc *c, sbx_ivf *z, mpfr_srcptr v, mpq_srcptr y)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    sbx_calc_point(c, z, v);
    if (mpfr_sgn(v) > 0) {
        calc_log(c, z, z);
        calc_q(c, &t, y);
        calc_mul(c, z, z, &t);
        calc_exp(c, z, z);
    }
    calc_clear(&t, 1);
}

void sbx_calc_pow(calc *c, sbx_ivf *z, const sbx_ivf *x, mpq_srcptr y)
{
    mpq_t minus;
    sbx_ivf t[2];
    if (c->st != SBX_OK) return;
    if (mpz_cmp_ui(mpq_denref(y), 1) == 0 && mpz_cmpabs_ui(mpq_numref(y), 64) <= 0) {
        c->st = sbx_ivf_pow(z, x, (double)mpz_get_si(mpq_numref(y)), &c->ctx, c->err);
        return;
    }
    if (mpfr_sgn(x->lo) < 0 || !mpfr_number_p(x->hi)) {
        c->st = sbx_fail(c->err, SBX_ERR_DOMAIN, SBX_HERE, "a power of a negative number");
        return;
    }
    mpq_init(minus);
    calc_init(c, t, 2);
    mpq_abs(minus, y);
    power_at(c, &t[0], x->lo, minus);
    power_at(c, &t[1], x->hi, minus);
    if (mpq_sgn(y) < 0) {
        sbx_ivf one;
        calc_init(c, &one, 1);
        calc_si(c, &one, 1);
        calc_div(c, &t[0], &one, &t[0]);
        calc_div(c, &t[1], &one, &t[1]);
        calc_clear(&one, 1);
    }
    calc_hull(c, z, &t[0], &t[1]);
    calc_clear(t, 2);
    mpq_clear(minus);
}

/* the sign of f at v that is proved, or 0 */
static int sign_at(calc *c, mpfr_srcptr v, calc_fn *f, const void *arg)
{
    sbx_ivf t[2];
    int s = 0;
    calc_init(c, t, 2);
    sbx_calc_point(c, &t[0], v);
    f(c, &t[1], &t[0], arg);
    if (c->st == SBX_OK) s = calc_nonneg(&t[1]) ? 1 : calc_nonpos(&t[1]) ? -1 : 0;
    calc_clear(t, 2);
    return s;
}

/* Moves the ends a < b to what is proved around the guess. */
static void near_guess(calc *c, mpfr_ptr a, mpfr_ptr b, calc_fn *f, const void *arg,
                       mpfr_srcptr guess)
{
    bool below = false, above = false;
    mpfr_t v, e;
    mpfr_inits2(c->ctx.prec, v, e, (mpfr_ptr)0);
    mpfr_abs(e, guess, MPFR_RNDU);
    mpfr_div_2si(e, e, c->ctx.prec - 8, MPFR_RNDU);
    for (int k = 0; k < 12 && !(below && above) && mpfr_number_p(guess); k++) {
        mpfr_sub(v, guess, e, MPFR_RNDN);
        if (!below && mpfr_cmp(v, a) > 0 && mpfr_cmp(v, b) < 0 && sign_at(c, v, f, arg) < 0) {
            mpfr_set(a, v, MPFR_RNDD);
            below = true;
        }
        mpfr_add(v, guess, e, MPFR_RNDN);
        if (!above && mpfr_cmp(v, a) > 0 && mpfr_cmp(v, b) < 0 && sign_at(c, v, f, arg) > 0) {
            mpfr_set(b, v, MPFR_RNDU);
            above = true;
        }
        mpfr_mul_2ui(e, e, 3, MPFR_RNDU);
    }
    mpfr_clears(v, e, (mpfr_ptr)0);
}

/* Halves [a, b] as long as the sign in the middle is known; then closes in on the middle. */
void sbx_calc_root(calc *c, sbx_ivf *z, calc_fn *f, const void *arg, const sbx_ivf *lo,
                   const sbx_ivf *hi, mpfr_srcptr guess)
{
    mpfr_t a, b, m;
    if (c->st != SBX_OK) return;
    mpfr_inits2(c->ctx.prec, a, b, m, (mpfr_ptr)0);
    mpfr_set(a, lo->lo, MPFR_RNDD);
    mpfr_set(b, hi->hi, MPFR_RNDU);
    if (guess) near_guess(c, a, b, f, arg, guess);
    while (c->st == SBX_OK) {
        int s;
        mpfr_sub(m, b, a, MPFR_RNDU);
        if (mpfr_cmp_d(m, c->tol) <= 0) break;
        mpfr_add(m, a, b, MPFR_RNDN);
        mpfr_div_2ui(m, m, 1, MPFR_RNDN);
        if (mpfr_cmp(m, a) <= 0 || mpfr_cmp(m, b) >= 0) break;
        s = sign_at(c, m, f, arg);
        if (s == 0) { /* the middle is the root, or nearly */
            near_guess(c, a, b, f, arg, m);
            break;
        }
        mpfr_set(s > 0 ? b : a, m, MPFR_RNDN);
    }
    if (c->st == SBX_OK) {
        mpfr_set(z->lo, a, MPFR_RNDD);
        mpfr_set(z->hi, b, MPFR_RNDU);
    }
    mpfr_clears(a, b, m, (mpfr_ptr)0);
}

/* ---- the greatest value ------------------------------------------------------------- */

#define PIECES_MAX 4096

typedef struct piece {
    mpfr_t a, b, top; /* f <= top on [a, b] */
} piece;

typedef struct search {
    calc *c;
    calc_fn *f, *slope;
    const void *arg;
    piece *p;
    size_t n;
    mpfr_t best; /* f comes to this somewhere */
    mpfr_srcptr first, last;
} search;

/* top of p: f's own enclosure, the mean value form, or the value at an end where f is monotone;
 * best rises to what f has in the middle. */
static void look(search *s, piece *p)
{
    calc *c = s->c;
    sbx_ivf t[6];
    calc_init(c, t, 6);
    if (c->st == SBX_OK) {
        mpfr_set(t[0].lo, p->a, MPFR_RNDD);
        mpfr_set(t[0].hi, p->b, MPFR_RNDU);
        mpfr_add(t[1].lo, p->a, p->b, MPFR_RNDN);
        mpfr_div_2ui(t[1].lo, t[1].lo, 1, MPFR_RNDN);
        mpfr_set(t[1].hi, t[1].lo, MPFR_RNDN);
    }
    s->slope(c, &t[2], &t[0], s->arg);
    if (c->st == SBX_OK && calc_nonneg(&t[2]))
        sbx_calc_point(c, &t[1], p->b);
    else if (c->st == SBX_OK && calc_nonpos(&t[2]))
        sbx_calc_point(c, &t[1], p->a);
    s->f(c, &t[3], &t[1], s->arg);
    calc_sub(c, &t[4], &t[0], &t[1]);
    calc_mul(c, &t[4], &t[4], &t[2]);
    calc_add(c, &t[4], &t[4], &t[3]);
    s->f(c, &t[5], &t[0], s->arg);
    if (c->st == SBX_OK) {
        mpfr_min(p->top, t[4].hi, t[5].hi, MPFR_RNDU);
        mpfr_max(s->best, s->best, t[3].lo, MPFR_RNDD);
        if (calc_nonneg(&t[2]) || calc_nonpos(&t[2])) mpfr_min(p->top, p->top, t[3].hi, MPFR_RNDU);
    }
    calc_clear(t, 6);
}

/* Splits the piece with the highest top; false when there is nothing left to gain. */
static bool split(search *s)
{
    size_t k = 0;
    piece *p, *q;
    mpfr_t gap;
    bool more;
    for (size_t j = 1; j < s->n; j++)
        if (mpfr_cmp(s->p[j].top, s->p[k].top) > 0) k = j;
    p = &s->p[k];
    mpfr_init2(gap, s->c->ctx.prec);
    mpfr_sub(gap, p->top, s->best, MPFR_RNDU);
    more = mpfr_cmp_d(gap, s->c->tol) > 0 && s->n < PIECES_MAX;
    mpfr_add(gap, p->a, p->b, MPFR_RNDN);
    mpfr_div_2ui(gap, gap, 1, MPFR_RNDN);
    more = more && mpfr_cmp(gap, p->a) > 0 && mpfr_cmp(gap, p->b) < 0;
    if (more) {
        q = &s->p[s->n++];
        mpfr_inits2(s->c->ctx.prec, q->a, q->b, q->top, (mpfr_ptr)0);
        mpfr_set(q->b, p->b, MPFR_RNDN);
        mpfr_set(q->a, gap, MPFR_RNDN);
        mpfr_set(p->b, gap, MPFR_RNDN);
        look(s, p);
        look(s, q);
        for (size_t j = 0; j < s->n;) { /* what cannot hold the greatest value goes */
            piece *r = &s->p[j];
            if (s->n > 1 && mpfr_cmp(r->top, s->best) < 0) {
                piece last = s->p[--s->n];
                mpfr_clears(r->a, r->b, r->top, (mpfr_ptr)0);
                *r = last;
            } else {
                j++;
            }
        }
    }
    mpfr_clear(gap);
    return more && s->c->st == SBX_OK;
}

void sbx_calc_greatest(calc *c, sbx_ivf *z, calc_fn *f, calc_fn *slope, const void *arg,
                       const sbx_ivf *lo, const sbx_ivf *hi)
{
    search s = {.c = c, .f = f, .slope = slope, .arg = arg};
    if (c->st != SBX_OK) return;
    s.p = sbx_alloc(PIECES_MAX, sizeof *s.p);
    if (!s.p) {
        c->st = sbx_fail(c->err, SBX_ERR_NOMEM, SBX_HERE, "no memory");
        return;
    }
    mpfr_init2(s.best, c->ctx.prec);
    mpfr_set_inf(s.best, -1);
    s.n = 1;
    mpfr_inits2(c->ctx.prec, s.p->a, s.p->b, s.p->top, (mpfr_ptr)0);
    mpfr_set(s.p->a, lo->lo, MPFR_RNDD);
    mpfr_set(s.p->b, hi->hi, MPFR_RNDU);
    look(&s, s.p);
    while (split(&s))
        ;
    if (c->st == SBX_OK) {
        mpfr_set(z->lo, s.best, MPFR_RNDD);
        mpfr_set(z->hi, s.p->top, MPFR_RNDU);
        for (size_t k = 1; k < s.n; k++)
            mpfr_max(z->hi, z->hi, s.p[k].top, MPFR_RNDU);
        mpfr_max(z->hi, z->hi, z->lo, MPFR_RNDU);
    }
    for (size_t k = 0; k < s.n; k++)
        mpfr_clears(s.p[k].a, s.p[k].b, s.p[k].top, (mpfr_ptr)0);
    mpfr_clear(s.best);
    sbx_free(s.p);
}

/* ---- Lambert's W --------------------------------------------------------------------- */

/* w e^w - x */
static void lambert_of(calc *c, sbx_ivf *z, const sbx_ivf *w, const void *arg)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_exp(c, &t, w);
    calc_mul(c, &t, &t, w);
    calc_sub(c, z, &t, arg);
    calc_clear(&t, 1);
}

/* w e^w rises and passes x between 0 and log(1 + x): there it is (1 + x) log(1 + x) >= x. The
 * guess is Newton's, with nothing proved. */
void sbx_calc_lambert(calc *c, sbx_ivf *z, const sbx_ivf *x)
{
    sbx_ivf t[2];
    mpfr_t w, e, v;
    calc_init(c, t, 2);
    calc_si(c, &t[0], 0);
    calc_log1p(c, &t[1], x);
    mpfr_inits2(c->ctx.prec, w, e, v, (mpfr_ptr)0);
    if (c->st == SBX_OK) {
        mpfr_set(w, t[1].hi, MPFR_RNDN);
        for (int k = 0; k < 20; k++) {
            mpfr_neg(e, w, MPFR_RNDN); /* w -= (w - x e^-w) / (w + 1) */
            mpfr_exp(e, e, MPFR_RNDN);
            mpfr_mul(e, e, x->lo, MPFR_RNDN);
            mpfr_sub(e, w, e, MPFR_RNDN);
            mpfr_add_ui(v, w, 1, MPFR_RNDN);
            mpfr_div(e, e, v, MPFR_RNDN);
            mpfr_sub(w, w, e, MPFR_RNDN);
        }
    }
    sbx_calc_root(c, z, lambert_of, x, &t[0], &t[1], w);
    mpfr_clears(w, e, v, (mpfr_ptr)0);
    calc_clear(t, 2);
}
