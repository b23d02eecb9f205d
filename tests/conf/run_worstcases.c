/* run_worstcases DIR -- exp, exp2, expm1 and log at the hard-to-round inputs of
 * DIR/core-math/(*).wc (one double a line) and DIR/mpfr/(*).txt (53 53 n x f(x)).
 *
 * The reference is MPFR at 300 bits: with the ternary value it gives two neighbours that
 * hold f(x). The enclosures of the point x in ivd and ivf (53 bits) must hold both; ivf must
 * be the tightest, ivd at most 4 ulp wider a side. A published f(x) must be inside, too.
 *
 * Exit status: 0, 1 (a failure or a broken promise), 65 (no folder, no vectors).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/num.h"

#include "conf.h"

#include <math.h>

typedef int (*reference)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

static const struct {
    const char *name;
    reference f;
    sbx_status (*ivd)(sbx_ivd *, const sbx_ivd *, const sbx_ctx *, sbx_err *);
    sbx_status (*ivf)(sbx_ivf *, const sbx_ivf *, const sbx_ctx *, sbx_err *);
} functions[] = {
    {"exp", mpfr_exp, sbx_ivd_exp, sbx_ivf_exp},
    {"exp2", mpfr_exp2, sbx_ivd_exp2, sbx_ivf_exp2},
    {"expm1", mpfr_expm1, sbx_ivd_expm1, sbx_ivf_expm1},
    {"log", mpfr_log, sbx_ivd_log, sbx_ivf_log},
};
#define FUNCTIONS (sizeof functions / sizeof *functions)

static const sbx_ctx bits53 = {.prec = 53};
static conf_count skipped;
static long run, failures, broken, inputs[FUNCTIONS];
static int64_t widest[FUNCTIONS][2];

/* Does [lo, hi] hold [a, b]? Then how much wider is it than the tightest doubles? */
static bool inside(size_t k, int system, double lo, double hi, mpfr_srcptr a, mpfr_srcptr b)
{
    const int64_t promise = system == 0 ? 4 : 0;
    int64_t below, above, wide;
    if (!(mpfr_cmp_d(a, lo) >= 0 && mpfr_cmp_d(b, hi) <= 0)) return false;
    below = conf_ulps(lo, mpfr_get_d(a, MPFR_RNDD));
    above = conf_ulps(mpfr_get_d(b, MPFR_RNDU), hi);
    wide = below > above ? below : above;
    if (wide > widest[k][system]) widest[k][system] = wide;
    if (wide > promise) broken++;
    return true;
}

/* one input; has: y is a published value */
static void input(size_t k, double x, bool has, double y)
{
    mpfr_t a, b, t;
    sbx_ivd d = {x, x};
    sbx_ivf f;
    sbx_err err;
    bool good;
    int way;

    run++;
    inputs[k]++;
    mpfr_init2(a, 300);
    mpfr_init2(b, 300);
    mpfr_init2(t, 53);
    sbx_ivf_init(&f, &bits53);
    mpfr_set_d(t, x, MPFR_RNDN);
    mpfr_set_d(f.lo, x, MPFR_RNDN);
    mpfr_set_d(f.hi, x, MPFR_RNDN);
    way = functions[k].f(a, t, MPFR_RNDN);
    if (mpfr_number_p(a) || (mpfr_inf_p(a) && way > 0)) { /* also an overflow */
        mpfr_set(b, a, MPFR_RNDN);
        if (way > 0) mpfr_nextbelow(a);
        if (way < 0) mpfr_nextabove(b);
        good = functions[k].ivd(&d, &d, &bits53, &err) == SBX_OK &&
               functions[k].ivf(&f, &f, &bits53, &err) == SBX_OK &&
               inside(k, 0, d.lo, d.hi, a, b) &&
               inside(k, 1, mpfr_get_d(f.lo, MPFR_RNDD), mpfr_get_d(f.hi, MPFR_RNDU), a, b) &&
               (!has || (d.lo <= y && y <= d.hi));
    } else { /* log at or below 0 */
        good = functions[k].ivd(&d, &d, &bits53, &err) == SBX_ERR_DOMAIN &&
               functions[k].ivf(&f, &f, &bits53, &err) == SBX_ERR_DOMAIN;
    }
    if (!good) printf("failure: %s at %a\n", functions[k].name, x);
    failures += !good;
    mpfr_clear(a);
    mpfr_clear(b);
    mpfr_clear(t);
    sbx_ivf_clear(&f);
}

/* the next word of s, which moves behind it */
static size_t word(const char **s, const char **w)
{
    size_t n;
    *w = *s + strspn(*s, " \t\r");
    n = strcspn(*w, " \t\r");
    *s = *w + n;
    return n;
}

static void line(size_t k, const char *s, bool pairs)
{
    const char *w, *why = NULL;
    double x = 0, y = 0;
    size_t n = word(&s, &w);
    if (n == 0 || *w == '#') return;
    if (pairs) {
        for (int i = 0; i < 3 && !why; i++) {
            if (n != (i < 2 ? 2 : 1) || memcmp(w, i < 2 ? "53" : "n", n) != 0)
                why = "not '53 53 n x y'";
            n = word(&s, &w);
        }
        if (!why && !conf_double(&x, w, n)) why = "malformed";
        n = word(&s, &w);
        if (!why && !conf_double(&y, w, n)) why = "malformed";
    } else if (!conf_double(&x, w, n)) {
        why = "malformed";
    }
    if (!why && word(&s, &w) > 0) why = "malformed";
    if (!why && isnan(x)) why = "a NaN";
    if (!why && isinf(x)) why = "an infinity";
    if (why)
        conf_add(&skipped, why);
    else
        input(k, x, pairs, y);
}

static void file(const char *path, const char *name)
{
    const bool pairs = conf_ends(name, ".txt");
    const size_t len = strcspn(name, ".");
    char *text, *s, *end;
    size_t k = 0;
    while (k < FUNCTIONS &&
           (strlen(functions[k].name) != len || memcmp(functions[k].name, name, len) != 0))
        k++;
    text = conf_read(path);
    if (!text || k == FUNCTIONS) {
        printf("%s: %s\n", name, text ? "of no function here" : "cannot be read");
        broken += !text;
        free(text);
        return;
    }
    for (s = text; *s; s = end) {
        end = s + strcspn(s, "\n");
        if (*end) *end++ = 0;
        line(k, s, pairs);
    }
    free(text);
}

int main(int argc, char **argv)
{
    char dir[4096];
    int files;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: run_worstcases DIR\n");
        return 64;
    }
    (void)snprintf(dir, sizeof dir, "%s/core-math", argv[1]);
    files = conf_each(dir, ".wc", file);
    (void)snprintf(dir, sizeof dir, "%s/mpfr", argv[1]);
    if (conf_each(dir, ".txt", file) < 0 && files < 0) {
        (void)fprintf(stderr, "run_worstcases: no folder core-math or mpfr in %s\n", argv[1]);
        return BAD_INPUT;
    }
    if (run + conf_sum(&skipped) == 0) {
        (void)fprintf(stderr, "run_worstcases: no vectors in %s\n", argv[1]);
        return BAD_INPUT;
    }
    printf("%-8s %8s %8s %8s\n", "", "inputs", "ivd ulp", "ivf ulp");
    for (size_t k = 0; k < FUNCTIONS; k++)
        printf("%-8s %8ld %8ld %8ld\n", functions[k].name, inputs[k], (long)widest[k][0],
               (long)widest[k][1]);
    conf_show(&skipped, "skipped");
    printf("%ld wider than promised\n", broken);
    printf("%ld run, %ld skipped, %ld containment failures\n", run, conf_sum(&skipped), failures);
    mpfr_free_cache();
    return failures > 0 || broken > 0;
}
