/* cli/table_wei.c -- softbox table wei-synthetic: the synthetic experiment of Wei et al.,
 * rerun, with this program's bounds beside theirs.
 *
 * Boxes and points come from examples/wei/boxes.py. A gap is a mean over sampled points of a box, and
 * a cell is a mean over boxes: sampled, and marked so. The affine bounds whose gaps are measured are
 * the library's, and proved.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"
#include "cli/wei.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_MAX      4096
#define POINTS_MAX 1000000
#define LIMIT      (WEI_BOUNDS + 2 * SBX_METHOD_COUNT) /* lower, upper: no bounds */
#define COLUMNS    (LIMIT + 2)

static const cli_help help = {
    "usage: examples/wei/boxes.py --dim 3 | softbox table wei-synthetic [options]\n",
    "Mean gaps of softmax 0 on the boxes of the synthetic experiment of Wei et al. (AISTATS 2023), which\n"
    "examples/wei/boxes.py draws: their sixteen bounds, U_envelope, then the affine bounds (at the centre) of every\n"
    "method of this program. A gap is relative to the constant bound of its side, box by box. With\n"
    "--long a row a bound, with the gap itself too.\n"
    "--limit: L limit and U limit, a gap that no affine bound beats, by the dual of a linear program at the mean\n"
    "of the sampled points, over all corners (to 10 logits), these points and those where planes are violated.\n"
    "The gaps are statistics of sampled points; the affine bounds and the limit are proved.\n"};

typedef struct setting {
    size_t dim, boxes;
    char regime[8], mu[16], eps[16];
    double gap[COLUMNS], relative[COLUMNS]; /* sums over boxes */
} setting;

typedef struct wei {
    FILE *in;
    setting *all;
    size_t n, room;
    bool on[COLUMNS], slow, longer, limit;
    wei_box box;
    double *data, *work, *centre, *mean, *scratch;
    size_t data_room, work_room, scratch_room;
    sbx_ivd *x;
    sbx_affine lower, upper;
} wei;

/* ---- columns ------------------------------------------------------------------------------- */

/* Methods that the sixteen do not have as nonlinear ones are there as affine bounds. */
static size_t affine_column(sbx_method m, bool upper) { return WEI_BOUNDS + 2 * (size_t)m + upper; }

static void column_name(char name[48], size_t c)
{
    const sbx_method m = (sbx_method)((c - WEI_BOUNDS) / 2);
    const char *const side = (c - WEI_BOUNDS) % 2 ? "U" : "L";
    if (c < WEI_BOUNDS)
        (void)snprintf(name, 48, "%s", wei_names[c]);
    else if (c >= LIMIT)
        (void)snprintf(name, 48, "%s limit", side);
    else if (m == SBX_METHOD_ER || m == SBX_METHOD_LSE || m == SBX_METHOD_LSE_STAR)
        (void)snprintf(name, 48, "%s_%s_tangent", side,
                       m == SBX_METHOD_ER    ? "ER"
                       : m == SBX_METHOD_LSE ? "LSE"
                                             : "LSEstar");
    else
        (void)snprintf(name, 48, "%s %s", side, sbx_method_name(m));
}

static bool is_upper(size_t c) { return c < WEI_BOUNDS ? wei_is_upper(c) : (c - WEI_BOUNDS) % 2; }

/* ours are the affine ones but interval, constant and lin; the upper ones of er, lse once */
static void choose(wei *w)
{
    for (size_t c = 0; c < WEI_BOUNDS; c++)
        w->on[c] = true;
    for (unsigned m = SBX_METHOD_ER; m < SBX_METHOD_COUNT; m++) {
        if (strcmp(sbx_method_name((sbx_method)m), "optimal") == 0 && !w->slow) continue;
        w->on[affine_column((sbx_method)m, false)] = true;
        w->on[affine_column((sbx_method)m, true)] = m != SBX_METHOD_LSE_STAR;
    }
    w->on[LIMIT] = w->on[LIMIT + 1] = w->limit;
}

/* ---- input ------------------------------------------------------------------------------------- */

static bool text_of(char *out, size_t size, const json_t *v)
{
    const char *s = json_string_value(v);
    return s && (size_t)snprintf(out, size, "%s", s) < size;
}

static bool room(double **p, size_t *have, size_t want)
{
    double *more;
    if (want <= *have) return true;
    more = realloc(*p, want * sizeof *more);
    if (!more) return false;
    *p = more;
    *have = want;
    return true;
}

static bool vectors(wei *w, size_t n)
{
    const size_t before = w->box.n;
    if (n <= before) return true;
    free(w->x);
    free(w->lower.coef);
    free(w->upper.coef);
    free(w->centre);
    free(w->mean);
    w->x = calloc(n, sizeof *w->x);
    w->lower.coef = calloc(n, sizeof(double));
    w->upper.coef = calloc(n, sizeof(double));
    w->centre = calloc(n, sizeof(double));
    w->mean = calloc(n, sizeof(double));
    return w->x && w->lower.coef && w->upper.coef && w->centre && w->mean;
}

/* The setting of a head line; the last one first, since boxes of one come in turn. */
static setting *find(wei *w, const setting *s)
{
    for (size_t k = w->n; k > 0; k--) {
        setting *const t = &w->all[k - 1];
        if (t->dim == s->dim && !strcmp(t->regime, s->regime) && !strcmp(t->mu, s->mu) &&
            !strcmp(t->eps, s->eps))
            return t;
    }
    if (w->n == w->room) {
        setting *more = realloc(w->all, (2 * w->room + 16) * sizeof *more);
        if (!more) return NULL;
        w->all = more;
        w->room = 2 * w->room + 16;
    }
    w->all[w->n] = *s;
    return &w->all[w->n++];
}

static sbx_status head_line(setting *s, size_t *points, const char *line, size_t len, sbx_err *err)
{
    sbx_status st = SBX_OK;
    json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    const json_int_t n = json_integer_value(json_object_get(root, "dim")),
                     p = json_integer_value(json_object_get(root, "points"));
    *s = (setting){0};
    if (n < 2 || n > N_MAX || p < 1 || p > POINTS_MAX ||
        !text_of(s->regime, sizeof s->regime, json_object_get(root, "regime")) ||
        !text_of(s->mu, sizeof s->mu, json_object_get(root, "mu")) ||
        !text_of(s->eps, sizeof s->eps, json_object_get(root, "eps")))
        CLI_FAIL(err, SBX_ERR_PARSE,
                 "no box of examples/wei/boxes.py: a line {\"dim\", \"regime\", \"mu\", \"eps\", "
                 "\"points\"}");
    s->dim = (size_t)n;
    *points = (size_t)p;
done:
    json_decref(root);
    return st;
}

/* doubles as they lie in a little-endian file */
static void in_order(double *v, size_t n)
{
    const union {
        uint16_t u;
        unsigned char c[2];
    } one = {1};
    for (size_t i = 0; !one.c[0] && i < n; i++) {
        unsigned char b[8], t;
        memcpy(b, &v[i], 8);
        for (int k = 0; k < 4; k++) {
            t = b[k];
            b[k] = b[7 - k];
            b[7 - k] = t;
        }
        memcpy(&v[i], b, 8);
    }
}

/* the box whose head was read, and its setting */
static sbx_status read_box(setting **at, wei *w, const char *line, size_t len, sbx_err *err)
{
    sbx_status st = SBX_OK;
    setting s;
    size_t points = 0, n, all;
    CLI_TRY(head_line(&s, &points, line, len, err));
    n = s.dim;
    all = (points + 2) * n;
    if (!vectors(w, n) || !room(&w->data, &w->data_room, all) ||
        !room(&w->work, &w->work_room, 3 * points * n + points) ||
        !room(&w->scratch, &w->scratch_room, wei_scratch(n, points)) || !(*at = find(w, &s)))
        CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu points of %zu logits", points, n);
    if (fread(w->data, sizeof *w->data, all, w->in) != all)
        CLI_FAIL(err, SBX_ERR_PARSE, "the input ends in a box of %zu logits", n);
    in_order(w->data, all);
    w->box = (wei_box){.n = n,
                       .points = points,
                       .lo = w->data,
                       .hi = w->data + n,
                       .x = w->data + 2 * n,
                       .d = w->work,
                       .k = w->work + points * n,
                       .e = w->work + 2 * points * n,
                       .p = w->work + 3 * points * n};
    for (size_t j = 0; j < n; j++) {
        const double lo = w->box.lo[j], hi = w->box.hi[j];
        if (!(fabs(lo) < 1e5 && fabs(hi) < 1e5 && lo <= hi))
            CLI_FAIL(err, SBX_ERR_DOMAIN, "a side of a box is not lo <= hi, below 1e5");
        w->x[j] = (sbx_ivd){lo, hi};
        w->centre[j] = fmin(fmax(0.5 * (lo + hi), lo), hi);
    }
    for (size_t k = 0; k < points * n; k++)
        if (!(w->box.x[k] >= w->box.lo[k % n] && w->box.x[k] <= w->box.hi[k % n]))
            CLI_FAIL(err, SBX_ERR_DOMAIN, "a point is outside of its box");
done:
    return st;
}

/* ---- gaps ------------------------------------------------------------------------------------ */

static double mean_gap(const sbx_affine *a, const wei_box *b, bool upper)
{
    double sum = 0.0;
    for (size_t r = 0; r < b->points; r++) {
        double v = a->cst;
        for (size_t j = 0; j < b->n; j++)
            v += a->coef[j] * b->x[r * b->n + j];
        sum += upper ? v - b->p[r] : b->p[r] - v;
    }
    return sum / (double)b->points;
}

/* An affine bound's mean gap is that of its value at the mean point to the mean of softmax. */
static sbx_status limit_gaps(double gap[COLUMNS], wei *w, sbx_err *err)
{
    const wei_box *b = &w->box;
    sbx_status st = SBX_OK;
    double mean = 0.0, v;

    for (size_t j = 0; j < b->n; j++)
        w->mean[j] = 0.0;
    for (size_t r = 0; r < b->points; r++) {
        mean += b->p[r] / (double)b->points;
        for (size_t j = 0; j < b->n; j++)
            w->mean[j] += b->x[r * b->n + j] / (double)b->points;
    }
    for (size_t j = 0; j < b->n; j++)
        w->mean[j] = fmin(fmax(w->mean[j], b->lo[j]), b->hi[j]);
    for (int upper = 0; upper < 2; upper++) {
        CLI_TRY(sbx_relax_limit(&v, NULL, NULL, upper ? SBX_HI : SBX_LO, 0, w->x, w->mean, b->n,
                                b->x, b->points, err));
        gap[LIMIT + (size_t)upper] = upper ? v - mean : mean - v;
    }
done:
    return st;
}

static sbx_status one_box(wei *w, setting *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_zone zone = sbx_zone_box(w->x, w->box.n);
    double gap[COLUMNS] = {0.0};
    sbx_ivd range = {0.0, 0.0};

    wei_values(&w->box);
    wei_gaps(gap, &w->box, w->scratch);
    for (unsigned m = 0; m < SBX_METHOD_COUNT; m++) {
        const size_t l = affine_column((sbx_method)m, false),
                     u = affine_column((sbx_method)m, true);
        if (!w->on[l]) continue;
        CLI_TRY(sbx_relax_vector(&w->lower, &w->upper, &range, SBX_FN_SOFTMAX, (sbx_method)m, 0,
                                 &zone, w->centre, err));
        gap[l] = mean_gap(&w->lower, &w->box, false);
        gap[u] = mean_gap(&w->upper, &w->box, true);
    }
    if (w->limit) CLI_TRY(limit_gaps(gap, w, err));
    for (size_t c = 0; c < COLUMNS; c++) {
        const double whole = gap[is_upper(c) ? WEI_CONST_U : WEI_CONST_L];
        s->gap[c] += gap[c];
        s->relative[c] += gap[c] / whole;
    }
    s->boxes++;
done:
    return st;
}

static sbx_status read_all(wei *w, sbx_err *err)
{
    sbx_status st = SBX_OK;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    while ((len = getline(&line, &size, w->in)) > 0) {
        setting *s = NULL;
        CLI_TRY(read_box(&s, w, line, (size_t)len, err));
        CLI_TRY(one_box(w, s, err));
    }
    if (!w->n) CLI_FAIL(err, SBX_ERR_PARSE, "no box: examples/wei/boxes.py writes them");
done:
    free(line);
    return st;
}

/* ---- the table ------------------------------------------------------------------------------- */

static void keys(sbx_table *t, const setting *s)
{
    sbx_table_long(t, (long)s->dim);
    sbx_table_text(t, s->regime);
    sbx_table_text(t, s->mu);
    sbx_table_text(t, s->eps);
    sbx_table_long(t, (long)s->boxes);
}

static void fill(sbx_table *t, const wei *w)
{
    static const char *const key[] = {"dim", "regime", "mu", "eps", "boxes"};
    char name[48];
    for (size_t k = 0; k < sizeof key / sizeof *key; k++)
        sbx_table_column(t, &(sbx_column){key[k], NULL, SBX_COLUMN_TEXT});
    if (w->longer) {
        sbx_table_column(t, &(sbx_column){"bound", NULL, SBX_COLUMN_TEXT});
        sbx_table_column(t, &(sbx_column){"mean gap", NULL, SBX_COLUMN_SAMPLED});
        sbx_table_column(t, &(sbx_column){"relative", NULL, SBX_COLUMN_SAMPLED});
    }
    for (size_t c = 0; c < COLUMNS && !w->longer; c++) {
        if (!w->on[c] || c == WEI_CONST_L || c == WEI_CONST_U) continue;
        column_name(name, c);
        sbx_table_column(t, &(sbx_column){name, NULL, SBX_COLUMN_SAMPLED});
    }
    for (size_t k = 0; k < w->n; k++) {
        const setting *s = &w->all[k];
        if (!w->longer) keys(t, s);
        for (size_t c = 0; c < COLUMNS; c++) {
            if (!w->on[c]) continue;
            if (w->longer) {
                keys(t, s);
                column_name(name, c);
                sbx_table_text(t, name);
                sbx_table_sample(t, s->gap[c] / (double)s->boxes, 8);
                sbx_table_sample(t, s->relative[c] / (double)s->boxes, 8);
            } else if (c != WEI_CONST_L && c != WEI_CONST_U) {
                sbx_table_sample(t, s->relative[c] / (double)s->boxes, 4);
            }
        }
    }
    sbx_table_note(
        t,
        "L_, U_: lower and upper bounds of Wei et al., U_envelope that of method env; _tangent, and names of methods: "
        "affine bounds at the centre, proved");
    if (w->limit)
        sbx_table_note(
            t,
            "limit: no affine bound has a lower mean gap at these points, proved; optimal is for the centre");
    sbx_table_note(t, w->longer
                          ? "gaps are means over sampled points, then over boxes; relative: to "
                            "the constant bound's, box by box"
                          : "gaps are means over sampled points, relative to the constant "
                            "bound's, then over boxes");
}

int cli_table_wei_synthetic(int argc, char **argv)
{
    cli c = {.command = "table wei-synthetic", .forms = CLI_FORMS_TABLE};
    wei w = {0};
    const char *input = "-";
    const cli_option options[] = {
        {"input", "FILE", "boxes and points; default -, standard input", &input, NULL},
        {"long", NULL, "a row a bound, with the mean gap itself", NULL, &w.longer},
        {"slow", NULL, "method optimal too, where there is one", NULL, &w.slow},
        {"limit", NULL, "a gap that no affine bound beats; slow", NULL, &w.limit},
    };
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_table *t = NULL;
    sbx_status st;
    int status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status != CLI_GO_ON) return status;
    w.in = cli_read_open(&c, input);
    if (!w.in) return CLI_BAD_INPUT;
    choose(&w);
    st = read_all(&w, &err);
    if (w.in != stdin) (void)fclose(w.in);
    if (st == SBX_OK)
        st = sbx_table_new(&t, "wei-synthetic",
                           "Mean gaps of bounds of softmax on the boxes of Wei et al.", &err);
    if (st == SBX_OK) fill(t, &w);
    status = st == SBX_OK ? cli_report_table(&c, t, argc, argv) : cli_fail(&c, &err);
    free(w.all);
    free(w.data);
    free(w.work);
    free(w.centre);
    free(w.mean);
    free(w.scratch);
    free(w.x);
    free(w.lower.coef);
    free(w.upper.coef);
    return status;
}
