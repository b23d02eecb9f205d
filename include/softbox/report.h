/* softbox/report.h -- tables and plots whose numbers say how they were obtained.
 *
 * A proved number is exact or an enclosure; whatever the form, its ends are rounded outward.
 * A sampled number is a statistic of sampled points: it stands in columns of its own, which
 * every form marks, so that the two are never mixed.
 *
 * Building never stops in the middle: the first error (no memory, a wrong call) is kept and
 * comes back from sbx_table_write, sbx_plot_write.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_REPORT_H
#define SBX_REPORT_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- tables -------------------------------------------------------------------- */

/* How a number of a NUMBER column was obtained. */
typedef enum sbx_how {
    SBX_HOW_EXACT,  /* exact arithmetic on rationals                    */
    SBX_HOW_PROVED, /* an enclosure, or a bound, computed with a proof  */
    SBX_HOW_CLOSED  /* a closed form that is proved, exact or enclosed  */
} sbx_how;
#define SBX_HOW_COUNT 3

/* "exact", "proved enclosure", "closed form" */
const char *sbx_how_name(sbx_how how);

typedef enum sbx_column_kind {
    SBX_COLUMN_TEXT,   /* names and parameters                             */
    SBX_COLUMN_NUMBER, /* exact, enclosed or bounded numbers; "open"       */
    SBX_COLUMN_SAMPLED /* statistics of sampled points: nothing is proved  */
} sbx_column_kind;

typedef struct sbx_column {
    const char *name;  /* unlike all others of the table                   */
    const char *latex; /* the same for LaTeX, as it is; NULL: name, escaped */
    sbx_column_kind kind;
} sbx_column;

typedef struct sbx_table sbx_table;

/* name: "wei-synthetic"; all texts are copied. *t is NULL after a failure. */
sbx_status sbx_table_new(sbx_table **t, const char *name, const char *caption,
                         sbx_err *err) SBX_MUST_USE;
void sbx_table_free(sbx_table *t); /* NULL is allowed */

/* The command that makes the table again; a line below it (LaTeX: a comment too). */
void sbx_table_command(sbx_table *t, const char *command);
void sbx_table_note(sbx_table *t, const char *text);

/* All columns come before the first cell. */
void sbx_table_column(sbx_table *t, const sbx_column *column);

/* The next cell; rows fill one after the other. */
void sbx_table_text(sbx_table *t, const char *text);
void sbx_table_long(sbx_table *t, long v); /* a TEXT column: v in decimal; NUMBER: exactly v */
void sbx_table_exact(sbx_table *t, mpq_srcptr v, sbx_how how);

/* lo <= the number <= hi. One of them may be NULL (or an infinity): a bound from one side. */
void sbx_table_range(sbx_table *t, mpq_srcptr lo, mpq_srcptr hi, sbx_how how);
void sbx_table_range_d(sbx_table *t, double lo, double hi, sbx_how how);

/* The number is +infinity, proved. why: the reason, or NULL. */
void sbx_table_infinite(sbx_table *t, const char *why, sbx_how how);

/* There is no number: "open", "-", with the reason or NULL. Any column. */
void sbx_table_open(sbx_table *t, const char *text, const char *why);

/* SAMPLED columns: v to that many significant digits, to nearest. */
void sbx_table_sample(sbx_table *t, double v, int digits);

typedef enum sbx_form {
    SBX_FORM_TEXT,     /* aligned with blanks                                               */
    SBX_FORM_MARKDOWN, /* pipes                                                             */
    SBX_FORM_CSV,      /* a NUMBER column is three: NAME lower, NAME upper, NAME how        */
    SBX_FORM_JSON,     /* one object on one line; numbers are strings                       */
    SBX_FORM_LATEX,    /* booktabs and siunitx (plots: PGFPlots); compiles as it is, and is
                        * ready for \input where \softboxpart is defined                    */
    SBX_FORM_SVG       /* plots only */
} sbx_form;

/* sbx_table_write: the table as text, which sbx_text_free ends.
 *
 *   in    digits  at most so many significant digits of a proved number (text, Markdown,
 *                 LaTeX), >= 2; CSV and JSON have up to 17, and exact numbers exactly
 *   out   an enclosure is written as the digits that both ends share, then the rest of each
 *         end, rounded outward: 0.2345[67,89] lies in [0.234567, 0.234589] (LaTeX: below and
 *         above the line); [-0.1, 0.25] where they share none [L-RPT-01]
 *   error SBX_ERR_ARG   what building found: a cell in a column of another kind, lo > hi, a NaN,
 *                       a last row that is not full, a form that tables do not have
 *         SBX_ERR_NOMEM */
sbx_status sbx_table_write(char **text, const sbx_table *t, sbx_form form, int digits,
                           sbx_err *err) SBX_MUST_USE;

/* ---- plots --------------------------------------------------------------------- */

typedef struct sbx_axis {
    const char *name;
    double lo, hi; /* what is seen, lo < hi, log: 0 < lo */
    bool log;
    size_t ticks; /* 0: chosen */
    const double *tick;
    const char *const *tick_text; /* NULL: the numbers */
} sbx_axis;

typedef enum sbx_dash { SBX_DASH_SOLID, SBX_DASH_DASHED, SBX_DASH_DOTTED } sbx_dash;

/* How CSV rounds y: a lower bound down, an upper bound up, anything else to nearest. */
typedef enum sbx_curve_side { SBX_CURVE_VALUE, SBX_CURVE_LOWER, SBX_CURVE_UPPER } sbx_curve_side;

typedef struct sbx_curve {
    const char *name;   /* its label                                     */
    const char *colour; /* "#rrggbb"; NULL: the next of a fixed list     */
    sbx_dash dash;
    bool marks; /* a mark at each point */
    sbx_curve_side side;
    size_t n;
    const double *x, *y; /* increasing x; what is not finite, or outside of the axes, is left out */
} sbx_curve;

typedef struct sbx_plot sbx_plot;

sbx_status sbx_plot_new(sbx_plot **p, const char *name, const char *title,
                        sbx_err *err) SBX_MUST_USE;
void sbx_plot_free(sbx_plot *p);
void sbx_plot_command(sbx_plot *p, const char *command);
void sbx_plot_note(sbx_plot *p, const char *text);

/* Axes side by side; curves go to the last one. Everything is copied. */
void sbx_plot_panel(sbx_plot *p, const char *title, const sbx_axis *x, const sbx_axis *y);
void sbx_plot_curve(sbx_plot *p, const sbx_curve *curve);

/* sbx_plot_write: SVG, LATEX (PGFPlots) or CSV (panel,curve,side,x,y: the points, and the
 * bounds among them rounded outward). A drawing is a drawing: its curves are the points given,
 * to a hundredth of a pixel.
 *   error SBX_ERR_ARG, SBX_ERR_NOMEM as above */
sbx_status sbx_plot_write(char **text, const sbx_plot *p, sbx_form form, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
