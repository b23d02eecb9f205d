/* cli/constants_plots.c -- softbox plot F4, F5, error: fading, the gain of softmax, errors against n.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct drawing {
    cli c;
    char command[16]; /* "plot F4" */
    sbx_plot *p;
    sbx_err err;
} drawing;

static int drawing_parse(drawing *s, const char *name, const char *about, const char *shown,
                         const cli_option *option, size_t options, int argc, char **argv)
{
    char usage[120];
    const cli_help help = {usage, about};
    *s = (drawing){.c = {.command = s->command, .forms = CLI_FORMS_PLOT}};
    (void)snprintf(s->command, sizeof s->command, "plot %s", name);
    (void)snprintf(usage, sizeof usage, "usage: softbox plot %s %s[options]\n", name, shown);
    return cli_parse(&s->c, argc, argv, option, options, 0, 0, &help);
}

static int drawing_close(drawing *s, int argc, char **argv)
{
    if (s->err.code == SBX_OK) return cli_report_plot(&s->c, s->p, argc, argv);
    sbx_plot_free(s->p);
    return cli_fail(&s->c, &s->err);
}

/* a double >= v >= 0 */
static double above(mpq_srcptr v) { return nextafter(mpq_get_d(v), HUGE_VAL); }

/* ---- F4 ---------------------------------------------------------------------------------------- */

#define FADING 81

static void fading(drawing *s, const char *name, const char *gap, bool scaled)
{
    double x[FADING], y[FADING];
    const sbx_curve curve = {.name = name, .side = SBX_CURVE_UPPER, .n = FADING, .x = x, .y = y};
    double at = 10;
    mpq_t v;
    sbx_cell z;
    mpq_init(v);
    sbx_cell_init(&z);
    if (sbx_q_read(v, gap, strlen(gap), &s->err) == SBX_OK)
        for (size_t k = 0; k < FADING && s->err.code == SBX_OK; k++) {
            const unsigned long n = (unsigned long)rint(at);
            at *= 0x1.1f3c99f6bc436p+0; /* 20 a decade */
            x[k] = (double)n;
            if (sbx_constant_leader(&z, n, v, scaled, &s->err) == SBX_OK) y[k] = above(z.hi);
        }
    if (s->err.code == SBX_OK) sbx_plot_curve(s->p, &curve);
    sbx_cell_clear(&z);
    mpq_clear(v);
}

int cli_plot_f4(int argc, char **argv)
{
    const sbx_axis x = {.name = "n", .lo = 10, .hi = 100000, .log = true};
    const sbx_axis y = {.name = "greatest weight", .lo = 0, .hi = 1};
    drawing s;
    int status = drawing_parse(
        &s, "F4",
        "The weight of the score 3 among n - 1 scores -2 against n: softmax, and SSMax with s = 0.43,\n"
        "which multiplies scores by s log n.\n",
        "", NULL, 0, argc, argv);
    if (status != CLI_GO_ON) return status;
    if (sbx_plot_new(&s.p, "F4", "The greatest weight as a row grows", &s.err) == SBX_OK) {
        sbx_plot_panel(s.p, "", &x, &y);
        fading(&s, "softmax", "5", false);
        fading(&s, "SSMax, s = 0.43", "2.15", true);
    }
    return drawing_close(&s, argc, argv);
}

/* ---- F5 ------------------------------------------------------------------------------------------ */

#define BINS 20

/* how many of the gains of softmax of n scores, drawn evenly from [-side, side], lie in each bin */
static void gains(drawing *s, size_t n, size_t rounds, double side, uint64_t *seed)
{
    double x[2 * BINS], y[2 * BINS], count[BINS] = {0};
    char name[40];
    const sbx_curve curve = {.name = name, .n = sizeof x / sizeof *x, .x = x, .y = y};
    mpq_t *v = calloc(n, sizeof *v);
    sbx_cell z;
    sbx_cell_init(&z);
    if (!v) s->err = (sbx_err){SBX_ERR_NOMEM, NULL, "no memory"};
    for (size_t k = 0; v && k < n; k++)
        mpq_init(v[k]);
    for (size_t r = 0; r < rounds && s->err.code == SBX_OK; r++) {
        for (size_t k = 0; k < n; k++) {
            *seed = *seed * 6364136223846793005U + 1442695040888963407U;
            mpq_set_d(v[k], side * (ldexp((double)(*seed >> 32), -31) - 1));
        }
        if (sbx_constant_gain_of_scores(&z, (const mpq_t *)v, n, &s->err) == SBX_OK) {
            const size_t k = (size_t)(mpq_get_d(z.lo) * BINS);
            count[k < BINS ? k : BINS - 1] += 1;
        }
    }
    for (size_t k = 0; k < BINS; k++)
        for (int e = 0; e < 2; e++) {
            x[2 * k + (size_t)e] = ((double)k + (e ? 0.999 : 0.001)) / BINS;
            y[2 * k + (size_t)e] = count[k] / (double)rounds;
        }
    (void)snprintf(name, sizeof name, "scores in [-%g, %g]", side, side);
    if (s->err.code == SBX_OK) sbx_plot_curve(s->p, &curve);
    for (size_t k = 0; v && k < n; k++)
        mpq_clear(v[k]);
    free(v);
    sbx_cell_clear(&z);
}

int cli_plot_f5(int argc, char **argv)
{
    static const double sides[] = {2, 8, 32};
    const sbx_axis x = {.name = "gain", .lo = 0, .hi = 1};
    const sbx_axis y = {.name = "share of inputs", .lo = 0, .hi = 1};
    const char *n_text = "16", *rounds_text = "1000";
    const cli_option option[] = {
        {"n", "N", "scores of each input, 2 to 40; default 16", &n_text, NULL},
        {"rounds", "R", "inputs, 1 to 1000000; default 1000", &rounds_text, NULL}};
    uint64_t n = 0, rounds = 0, seed;
    drawing s;
    int status = drawing_parse(
        &s, "F5",
        "Histograms of the gain 4 max P(S) (1 - P(S)) of softmax: the norm from inf to 1 of its derivative,\n"
        "for scores drawn evenly from [-2, 2], [-8, 8] and [-32, 32]. Each gain is enclosed; the shares\n"
        "are statistics of what was drawn (--seed).\n",
        "[--n N] [--rounds R] ", option, 2, argc, argv);
    if (status != CLI_GO_ON) return status;
    if (!cli_integer(&n, n_text, 2, 40))
        return cli_error(&s.c, CLI_USAGE, "--n '%s': a whole number, 2 to 40", n_text);
    if (!cli_integer(&rounds, rounds_text, 1, 1000000))
        return cli_error(&s.c, CLI_USAGE, "--rounds '%s': a whole number, 1 to 1000000",
                         rounds_text);
    seed = s.c.seed;
    if (sbx_plot_new(&s.p, "F5", "Gain of softmax at random scores", &s.err) == SBX_OK) {
        sbx_plot_panel(s.p, "", &x, &y);
        for (size_t k = 0; k < 3; k++)
            gains(&s, (size_t)n, (size_t)rounds, sides[k], &seed);
        sbx_plot_note(
            s.p, "Shares are sampled, gains are proved; an input whose enclosure meets two bins "
                 "counts in the lower one.");
    }
    return drawing_close(&s, argc, argv);
}

/* ---- errors against n ------------------------------------------------------------------------------ */

#define SIZES 20

typedef struct errors {
    size_t n;
    double x[SIZES], bound[SIZES], apriori[SIZES], observed[SIZES];
} errors;

/* everything in units of u; what is not known is left out */
static void measure(drawing *s, errors *e, const char *kernel, const char *algorithm,
                    const char *number, double side, size_t top)
{
    sbx_error_setup setup;
    double *lo = malloc(2 * top * sizeof *lo), *hi = lo ? lo + top : NULL;
    e->n = 0;
    if (!lo) s->err = (sbx_err){SBX_ERR_NOMEM, NULL, "no memory"};
    for (size_t j = 0; lo && j < top; j++)
        lo[j] = -side, hi[j] = side;
    if (s->err.code == SBX_OK &&
        sbx_error_setup_make(&setup, kernel, algorithm, number, &s->err) == SBX_OK)
        for (size_t n = 2; n <= top && e->n < SIZES; n *= 2) {
            const sbx_error_effort effort = {.boxes = 1, .tries = 24, .seed = s->c.seed};
            sbx_error_report r;
            if (sbx_error_box(&r, NULL, &setup, lo, hi, n, &effort, &s->err) != SBX_OK) break;
            e->x[e->n] = (double)n;
            e->bound[e->n] = r.bound_u;
            e->apriori[e->n] = r.apriori_u;
            e->observed[e->n++] = r.ran && !r.overflow ? r.observed_u : (double)NAN;
        }
    free(lo);
}

static void spread(double *lo, double *hi, const double *y, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (y[k] > 0.0 && y[k] < HUGE_VAL) {
            *lo = fmin(*lo, y[k]);
            *hi = fmax(*hi, y[k]);
        }
}

static const struct {
    const char *kernel, *algorithm[3];
} shown[] = {{"softmax", {"naive", "shifted", "online"}},
             {"lse", {"naive", "shifted", "online"}},
             {"sum", {"recursive", "pairwise", "compensated"}}};
static const char *const colours[] = {"#1f77b4", "#d62728", "#2ca02c"};

static void panel(drawing *s, size_t k, const char *number, double side, size_t top)
{
    errors e[3];
    sbx_axis x = {.name = "n", .lo = 2, .hi = (double)top, .log = true};
    sbx_axis y = {.name = "error in u", .lo = HUGE_VAL, .log = true};
    for (size_t a = 0; a < 3; a++) {
        measure(s, &e[a], shown[k].kernel, shown[k].algorithm[a], number, side, top);
        spread(&y.lo, &y.hi, e[a].bound, e[a].n);
        spread(&y.lo, &y.hi, e[a].apriori, e[a].n);
        spread(&y.lo, &y.hi, e[a].observed, e[a].n);
    }
    if (s->err.code != SBX_OK) return;
    y.lo = y.lo < y.hi ? fmax(y.lo / 1.5, 0.01) : 0.5;
    y.hi = fmax(y.hi * 1.5, 2 * y.lo);
    sbx_plot_panel(s->p, shown[k].kernel, &x, &y);
    for (size_t a = 0; a < 3; a++)
        for (int c = 0; c < 3; c++) {
            static const char *const what[] = {"bound", "a priori", "observed"};
            static const sbx_dash dash[] = {SBX_DASH_SOLID, SBX_DASH_DASHED, SBX_DASH_DOTTED};
            char name[60];
            const sbx_curve curve = {.name = name,
                                     .colour = colours[a],
                                     .dash = dash[c],
                                     .marks = c == 2,
                                     .side = SBX_CURVE_UPPER,
                                     .n = e[a].n,
                                     .x = e[a].x,
                                     .y = c == 0   ? e[a].bound
                                          : c == 1 ? e[a].apriori
                                                   : e[a].observed};
            (void)snprintf(name, sizeof name, "%s, %s",
                           k == 2 && a == 2 ? "Sum2" : shown[k].algorithm[a], what[c]);
            sbx_plot_curve(s->p, &curve);
        }
}

int cli_plot_error(int argc, char **argv)
{
    const char *number = "f64", *side_text = "5", *top_text = "16384";
    const cli_option option[] = {
        {"number", "FORMAT", "f64 (default), f32, fp16, bf16, tf32, e5m2, e4m3", &number, NULL},
        {"side", "S", "inputs lie in [-S, S], 1/1000 to 300; default 5", &side_text, NULL},
        {"top", "N", "the greatest n, 4 to 1000000; default 16384", &top_text, NULL}};
    uint64_t top = 0;
    double side = 0;
    sbx_num num;
    sbx_format format;
    drawing s;
    int status = drawing_parse(
        &s, "error",
        "Rounding errors in units of u against n, over the box [-S, S]^n, for algorithms of softmax,\n"
        "log-sum-exp and sums: what is proved (solid), what a theorem says a priori (dashed), and the worst\n"
        "that a search found (dotted, with marks). What is not known or overflows is left out.\n",
        "[--number FORMAT] [--side S] [--top N] ", option, 3, argc, argv);
    if (status != CLI_GO_ON) return status;
    if (!cli_integer(&top, top_text, 4, 1000000))
        return cli_error(&s.c, CLI_USAGE, "--top '%s': a whole number, 4 to 1000000", top_text);
    if (sbx_d_read(&side, side_text, strlen(side_text), NULL) != SBX_OK ||
        !(side >= 0.001 && side <= 300))
        return cli_error(&s.c, CLI_USAGE, "--side '%s': a number, 1/1000 to 300", side_text);
    if (sbx_error_number(&num, &format, number, &s.err) != SBX_OK)
        return cli_error(&s.c, CLI_USAGE, "--number: %s", s.err.msg);
    if (sbx_plot_new(&s.p, "error", "Rounding errors against n", &s.err) == SBX_OK)
        for (size_t k = 0; k < 3; k++)
            panel(&s, k, number, side, (size_t)top);
    return drawing_close(&s, argc, argv);
}
