/* error/search.c -- the worst input of a box, as far as a search finds it.
 *
 * Starts: ends of the box, random points, ascending (a running maximum grows at every step) and
 * descending ones, and what is bad for sums: one large term, the others just too small to count. From the best, one coordinate at a time is drawn
 * anew, near or far; what is worse is kept. An error of rounding is a rough function, so nothing
 * cleverer pays.
 * Many numbers: also one that leads, the others equal; very many: these alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/search.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "num/round.h"

/* a number of the format inside [lo, hi], near v */
static bool inside(double *z, const fmt *f, double v, double lo, double hi)
{
    double step;
    v = v < lo ? lo : v > hi ? hi : v;
    *z = sbx_fmt_round(f, v, 0.0);
    step = ldexp(fmax(fabs(*z), f->min), 1 - f->p);
    if (*z > hi) *z = sbx_fmt_round(f, *z - step, 0.0);
    if (*z < lo) *z = sbx_fmt_round(f, *z + step, 0.0);
    return *z >= lo && *z <= hi;
}

typedef struct state {
    double *best, *x, value;
    const fmt *f;
    const double *lo, *hi;
    size_t n;
    sbx_error_aim *aim;
    void *arg;
} state;

static void look(state *s)
{
    const double v = s->aim(s->arg, s->x);
    if (v < s->value) return;
    s->value = v;
    memcpy(s->best, s->x, s->n * sizeof *s->x);
}

static double drawn(uint64_t *seed, double lo, double hi)
{
    const double v = lo + (hi - lo) * sbx_rng_unit(seed);
    return v < lo ? lo : v > hi ? hi : v;
}

/* the k-th start */
static void start(state *s, size_t k, uint64_t *seed)
{
    const size_t high = k < 2 || !s->n ? 0 : (size_t)(sbx_rng(seed) % s->n);
    const double tiny = (double)(s->f->p + 1) * 0x1.62e42fefa39efp-1; /* -log of u/2 */
    for (size_t j = 0; j < s->n; j++) {
        double v = drawn(seed, s->lo[j], s->hi[j]);
        if (k % 4 == 0) v = j == high ? s->hi[j] : s->lo[j];
        if (k % 4 == 1)
            v = j == high ? s->hi[j] : s->hi[high] - tiny + (k > 4 ? sbx_rng_unit(seed) : 0.001);
        if (k % 4 == 2) v = sbx_rng(seed) & 1 ? s->hi[j] : s->lo[j];
        if (k % 16 == 3) v = s->lo[j] + (s->hi[j] - s->lo[j]) * ((double)j + 0.9) / (double)s->n;
        if (k % 16 == 7) v = s->lo[j] + (s->hi[j] - s->lo[j]) * (0.9 - (double)j / (double)s->n);
        if (k % 16 == 11) v = s->hi[j] + (v - s->hi[j]) / (1.0 + (double)j);
        (void)inside(&s->x[j], s->f, v, s->lo[j], s->hi[j]);
    }
}

/* ---- many numbers ------------------------------------------------------------------------ */

#define DRIFTS 40
#define SOME   64 /* from here on a sum has room to drift */

/* How far 1 and n equal terms t, added first to last with 53 or 24 bits, drift from their sum: a guess,
 * which chooses inputs and proves nothing. */
static double drift(double t, size_t n, int bits)
{
    double s = 1.0;
    if (bits == 24) {
        float q = 1.0F;
        const float r = (float)t;
        for (size_t j = 1; j < n; j++)
            q += r;
        s = (double)q;
        t = (double)r;
    } else {
        for (size_t j = 1; j < n; j++)
            s += t;
    }
    return fabs(s - fma((double)(n - 1), t, 1.0)) / s;
}

/* the value of the others, of some in their side, at which the drift is greatest */
static double steady(const state *s, sbx_error_terms t, uint64_t *seed)
{
    double best = s->lo[1], most = -1.0;
    const size_t some = t.bits == 53 || t.bits == 24 ? DRIFTS : 1;
    for (size_t k = 0; k < some; k++) {
        double v = 0.0, d;
        (void)inside(&v, s->f, drawn(seed, s->lo[1], s->hi[1]), s->lo[1], s->hi[1]);
        d = some == 1 ? 0.0
                      : drift(t.exps ? sbx_fmt_exp(s->f, v - s->hi[0], false)
                                     : v / (s->hi[0] > 0.0 || s->hi[0] < 0.0 ? s->hi[0] : 1.0),
                              s->n, t.bits);
        if (!(d > most)) continue;
        most = d;
        best = v;
    }
    return best;
}

/* The leader at its top, the others at their bottom; just too small to count; where sums drift. Equal
 * numbers are cheap to look at: neighbours share their exponential. */
static void few(state *s, sbx_error_terms t, size_t tries, uint64_t *seed)
{
    const double tiny = (double)(s->f->p + 1) * 0x1.62e42fefa39efp-1 + 0.001;
    for (size_t k = 0; k < tries; k++) {
        const double v = k % 3 == 0 ? steady(s, t, seed) : k % 3 == 1 ? s->hi[0] - tiny : s->lo[1];
        for (size_t j = 0; j < s->n; j++)
            (void)inside(&s->x[j], s->f, j ? v : s->hi[0], s->lo[j], s->hi[j]);
        look(s);
        if (!(s->value < HUGE_VAL)) break;
    }
}

bool sbx_error_search(double *x, const fmt *f, const double *lo, const double *hi, size_t n,
                      size_t tries, uint64_t seed, sbx_error_terms t, sbx_error_aim *aim, void *arg)
{
    state s = {
        .best = x, .value = -1.0, .f = f, .lo = lo, .hi = hi, .n = n, .aim = aim, .arg = arg};
    const size_t starts = tries / 4 < 4 ? 4 : tries / 4;
    size_t next = 0;
    for (size_t j = 0; j < n; j++)
        if (!inside(&x[j], f, lo[j] / 2 + hi[j] / 2, lo[j], hi[j])) return false;
    s.x = sbx_alloc(n, sizeof *s.x);
    if (!s.x) return false;
    if (n > SOME) {
        uint64_t own = seed;
        few(&s, t, n > SBX_ERROR_MANY || tries < 3 ? tries : 3, &own);
    }
    if (n > SBX_ERROR_MANY) tries = 0;
    for (size_t k = 0; k < tries; k++) {
        if (k < starts) {
            start(&s, k, &seed);
        } else {
            const size_t j = next++ % n;
            const double w = (hi[j] - lo[j]) * ldexp(1.0, -(int)(sbx_rng(&seed) % 12));
            memcpy(s.x, s.best, n * sizeof *s.x);
            (void)inside(&s.x[j], f, drawn(&seed, s.x[j] - w, s.x[j] + w), lo[j], hi[j]);
        }
        look(&s);
        if (!(s.value < HUGE_VAL)) break;
    }
    sbx_free(s.x);
    return true;
}
