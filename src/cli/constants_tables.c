/* cli/constants_tables.c -- softbox table T12, T14, T15, T17, bottleneck, gain, constants,
 * saturation.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <stdarg.h>
#include <string.h>

/* a table being filled; after the first error nothing is asked any more */
typedef struct page {
    cli c;
    char command[24]; /* "table T12" */
    sbx_table *t;
    sbx_err err;
    sbx_cell cell;
    mpq_t a, b;
} page;

static int page_open(page *p, const char *name, const char *caption, const char *about,
                     const cli_option *option, size_t options, const char *shown, int argc,
                     char **argv)
{
    char usage[120];
    const cli_help help = {usage, about};
    int status;
    p->c = (cli){.command = p->command, .forms = CLI_FORMS_TABLE};
    (void)snprintf(p->command, sizeof p->command, "table %s", name);
    (void)snprintf(usage, sizeof usage, "usage: softbox table %s %s[options]\n", name, shown);
    status = cli_parse(&p->c, argc, argv, option, options, 0, 0, &help);
    if (status != CLI_GO_ON) return status;
    p->err = (sbx_err){SBX_OK, NULL, ""};
    if (sbx_table_new(&p->t, name, caption, &p->err) != SBX_OK) return cli_fail(&p->c, &p->err);
    sbx_cell_init(&p->cell);
    mpq_inits(p->a, p->b, NULL);
    return CLI_GO_ON;
}

static void page_clear(page *p)
{
    sbx_cell_clear(&p->cell);
    mpq_clears(p->a, p->b, NULL);
}

static int page_close(page *p, int argc, char **argv)
{
    page_clear(p);
    if (p->err.code == SBX_OK) return cli_report_table(&p->c, p->t, argc, argv);
    sbx_table_free(p->t);
    return cli_fail(&p->c, &p->err);
}

static void columns(page *p, const char *const *names, size_t text)
{
    for (size_t k = 0; names[k]; k++) {
        const sbx_column column = {names[k], NULL, k < text ? SBX_COLUMN_TEXT : SBX_COLUMN_NUMBER};
        sbx_table_column(p->t, &column);
    }
}

/* *v = text, which is known to be a number, or was given */
static void number(page *p, mpq_ptr v, const char *text)
{
    if (p->err.code == SBX_OK && sbx_q_read(v, text, strlen(text), &p->err) != SBX_OK)
        mpq_set_ui(v, 1, 1);
}

/* the cell that st tells of, or nothing after an error */
static void put(page *p, sbx_status st)
{
    if (st == SBX_OK && p->err.code == SBX_OK) cli_cell(p->t, &p->cell);
}
/* the same; of what begins at 0, the upper end */
static void put_small(page *p, sbx_status st)
{
    if (st == SBX_OK && mpq_sgn(p->cell.lo) == 0 && mpq_sgn(p->cell.hi) > 0)
        sbx_table_range(p->t, NULL, p->cell.hi, SBX_HOW_PROVED);
    else
        put(p, st);
}
static bool ready(const page *p) { return p->err.code == SBX_OK; }

static void whole(page *p, mpz_srcptr v)
{
    mpq_set_num(p->b, v);
    mpz_set_ui(mpq_denref(p->b), 1);
    sbx_table_exact(p->t, p->b, SBX_HOW_CLOSED);
}

/* ---- T12 ------------------------------------------------------------------------------------ */

static const char *const ratios[] = {"1/1000", "1/100", "1/10", "3/10"};
static const char *const aims[] = {"1/10", "1/1000", "1/1000000"};

static void inverse_rows(page *p, sbx_inverse method, const char *name)
{
    for (unsigned steps = 1; steps <= 30 && ready(p); steps++) {
        sbx_table_text(p->t, name);
        sbx_table_long(p->t, (long)steps);
        for (size_t k = 0; k < 4 && ready(p); k++) {
            number(p, p->a, ratios[k]);
            put_small(p, sbx_constant_residual(&p->cell, method, p->a, steps, &p->err));
        }
        for (size_t k = 0; k < 3 && ready(p); k++) {
            number(p, p->a, aims[k]);
            put(p, sbx_constant_threshold(&p->cell, method, steps, p->a, &p->err));
        }
    }
    for (size_t k = 0; k < 3 && ready(p); k++) { /* the least number of steps */
        char text[40];
        sbx_table_text(p->t, name);
        (void)snprintf(text, sizeof text, "needed to %s", aims[k]);
        sbx_table_text(p->t, text);
        number(p, p->b, aims[k]);
        for (size_t j = 0; j < 4 && ready(p); j++) {
            unsigned steps = 0;
            number(p, p->a, ratios[j]);
            if (sbx_constant_steps(&steps, method, p->a, p->b, &p->err) == SBX_OK)
                sbx_table_long(p->t, (long)steps);
        }
        for (size_t j = 0; j < 3; j++)
            sbx_table_open(p->t, "-", NULL);
    }
}

int cli_table_t12(int argc, char **argv)
{
    static const char *const names[] = {
        "iteration",           "steps",     "at ratio 1/1000", "at 1/100", "at 1/10", "at 3/10",
        "least ratio to 1/10", "to 1/1000", "to 1/1000000",    NULL};
    page p;
    int status = page_open(
        &p, "T12", "Residuals of iterative inverses, and the ratios they need",
        "What is left of I - A V, in the spectral norm, after 1 to 30 steps of Newton's iteration as\n"
        "SOFT starts it and of Nystromformer's, for matrices of a ratio; the least ratio from which\n"
        "so many steps come to 1/10, 1/1000, 1/1000000; and how many steps a ratio needs. The ratio is\n"
        "(lambda_min + 1/100) / |K|_1 for Newton, sigma_min / sqrt(|A|_1 |A|_inf) for Nystromformer.\n",
        NULL, 0, "", argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&p, names, 2);
    inverse_rows(&p, SBX_INVERSE_NEWTON, "Newton");
    inverse_rows(&p, SBX_INVERSE_NYSTROM, "Nystromformer");
    sbx_table_note(p.t, "Newton: E becomes E^2; Nystromformer: (3/4) E^3 + (1/4) E^4, exactly.");
    return page_close(&p, argc, argv);
}

/* ---- T14 ------------------------------------------------------------------------------------ */

int cli_table_t14(int argc, char **argv)
{
    static const char *const names[] = {"features",          "square",
                                        "variance",          "draws for 10 %",
                                        "draws for 1 %",     "P(negative), 1 draw",
                                        "P(negative), many", NULL};
    static const char *const kinds[] = {"positive", "hyperbolic", "trigonometric"};
    static const char *const squares[] = {"1", "2", "4", "8", "16"};
    const char *draws = "256";
    const cli_option option[] = {
        {"draws", "M", "how many draws the last column has; default 256", &draws, NULL}};
    uint64_t m = 0;
    mpz_t v;
    char note[320];
    page p;
    int status = page_open(
        &p, "T14", "Random features of exp(q.k): variance, draws, negative estimates",
        "The variance of one draw relative to exp(2 q.k), exactly; how many draws make the relative\n"
        "standard deviation at most 1/10 and 1/100; and bounds of the probability that one draw, or M,\n"
        "give a negative estimate. The square is |q + k|^2, for trigonometric features |q - k|^2.\n",
        option, 1, "[--draws M] ", argc, argv);
    if (status != CLI_GO_ON) return status;
    mpz_init(v);
    if (!cli_integer(&m, draws, 1, 1000000000)) {
        page_clear(&p);
        sbx_table_free(p.t);
        mpz_clear(v);
        return cli_error(&p.c, CLI_USAGE, "--draws '%s': a whole number, 1 to 1000000000", draws);
    }
    columns(&p, names, 2);
    for (int kind = 0; kind < 3; kind++)
        for (size_t k = 0; k < 5 && ready(&p); k++) {
            const sbx_features f = (sbx_features)kind;
            sbx_table_text(p.t, kinds[kind]);
            sbx_table_text(p.t, squares[k]);
            number(&p, p.a, squares[k]);
            put(&p, sbx_constant_variance(&p.cell, f, p.a, &p.err));
            for (int j = 0; j < 2 && ready(&p); j++) {
                number(&p, p.b, j ? "1/100" : "1/10");
                if (sbx_constant_draws(v, f, p.a, p.b, &p.err) == SBX_OK) whole(&p, v);
            }
            put(&p, sbx_constant_negative(&p.cell, f, p.a, 1, &p.err));
            number(&p, p.b, "99/100");
            if (sbx_constant_negative(&p.cell, f, p.a, (unsigned long)m, &p.err) != SBX_OK) break;
            if (mpq_cmp(p.cell.hi, p.b) > 0)
                sbx_table_open(p.t, "open", "no bound below 99/100");
            else if (p.cell.reached)
                cli_cell(p.t, &p.cell);
            else
                sbx_table_range(p.t, NULL, p.cell.hi, SBX_HOW_PROVED);
        }
    (void)snprintf(
        note, sizeof note,
        "many: %llu draws; at most v / (m + v) and exp(-m exp(-square) / 2), which also hold for "
        "the denominator of any number of keys within that square.",
        (unsigned long long)m);
    sbx_table_note(p.t, note);
    mpz_clear(v);
    return page_close(&p, argc, argv);
}

/* ---- T15 ------------------------------------------------------------------------------------ */

int cli_table_t15(int argc, char **argv)
{
    static const char *const names[] = {"d",         "noise", "best u", "one head",
                                        "two heads", "ratio", NULL};
    static const size_t dims[] = {1, 2, 5, 10, 20, 100, 1000, 1000000};
    const char *noise = "0";
    const cli_option option[] = {
        {"noise", "S2", "the variance of the noise, at least 0; default 0", &noise, NULL}};
    sbx_regression z;
    page p;
    int status = page_open(
        &p, "T15", "In-context regression: the risk of one head and of two, times the examples",
        "For softmax attention over D examples of a linear regression in d dimensions, D to infinity:\n"
        "where the risk of one head, times D, is least, that least value, the infimum for two heads of\n"
        "opposite sign, and the ratio of the two, which tends to e.\n",
        option, 1, "[--noise S2] ", argc, argv);
    if (status != CLI_GO_ON) return status;
    sbx_regression_init(&z);
    columns(&p, names, 2);
    number(&p, p.a, noise);
    for (size_t k = 0; k < sizeof dims / sizeof *dims && ready(&p); k++) {
        if (sbx_constant_regression(&z, dims[k], p.a, &p.err) != SBX_OK) break;
        sbx_table_long(p.t, (long)dims[k]);
        sbx_table_text(p.t, noise);
        cli_cell(p.t, &z.u);
        cli_cell(p.t, &z.one);
        cli_cell(p.t, &z.two);
        cli_cell(p.t, &z.ratio);
    }
    sbx_regression_clear(&z);
    return page_close(&p, argc, argv);
}

/* ---- bottleneck ------------------------------------------------------------------------------- */

/* Three contexts, three words: the second word is the least likely in one context and lies between the
 * others in two. On a line it would always lie between. */
int cli_table_bottleneck(int argc, char **argv)
{
    static const char *const names[] = {"model", "rank of log-probabilities", "determinant",
                                        "greatest difference", NULL};
    static const char *const target[] = {"5/14", "4/14", "5/14", "1/7", "2/7",
                                         "4/7",  "4/7",  "2/7",  "1/7"};
    mpq_t w[9];
    page p;
    int status = page_open(
        &p, "bottleneck", "Softmax bottleneck: three words, one dimension",
        "Three contexts whose probabilities of three words are (5, 4, 5)/14, (1, 2, 4)/7, (4, 2, 1)/7. The\n"
        "matrix of their logarithms has rank 3, as its determinant is not 0; logits h.w of dimension 1\n"
        "give at most 2. A mixture of two softmaxes of dimension 1 is equal to it.\n",
        NULL, 0, "", argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&p, names, 1);
    for (int k = 0; k < 9; k++) {
        mpq_init(w[k]);
        number(&p, w[k], target[k]);
    }
    sbx_table_text(p.t, "the target");
    if (sbx_constant_log_determinant(&p.cell, (const mpq_t *)w, 3, &p.err) == SBX_OK) {
        if (mpq_sgn(p.cell.lo) > 0 || mpq_sgn(p.cell.hi) < 0)
            sbx_table_long(p.t, 3);
        else
            sbx_table_open(p.t, "open", "the determinant may be 0");
        cli_cell(p.t, &p.cell);
    }
    sbx_table_long(p.t, 0);
    sbx_table_text(p.t, "softmax, dimension 1");
    mpq_set_ui(p.a, 2, 1);
    sbx_table_range(p.t, NULL, p.a, SBX_HOW_PROVED);
    sbx_table_long(p.t, 0);
    sbx_table_open(p.t, "-", "it cannot be equal");
    sbx_table_text(p.t, "softmax, dimension 2");
    mpq_set_ui(p.a, 3, 1);
    sbx_table_range(p.t, NULL, p.a, SBX_HOW_PROVED);
    sbx_table_open(p.t, "-", NULL);
    sbx_table_open(p.t, "-", NULL);
    sbx_table_text(p.t, "mixture of 2, dimension 1");
    sbx_table_long(p.t, 3);
    sbx_table_open(p.t, "-", NULL);
    mpq_set_ui(
        p.a, 0,
        1); /* rows 2 and 3 are softmaxes of h (-1, 0, 1), h = +-log 2; row 1 is their mean */
    for (int j = 0; j < 3; j++) {
        mpq_add(p.b, w[3 + j], w[6 + j]);
        mpq_div_2exp(p.b, p.b, 1);
        mpq_sub(p.b, p.b, w[j]);
        mpq_abs(p.b, p.b);
        if (mpq_cmp(p.b, p.a) > 0) mpq_set(p.a, p.b);
    }
    sbx_table_exact(p.t, p.a, SBX_HOW_EXACT);
    for (int k = 0; k < 9; k++)
        mpq_clear(w[k]);
    return page_close(&p, argc, argv);
}

/* ---- gain --------------------------------------------------------------------------------------- */

static void gain_row(page *p, const char *name, const cli_vec *v, bool scores)
{
    if (!ready(p)) return;
    sbx_table_text(p->t, name);
    sbx_table_long(p->t, (long)v->n);
    put(p, scores ? sbx_constant_gain_of_scores(&p->cell, (const mpq_t *)v->v, v->n, &p->err)
                  : sbx_constant_gain(&p->cell, (const mpq_t *)v->v, v->n, &p->err));
}

int cli_table_gain(int argc, char **argv)
{
    static const char *const names[] = {"weights", "n", "gain", NULL};
    static const char *const some[][2] = {{"two equal", "1,1"},
                                          {"three equal", "1,1,1"},
                                          {"1/2, 1/3, 1/6", "3,2,1"},
                                          {"halves that fit", "3,1,1,2,2,1"},
                                          {"no halves", "5,4,4,4"},
                                          {"one has 3/4", "3/4,1/8,1/8"},
                                          {"powers of two", "1,2,4,8,16,32,64,128"}};
    const char *weights = NULL, *scores = NULL;
    const cli_option option[] = {
        {"weights", "P,..", "weights, divided by their sum", &weights, NULL},
        {"scores", "X,..", "softmax of scores", &scores, NULL}};
    cli_vec v = {0};
    page p;
    int status = page_open(
        &p, "gain", "The gain of softmax: 4 max P(S) (1 - P(S))",
        "How much weights p = softmax(x) change at most, in the sum of absolute values, when no score changes\n"
        "by more than 1: the norm from inf to 1 of diag(p) - p p^T is 4 P(S) (1 - P(S)) for the set S\n"
        "whose mass is nearest to 1/2. Exactly for up to 40 weights; beyond, from a set that was found.\n",
        option, 2, "[--weights P,.. | --scores X,..] ", argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&p, names, 1);
    if (weights || scores) {
        for (int k = 0; k < 2; k++) {
            const char *text = k ? scores : weights;
            if (!text || !ready(&p)) continue;
            if (cli_vec_read(&v, k ? "scores" : "weights", text, false, &p.err) == SBX_OK)
                gain_row(&p, k ? "scores" : "weights", &v, k);
            cli_vec_clear(&v);
            v = (cli_vec){0};
        }
    } else {
        for (size_t k = 0; k < sizeof some / sizeof *some && ready(&p); k++) {
            if (cli_vec_read(&v, "weights", some[k][1], false, &p.err) == SBX_OK)
                gain_row(&p, some[k][0], &v, false);
            cli_vec_clear(&v);
            v = (cli_vec){0};
        }
    }
    return page_close(&p, argc, argv);
}

/* ---- constants ------------------------------------------------------------------------------------ */

SBX_PRINTF(3, 4)
static void line(page *p, const char *what, const char *fmt, ...)
{
    char text[80];
    va_list list;
    va_start(list, fmt);
    (void)vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    sbx_table_text(p->t, what);
    sbx_table_text(p->t, text);
}

static void ranges(page *p)
{
    static const struct {
        unsigned long d;
        const char *tau;
    } channels[] = {{32, "1"}, {64, "1/2"}};
    for (int k = 0; k < 2 && ready(p); k++) {
        for (int greatest = 0; greatest < 2 && ready(p); greatest++) {
            line(p,
                 greatest ? "greatest weight of cross-covariance attention"
                          : "least weight of cross-covariance attention",
                 "d = %lu, tau = %s", channels[k].d, channels[k].tau);
            number(p, p->a, channels[k].tau);
            put(p, sbx_constant_channel(&p->cell, channels[k].d, p->a, greatest, &p->err));
        }
    }
    line(p, "n sigmoid(-log n)", "n = %d", 1024);
    put(p, sbx_constant_sigmoid_mass(&p->cell, 1024, &p->err));
    line(p, "greatest slope of z^2 / (1 + z^2)", "z = 1/sqrt 3");
    put(p, sbx_constant_expressive_slope(&p->cell, &p->err));
}

static void roundings(page *p)
{
    static const struct {
        const char *name;
        long bits;
    } format[] = {{"fp16", 11}, {"bf16", 8}, {"fp32", 24}};
    static const char *const gaps[] = {"1", "10", "20"};
    for (int k = 0; k < 3; k++)
        for (int j = 0; j < 3 && ready(p); j++) {
            line(p, "weight of a rounded score", "%s, %s below", format[k].name, gaps[j]);
            number(p, p->a, gaps[j]);
            put(p, sbx_constant_score_rounding(&p->cell, p->a, format[k].bits, &p->err));
        }
}

static void degrees(page *p)
{
    static const unsigned long others[] = {511, 4095};
    static const char *const margins[] = {"1/20", "1/10", "1/4", "1/2"};
    for (int k = 0; k < 2; k++)
        for (int j = 0; j < 4 && ready(p); j++) {
            unsigned long degree = 0;
            line(p, "degree that keeps half", "%lu others, margin %s", others[k], margins[j]);
            number(p, p->a, margins[j]);
            if (sbx_constant_power_degree(&degree, others[k], p->a, &p->err) == SBX_OK)
                sbx_table_long(p->t, (long)degree);
        }
}

static void fading(page *p)
{
    for (int scaled = 0; scaled < 2; scaled++)
        for (unsigned long n = 10; n <= 100000 && ready(p); n *= 10) {
            line(p, scaled ? "SSMax of 3, -2, .., -2" : "softmax of 3, -2, .., -2", "n = %lu%s", n,
                 scaled ? ", s = 0.43" : "");
            number(p, p->a, scaled ? "2.15" : "5");
            put(p, sbx_constant_leader(&p->cell, n, p->a, scaled, &p->err));
        }
}

int cli_table_constants(int argc, char **argv)
{
    static const char *const names[] = {"quantity", "at", "value", NULL};
    page p;
    int status = page_open(
        &p, "constants", "Ranges and constants of attention that are one formula each",
        "The range of all weights of cross-covariance attention, whatever the input; the mass of sigmoid\n"
        "attention; the slope of expressive attention; what rounding a score does to its weight; the\n"
        "degrees at which polynomial attention keeps half of the mass; how the greatest weight fades as\n"
        "a row grows, for softmax and SSMax.\n",
        NULL, 0, "", argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&p, names, 2);
    ranges(&p);
    roundings(&p);
    degrees(&p);
    fading(&p);
    return page_close(&p, argc, argv);
}

/* ---- saturation ---------------------------------------------------------------------------------- */

static void saturation_row(page *p, const char *format, const char *threshold)
{
    static const char *const offsets[] = {"0", "4", "8", "12"};
    sbx_table_text(p->t, format);
    sbx_table_text(p->t, threshold);
    if (sbx_constant_largest(p->a, format, &p->err) == SBX_OK)
        sbx_table_exact(p->t, p->a, SBX_HOW_CLOSED);
    for (int whole = 0; whole < 2 && ready(p); whole++) {
        number(p, p->a, threshold);
        put(p, sbx_constant_headroom(&p->cell, format, p->a, whole, &p->err));
    }
    for (size_t k = 0; k < 4 && ready(p); k++) {
        number(p, p->a, threshold);
        number(p, p->b, offsets[k]);
        mpq_add(p->a, p->a, p->b);
        put(p, sbx_constant_saturation(&p->cell, format, p->a, &p->err));
    }
}

int cli_table_saturation(int argc, char **argv)
{
    static const char *const names[] = {
        "stored as",           "threshold", "largest number", "greatest offset", "whole offset",
        "deficit at offset 0", "at 4",      "at 8",           "at 12",           NULL};
    static const char *const formats[] = {"fp16", "bf16", "e5m2", "e4m3", "f32"};
    static const char *const thresholds[] = {"0", "4", "8"};
    const char *threshold = NULL;
    const cli_option option[] = {
        {"threshold", "T", "this one alone, 0 to 4000; default 0, 4 and 8", &threshold, NULL}};
    page p;
    int status = page_open(
        &p, "saturation",
        "Lazily rescaled softmax: offsets that fit a format, and weights that do not",
        "Online softmax whose running maximum may lag by a threshold: its exponentials reach\n"
        "2^(offset + threshold). The greatest offset at which they are no larger than the largest number\n"
        "of the format that stores them, and the greatest whole one; beyond it, how much a weight, or the mass\n"
        "of a row, is too small at most, relatively, where the conversion clamps and the denominator sums\n"
        "what was not clamped. Offset and threshold are in units of log 2.\n",
        option, 1, "[--threshold T] ", argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&p, names, 2);
    if (threshold) {
        number(&p, p.a, threshold);
        mpq_set_ui(p.b, 4000, 1);
        if (ready(&p) && (mpq_sgn(p.a) < 0 || mpq_cmp(p.a, p.b) > 0)) {
            page_clear(&p);
            sbx_table_free(p.t);
            return cli_error(&p.c, CLI_USAGE, "--threshold '%s': a number, 0 to 4000", threshold);
        }
    }
    for (size_t k = 0; k < 5; k++)
        for (size_t j = 0; j < (threshold ? 1 : 3) && ready(&p); j++)
            saturation_row(&p, formats[k], threshold ? threshold : thresholds[j]);
    sbx_table_note(p.t,
                   "deficit: max(0, 1 - largest / 2^(offset + threshold)), the exponentials taken "
                   "as exact; attained by a weight. A sum of them may overflow sooner.");
    return page_close(&p, argc, argv);
}

/* ---- T17 -------------------------------------------------------------------------------------- */

/* z->written becomes the difference, whose ends are those of the two */
static void difference(page *p, const sbx_finding *z)
{
    mpq_sub(p->a, z->written.lo, z->formula.hi);
    mpq_sub(p->b, z->written.hi, z->formula.lo);
    if (mpq_equal(p->a, p->b))
        sbx_table_exact(p->t, p->a, SBX_HOW_EXACT);
    else
        sbx_table_range(p->t, p->a, p->b, SBX_HOW_PROVED);
}

int cli_table_t17(int argc, char **argv)
{
    static const char *const names[] = {"id",    "observed at", "what is compared", "input",
                                        "basis", "as written",  "by the formula",   "difference",
                                        NULL};
    sbx_finding z;
    page p;
    int status = page_open(
        &p, "T17", "Formula and implementation: one input each",
        "Public implementations as written at a commit, a version or an issue, against the published\n"
        "formula: the number that each gives for one input, computed here from a statement of our own of\n"
        "what the code does; no code was run, and A3 names no commit. A basis that says reading was not\n"
        "checked against the text of that very commit. Later commits may differ; A12 is a doubt that is ruled out.\n",
        NULL, 0, "", argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&p, names, 5);
    sbx_finding_init(&z);
    for (size_t k = 0; k < SBX_FINDINGS && ready(&p); k++) {
        char basis[96];
        if (sbx_constant_finding(&z, k, &p.err) != SBX_OK) break;
        (void)snprintf(basis, sizeof basis, "%s%s", z.basis, z.reading ? "; reading" : "");
        sbx_table_text(p.t, z.id);
        sbx_table_text(p.t, z.where);
        sbx_table_text(p.t, z.what);
        sbx_table_text(p.t, z.input);
        sbx_table_text(p.t, basis);
        cli_cell(p.t, &z.written);
        cli_cell(p.t, &z.formula);
        difference(&p, &z);
    }
    if (ready(&p))
        sbx_table_note(
            p.t, "as written: computed from softbox's own statement of the code; none was run");
    sbx_finding_clear(&z);
    return page_close(&p, argc, argv);
}
