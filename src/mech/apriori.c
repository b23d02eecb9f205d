/* mech/apriori.c -- the theorems: every rounding of a normal result is a factor within e^+-u, every other one
 * adds eta at most; how many there are on the way of a term is counted. [L-ERR-22] .. [L-ERR-24]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/apriori.h"

#include <math.h>
#include <string.h>

#include "error/rounding.h"
#include "num/round.h"

#define UP(a, b)    sbx_add_hi(a, b)
#define TIMES(a, b) sbx_mul_hi(a, b)

/* e^t - 1 <= t/(1 - t/2) [L-ERR-12]; beyond 1/2 there is no theorem */
static double growth(double t)
{
    return t >= 0.0 && t <= 0.5 ? sbx_div_hi(t, sbx_sub_lo(1.0, t / 2.0)) : HUGE_VAL;
}

static iv side(const sbx_rea *x) { return (iv){x->lo, x->hi}; }
static double mag(const sbx_rea *x) { return sbx_iv_mag(side(x)); }
static double largest(const sbx_rea *x, size_t n, size_t step)
{
    double m = 0.0;
    for (size_t k = 0; k < n; k++)
        m = fmax(m, mag(&x[k * step]));
    return m;
}

typedef struct theorem {
    const sbx_mech_args *a;
    const sbx_mech_in_rea *in;
    const em *m;
    size_t n, k, d, dv; /* k keys */
    double u, eta, V, Q, K;
} theorem;

/* the value of a parameter as a whole number, by its name; 0: it has none */
static long parameter(const sbx_mech_args *a, const char *name)
{
    const sbx_mech_info *f = &a->mech->info;
    for (size_t p = 0; p < f->n_params; p++)
        if (strcmp(f->param[p].name, name) == 0) return sbx_mech_long(a, p);
    return 0;
}

/* q_i . k_j, and the sum of the magnitudes of its terms */
static iv product(double *size, const theorem *t, const sbx_rea *q, const sbx_rea *k)
{
    iv s = {0.0, 0.0};
    *size = 0.0;
    for (size_t a = 0; a < t->d; a++) {
        const iv p = sbx_iv_mul(side(&q[a]), side(&k[a]));
        s = sbx_iv_add(s, p);
        *size = UP(*size, sbx_iv_mag(p));
    }
    return s;
}

/* ---- softmax attention [L-ERR-22] ------------------------------------------------------------- */

static double exp_error(const em *m)
{
    const double d = 2.0 * m->ulps * m->w.u;
    if (m->kernel) return TIMES(1.5, m->w.u);
    if (m->ulps <= 0.5) return m->w.u;
    return d <= 0.5 ? sbx_div_hi(d, sbx_sub_lo(1.0, d)) : HUGE_VAL;
}

/* by how many eta a subnormal exponential may be off */
static double exp_etas(const em *m) { return m->kernel ? 2.0 : fmax(1.0, 2.0 * m->ulps); }

/* a bound of the scale and how far it may be off is in the count of roundings: 3 */
static double scale_of(const theorem *t)
{
    double c = 0.0;
    sbx_ivd z = {0.0, 0.0};
    if (sbx_value_is(&t->a->value[0], 0)) return sbx_div_hi(1.0, sbx_sqrt_lo((double)t->d));
    if (sbx_ivd_set_q(&z, t->a->value[0].v[0], NULL, NULL) == SBX_OK) c = z.hi;
    return c;
}

static double attention(const theorem *t)
{
    const long form = parameter(t->a, "form"); /* shifted, naive, online, flash */
    const long given = form == 3 ? parameter(t->a, "tile") : 1;
    const size_t tile = given > 0 ? (size_t)given : 1;
    const size_t rescalings = form >= 2 ? (t->k + tile - 1) / tile - 1 : 0;
    const double u = t->u, c = scale_of(t), m = (double)t->k, r = (double)rescalings;
    const double expo = exp_error(t->m),
                 tiny = TIMES(4.0 * (double)(t->d + 2) * fmax(1.0, c), t->eta);
    double worst = 0.0;
    if (!(c >= t->m->w.min)) return HUGE_VAL;
    for (size_t i = 0; i < t->n; i++) {
        double off = 0.0, lo = HUGE_VAL, hi = -HUGE_VAL, T, D;
        for (size_t j = 0; j < t->k; j++) {
            double size;
            const iv s = product(&size, t, t->in->q + i * t->d, t->in->k + j * t->d);
            off = fmax(off, TIMES(TIMES(c, size), growth(TIMES((double)(t->d + 5), u))));
            lo = fmin(lo, TIMES(c, fabs(s.lo)) * (s.lo < 0.0 ? -1.0 : 0.0));
            hi = fmax(hi, TIMES(c, fabs(s.hi)) * (s.hi > 0.0 ? 1.0 : 0.0));
        }
        off = UP(off, tiny);
        D = UP(sbx_sub_hi(hi, lo), TIMES(2.0, off));
        T = UP(TIMES(2.0, UP(off, expo)), TIMES(m + 2.0, u));
        if (form == 1) {
            double least, most;
            sbx_exp_ends(&least, &most, sbx_sub_lo(lo, off), sbx_sub_lo(lo, off));
            if (!(least >= 2.0 * t->m->w.min)) return HUGE_VAL;
        } else {
            T = UP(T, TIMES(2.0, UP(TIMES(u, D), t->eta)));
        }
        if (rescalings) T = UP(T, TIMES(2.0, UP(TIMES(r, UP(UP(expo, u), t->eta)), TIMES(u, D))));
        worst = fmax(worst, growth(UP(T, TIMES(m + 2.0, u))));
    }
    if (!(worst < HUGE_VAL)) return HUGE_VAL;
    return UP(TIMES(worst, t->V),
              TIMES(TIMES(TIMES(16.0 * m * (r + 1.0), exp_etas(t->m)), t->eta), UP(1.0, t->V)));
}

/* ---- SimA, both orders [L-ERR-23] ------------------------------------------------------------------ */

static double least_magnitude(iv a) { return a.lo > 0.0 ? a.lo : a.hi < 0.0 ? -a.hi : 0.0; }

/* lower bounds of the columns' norms; the least of them */
static double norms_of(double *norm, const sbx_rea *x, size_t rows, size_t d)
{
    double least = HUGE_VAL;
    for (size_t c = 0; c < d; c++) {
        norm[c] = 0.0;
        for (size_t i = 0; i < rows; i++)
            norm[c] = sbx_add_lo(norm[c], least_magnitude(side(&x[i * d + c])));
        least = fmin(least, norm[c]);
    }
    return least;
}

/* an upper bound of |x| over its column's norm: |x|/(|x| + the others) */
static double share_of(const sbx_rea *x, double norm)
{
    const double others = fmax(0.0, sbx_sub_lo(norm, least_magnitude(side(x))));
    return fmin(1.0, sbx_div_hi(mag(x), sbx_add_lo(mag(x), others)));
}

/* the largest sum of |q'_ic| |k'_jc| |v_jo| over c and j; norm: 2 d numbers, mass: d of them */
static double mass_of(const theorem *t, const double *norm, double *mass)
{
    double worst = 0.0;
    for (size_t o = 0; o < t->dv; o++) {
        for (size_t c = 0; c < t->d; c++) {
            mass[c] = 0.0;
            for (size_t j = 0; j < t->k; j++)
                mass[c] = UP(mass[c], TIMES(share_of(&t->in->k[j * t->d + c], norm[t->d + c]),
                                            mag(&t->in->v[j * t->dv + o])));
        }
        for (size_t i = 0; i < t->n; i++) {
            double size = 0.0;
            for (size_t c = 0; c < t->d; c++)
                size = UP(size, TIMES(share_of(&t->in->q[i * t->d + c], norm[c]), mass[c]));
            worst = fmax(worst, size);
        }
    }
    return worst;
}

static double sima(const theorem *t)
{
    const double roundings = (double)(t->n + t->k + t->k + t->d + 8);
    const double g = growth(TIMES(roundings, t->u));
    double sum = 0.0, least, size = HUGE_VAL, *norm = sbx_alloc(3 * t->d, sizeof *norm);
    sbx_ivd eps = {0.0, 0.0};
    if (!norm) return HUGE_VAL;
    least = fmin(norms_of(norm, t->in->q, t->n, t->d), norms_of(norm + t->d, t->in->k, t->k, t->d));
    /* every column's norm is well above eps and the format's least normal number: the maximum is the norm */
    if (sbx_ivd_set_q(&eps, t->a->value[0].v[0], NULL, NULL) == SBX_OK && least > 2.0 * eps.hi &&
        least > 2.0 * t->m->w.min && g < HUGE_VAL)
        size = mass_of(t, norm, norm + 2 * t->d);
    sbx_free(norm);
    if (!(size < HUGE_VAL)) return HUGE_VAL;
    for (size_t j = 0; j < t->k; j++)
        sum = UP(sum, largest(t->in->v + j * t->dv, t->dv, 1));
    return UP(TIMES(size, g),
              TIMES(TIMES(16.0 * (double)(t->d + 1) * ((double)t->k + 2.0), t->eta), UP(2.0, sum)));
}

/* ---- linear and causal linear attention [L-ERR-24] ---------------------------------------------------- */

static double coarse(const theorem *t) /* what underflow may do to a sum of products */
{
    const double n = (double)(t->n > t->k ? t->n : t->k) + 2.0, d = (double)t->d + 2.0;
    return TIMES(TIMES(16.0 * n * (n + d) * d, t->eta),
                 TIMES(UP(1.0, t->Q), TIMES(UP(1.0, t->K), UP(1.0, t->V))));
}

static double linear(const theorem *t)
{
    const double tau = (double)(t->d + t->k + 6), g = growth(TIMES(tau, t->u)), small = coarse(t);
    double worst = 0.0;
    if (!(g < HUGE_VAL)) return HUGE_VAL;
    for (size_t i = 0; i < t->n; i++) {
        iv s = {0.0, 0.0};
        double S = 0.0, N = 0.0, least, off, bottom;
        for (size_t j = 0; j < t->k; j++) {
            double size;
            s = sbx_iv_add(s, product(&size, t, t->in->q + i * t->d, t->in->k + j * t->d));
            S = UP(S, size);
            N = UP(N, TIMES(size, largest(t->in->v + j * t->dv, t->dv, 1)));
        }
        least = least_magnitude(s);
        off = UP(TIMES(S, g), small);
        bottom = sbx_sub_lo(least, off);
        if (!(bottom > 0.0)) return HUGE_VAL;
        worst = fmax(worst, UP(sbx_div_hi(UP(TIMES(N, g), small), bottom),
                               TIMES(sbx_div_hi(N, least), sbx_div_hi(off, bottom))));
    }
    return UP(worst, TIMES(TIMES(16.0 * ((double)t->k + 2.0), t->eta), UP(1.0, t->V)));
}

static double lightning(const theorem *t)
{
    const double n = (double)t->n;
    const double g = growth(TIMES(4.0 * n + (double)t->d + 12.0, t->u)), small = coarse(t);
    double worst = 0.0;
    sbx_ivd lambda = {0.0, 0.0};
    if (sbx_ivd_set_q(&lambda, t->a->value[0].v[0], NULL, NULL) != SBX_OK) return HUGE_VAL;
    if (!(lambda.lo >= t->m->w.min) || !(g < HUGE_VAL)) return HUGE_VAL;
    for (size_t i = 0; i < t->n; i++) {
        double size, sum = 0.0;
        for (size_t j = 0; j <= i; j++) { /* Horner: sum = lambda sum + .. */
            (void)product(&size, t, t->in->q + i * t->d, t->in->k + j * t->d);
            sum = UP(TIMES(fmin(1.0, lambda.hi), sum),
                     TIMES(size, largest(t->in->v + j * t->dv, t->dv, 1)));
        }
        worst = fmax(worst, sum);
    }
    return UP(TIMES(worst, g), small);
}

double sbx_mech_apriori(const sbx_mech_args *a, const sbx_mech_in_rea *in, const sbx_mech_ctx *c)
{
    const sbx_mech_shape s = in->shape;
    const char *name = a->mech->info.name;
    theorem t = {.a = a, .in = in, .m = c->m, .n = s.n, .k = s.m, .d = s.d, .dv = s.dv};
    t.u = c->m->w.u;
    t.eta = c->m->w.eta;
    t.V = largest(in->v, s.m * s.dv, 1);
    t.Q = largest(in->q, s.n * s.d, 1);
    t.K = largest(in->k, s.m * s.d, 1);
    if (strcmp(name, "softmax") == 0) return attention(&t);
    if ((double)s.n * (double)s.m * (double)s.d * (double)s.dv > 1e9) return HUGE_VAL;
    if (strcmp(name, "sima") == 0) return sima(&t);
    if (strcmp(name, "linear") == 0) return linear(&t);
    if (strcmp(name, "lightning") == 0) return lightning(&t);
    return HUGE_VAL;
}
