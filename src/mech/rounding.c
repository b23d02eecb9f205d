/* mech/rounding.c -- the rounding error of a mechanism: observed, bounded, and the worst input of a box.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/mech_error.h"

#include <float.h>
#include <math.h>

#include "error/rounding.h"
#include "error/search.h"
#include "mech/apriori.h"
#include "mech/mech.h"
#include "mech/tape.h"
#include "num/round.h"

sbx_status sbx_mech_machine_make(sbx_mech_machine *m, const char *number, sbx_err *err)
{
    *m = (sbx_mech_machine){.exp_ulps = 0.5};
    const sbx_status st = sbx_error_number(&m->number, &m->format, number, err);
    m->acc = m->number;
    m->acc_format = m->format;
    return st;
}

double sbx_mech_machine_unit(const sbx_mech_machine *m)
{
    em e;
    sbx_mech_em(&e, m);
    return e.w.u;
}

static sbx_status check(const sbx_mech_machine *s, const em *m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!m->widened)
        SBX_FAIL(err, SBX_ERR_ARG, "the accumulator does not hold every number of the format");
    if (s->exp_ulps == 0.0 && s->number != SBX_NUM_F64)
        SBX_FAIL(err, SBX_ERR_ARG, "softbox's own exp is one of f64");
    if (!(s->exp_ulps == 0.0 || (s->exp_ulps >= 0.5 && s->exp_ulps <= 1e6)))
        SBX_FAIL(err, SBX_ERR_ARG, "%g units in the last place of exp", s->exp_ulps);
done:
    return st;
}

/* ---- inputs --------------------------------------------------------------------------- */

static size_t counted(const sbx_mech_data *x)
{
    const sbx_mech_shape s = x->shape;
    return s.n * s.d + s.m * s.d + s.m * s.dv;
}

static sbx_status copied(mpq_t **z, mpq_t *x, size_t n, sbx_err *err)
{
    *z = sbx_alloc(n ? n : 1, sizeof **z);
    if (!*z) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory for %zu numbers", n);
    for (size_t k = 0; k < n; k++) {
        mpq_init((*z)[k]);
        mpq_set((*z)[k], x[k]);
    }
    return SBX_OK;
}

static sbx_status copy_of(sbx_mech_data *z, const sbx_mech_data *x, sbx_err *err)
{
    const sbx_mech_shape s = x->shape;
    sbx_status st = SBX_OK;
    *z = (sbx_mech_data){.shape = s};
    SBX_TRY(copied(&z->q, x->q, s.n * s.d, err));
    SBX_TRY(copied(&z->k, x->k, s.m * s.d, err));
    SBX_TRY(copied(&z->v, x->v, s.m * s.dv, err));
    for (size_t e = 0; e < SBX_MECH_EXTRA_MAX; e++) {
        if (!x->extra[e]) continue;
        SBX_TRY(copied(&z->extra[e], x->extra[e], x->n_extra[e], err));
        z->n_extra[e] = x->n_extra[e];
    }
done:
    if (st != SBX_OK) sbx_mech_data_clear(z);
    return st;
}

static sbx_status round_all(mpq_t *x, size_t n, const sbx_mech_ctx *c, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_sim t;
    sbx_sim_init(&t, &c->base);
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(sbx_sim_set_q(&t, x[k], &c->base, err));
        if (t.v - t.v != 0.0)
            SBX_FAIL(err, SBX_ERR_DOMAIN, "%g is beyond the largest number of the format",
                     mpq_get_d(x[k]));
        mpq_set_d(x[k], t.v);
    }
done:
    return st;
}

static sbx_status round_data(sbx_mech_data *x, const sbx_mech_ctx *c, sbx_err *err)
{
    const sbx_mech_shape s = x->shape;
    sbx_status st = SBX_OK;
    SBX_TRY(round_all(x->q, s.n * s.d, c, err));
    SBX_TRY(round_all(x->k, s.m * s.d, c, err));
    SBX_TRY(round_all(x->v, s.m * s.dv, c, err));
    for (size_t e = 0; e < SBX_MECH_EXTRA_MAX; e++)
        if (x->extra[e]) SBX_TRY(round_all(x->extra[e], x->n_extra[e], c, err));
done:
    return st;
}

sbx_status sbx_mech_machine_round(sbx_mech_data *x, const sbx_mech_machine *m, sbx_err *err)
{
    em e;
    const sbx_mech_ctx c = {sbx_ctx_default, &e};
    sbx_mech_em(&e, m);
    return round_data(x, &c, err);
}

/* ---- runs -------------------------------------------------------------------------------- */

/* Everything of one question: the data in the format, and space. */
typedef struct job {
    const sbx_mech_args *a;
    sbx_mech_data x;
    em m;
    sbx_mech_ctx c;
    sbx_ctx fine;
    bool by_ivd; /* the exact values by intervals of doubles */
    size_t outputs, weights;
    sbx_mech_in_sim sim;
    sbx_mech_in_rea rea;
    sbx_mech_in_ivd d;
    sbx_mech_in_ivf f;
    iv *exact; /* outputs, then weights: an enclosure of the exact value */
    iv *error; /* computed - exact */
    sbx_sim *run;
    sbx_rea *bound;
} job;

static void job_clear(job *j)
{
    sbx_mech_in_free_sim(&j->sim);
    sbx_mech_in_free_rea(&j->rea);
    sbx_mech_in_free_ivd(&j->d);
    sbx_mech_in_free_ivf(&j->f);
    sbx_mech_data_clear(&j->x);
    sbx_free(j->exact);
    sbx_free(j->error);
    sbx_free(j->run);
    sbx_free(j->bound);
}

static sbx_status job_make(job *j, const sbx_mech_args *a, const sbx_mech_data *x,
                           const sbx_mech_machine *s, unsigned what, sbx_err *err)
{
    const sbx_mech_shape shape = x->shape;
    sbx_status st = SBX_OK;
    size_t all;
    *j = (job){.a = a};
    sbx_mech_em(&j->m, s);
    SBX_TRY(check(s, &j->m, err));
    j->c = (sbx_mech_ctx){sbx_ctx_default, &j->m};
    j->fine = (sbx_ctx){.prec = j->m.w.p + 75};
    j->by_ivd = j->m.w.p <= 24;
    SBX_TRY(copy_of(&j->x, x, err));
    SBX_TRY(round_data(&j->x, &j->c, err));
    j->outputs = shape.n * shape.dv;
    if (a->mech->row_sim && !(what & SBX_MECH_ERROR_NO_WEIGHTS)) j->weights = shape.n * shape.m;
    all = j->outputs + j->weights;
    j->exact = sbx_alloc(all, sizeof *j->exact);
    j->error = sbx_alloc(all, sizeof *j->error);
    j->run = sbx_mech_new_sim(all, &j->c.base);
    j->bound = sbx_mech_new_rea(all, &j->c.base);
    if (!j->exact || !j->error || !j->run || !j->bound)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", all);
    SBX_TRY(sbx_mech_in_of_sim(&j->sim, &j->x, &j->c.base, err));
    SBX_TRY(sbx_mech_in_of_rea(&j->rea, &j->x, &j->c.base, err));
    SBX_TRY(sbx_mech_in_of_ivd(&j->d, &j->x, NULL, err));
    if (!(what & SBX_MECH_ERROR_NO_OBSERVED))
        SBX_TRY(sbx_mech_in_of_ivf(&j->f, &j->x, &j->fine, err));
done:
    return st;
}

/* z = outputs, then weights, of a mechanism on in */
#define RUN(S)                                                                      \
    static sbx_status run_##S(sbx_##S *z, const job *j, const sbx_mech_in_##S *in,  \
                              const sbx_ctx *ctx, sbx_err *err)                     \
    {                                                                               \
        sbx_mech_run_##S *r = NULL;                                                 \
        sbx_status st = SBX_OK;                                                     \
        SBX_TRY(sbx_mech_open_##S(&r, j->a, in, ctx, err));                         \
        SBX_TRY(sbx_mech_output_##S(z, r, err));                                    \
        for (size_t i = 0; i < in->shape.n && j->weights; i++)                      \
            SBX_TRY(sbx_mech_row_##S(z + j->outputs + i * in->shape.m, r, i, err)); \
    done:                                                                           \
        sbx_mech_close_##S(r);                                                      \
        return st;                                                                  \
    }
RUN(sim)
RUN(rea)
RUN(ivd)
RUN(ivf)

/* computed - exact, and the exact values, as doubles outward */
static sbx_status by_ivf(job *j, sbx_err *err)
{
    const size_t all = j->outputs + j->weights;
    sbx_status st = SBX_OK;
    sbx_ivf *z = sbx_mech_new_ivf(all, &j->fine);
    if (!z) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", all);
    SBX_TRY(run_ivf(z, j, &j->f, &j->fine, err));
    for (size_t k = 0; k < all; k++) {
        j->exact[k] = (iv){mpfr_get_d(z[k].lo, MPFR_RNDD), mpfr_get_d(z[k].hi, MPFR_RNDU)};
        (void)mpfr_d_sub(z[k].lo, j->run[k].v, z[k].lo, MPFR_RNDU);
        (void)mpfr_d_sub(z[k].hi, j->run[k].v, z[k].hi, MPFR_RNDD);
        j->error[k] = (iv){mpfr_get_d(z[k].hi, MPFR_RNDD), mpfr_get_d(z[k].lo, MPFR_RNDU)};
    }
done:
    sbx_mech_free_ivf(z, all);
    return st;
}

static sbx_status by_ivd(job *j, sbx_err *err)
{
    const size_t all = j->outputs + j->weights;
    sbx_status st = SBX_OK;
    sbx_ivd *z = sbx_mech_new_ivd(all, NULL);
    if (!z) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", all);
    SBX_TRY(run_ivd(z, j, &j->d, NULL, err));
    for (size_t k = 0; k < all; k++) {
        j->exact[k] = (iv){z[k].lo, z[k].hi};
        j->error[k] = (iv){sbx_sub_lo(j->run[k].v, z[k].hi), sbx_sub_hi(j->run[k].v, z[k].lo)};
    }
done:
    sbx_mech_free_ivd(z, all);
    return st;
}

/* ---- observed --------------------------------------------------------------------------- */

static double least_magnitude(iv a) { return a.lo > 0.0 ? a.lo : a.hi < 0.0 ? -a.hi : 0.0; }

static double in_units(const job *j, double error, double scale)
{
    if (error == 0.0) return 0.0;
    return scale > 0.0 ? sbx_div_hi(sbx_div_hi(error, scale), j->m.w.u) : HUGE_VAL;
}

/* of n errors; *scale a lower bound of the largest |exact| */
static void largest(sbx_error_report *r, const job *j, const iv *exact, const iv *error, size_t n,
                    double *scale)
{
    *scale = 0.0;
    r->observed = r->observed_lo = 0.0;
    for (size_t k = 0; k < n; k++) {
        if (!(error[k].lo <= error[k].hi)) { /* a NaN */
            r->observed = HUGE_VAL;
            continue;
        }
        r->observed_lo = fmax(r->observed_lo, fmax(error[k].lo, -error[k].hi));
        r->observed = fmax(r->observed, sbx_iv_mag(error[k]));
        *scale = fmax(*scale, least_magnitude(exact[k]));
    }
    r->observed_u = in_units(j, r->observed, *scale);
}

/* The run and its errors. A computed value that is none, as 0/0 is, counts as an overflow. */
static sbx_status observe(sbx_mech_error *e, job *j, sbx_err *err)
{
    sbx_error_report *const r[2] = {&e->output, &e->weight};
    sbx_err quiet = {SBX_OK, NULL, ""};
    sbx_status st = SBX_OK;
    bool over;
    j->m.overflow = false;
    st = run_sim(j->run, j, &j->sim, &j->c.base, err);
    over = j->m.overflow || st == SBX_ERR_DOMAIN;
    if (st == SBX_ERR_DOMAIN) st = SBX_OK;
    if (st != SBX_OK) return st;
    for (int k = 0; k < 2; k++) {
        r[k]->ran = true;
        r[k]->overflow = over;
        r[k]->observed = r[k]->observed_lo = r[k]->observed_u = HUGE_VAL;
    }
    if (over) return SBX_OK;
    if (!j->by_ivd || by_ivd(j, &quiet) != SBX_OK) SBX_TRY(by_ivf(j, err));
    largest(&e->output, j, j->exact, j->error, j->outputs, &e->scale);
    if (j->weights) {
        double scale;
        largest(&e->weight, j, j->exact + j->outputs, j->error + j->outputs, j->weights, &scale);
    }
done:
    return st;
}

/* ---- bounds -------------------------------------------------------------------------------- */

/* Up to so many operations are recorded; so many steps back are worth their time. */
#define TAPE_MAX_LENGTH 4000000.0
#define SWEEPS_MAX      2e9

static const char no_value[] = "a value may be undefined, computed or exact";
static const char lost[] = "a result may lose all digits to underflow";

/* the bounds of n numbers; *scale is raised to what their ranges show of the largest |exact| */
static void bound_of(sbx_error_report *r, const job *j, const sbx_rea *z, size_t n, const char *why,
                     double *scale)
{
    sbx_tape *const t = j->m.record;
    const bool backward =
        t && sbx_tape_usable(t) && (double)sbx_tape_length(t) * (double)n < SWEEPS_MAX;
    r->bound = 0.0;
    for (size_t k = 0; k < n && !why; k++) {
        const double other = backward ? sbx_tape_bound(t, &z[k]) : HUGE_VAL;
        const double abs = other < z[k].abs ? other : z[k].abs; /* a NaN stays: no bound */
        r->bound = fmax(r->bound, abs);
        if (!(abs < HUGE_VAL)) why = lost;
        *scale = fmax(*scale, least_magnitude((iv){z[k].lo, z[k].hi}));
    }
    if (why) r->bound = HUGE_VAL;
    r->reason = why;
    r->bound_u = in_units(j, r->bound, *scale);
}

static bool worth_a_tape(const job *j)
{
    const sbx_mech_shape s = j->x.shape;
    return 2.0 * (double)s.n * (double)s.m * (double)(s.d + s.dv) < TAPE_MAX_LENGTH;
}

static sbx_status bounds(sbx_mech_error *e, job *j, double weight_scale, sbx_err *err)
{
    sbx_status st;
    const char *why;
    j->m.why = NULL;
    j->m.record = worth_a_tape(j) ? sbx_tape_new((size_t)TAPE_MAX_LENGTH) : NULL;
    st = run_rea(j->bound, j, &j->rea, &j->c.base, err);
    if (st != SBX_OK && st != SBX_ERR_DOMAIN && !j->m.why) goto done;
    why = j->m.why ? j->m.why : st != SBX_OK ? no_value : NULL;
    bound_of(&e->output, j, j->bound, j->outputs, why, &e->scale);
    bound_of(&e->weight, j, j->bound + j->outputs, j->weights, why, &weight_scale);
    sbx_tape_free(j->m.record);
    j->m.record = NULL;
    e->output.apriori = why ? HUGE_VAL : sbx_mech_apriori(j->a, &j->rea, &j->c);
    e->output.apriori_u = in_units(j, e->output.apriori, e->scale);
    st = SBX_OK;
done:
    sbx_tape_free(j->m.record);
    j->m.record = NULL;
    return st;
}

static const sbx_error_report nothing = {.observed_lo = 0.0,
                                         .observed = (double)NAN,
                                         .observed_u = (double)NAN,
                                         .bound = HUGE_VAL,
                                         .bound_u = HUGE_VAL,
                                         .apriori = HUGE_VAL,
                                         .apriori_u = HUGE_VAL,
                                         .published_u = (double)NAN};

/* a lower bound of the largest exact weight, as observed */
static double weight_scale(const job *j)
{
    double s = 0.0;
    for (size_t k = 0; k < j->weights; k++)
        s = fmax(s, least_magnitude(j->exact[j->outputs + k]));
    return s;
}

sbx_status sbx_mech_error_point(sbx_mech_error *e, const sbx_mech_args *a, const sbx_mech_data *x,
                                const sbx_mech_machine *m, unsigned what, sbx_err *err)
{
    sbx_mech_error z = {.output = nothing, .weight = nothing};
    sbx_status st = SBX_OK;
    job j;
    SBX_TRY(job_make(&j, a, x, m, what, err));
    z.has_weights = j.weights > 0;
    if (!(what & SBX_MECH_ERROR_NO_OBSERVED)) SBX_TRY(observe(&z, &j, err));
    if (!(what & SBX_MECH_ERROR_NO_BOUND))
        SBX_TRY(bounds(&z, &j, z.output.ran && !z.output.overflow ? weight_scale(&j) : 0.0, err));
    *e = z;
done:
    job_clear(&j);
    return st;
}

/* ---- over a box ------------------------------------------------------------------------------ */

typedef struct aim {
    job *j;
    sbx_err *err;
    sbx_status st;
} aim;

/* the point p in all systems, from now on */
static sbx_status move(job *j, const double *p, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < n; k++) {
        j->sim.block[k].v = p[k];
        j->d.block[k] = (sbx_ivd){p[k], p[k]};
        SBX_TRY(sbx_ivf_set_d(&j->f.block[k], p[k], &j->fine, err));
    }
done:
    return st;
}

static double error_at(void *arg, const double *p)
{
    aim *t = arg;
    sbx_mech_error e = {.output = nothing, .weight = nothing};
    if (t->st == SBX_OK) t->st = move(t->j, p, counted(&t->j->x), t->err);
    if (t->st == SBX_OK) t->st = observe(&e, t->j, t->err);
    if (t->st == SBX_ERR_DOMAIN) { /* no exact value there: no input */
        t->st = SBX_OK;
        return -1.0;
    }
    if (t->st != SBX_OK) return -1.0;
    return e.output.overflow ? HUGE_VAL : e.output.observed;
}

/* As many as take some tenths of a second. */
static size_t tries_of(const job *j, const sbx_error_effort *e)
{
    const sbx_mech_shape s = j->x.shape;
    const double cost = (double)s.n * (double)s.m * (double)(s.d + s.dv) + 1.0;
    const double few = (j->by_ivd ? 1e7 : 1e6) / cost;
    if (e && e->tries) return e->tries;
    return few > 4000.0 ? 4000 : few < 8.0 ? 8 : (size_t)few;
}

static sbx_status worst_of(sbx_mech_error *e, sbx_mech_data *worst, job *j, const double *lo,
                           const double *hi, const sbx_error_effort *effort, sbx_err *err)
{
    const size_t n = counted(&j->x);
    const sbx_mech_shape s = j->x.shape;
    aim t = {.j = j, .err = err, .st = SBX_OK};
    sbx_status st = SBX_OK;
    double *p = sbx_alloc(n, sizeof *p);
    bool found;
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    found = sbx_error_search(p, &j->m.w, lo, hi, n, tries_of(j, effort), effort ? effort->seed : 1,
                             (sbx_error_terms){.exps = false, .bits = j->m.a.p}, error_at, &t);
    SBX_TRY(t.st);
    if (!found) goto done;
    SBX_TRY(move(j, p, n, err));
    SBX_TRY(observe(e, j, err));
    if (!worst) goto done;
    SBX_TRY(copy_of(worst, &j->x, err));
    for (size_t k = 0; k < n; k++) {
        const size_t q = s.n * s.d, qk = q + s.m * s.d;
        mpq_set_d(k < q ? worst->q[k] : k < qk ? worst->k[k - q] : worst->v[k - qk], p[k]);
    }
done:
    sbx_free(p);
    return st;
}

sbx_status sbx_mech_error_box(sbx_mech_error *e, sbx_mech_data *worst, const sbx_mech_args *a,
                              const sbx_mech_data *x, double radius, const sbx_mech_machine *m,
                              const sbx_error_effort *effort, unsigned what, sbx_err *err)
{
    sbx_mech_error z = {.output = nothing, .weight = nothing};
    const size_t n = counted(x);
    sbx_status st = SBX_OK;
    double *lo = NULL, *hi;
    job j;
    SBX_TRY(job_make(&j, a, x, m, what, err));
    z.has_weights = j.weights > 0;
    if (!(radius >= 0.0 && radius <= DBL_MAX)) SBX_FAIL(err, SBX_ERR_ARG, "a radius of %g", radius);
    lo = sbx_alloc(2 * n, sizeof *lo);
    if (!lo) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    hi = lo + n;
    for (size_t k = 0; k < n; k++) {
        const double c = j.sim.block[k].v;
        lo[k] = fmax(sbx_sub_lo(c, radius), -j.m.w.max);
        hi[k] = fmin(sbx_add_hi(c, radius), j.m.w.max);
        j.rea.block[k].lo = lo[k];
        j.rea.block[k].hi = hi[k];
        j.rea.block[k].rel = lo[k] >= 0.0 ? 0.0 : HUGE_VAL;
    }
    if (!(what & SBX_MECH_ERROR_NO_OBSERVED)) SBX_TRY(worst_of(&z, worst, &j, lo, hi, effort, err));
    z.scale = 0.0;
    if (!(what & SBX_MECH_ERROR_NO_BOUND)) SBX_TRY(bounds(&z, &j, 0.0, err));
    *e = z;
done:
    sbx_free(lo);
    job_clear(&j);
    return st;
}
