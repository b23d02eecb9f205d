/* study/turn.c -- a derivative that changes its sign once: what entmax's constant 2 -> 2 rests on.
 *
 * With 0 < rho < 1, K(t) = (1 - t^rho) / (1 - t) and k(z) = (1 + z^rho) / (1 + z): for every n > 0 the difference
 * K(t) - k(1 + n t) has at most one zero in (0, 1), and rises through it, if wherever K(t) = k(z), 0 < t < 1 < z,
 *
 *   d log(1 - K) / d log t  <  d log(1 - k) / d log(z - 1).                   [L-NRM-88]
 *
 * With t = e^(-2 s), z = e^(2 r) and a = 1 - rho the left side is (rho - a coth(a s) + coth s) / 2, which
 * falls as u = 1 - K rises, from rho to rho / 2; the right side is (rho + a coth(a r) - tanh r) (1 - e^(-2 r)) / 2.
 * Pieces of r cover all u in (0, a): on each, the first factor is least at its right end, the second at
 * its left end, where u is least as well.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

#define PIECES    4000
#define STEP_MIN  1e-6
#define LEAST     1e-3 /* of s: a greater one than need be has a greater left side */
#define HALVINGS  12
#define DOUBLINGS 400

typedef struct turn {
    mpq_t rho, a;
} turn;

/* e^(-2 k x), and 1 minus that */
static void decay(calc *c, sbx_ivf *z, const sbx_ivf *x, mpq_srcptr k, bool less)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_q(c, &t, k);
    calc_mul(c, &t, &t, x);
    sbx_calc_mul_si(c, &t, &t, -2);
    if (less)
        calc_expm1(c, z, &t);
    else
        calc_exp(c, z, &t);
    if (less) calc_neg(c, z, z);
    calc_clear(&t, 1);
}

/* k coth(k x) */
static void slope(calc *c, sbx_ivf *z, const sbx_ivf *x, mpq_srcptr k)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    decay(c, &t[0], x, k, false);
    sbx_calc_add_si(c, &t[0], &t[0], 1);
    decay(c, &t[1], x, k, true);
    calc_div(c, &t[0], &t[0], &t[1]);
    calc_q(c, &t[1], k);
    calc_mul(c, z, &t[0], &t[1]);
    calc_clear(t, 2);
}

/* u of s: e^(-2 rho s) (1 - e^(-2 a s)) / (1 - e^(-2 s)) */
static void left(calc *c, sbx_ivf *z, double s, const turn *e, mpq_srcptr one)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    if (c->st == SBX_OK) c->st = sbx_ivf_set_d(&t[0], s, &c->ctx, c->err);
    decay(c, &t[1], &t[0], e->rho, false);
    decay(c, &t[2], &t[0], e->a, true);
    calc_mul(c, &t[1], &t[1], &t[2]);
    decay(c, &t[2], &t[0], one, true);
    calc_div(c, z, &t[1], &t[2]);
    calc_clear(t, 3);
}

/* u of r: (1 - e^(-2 a r)) / (1 + e^(-2 r)) */
static void right(calc *c, sbx_ivf *z, double r, const turn *e, mpq_srcptr one)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    if (c->st == SBX_OK) c->st = sbx_ivf_set_d(&t[0], r, &c->ctx, c->err);
    decay(c, &t[1], &t[0], e->a, true);
    decay(c, &t[2], &t[0], one, false);
    sbx_calc_add_si(c, &t[2], &t[2], 1);
    calc_div(c, z, &t[1], &t[2]);
    calc_clear(t, 3);
}

/* is left side at s < right side on [r0, r1], times 2 */
static bool below(calc *c, double s, double r0, double r1, const turn *e, mpq_srcptr one)
{
    sbx_ivf t[5];
    bool ok;
    calc_init(c, t, 5);
    if (c->st == SBX_OK) c->st = sbx_ivf_set_d(&t[0], s, &c->ctx, c->err);
    slope(c, &t[1], &t[0], one);
    slope(c, &t[2], &t[0], e->a);
    calc_sub(c, &t[1], &t[1], &t[2]);
    calc_q(c, &t[4], e->rho);
    calc_add(c, &t[1], &t[1], &t[4]); /* the left side */
    if (c->st == SBX_OK) c->st = sbx_ivf_set_d(&t[0], r1, &c->ctx, c->err);
    slope(c, &t[2], &t[0], e->a);
    calc_add(c, &t[2], &t[2], &t[4]);
    slope(c, &t[3], &t[0], one);
    calc_si(c, &t[4], 1);
    calc_div(c, &t[3], &t[4], &t[3]);
    calc_sub(c, &t[2], &t[2], &t[3]);
    if (c->st == SBX_OK) c->st = sbx_ivf_set_d(&t[0], r0, &c->ctx, c->err);
    decay(c, &t[3], &t[0], one, true);
    calc_mul(c, &t[2], &t[2], &t[3]);
    ok = c->st == SBX_OK && mpfr_cmp(t[1].hi, t[2].lo) < 0;
    calc_clear(t, 5);
    return ok;
}

/* is u of s at most v */
static bool less(calc *c, double s, const sbx_ivf *v, const turn *e, mpq_srcptr one)
{
    sbx_ivf t;
    bool ok;
    calc_init(c, &t, 1);
    left(c, &t, s, e, one);
    ok = c->st == SBX_OK && mpfr_cmp(t.hi, v->lo) <= 0;
    calc_clear(&t, 1);
    return ok;
}

/* The inequality on all pieces from r = a / 2 on. Up to there it always holds: r + r^2 <= a, and the right side
 * is at least (1 - r^2) (1 - r) >= 1 - r - r^2 >= rho. */
static bool pieces_hold(calc *c, const turn *e, mpq_srcptr one)
{
    double r = mpq_get_d(e->a) / 2, s = 1, step = 0.25;
    bool ok = true, done = false;
    sbx_ivf t[2];
    calc_init(c, t, 2);
    calc_q(c, &t[1], e->a);
    right(c, &t[0], r, e, one);
    for (int k = 0; k < DOUBLINGS && !less(c, s, &t[0], e, one); k++)
        s *= 2;
    ok = less(c, s, &t[0], e, one);
    for (int k = 0; k < PIECES && ok && !done; k++) {
        double lo = 0, end;
        right(c, &t[0], r, e, one); /* the least u on this piece, and beyond */
        done = c->st == SBX_OK && mpfr_cmp(t[0].lo, t[1].hi) >= 0;
        for (int h = 0; h < HALVINGS && !done; h++) { /* s: its u stays below */
            const double m = (lo + s) / 2;
            if (less(c, m, &t[0], e, one))
                s = m;
            else
                lo = m;
        }
        end = r * (1 + step);
        while (!done && ok && !below(c, s > LEAST ? s : LEAST, r, end, e, one)) {
            step /= 2;
            end = r * (1 + step);
            ok = step > STEP_MIN && c->st == SBX_OK;
        }
        r = end;
        if (step < 0.5) step *= 2;
    }
    calc_clear(t, 2);
    return ok && done && c->st == SBX_OK;
}

/* Is it so for this rho; true is proved. */
bool sbx_study_one_turn(calc *c, mpq_srcptr rho)
{
    turn e;
    mpq_t one;
    bool ok;
    mpq_inits(e.rho, e.a, one, NULL);
    mpq_set(e.rho, rho);
    mpq_set_ui(one, 1, 1);
    mpq_sub(e.a, one, rho);
    ok = pieces_hold(c, &e, one);
    mpq_clears(e.rho, e.a, one, NULL);
    return ok;
}
