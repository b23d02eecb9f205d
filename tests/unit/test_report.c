/* test_report.c -- tables and plots: what is written holds as written, proved and sampled
 * numbers stay apart, every form has every cell, every allocation may fail.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "base/alloc.h"
#include "softbox/report.h"

#include <math.h>

static char *written(const sbx_table *t, sbx_form form, int digits)
{
    char *text = NULL;
    assert_ok(sbx_table_write(&text, t, form, digits, err));
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("no '%s' in:\n%s", part, text);
}

/* One enclosure as the text form has it: the last line but for its end. */
static void one(char out[512], mpq_srcptr lo, mpq_srcptr hi, int digits)
{
    sbx_table *t = NULL;
    char *text, *line;
    assert_ok(sbx_table_new(&t, "t", "c", err));
    sbx_table_column(t, &(sbx_column){"v", NULL, SBX_COLUMN_NUMBER});
    sbx_table_range(t, lo, hi, SBX_HOW_PROVED);
    text = written(t, SBX_FORM_TEXT, digits);
    line = strstr(text, "\nv\n");
    assert_non_null(line);
    (void)snprintf(out, 512, "%s", line + 3);
    out[strcspn(out, "\n")] = 0;
    sbx_text_free(text);
    sbx_table_free(t);
}

/* head[a,b]eN, [a, b]eN, or one number: the decimals that stand there */
static void read_back(mpq_ptr lo, mpq_ptr hi, const char *s)
{
    char a[1024], b[1024];
    const char *open = strchr(s, '['), *comma = strchr(s, ','), *close = strchr(s, ']');
    if (!open) {
        assert_ok(sbx_q_read(lo, s, strlen(s), err));
        mpq_set(hi, lo);
        return;
    }
    assert_non_null(comma);
    assert_non_null(close);
    (void)snprintf(a, sizeof a, "%.*s%.*s%s", (int)(open - s), s, (int)(comma - open - 1), open + 1,
                   close + 1);
    comma += 1 + (comma[1] == ' ');
    (void)snprintf(b, sizeof b, "%.*s%.*s%s", (int)(open - s), s, (int)(close - comma), comma,
                   close + 1);
    assert_ok(sbx_q_read(lo, a, strlen(a), err));
    assert_ok(sbx_q_read(hi, b, strlen(b), err));
}

/* a random rational of some size */
static void random_q(mpq_ptr q, uint64_t *rng)
{
    const unsigned long big = (unsigned long)(sbx_rng(rng) >> 20);
    const long e = (long)(sbx_rng(rng) % 61) - 30;
    mpq_set_si(q, (long)big, 1 + sbx_rng(rng) % 1000);
    mpq_canonicalize(q);
    if (e >= 0)
        mpq_mul_2exp(q, q, (mp_bitcnt_t)e);
    else
        mpq_div_2exp(q, q, (mp_bitcnt_t)-e * 3);
    if (sbx_rng(rng) & 1) mpq_neg(q, q);
    if (sbx_rng(rng) % 50 == 0) mpq_set_ui(q, 0, 1);
}

/* [L-RPT-01]: what is written contains what was given, and is not much wider */
static void enclosures_hold_as_written(void **state)
{
    uint64_t rng = test_seed();
    mpq_t lo, hi, a, b, w, v;
    (void)state;
    mpq_inits(lo, hi, a, b, w, v, NULL);
    for (long round = 0; round < test_rounds(20000); round++) {
        const int digits = 2 + (int)(sbx_rng(&rng) % 30);
        char text[512];
        random_q(lo, &rng);
        random_q(w, &rng);
        mpq_abs(w, w);
        mpq_div_2exp(w, w, (mp_bitcnt_t)(sbx_rng(&rng) % 120));
        if (sbx_rng(&rng) % 10 == 0) mpq_set_ui(w, 0, 1);
        mpq_add(hi, lo, w);
        one(text, lo, hi, digits);
        if (strchr(text, '/')) { /* exact, and short */
            assert_ok(sbx_q_read(a, text, strlen(text), err));
            assert_true(mpq_equal(a, lo) && mpq_equal(a, hi));
            continue;
        }
        read_back(a, b, text);
        if (mpq_cmp(a, lo) > 0 || mpq_cmp(b, hi) < 0)
            fail_msg("round %ld: %s does not contain [%g, %g]", round, text, mpq_get_d(lo),
                     mpq_get_d(hi));
        /* wider by a fiftieth of the width, and two units of the last digit */
        mpq_sub(a, b, a);
        mpq_sub(a, a, w);
        mpq_set_ui(b, 50, 1);
        mpq_div(w, w, b);
        mpq_abs(v, lo);
        mpq_abs(b, hi);
        if (mpq_cmp(b, v) > 0) mpq_set(v, b);
        for (int k = 1; k < digits; k++) {
            mpq_set_ui(b, 10, 1);
            mpq_div(v, v, b);
        }
        mpq_add(w, w, v);
        mpq_add(w, w, v);
        if (mpq_cmp(a, w) > 0) fail_msg("round %ld: %s is much wider than given", round, text);
    }
    mpq_clears(lo, hi, a, b, w, v, NULL);
}

static void enclosures_look_so(void **state)
{
    static const struct {
        const char *lo, *hi, *text;
        int digits;
    } table[] = {
        {"0.234567", "0.234589", "0.2345[67,89]", 10},
        {"-0.234589", "-0.234567", "-0.2345[89,67]", 10},
        {"-1/10", "1/4", "[-0.10, 0.25]", 10},
        {"1/3", "1/3", "1/3", 10},
        {"1/2", "1/2", "0.5", 10},
        {"1/7", "3/20", "0.1[4285,5000]", 10},
        {"123/10", "131/10", "[12.3, 13.1]", 10},
        {"0.12345678901", "0.12345678902", "0.123456789[0,1]", 10},
        {"1.2e-10", "1.3e-10", "1.[2,3]e-10", 10},
        {"0", "0", "0", 10},
        {"0", "1e-20", "[0, 1]e-20", 10},
        {"99", "101", "[99, 101]", 10},
        {"12300000", "12300001", "1230000[0,1]", 10},
        {"1e30", "1e30", "1e30", 40},
    };
    mpq_t lo, hi;
    char text[512];
    (void)state;
    mpq_inits(lo, hi, NULL);
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        assert_ok(sbx_q_read(lo, table[k].lo, strlen(table[k].lo), err));
        assert_ok(sbx_q_read(hi, table[k].hi, strlen(table[k].hi), err));
        one(text, lo, hi, table[k].digits);
        assert_string_equal(text, table[k].text);
    }
    mpq_clears(lo, hi, NULL);
}

/* every kind of cell */
static sbx_table *sample(void)
{
    sbx_table *t = NULL;
    mpq_t q;
    if (sbx_table_new(&t, "sample", "All of it, 100 %", err) != SBX_OK) return NULL;
    mpq_init(q);
    sbx_table_command(t, "softbox table sample --format x");
    sbx_table_note(t, "a note");
    sbx_table_column(t, &(sbx_column){"name_1", NULL, SBX_COLUMN_TEXT});
    sbx_table_column(t, &(sbx_column){"dim", "$d$", SBX_COLUMN_TEXT});
    sbx_table_column(t, &(sbx_column){"L", "$L$", SBX_COLUMN_NUMBER});
    sbx_table_column(t, &(sbx_column){"mean, gap", NULL, SBX_COLUMN_SAMPLED});
    sbx_table_text(t, "a|b, \"c\" <d> & e");
    sbx_table_long(t, -2);
    mpq_set_si(q, 4, 23);
    sbx_table_exact(t, q, SBX_HOW_CLOSED);
    sbx_table_sample(t, 0.123456, 3);
    sbx_table_text(t, "second");
    sbx_table_long(t, 30);
    sbx_table_range_d(t, 0.25, 0.2578125, SBX_HOW_PROVED);
    sbx_table_sample(t, 12345.678, 3);
    sbx_table_text(t, "third");
    sbx_table_long(t, 4);
    sbx_table_infinite(t, "supports differ", SBX_HOW_EXACT);
    sbx_table_sample(t, 1.5e-9, 8);
    sbx_table_text(t, "fourth");
    sbx_table_long(t, 5);
    sbx_table_range_d(t, 0.5, HUGE_VAL, SBX_HOW_PROVED);
    sbx_table_open(t, "-", NULL);
    sbx_table_text(t, "fifth");
    sbx_table_long(t, 6);
    sbx_table_open(t, "open", "too large");
    sbx_table_sample(t, 0.0, 8);
    mpq_clear(q);
    return t;
}

static void every_form_has_every_cell(void **state)
{
    sbx_table *t = sample();
    char *s;
    (void)state;
    assert_non_null(t);

    s = written(t, SBX_FORM_TEXT, 10);
    assert_has(s, "mean, gap (sampled)");
    assert_has(s, "4/23 ");
    assert_has(s, "0.25[000,782]");
    assert_has(s, ">= 0.5");
    assert_has(s, "12300");
    assert_has(s, "1.5000000e-9");
    assert_has(s, "\na note\n");
    sbx_text_free(s);

    s = written(t, SBX_FORM_MARKDOWN, 10);
    assert_has(s, "| name\\_1 | dim | L | mean, gap (sampled) |\n| --- | --- | ---: | ---: |\n");
    assert_has(s, "| a\\|b, \"c\" \\<d> & e |");
    assert_has(s, "`softbox table sample --format x`");
    sbx_text_free(s);

    s = written(t, SBX_FORM_CSV, 10);
    assert_has(s, "name_1,dim,L lower,L upper,L how,\"mean, gap (sampled)\"\n");
    assert_has(s, "\"a|b, \"\"c\"\" <d> & e\",-2,4/23,4/23,closed form,0.123456");
    assert_has(s, "second,30,0.25,0.2578125,proved enclosure,12345.678");
    assert_has(s, "third,4,inf,inf,exact,1.5");
    assert_has(s, "fourth,5,0.5,inf,proved enclosure,-\n");
    assert_has(s, "fifth,6,,,open,0\n");
    sbx_text_free(s);

    s = written(t, SBX_FORM_JSON, 10);
    assert_has(s, "{\"table\":\"sample\",\"caption\":\"All of it, 100 %\",\"command\":");
    assert_has(
        s, "\"L\":{\"lower\":\"4/23\",\"upper\":\"4/23\",\"exact\":true,\"how\":\"closed form\"}");
    assert_has(s, "\"mean, gap\":{\"sampled\":\"0.123456");
    assert_has(s, "{\"open\":\"open\",\"why\":\"too large\"}");
    assert_has(s,
               "\"upper\":\"inf\",\"exact\":false,\"how\":\"exact\",\"why\":\"supports differ\"}");
    assert_int_equal(strchr(s, '\n') - s, strlen(s) - 1);
    sbx_text_free(s);

    s = written(t, SBX_FORM_LATEX, 10);
    assert_has(s, "% command: softbox table sample --format x\n");
    assert_has(
        s, "% column 3, L: exact in row 3; proved enclosure in row 2, 4; closed form in row 1\n");
    assert_has(s, "% column 4, mean, gap: sampled, not proved\n");
    assert_has(s, "% row 3, column 3: supports differ\n");
    assert_has(s, "\\begin{tabular}{lS[table-format=-2.0]rS[table-format=5.7e-3]}");
    assert_has(s, "{name\\_1} & {$d$} & {$L$} & {mean, gap\\textsuperscript{s}} \\\\");
    assert_has(s, "& $0.25_{000}^{782}$ & 12300 \\\\");
    assert_has(s, "& $\\infty$ & 1.5000000e-9 \\\\");
    assert_has(s, "& $\\ge$ \\num{0.5} & {-} \\\\");
    assert_has(s, "& $4/23$ & 0.123 \\\\");
    assert_has(s, "\\caption{All of it, 100 \\% (\\textsuperscript{s}: statistics of sampled");
    sbx_text_free(s);
    sbx_table_free(t);
}

/* the first wrong call is what writing says */
static void wrong_calls_are_kept(void **state)
{
    (void)state;
    for (int k = 0; k < 9; k++) {
        sbx_table *t = NULL;
        char *s = NULL;
        assert_ok(sbx_table_new(&t, "t", "c", err));
        if (k != 8) sbx_table_column(t, &(sbx_column){"a", NULL, SBX_COLUMN_NUMBER});
        sbx_table_column(t, &(sbx_column){"b", NULL, SBX_COLUMN_SAMPLED});
        switch (k) {
        case 0: sbx_table_sample(t, 1.0, 3); break;                    /* among proved ones */
        case 1: sbx_table_text(t, "x"); break;                         /* a text */
        case 2: sbx_table_range_d(t, 2.0, 1.0, SBX_HOW_PROVED); break; /* lo > hi */
        case 3: sbx_table_range_d(t, (double)NAN, 1.0, SBX_HOW_PROVED); break;
        case 4: sbx_table_long(t, 1); break; /* half a row */
        case 5: sbx_table_column(t, &(sbx_column){"a", NULL, SBX_COLUMN_TEXT}); break;
        case 6: sbx_table_range(t, NULL, NULL, SBX_HOW_PROVED); break;
        case 7:
            sbx_table_long(t, 1);
            sbx_table_long(t, 1); /* a proved number among sampled ones */
            break;
        default: sbx_table_long(t, 1); break;
        }
        assert_status(SBX_ERR_ARG, sbx_table_write(&s, t, SBX_FORM_CSV, 10, err));
        assert_null(s);
        sbx_table_free(t);
    }
}

/* ---- plots ------------------------------------------------------------------------------- */

static size_t count(const char *s, const char *part)
{
    size_t n = 0;
    for (s = strstr(s, part); s; s = strstr(s + 1, part))
        n++;
    return n;
}

static sbx_plot *drawn(void)
{
    static const double x[] = {0.0, 1.0, 2.0, 3.0}, y[] = {0.1, 2.0, 0.3, 1.0 / 3.0};
    static const double tick[] = {0.0, 3.0};
    static const char *const name[] = {"none", "<all>"};
    const sbx_axis ax = {.name = "x & y", .hi = 3.0, .ticks = 2, .tick = tick, .tick_text = name};
    const sbx_axis ay = {.name = "v", .hi = 1.0},
                   al = {.name = "w", .lo = 1e-3, .hi = 10.0, .log = true};
    sbx_plot *p = NULL;
    if (sbx_plot_new(&p, "sample", "A <plot>", err) != SBX_OK) return NULL;
    sbx_plot_command(p, "softbox plot sample");
    sbx_plot_note(p, "a note");
    sbx_plot_panel(p, "left", &ax, &ay);
    sbx_plot_curve(p, &(sbx_curve){.name = "one", .n = 4, .x = x, .y = y, .side = SBX_CURVE_LOWER});
    sbx_plot_curve(p, &(sbx_curve){.name = "two",
                                   .n = 4,
                                   .x = x,
                                   .y = y,
                                   .dash = SBX_DASH_DOTTED,
                                   .marks = true,
                                   .side = SBX_CURVE_UPPER});
    sbx_plot_panel(p, "right", &ax, &al);
    sbx_plot_curve(p, &(sbx_curve){.name = "three", .colour = "#123456", .n = 4, .x = x, .y = y});
    return p;
}

static void a_plot_has_its_curves(void **state)
{
    sbx_plot *p = drawn();
    char *s = NULL;
    (void)state;
    assert_non_null(p);
    assert_ok(sbx_plot_write(&s, p, SBX_FORM_SVG, err));
    assert_int_equal(count(s, "<g>"), 3);
    assert_int_equal(count(s, "<circle"), 3); /* 2.0 is outside of the axis */
    assert_has(s, "A &#60;plot&#62;</text>");
    assert_has(s, "&#60;all&#62;");
    assert_has(s, "<title>three</title>");
    assert_has(s, "#123456");
    assert_has(s, " L"); /* the two last points */
    assert_has(s, "M");
    sbx_text_free(s);
    assert_ok(sbx_plot_write(&s, p, SBX_FORM_LATEX, err));
    assert_int_equal(count(s, "\\addplot"), 3);
    assert_int_equal(count(s, "nan"), 2);
    assert_has(s, "ymode=log");
    assert_has(s, "% command: softbox plot sample\n");
    sbx_text_free(s);
    assert_ok(sbx_plot_write(&s, p, SBX_FORM_CSV, err));
    assert_has(s, "left,one,lower,3.0000000000000000,0.33333333333333331\n"); /* down */
    assert_has(s, "left,two,upper,3.0000000000000000,0.33333333333333332\n"); /* up */
    sbx_text_free(s);
    assert_status(SBX_ERR_ARG, sbx_plot_write(&s, p, SBX_FORM_JSON, err));
    sbx_plot_free(p);
}

static void wrong_plots_are_refused(void **state)
{
    static const double back[] = {1.0, 0.0};
    const sbx_axis good = {.name = "x", .hi = 1.0}, bad = {.name = "x", .hi = 1.0, .log = true};
    (void)state;
    for (int k = 0; k < 4; k++) {
        sbx_plot *p = NULL;
        char *s = NULL;
        assert_ok(sbx_plot_new(&p, "p", "t", err));
        if (k != 3) sbx_plot_panel(p, "", &good, k == 0 ? &bad : &good);
        if (k == 1) sbx_plot_curve(p, &(sbx_curve){.name = "c", .n = 2, .x = back, .y = back});
        if (k == 2) sbx_plot_curve(p, &(sbx_curve){.name = "c", .colour = "red"});
        assert_status(SBX_ERR_ARG, sbx_plot_write(&s, p, SBX_FORM_SVG, err));
        assert_null(s);
        sbx_plot_free(p);
    }
}

/* each allocation fails once: an error and nothing lost */
static void memory_may_run_out(void **state)
{
    static const sbx_form forms[] = {SBX_FORM_TEXT, SBX_FORM_MARKDOWN, SBX_FORM_CSV, SBX_FORM_JSON,
                                     SBX_FORM_LATEX};
    const long before = sbx_alloc_live();
    (void)state;
    for (size_t f = 0; f < 5 + 3; f++) {
        bool done = false;
        for (long k = 0; !done && k < 3000; k += k < 60 ? 1 : 7) {
            sbx_status st = SBX_ERR_NOMEM;
            char *s = NULL;
            sbx_alloc_fail_after(k);
            if (f < 5) {
                sbx_table *t = sample();
                if (t) st = sbx_table_write(&s, t, forms[f], 10, err);
                sbx_table_free(t);
            } else {
                sbx_plot *p = drawn();
                if (p)
                    st = sbx_plot_write(&s, p,
                                        f == 5   ? SBX_FORM_SVG
                                        : f == 6 ? SBX_FORM_LATEX
                                                 : SBX_FORM_CSV,
                                        err);
                sbx_plot_free(p);
            }
            sbx_alloc_fail_after(-1);
            assert_true(st == SBX_OK || st == SBX_ERR_NOMEM);
            assert_int_equal(st == SBX_OK, s != NULL);
            done = st == SBX_OK;
            sbx_text_free(s);
            assert_int_equal(sbx_alloc_live(), before);
        }
        assert_true(done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enclosures_hold_as_written), cmocka_unit_test(enclosures_look_so),
        cmocka_unit_test(every_form_has_every_cell),  cmocka_unit_test(wrong_calls_are_kept),
        cmocka_unit_test(a_plot_has_its_curves),      cmocka_unit_test(wrong_plots_are_refused),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
