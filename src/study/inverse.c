/* study/inverse.c -- what iterative inverses leave after so many steps, and from which ratio of
 * eigenvalues they leave little.
 *
 * The residual E = I - A V is a polynomial of the first one, so that only its eigenvalues count; they
 * are >= 0 but for the greatest eigenvalues of A in Newton's, which are few: see top().
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/constants.h"
#include "study/study.h"

#define BITS_MAX 4096 /* a fraction that is kept exactly */
#define PREC     256
#define STEPS    64

/* newton: |1 - (9/5) (101/100)^2|, which the greatest eigenvalue leaves at most   [L-STU-02] */
static void top(mpq_ptr e) { mpq_set_ui(e, 41809, 50000); }

/* the first residual of the least eigenvalue: 1 - (9/5) r^2, or 1 - r^2 */
static void first(mpq_ptr e, sbx_inverse method, mpq_srcptr ratio)
{
    mpq_t t;
    mpq_init(t);
    mpq_set_ui(t, method == SBX_INVERSE_NEWTON ? 9 : 1, method == SBX_INVERSE_NEWTON ? 5 : 1);
    mpq_mul(e, ratio, ratio);
    mpq_mul(e, e, t);
    mpq_set_ui(t, 1, 1);
    mpq_sub(e, t, e);
    mpq_clear(t);
}

static bool is_short(mpq_srcptr e) { return mpz_sizeinbase(mpq_denref(e), 2) <= BITS_MAX / 4; }

/* e <- e^2, or e^3 (3 + e) / 4   [L-STU-01] */
static void step_q(mpq_ptr e, sbx_inverse method)
{
    mpq_t t;
    mpq_init(t);
    if (method == SBX_INVERSE_NYSTROM) {
        mpq_set_ui(t, 3, 1);
        mpq_add(t, t, e);
        mpq_mul(t, t, e);
        mpq_div_2exp(t, t, 2);
        mpq_mul(e, e, e);
        mpq_mul(e, e, t);
    } else {
        mpq_mul(e, e, e);
    }
    mpq_clear(t);
}
static void step_iv(calc *c, sbx_ivf *e, sbx_inverse method)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    if (method == SBX_INVERSE_NYSTROM) {
        sbx_calc_add_si(c, &t, e, 3);
        calc_mul(c, &t, &t, e);
        sbx_calc_div_si(c, &t, &t, 4);
        calc_sqr(c, e, e);
        calc_mul(c, e, e, &t);
    } else {
        calc_sqr(c, e, e);
    }
    calc_clear(&t, 1);
}

/* 1e-300 */
static void least(mpq_ptr v)
{
    mpq_set_ui(v, 1, 1);
    mpz_ui_pow_ui(mpq_denref(v), 10, 300);
}

/* z = the first residual e >= 0 after the steps. Both steps rise with e >= 0. */
static void run(calc *c, sbx_cell *z, mpq_srcptr e, sbx_inverse method, unsigned steps)
{
    unsigned k = 0;
    sbx_ivf t;
    mpq_t v, floor;
    mpq_inits(v, floor, (mpq_ptr)0);
    calc_init(c, &t, 1);
    mpq_set(v, e);
    least(floor);
    for (; k < steps && is_short(v); k++)
        step_q(v, method);
    if (k == steps) {
        sbx_cell_q(c, z, v, "closed form");
        goto done;
    }
    calc_q(c, &t, v);
    for (; k < steps && c->st == SBX_OK; k++) {
        step_iv(c, &t, method);
        if (c->st == SBX_OK && mpfr_cmp_q(t.hi, floor) < 0) break; /* it only falls */
    }
    sbx_cell_iv(c, z, &t, "closed form, enclosed");
    if (k < steps && c->st == SBX_OK) {
        mpq_set_ui(z->lo, 0, 1);
        mpq_set(z->hi, floor);
        z->exact = false;
    }
done:
    if (c->st == SBX_OK) z->reached = true;
    calc_clear(&t, 1);
    mpq_clears(v, floor, (mpq_ptr)0);
}

static sbx_status check(sbx_inverse method, unsigned steps, sbx_err *err)
{
    if ((unsigned)method > SBX_INVERSE_NYSTROM)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "no such iteration");
    if (steps > STEPS) return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "at most %d steps", STEPS);
    return SBX_OK;
}

/* [L-STU-02], [L-STU-03] */
sbx_status sbx_constant_residual(sbx_cell *z, sbx_inverse method, mpq_srcptr ratio, unsigned steps,
                                 sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_cell other;
    mpq_t e, limit;
    mpq_inits(e, limit, (mpq_ptr)0);
    sbx_cell_init(&other);
    SBX_TRY(check(method, steps, err));
    if (mpq_sgn(ratio) <= 0 || mpq_cmp_ui(ratio, 1, 1) > 0)
        SBX_FAIL(err, SBX_ERR_ARG, "a ratio is above 0 and at most 1");
    first(e, method, ratio);
    mpq_abs(e, e);
    run(&c, z, e, method, steps);
    top(limit);
    if (method == SBX_INVERSE_NEWTON && mpq_cmp(e, limit) < 0) {
        run(&c, &other, limit, method, steps);
        mpq_set(z->hi, other.hi);
        z->exact = z->reached = mpq_equal(z->lo, z->hi) != 0;
        z->how = "bounds that do not meet";
    }
    SBX_TRY(c.st);
done:
    sbx_cell_clear(&other);
    mpq_clears(e, limit, (mpq_ptr)0);
    return st;
}

/* e^3 (3 + e) / 4 - eps, which rises with e */
static void gap_to(calc *c, sbx_ivf *z, const sbx_ivf *e, const void *eps)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_hull(c, &t, e, e);
    step_iv(c, &t, SBX_INVERSE_NYSTROM);
    calc_sub(c, z, &t, eps);
    calc_clear(&t, 1);
}

/* newton: t = 1 - eps^(2^-steps) = (9/5) r^2, as long as the greatest eigenvalue leaves no more */
static void newton(calc *c, sbx_cell *z, sbx_ivf *t, unsigned steps)
{
    mpq_t limit;
    mpq_init(limit);
    calc_log(c, t, t);
    if (c->st == SBX_OK) {
        mpfr_div_2ui(t->lo, t->lo, steps, MPFR_RNDD);
        mpfr_div_2ui(t->hi, t->hi, steps, MPFR_RNDU);
    }
    calc_expm1(c, t, t);
    calc_neg(c, t, t);
    top(limit);
    mpq_neg(limit, limit);
    mpz_add(mpq_numref(limit), mpq_numref(limit), mpq_denref(limit));
    if (c->st == SBX_OK && mpfr_cmp_q(t->hi, limit) > 0)
        sbx_cell_none(z, "the greatest eigenvalue may leave more");
    sbx_calc_mul_si(c, t, t, 5);
    sbx_calc_div_si(c, t, t, 9);
    mpq_clear(limit);
}

/* The residual from which so many steps come to eps, one step after the other backward; then
 * r = sqrt((1 - e) / (9/5)) or sqrt(1 - e)   [L-STU-02], [L-STU-03] */
sbx_status sbx_constant_threshold(sbx_cell *z, sbx_inverse method, unsigned steps, mpq_srcptr eps,
                                  sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .tol = 0x1p-240, .err = err};
    sbx_ivf t[4];
    calc_init(&c, t, 4);
    SBX_TRY(check(method, steps, err));
    if (steps == 0 || mpq_sgn(eps) <= 0 || mpq_cmp_ui(eps, 1, 1) >= 0)
        SBX_FAIL(err, SBX_ERR_ARG, "0 < eps < 1 and a step are needed");
    z->kind = SBX_CELL_NUMBER;
    calc_q(&c, &t[0], eps);
    if (method == SBX_INVERSE_NEWTON) {
        newton(&c, z, &t[0], steps);
    } else {
        calc_si(&c, &t[2], 0);
        calc_si(&c, &t[3], 1);
        for (unsigned k = 0; k < steps; k++) {
            sbx_calc_root(&c, &t[1], gap_to, &t[0], &t[2], &t[3], NULL);
            calc_hull(&c, &t[0], &t[1], &t[1]);
        }
        calc_sub(&c, &t[0], &t[3], &t[0]);
    }
    calc_sqrt(&c, &t[0], &t[0]);
    if (z->kind == SBX_CELL_NUMBER)
        sbx_cell_iv(&c, z, &t[0],
                    method == SBX_INVERSE_NEWTON ? "closed form, enclosed" : "enclosed root");
    z->reached = c.st == SBX_OK;
    SBX_TRY(c.st);
done:
    calc_clear(t, 4);
    return st;
}

/* The bound for all matrices only falls with the steps. */
sbx_status sbx_constant_steps(unsigned *steps, sbx_inverse method, mpq_srcptr ratio, mpq_srcptr eps,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_cell z;
    sbx_cell_init(&z);
    if (mpq_sgn(eps) <= 0) SBX_FAIL(err, SBX_ERR_ARG, "eps must be positive");
    for (*steps = 0; *steps <= STEPS; ++*steps) {
        SBX_TRY(sbx_constant_residual(&z, method, ratio, *steps, err));
        if (mpq_cmp(z.hi, eps) <= 0) goto done;
        if (mpq_cmp(z.lo, eps) <= 0) SBX_FAIL(err, SBX_ERR_LIMIT, "%u steps: not decided", *steps);
    }
    SBX_FAIL(err, SBX_ERR_LIMIT, "more than %d steps", STEPS);
done:
    sbx_cell_clear(&z);
    return st;
}
