/* cli/softmax_bounds.c -- softbox table softmax-bounds, softbox plot softmax-bounds: every
 * method's bounds of softmax.
 *
 * A method's bound at a point is the value there of its plane for that point, so that the curve
 * of a method is the bound it is tangent to, and for the best planes the envelope itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"
#include "cli/named.h"

#include <math.h>
#include <string.h>

#define POINTS     121 /* of a curve */
#define GAP_POINTS 25
#define N_MAX      1000

/* what a bound is asked of, and where its answers go */
typedef struct asked {
    size_t n, i;
    sbx_ivd x[N_MAX];
    double at[N_MAX], coef[2 * N_MAX];
    sbx_affine lower, upper;
    mpq_t v, t;
} asked;

static void asked_clear(asked *a) { mpq_clears(a->v, a->t, NULL); }

/* false: too many */
static bool asked_init(asked *a, size_t n)
{
    memset(a, 0, sizeof *a);
    a->n = n;
    a->lower.coef = a->coef;
    a->upper.coef = a->coef + N_MAX;
    mpq_inits(a->v, a->t, NULL);
    return n <= N_MAX;
}

/* v <- the plane's value at the point, exactly; false where it is infinite */
static bool plane_value(asked *a, const sbx_affine *p)
{
    if (!(fabs(p->cst) < HUGE_VAL)) return false;
    mpq_set_d(a->v, p->cst);
    for (size_t j = 0; j < a->n; j++) {
        mpq_t at;
        mpq_init(at);
        mpq_set_d(at, a->at[j]);
        mpq_set_d(a->t, p->coef[j]);
        mpq_mul(a->t, a->t, at);
        mpq_add(a->v, a->v, a->t);
        mpq_clear(at);
    }
    return true;
}

/* Method m's bounds at a->at as doubles, outward, no worse than the range [L-NET-07]. */
static sbx_status bounds(sbx_ivd *b, asked *a, sbx_method m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_zone z = {.x = a->x, .n = a->n};
    sbx_ivd range = {0.0, 0.0}, e = {0.0, 0.0};
    CLI_TRY(
        sbx_relax_vector(&a->lower, &a->upper, &range, SBX_FN_SOFTMAX, m, a->i, &z, a->at, err));
    *b = range;
    if (m == SBX_METHOD_INTERVAL) goto done;
    if (plane_value(a, &a->lower)) {
        CLI_TRY(sbx_ivd_set_q(&e, a->v, NULL, err));
        b->lo = fmax(b->lo, e.lo);
    }
    if (plane_value(a, &a->upper)) {
        CLI_TRY(sbx_ivd_set_q(&e, a->v, NULL, err));
        b->hi = fmin(b->hi, e.hi);
    }
done:
    return st;
}

/* ---- the table ---------------------------------------------------------------------- */

static const cli_help table_help = {
    "usage: softbox table softmax-bounds [--lo A,B,..] [--hi A,B,..] [options]\n",
    "Each method's proved bounds of one softmax output over a box, at a point: the values there\n"
    "of its affine bounds. Without a box: [-1,1]^3.\n"};

static sbx_status fill(sbx_table *t, const bound_question *q, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bound_box box = {0};
    asked a;
    sbx_ivd b = {0.0, 0.0};
    mpq_t gap, lo;

    mpq_inits(gap, lo, NULL);
    if (!asked_init(&a, q->lo.n))
        CLI_FAIL(err, SBX_ERR_LIMIT, "%zu inputs, over %d", q->lo.n, N_MAX);
    CLI_TRY(bound_box_set(&box, q, err));
    memcpy(a.x, box.x, a.n * sizeof *a.x);
    memcpy(a.at, box.at, a.n * sizeof *a.at);
    a.i = q->index;
    sbx_table_column(t, &(sbx_column){"method", NULL, SBX_COLUMN_TEXT});
    sbx_table_column(t, &(sbx_column){"lower", NULL, SBX_COLUMN_NUMBER});
    sbx_table_column(t, &(sbx_column){"upper", NULL, SBX_COLUMN_NUMBER});
    sbx_table_column(t, &(sbx_column){"gap", NULL, SBX_COLUMN_NUMBER});
    for (unsigned m = 0; m < SBX_METHOD_COUNT; m++) {
        if (!bound_has(q, (sbx_method)m) || m == SBX_METHOD_CONSTANT) continue;
        CLI_TRY(bounds(&b, &a, (sbx_method)m, err));
        sbx_table_text(t, sbx_method_name((sbx_method)m));
        sbx_table_range_d(t, b.lo, HUGE_VAL, SBX_HOW_PROVED);
        sbx_table_range_d(t, -HUGE_VAL, b.hi, SBX_HOW_PROVED);
        mpq_set_d(gap, b.hi);
        mpq_set_d(lo, b.lo);
        mpq_sub(gap, gap, lo);
        sbx_table_range(t, NULL, gap, SBX_HOW_PROVED);
    }
done:
    mpq_clears(gap, lo, NULL);
    bound_box_clear(&box);
    asked_clear(&a);
    return st;
}

int cli_table_softmax_bounds(int argc, char **argv)
{
    cli c = {.command = "table softmax-bounds", .forms = CLI_FORMS_TABLE};
    bound_opts o = {.lo = "-1,-1,-1", .hi = "1,1,1", .index = "0", .normalizer = "softmax"};
    const cli_option options[] = {
        {"lo", "A,B,..", "lower ends of the box's sides: decimals, fractions", &o.lo, NULL},
        {"hi", "A,B,..", "upper ends", &o.hi, NULL},
        {"at", "A,B,..", "the point, in the box; default its centre", &o.at, NULL},
        {"index", "I", "the output; default 0", &o.index, NULL},
    };
    sbx_err err = {SBX_OK, NULL, ""};
    bound_question q = {0};
    sbx_table *t = NULL;
    sbx_status st;
    int status =
        cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &table_help);
    if (status != CLI_GO_ON) return status;
    st = bound_from_options(&q, &o, &err);
    if (st == SBX_OK) {
        char caption[64];
        (void)snprintf(caption, sizeof caption, "Bounds of softmax %zu of %zu over a box", q.index,
                       q.lo.n);
        st = sbx_table_new(&t, "softmax-bounds", caption, &err);
    }
    if (st == SBX_OK) st = fill(t, &q, &err);
    status = st == SBX_OK ? cli_report_table(&c, t, argc, argv) : cli_fail(&c, &err);
    if (st != SBX_OK) sbx_table_free(t);
    bound_question_clear(&q);
    return status;
}

/* ---- the plot ------------------------------------------------------------------------- */

static const cli_help plot_help = {
    "usage: softbox plot softmax-bounds [--radius R] [--n N] [options]\n",
    "Left: softmax of two logits, each in [-R, R], against their difference, with every method's\n"
    "lower (dashed) and upper bound. Right: the gap of every method's affine bounds at the centre\n"
    "of N logits in [-r, r], against r. --format csv gives the points, proved bounds rounded\n"
    "outward.\n"};

static const char *colour(sbx_method m)
{
    static const char *const list[] = {"#888888", "#888888", "#a6761d", "#d55e00",
                                       "#0072b2", "#56b4e9", "#009e73", "#cc79a7",
                                       "#e69f00", "#7f3c8d", "#e7298a", "#1b7837"};
    return list[(unsigned)m % (sizeof list / sizeof *list)];
}

static bool drawn(sbx_method m) { return m != SBX_METHOD_CONSTANT; /* as interval */ }

/* Every method's bounds of softmax_0 over [-r, r]^2 along x_0 - x_1 = t. */
static sbx_status against_difference(sbx_plot *p, double r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    static double x[POINTS], lo[POINTS], hi[POINTS];
    sbx_axis across = {.name = "difference of the logits", .lo = -2.0 * r, .hi = 2.0 * r};
    const sbx_axis up = {.name = "softmax", .lo = 0.0, .hi = 1.0};
    sbx_ivd b = {0.0, 0.0}, v[2], s[2] = {{0.0, 0.0}, {0.0, 0.0}};
    asked a;

    if (!asked_init(&a, 2)) CLI_FAIL(err, SBX_ERR_LIMIT, "over %d logits", N_MAX);
    a.x[0] = a.x[1] = (sbx_ivd){-r, r};
    sbx_plot_panel(p, "two logits", &across, &up);
    for (size_t k = 0; k < POINTS; k++) {
        x[k] = -2.0 * r + 4.0 * r * (double)k / (POINTS - 1);
        v[0].lo = v[0].hi = 0.5 * x[k];
        v[1].lo = v[1].hi = -0.5 * x[k];
        CLI_TRY(sbx_softmax_ivd(s, v, 2, NULL, err));
        hi[k] = 0.5 * (s[0].lo + s[0].hi);
    }
    sbx_plot_curve(
        p, &(sbx_curve){.name = "softmax", .colour = "#000000", .n = POINTS, .x = x, .y = hi});
    for (unsigned m = 0; m < SBX_METHOD_COUNT; m++) {
        const char *const name = sbx_method_name((sbx_method)m);
        char label[48];
        if (!drawn((sbx_method)m) || m == SBX_METHOD_AUTO) continue;
        for (size_t k = 0; k < POINTS; k++) {
            a.at[0] = fmin(fmax(0.5 * x[k], -r), r);
            a.at[1] = -a.at[0];
            CLI_TRY(bounds(&b, &a, (sbx_method)m, err));
            lo[k] = b.lo;
            hi[k] = b.hi;
        }
        (void)snprintf(label, sizeof label, "%s upper", name);
        sbx_plot_curve(p, &(sbx_curve){.name = label,
                                       .colour = colour((sbx_method)m),
                                       .side = SBX_CURVE_UPPER,
                                       .n = POINTS,
                                       .x = x,
                                       .y = hi});
        (void)snprintf(label, sizeof label, "%s lower", name);
        sbx_plot_curve(p, &(sbx_curve){.name = label,
                                       .colour = colour((sbx_method)m),
                                       .dash = SBX_DASH_DASHED,
                                       .side = SBX_CURVE_LOWER,
                                       .n = POINTS,
                                       .x = x,
                                       .y = lo});
    }
done:
    asked_clear(&a);
    return st;
}

/* The gap at the centre of [-r, r]^n, r from 0.01 to 10. */
static sbx_status against_width(sbx_plot *p, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_axis across = {.name = "half-width", .lo = 0.01, .hi = 10.0, .log = true};
    const sbx_axis up = {.name = "gap at the centre", .lo = 1e-6, .hi = 1.0, .log = true};
    double r[GAP_POINTS], gap[GAP_POINTS];
    sbx_ivd b = {0.0, 0.0};
    char title[32];
    asked a;

    if (!asked_init(&a, n)) CLI_FAIL(err, SBX_ERR_LIMIT, "over %d logits", N_MAX);
    (void)snprintf(title, sizeof title, "%zu logits", n);
    sbx_plot_panel(p, title, &across, &up);
    for (size_t k = 0; k < GAP_POINTS; k++) { /* eight points a factor of ten */
        static const double step[8] = {1.0, 1.33, 1.78, 2.37, 3.16, 4.22, 5.62, 7.5};
        static const double from[4] = {0.01, 0.1, 1.0, 10.0};
        r[k] = from[k / 8] * step[k % 8];
    }
    for (unsigned m = 0; m < SBX_METHOD_COUNT; m++) {
        if (!drawn((sbx_method)m)) continue;
        for (size_t k = 0; k < GAP_POINTS; k++) {
            for (size_t j = 0; j < n; j++)
                a.x[j] = (sbx_ivd){-r[k], r[k]};
            CLI_TRY(bounds(&b, &a, (sbx_method)m, err));
            gap[k] = nextafter(b.hi - b.lo, HUGE_VAL);
        }
        sbx_plot_curve(p, &(sbx_curve){.name = sbx_method_name((sbx_method)m),
                                       .colour = colour((sbx_method)m),
                                       .side = SBX_CURVE_UPPER,
                                       .n = GAP_POINTS,
                                       .x = r,
                                       .y = gap});
    }
done:
    asked_clear(&a);
    return st;
}

int cli_plot_softmax_bounds(int argc, char **argv)
{
    cli c = {.command = "plot softmax-bounds", .forms = CLI_FORMS_PLOT};
    const char *radius = "1", *dim = "10";
    const cli_option options[] = {
        {"radius", "R", "of the two logits' ranges, 1/1000 to 100; default 1", &radius, NULL},
        {"n", "N", "number of logits on the right; default 10", &dim, NULL},
    };
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_plot *p = NULL;
    cli_vec v = {0};
    uint64_t n = 0;
    double r = 0.0;
    sbx_status st;
    int status =
        cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &plot_help);
    if (status != CLI_GO_ON) return status;
    if (!cli_integer(&n, dim, 2, N_MAX))
        return cli_error(&c, CLI_USAGE, "--n '%s': a whole number, 2 to %d", dim, N_MAX);
    st = cli_vec_read(&v, "radius", radius, false, &err);
    if (st == SBX_OK) r = v.n == 1 ? mpq_get_d(v.v[0]) : 0.0;
    cli_vec_clear(&v);
    if (st == SBX_OK && !(r >= 1e-3 && r <= 100.0))
        return cli_error(&c, CLI_USAGE, "--radius '%s': a number, 1/1000 to 100", radius);
    if (st == SBX_OK)
        st = sbx_plot_new(&p, "softmax-bounds", "Bounds of softmax over a box, proved", &err);
    if (st == SBX_OK) st = against_difference(p, r, &err);
    if (st == SBX_OK) st = against_width(p, (size_t)n, &err);
    if (st == SBX_OK) return cli_report_plot(&c, p, argc, argv);
    sbx_plot_free(p);
    return cli_fail(&c, &err);
}
