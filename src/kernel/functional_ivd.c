/* kernel/functional_ivd.c -- the range of c.softmax(x) over a box of doubles.
 *
 * With weights w_j = e^{x_j} in [a_j, b_j] the value is a weighted mean of the c_j, and
 * its maximum t* is the root of the decreasing function
 *
 *   F(t) = sum over j of max((c_j - t) a_j, (c_j - t) b_j)            [L-SMX-08]
 *
 * Newton's method on F (Dinkelbach) finds t*; then the answer is any t slightly above
 * at which F(t) <= 0 is PROVED. So the search may round as it likes: soundness rests on
 * the last evaluation alone. The minimum is the maximum of -c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "kernel/vec.h"
#include "num/round.h"
#include "kernel/generic.h"

#define NEWTON_MAX 100
#define WIDEN_MAX  60

typedef struct weights {
    double *c, *ya, *ka, *yb, *kb;
    size_t n;
    const sbx_vec *v;
} weights;

/* what one look at a threshold t finds: F(t) 2^-K by nearest sums, its error at most
 * error; D = sum of the weights, A = sum |c_j - t| w_j, mean = sum c_j w_j / D */
typedef struct look {
    double F, D, A, mean, error;
} look;

/* The errors of a term (c_j - t) e^{x_j}: c_j - t rounds (u) [L-FP-02], the exponential has 1.4412
 * u [L-EXP-04], the product rounds (u); the compensated sum has u |F| + A u / 16 [L-FP-04]: in all
 * less than 5 u A, and least doubles for underflow. A weight left out is below 2^-899 [L-SMX-07].
 * [L-SMX-21] */
static void evaluate(look *r, const weights *w, double t)
{
    sbx_corner s;
    w->v->threshold(&s, w->c, t, w->ya, w->ka, w->yb, w->kb, w->n);
    r->F = sbx_sum2_value(&s.F);
    r->D = s.D;
    r->A = s.A;
    r->mean = s.N / s.D;
    r->error = 5.0 * SBX_U * s.A * (1.0 + 0x1p-10) + (double)w->n * (4.0 * SBX_ETA);
    if (s.left) r->error += (double)s.left * (s.g_max * 0x1p-898);
    if (s.g_max == 0.0) r->F = r->error = 0.0; /* every c_j is t */
}

/* Is F(t) <= 0 proved? The sum rounds to a number <= 0 only if it is one. A NaN or
 * an overflow says no. */
static bool is_upper(const look *r) { return r->F + r->error * (1.0 + 0x1p-40) <= 0.0; }

/* An upper bound of sum c_j w_j / sum w_j, at most c_max. A Newton step goes to the value
 * of the corner, so it lands below the root but for its rounding; a far one is computed as
 * that value (error u sum |c| w / D), a near one as a correction of t. Where steps jump from
 * one side of a breakpoint to the other the least proved bound is kept. */
static double maximum(const weights *w, double c_max, double c_min)
{
    double t = c_min + 0.5 * (c_max - c_min), best = c_max, m; /* [L-SMX-10] */
    int down = 0;
    look r = {0};
    for (int i = 0; i < NEWTON_MAX && down < 4; i++) {
        double step;
        evaluate(&r, w, t);
        if (is_upper(&r) && t < best) best = t;
        step = r.F / r.D;
        if (!(fabs(step) > 3.0 * SBX_U * r.A / r.D)) break; /* within rounding of the root */
        if (!(fabs(t + step) <= DBL_MAX)) return best;
        down += step < 0.0;
        t = fabs(step) > 0.25 * fabs(t) ? r.mean : t + step;
    }
    m = 7.0 * SBX_U * r.A / r.D;
    for (int i = 0; i < WIDEN_MAX && t < best; i++, m *= 2.0) {
        double s = t + m;
        if (!(s > t)) s = sbx_next_up(t);
        if (!(s < best)) break;
        evaluate(&r, w, s);
        if (is_upper(&r)) return s;
    }
    return best;
}

static sbx_status check(const sbx_ivd *c, const sbx_ivd *x, size_t n, const sbx_vec *v, sbx_scan *s,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "functional of a softmax of no numbers");
    v->scan(s, x, n);
    if (s->bad)
        SBX_FAIL(err, SBX_ERR_ARG, "functional: side %zu has lo > hi, or an end beyond the doubles",
                 sbx_scan_bad(x, n));
    for (size_t j = 0; j < n; j++)
        if (!(c[j].lo <= c[j].hi && c[j].lo >= -DBL_MAX && c[j].hi <= DBL_MAX))
            SBX_FAIL(err, SBX_ERR_ARG, "functional: coefficient %zu is not a finite interval", j);
done:
    return st;
}

sbx_status sbx_softmax_functional_ivd(sbx_ivd *z, const sbx_ivd *c, const sbx_ivd *x, size_t n,
                                      const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_vec *v = sbx_vec_get();
    double min[2] = {HUGE_VAL, HUGE_VAL}, max[2] = {-HUGE_VAL, -HUGE_VAL}, *mem = NULL;
    sbx_status st = SBX_OK;
    weights w;
    sbx_ivd r;
    sbx_scan s = {0};

    (void)ctx;
    SBX_TRY(check(c, x, n, v, &s, err));
    if (s.far || n > SBX_VEC_N_MAX) return sbx_functional_through_ivf(z, c, x, n, err);
    mem = sbx_alloc(6 * n, sizeof *mem);
    if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "functional: no memory for %zu weights", n);
    w = (weights){.c = mem,
                  .ya = mem + n,
                  .ka = mem + 2 * n,
                  .yb = mem + 3 * n,
                  .kb = mem + 4 * n,
                  .n = n,
                  .v = v};
    for (size_t j = 0; j < n; j++)
        mem[5 * n + j] = x[j].lo;
    v->exp(w.ya, w.ka, mem + 5 * n, n);
    for (size_t j = 0; j < n; j++)
        mem[5 * n + j] = x[j].hi;
    v->exp(w.yb, w.kb, mem + 5 * n, n);
    for (size_t j = 0; j < n; j++) {
        const double lo = c[j].lo, hi = c[j].hi;
        min[0] = lo < min[0] ? lo : min[0];
        max[0] = lo > max[0] ? lo : max[0];
        min[1] = hi < min[1] ? hi : min[1];
        max[1] = hi > max[1] ? hi : max[1];
    }
    for (size_t j = 0; j < n; j++)
        w.c[j] = c[j].hi; /* [L-SMX-09] */
    r.hi = maximum(&w, max[1], min[1]);
    for (size_t j = 0; j < n; j++)
        w.c[j] = -c[j].lo;
    r.lo = -maximum(&w, -min[0], -max[0]);
    SBX_SOUND(r.lo <= r.hi, err);
    *z = r;
done:
    sbx_free(mem);
    return st;
}
