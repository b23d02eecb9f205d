/* cli/study_plots.c -- softbox plot F1, F2, F3: weights along a line, error against smoothness,
 * weights against an angle.
 *
 * Every point of a curve is the upper end of a proved enclosure, narrower than the line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 161

typedef struct sketch {
    cli c;
    char command[16]; /* "plot F1" */
    sbx_plot *p;
    sbx_err err;
} sketch;

static int sketch_open(sketch *s, const char *name, const char *title, const char *about, int argc,
                       char **argv)
{
    char usage[80];
    const cli_help help = {usage, about};
    int status;
    *s = (sketch){.c = {.command = s->command, .forms = CLI_FORMS_PLOT}};
    (void)snprintf(s->command, sizeof s->command, "plot %s", name);
    (void)snprintf(usage, sizeof usage, "usage: softbox plot %s [options]\n", name);
    status = cli_parse(&s->c, argc, argv, NULL, 0, 0, 0, &help);
    if (status != CLI_GO_ON) return status;
    return sbx_plot_new(&s->p, name, title, &s->err) == SBX_OK ? CLI_GO_ON
                                                               : cli_fail(&s->c, &s->err);
}

static int sketch_close(sketch *s, int argc, char **argv)
{
    if (s->err.code == SBX_OK) return cli_report_plot(&s->c, s->p, argc, argv);
    sbx_plot_free(s->p);
    return cli_fail(&s->c, &s->err);
}

/* the scores at the place t of a curve */
typedef void place_fn(sbx_ivd *x, double t);

/* output i of a normalizer along the curve */
static void weight_curve(sketch *s, const char *normalizer, const char *label, size_t i, size_t n,
                         place_fn *place, double lo, double hi, sbx_dash dash)
{
    double at[POINTS], y[POINTS];
    const sbx_curve curve = {
        .name = label, .dash = dash, .side = SBX_CURVE_UPPER, .n = POINTS, .x = at, .y = y};
    sbx_norm_args a;
    if (s->err.code != SBX_OK || sbx_norm_read(&a, normalizer, &s->err) != SBX_OK) return;
    for (size_t k = 0; k < POINTS && s->err.code == SBX_OK; k++) {
        sbx_ivd x[8], f[8];
        at[k] = lo + (hi - lo) * (double)k / (POINTS - 1);
        place(x, at[k]);
        if (sbx_norm_eval_ivd(f, &a, x, n, NULL, &s->err) == SBX_OK) y[k] = f[i].hi;
    }
    sbx_norm_args_clear(&a);
    if (s->err.code == SBX_OK) sbx_plot_curve(s->p, &curve);
}

/* ---- F1 ---------------------------------------------------------------------------------- */

static void on_line(sbx_ivd *x, double t)
{
    x[0] = (sbx_ivd){t, t};
    x[1] = (sbx_ivd){0.5, 0.5};
    x[2] = (sbx_ivd){0, 0};
}

int cli_plot_f1(int argc, char **argv)
{
    static const char *const names[][2] = {{"softmax", "softmax:lambda=46306/100000"},
                                           {"PLSoftMax", "plsoftmax:delta=23/4"},
                                           {"sparsemax", "sparsemax:delta=6"}};
    static const char *const label[] = {"t", "1/2", "0"};
    sketch s;
    int status = sketch_open(
        &s, "F1", "Weights of (t, 1/2, 0) at expected error 1",
        "The three weights of the scores (t, 1/2, 0) against t, for softmax, PLSoftMax and\n"
        "sparsemax with the scale at which their expected error is 1.\n",
        argc, argv);
    if (status != CLI_GO_ON) return status;
    for (size_t k = 0; k < 3; k++) {
        const sbx_axis x = {.name = "t", .lo = -6, .hi = 7},
                       y = {.name = "weight", .lo = 0, .hi = 1};
        sbx_plot_panel(s.p, names[k][0], &x, &y);
        for (size_t i = 0; i < 3; i++)
            weight_curve(&s, names[k][1], label[i], i, 3, on_line, -6, 7, (sbx_dash)i);
    }
    return sketch_close(&s, argc, argv);
}

/* ---- F2 ---------------------------------------------------------------------------------- */

/* a double >= v >= 0 */
static double above(mpq_srcptr v) { return nextafter(mpq_get_d(v), HUGE_VAL); }

/* L at expected error delta: a constant over delta */
static void frontier(sketch *s, const char *name, sbx_ell p, sbx_ell q, size_t d, sbx_dash dash)
{
    double x[2] = {0.0625, 4}, y[2], constant = 1;
    const sbx_curve curve = {
        .name = name, .dash = dash, .side = SBX_CURVE_UPPER, .n = 2, .x = x, .y = y};
    const bool all = strcmp(name, "lower-bound") == 0;
    sbx_study_question a = {.quantity = SBX_EXPECTED_ERROR, .d = d, .p = p, .q = q};
    sbx_cell z;
    sbx_cell_init(&z);
    if (s->err.code == SBX_OK && !all && sbx_study_quantity(&z, name, &a, NULL, &s->err) == SBX_OK)
        constant = above(z.hi);
    a.quantity = SBX_LIPSCHITZ;
    if (s->err.code == SBX_OK && sbx_study_quantity(&z, name, &a, NULL, &s->err) == SBX_OK)
        constant = nextafter(constant * above(z.hi), HUGE_VAL);
    for (int k = 0; k < 2; k++)
        y[k] = nextafter(constant / x[k], HUGE_VAL);
    sbx_cell_clear(&z);
    if (s->err.code == SBX_OK) sbx_plot_curve(s->p, &curve);
}

int cli_plot_f2(int argc, char **argv)
{
    static const struct {
        const char *title;
        sbx_ell p, q;
    } panel[] = {
        {"1 -> 1", SBX_L1, SBX_L1}, {"2 -> 2", SBX_L2, SBX_L2}, {"inf -> 1", SBX_LINF, SBX_L1}};
    static const char *const names[] = {"softmax", "sparsemax", "plsoftmax", "permute-and-flip"};
    sketch s;
    int status = sketch_open(
        &s, "F2", "Lipschitz constant against expected error, 10 scores",
        "The Lipschitz constant of each normalizer against its expected error, for 10 scores,\n"
        "and what every soft-max function has at least. Both axes are logarithmic.\n",
        argc, argv);
    if (status != CLI_GO_ON) return status;
    for (size_t k = 0; k < 3; k++) {
        const sbx_axis x = {.name = "expected error", .lo = 0.0625, .hi = 4, .log = true};
        const sbx_axis y = {.name = "Lipschitz constant", .lo = 0.05, .hi = 40, .log = true};
        sbx_plot_panel(s.p, panel[k].title, &x, &y);
        for (size_t i = 0; i < 4; i++)
            frontier(&s, names[i], panel[k].p, panel[k].q, 10, SBX_DASH_SOLID);
        frontier(&s, "lower-bound", panel[k].p, panel[k].q, 10, SBX_DASH_DASHED);
    }
    return sketch_close(&s, argc, argv);
}

/* ---- F3 ---------------------------------------------------------------------------------- */

#define KEYS 8

/* scores 3 cos(angle), and those of seven keys at a right angle; the angle in degrees */
static void at_angle(sbx_ivd *x, double degrees)
{
    sbx_ivd turn = {degrees, degrees}, part = {0x1.1df46a2529d39p-6, 0x1.1df46a2529d3ap-6};
    const sbx_ivd three = {3, 3};
    sbx_err err = {SBX_OK, NULL, ""};
    for (size_t k = 0; k < KEYS; k++)
        x[k] = (sbx_ivd){0, 0};
    if (sbx_ivd_mul(&turn, &turn, &part, NULL, &err) != SBX_OK ||
        sbx_ivd_cos(&turn, &turn, NULL, &err) != SBX_OK ||
        sbx_ivd_mul(&x[0], &turn, &three, NULL, &err) != SBX_OK)
        x[0] = (sbx_ivd){-3, 3};
}

int cli_plot_f3(int argc, char **argv)
{
    static const char *const names[][2] = {{"softmax", "softmax"},
                                           {"Power-Softmax", "power-softmax:eps=1"},
                                           {"Taylor, order 2", "taylor"},
                                           {"spherical", "spherical"},
                                           {"sparsemax", "sparsemax:delta=3"}};
    sketch s;
    const sbx_axis x = {.name = "angle, degrees", .lo = 0, .hi = 180};
    const sbx_axis y = {.name = "weight", .lo = 0, .hi = 1};
    int status = sketch_open(
        &s, "F3", "Weight of a key against its angle",
        "The weight of one of eight keys against its angle to the query; the score is 3 cos of\n"
        "the angle, the other keys stand at right angles.\n",
        argc, argv);
    if (status != CLI_GO_ON) return status;
    sbx_plot_panel(s.p, "", &x, &y);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        weight_curve(&s, names[k][1], names[k][0], 0, KEYS, at_angle, 0, 180, SBX_DASH_SOLID);
    return sketch_close(&s, argc, argv);
}
