/* report/plot.c -- builds a plot; where things stand on an axis; the points as CSV.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include "base/alloc.h"
#include "base/try.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Okabe and Ito's colours, which most eyes can tell apart */
static const char *const palette[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#e69f00", "#56b4e9", "#7f3c8d", "#666666"};
#define PALETTE (sizeof palette / sizeof *palette)

static const char *copy(sbx_plot *p, const char *s)
{
    const char *c = sbx_arena_text(&p->arena, s, strlen(s));
    if (!c) SBX_KEEP(&p->err, SBX_ERR_NOMEM, "no memory for a plot");
    return c ? c : "";
}

/* n objects of an array, copied */
static const void *copied(sbx_plot *p, const void *from, size_t n, size_t size)
{
    void *c = sbx_arena_new(&p->arena, n ? n : 1, size);
    if (!c) SBX_KEEP(&p->err, SBX_ERR_NOMEM, "no memory for a plot");
    if (c && n) memcpy(c, from, n * size);
    return c;
}

sbx_status sbx_plot_new(sbx_plot **p, const char *name, const char *title, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_plot *v = sbx_alloc(1, sizeof *v);
    *p = NULL;
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a plot");
    v->name = copy(v, name);
    v->title = copy(v, title);
    v->command = "";
    *p = v;
done:
    return st;
}

void sbx_plot_free(sbx_plot *p)
{
    if (!p) return;
    sbx_arena_clear(&p->arena);
    sbx_free(p->panel);
    sbx_free(p->curve);
    sbx_free(p->note);
    sbx_free(p);
}

static bool grow(sbx_plot *p, void *array, size_t n, size_t *room, size_t size)
{
    void **const a = array;
    void *more;
    if (n < *room) return true;
    more = sbx_realloc(*a, *room, 2 * *room + 8, size);
    if (!more) {
        SBX_KEEP(&p->err, SBX_ERR_NOMEM, "no memory for a plot");
        return false;
    }
    *a = more;
    *room = 2 * *room + 8;
    return true;
}

void sbx_plot_command(sbx_plot *p, const char *command) { p->command = copy(p, command); }
void sbx_plot_note(sbx_plot *p, const char *text)
{
    if (grow(p, &p->note, p->notes, &p->note_room, sizeof *p->note))
        p->note[p->notes++] = copy(p, text);
}

static sbx_axis axis(sbx_plot *p, const sbx_axis *a)
{
    sbx_axis r = *a;
    const char **text;
    if (!(a->lo < a->hi && fabs(a->lo) < HUGE_VAL && fabs(a->hi) < HUGE_VAL) ||
        (a->log && !(a->lo > 0.0)) || a->ticks > TICKS_MAX)
        SBX_KEEP(&p->err, SBX_ERR_ARG, "an axis from %g to %g with %zu ticks", a->lo, a->hi,
                 a->ticks);
    r.name = copy(p, a->name);
    if (!a->ticks || p->err.code != SBX_OK) return r;
    r.tick = copied(p, a->tick, a->ticks, sizeof *a->tick);
    if (!a->tick_text) return r;
    text = sbx_arena_new(&p->arena, a->ticks, sizeof *text);
    for (size_t k = 0; text && k < a->ticks; k++)
        text[k] = copy(p, a->tick_text[k]);
    if (!text) SBX_KEEP(&p->err, SBX_ERR_NOMEM, "no memory for a plot");
    r.tick_text = text;
    return r;
}

void sbx_plot_panel(sbx_plot *p, const char *title, const sbx_axis *x, const sbx_axis *y)
{
    if (!grow(p, &p->panel, p->panels, &p->panel_room, sizeof *p->panel)) return;
    p->panel[p->panels++] = (sbx_panel){copy(p, title), axis(p, x), axis(p, y), p->curves, 0};
}

void sbx_plot_curve(sbx_plot *p, const sbx_curve *curve)
{
    sbx_curve c = *curve;
    sbx_panel *last = p->panels ? &p->panel[p->panels - 1] : NULL;
    if (!last) SBX_KEEP(&p->err, SBX_ERR_ARG, "a curve without axes");
    for (size_t k = 1; k < c.n; k++)
        if (!(c.x[k - 1] < c.x[k]))
            SBX_KEEP(&p->err, SBX_ERR_ARG, "the curve '%s' goes back", c.name);
    if (c.colour && (strlen(c.colour) != 7 || c.colour[0] != '#' ||
                     strspn(c.colour + 1, "0123456789abcdefABCDEF") != 6))
        SBX_KEEP(&p->err, SBX_ERR_ARG, "a colour is #rrggbb");
    if (p->err.code != SBX_OK || !last ||
        !grow(p, &p->curve, p->curves, &p->curve_room, sizeof *p->curve))
        return;
    c.name = copy(p, c.name);
    c.colour = c.colour ? copy(p, c.colour) : palette[last->n % PALETTE];
    c.x = copied(p, c.x, c.n, sizeof *c.x);
    c.y = copied(p, c.y, c.n, sizeof *c.y);
    p->curve[p->curves++] = c;
    last->n++;
}

/* ---- axes --------------------------------------------------------------------------- */

/* log10 of v > 0, near enough for a picture */
static double log10_near(double v)
{
    sbx_ivd x = {v, v};
    if (sbx_ivd_log(&x, &x, NULL, NULL) != SBX_OK) return (double)NAN;
    return 0.5 * (x.lo + x.hi) * 0.43429448190325182;
}

double sbx_axis_at(const sbx_axis *a, double v)
{
    if (!(v >= a->lo && v <= a->hi)) return (double)NAN;
    if (!a->log) return (v - a->lo) / (a->hi - a->lo);
    return (log10_near(v) - log10_near(a->lo)) / (log10_near(a->hi) - log10_near(a->lo));
}

static double ten(int e)
{
    double v = 1.0;
    for (int k = 0; k < (e < 0 ? -e : e); k++)
        v *= 10.0;
    return e < 0 ? 1.0 / v : v;
}

static void add_tick(sbx_ticks *t, double v)
{
    sbx_buf b = {0};
    char *text;
    if (t->n == TICKS_MAX) return;
    sbx_buf_digits(&b, v, 6);
    text = sbx_buf_take(&b);
    t->at[t->n] = v;
    (void)snprintf(t->own[t->n], sizeof t->own[0], "%s", text ? text : "?");
    { /* 0.500000 is 0.5 */
        char *const s = t->own[t->n], *const e = strchr(s, 'e');
        size_t n = e ? (size_t)(e - s) : strlen(s), m = n;
        if (memchr(s, '.', n)) {
            while (m > 0 && s[m - 1] == '0')
                m--;
            if (m > 0 && s[m - 1] == '.') m--;
        }
        memmove(s + m, s + n, strlen(s + n) + 1);
    }
    t->text[t->n] = t->own[t->n];
    t->n++;
    sbx_text_free(text);
}

/* A step of 1, 2 or 5 times a power of ten gives 4 to 11 ticks; powers of ten on a log axis. */
void sbx_axis_ticks(sbx_ticks *t, const sbx_axis *a)
{
    static const double mantissa[] = {1.0, 2.0, 5.0};
    t->n = 0;
    for (size_t k = 0; k < a->ticks; k++) {
        add_tick(t, a->tick[k]);
        if (a->tick_text) t->text[t->n - 1] = a->tick_text[k];
    }
    if (a->ticks) return;
    if (a->log) {
        const int lo = (int)ceil(log10_near(a->lo) - 1e-9),
                  hi = (int)floor(log10_near(a->hi) + 1e-9), step = 1 + (hi - lo) / 10;
        for (int e = lo; e <= hi; e += step)
            add_tick(t, fmin(fmax(ten(e), a->lo), a->hi));
        return;
    }
    for (int e = -300; e < 300; e++)
        for (size_t m = 0; m < 3; m++) {
            const double step = mantissa[m] * ten(e), span = a->hi - a->lo;
            if (span / step > 9.0) continue;
            for (double k = ceil(a->lo / step - 1e-9); k * step <= a->hi + 1e-9 * step; k += 1.0)
                add_tick(t, fmin(fmax(k * step, a->lo), a->hi));
            return;
        }
}

/* ---- written ------------------------------------------------------------------------ */

static void csv_number(sbx_buf *b, double v, sbx_curve_side side)
{
    if (side == SBX_CURVE_VALUE) {
        sbx_buf_digits(b, v, 17);
    } else {
        char *text = sbx_d_write(v, side == SBX_CURVE_LOWER ? SBX_LO : SBX_HI, 17);
        if (!text) b->failed = true;
        sbx_buf_put(b, text ? text : "");
        sbx_text_free(text);
    }
}

static void points(sbx_buf *b, const sbx_plot *p)
{
    static const char *const sides[] = {"value", "lower", "upper"};
    sbx_buf_put(b, "panel,curve,side,x,y\n");
    for (size_t k = 0; k < p->panels; k++)
        for (size_t c = p->panel[k].first; c < p->panel[k].first + p->panel[k].n; c++)
            for (size_t j = 0; j < p->curve[c].n; j++) {
                sbx_buf_csv(b, p->panel[k].title);
                sbx_buf_char(b, ',');
                sbx_buf_csv(b, p->curve[c].name);
                sbx_buf_format(b, ",%s,", sides[p->curve[c].side]);
                sbx_buf_digits(b, p->curve[c].x[j], 17);
                sbx_buf_char(b, ',');
                csv_number(b, p->curve[c].y[j], p->curve[c].side);
                sbx_buf_char(b, '\n');
            }
}

sbx_status sbx_plot_write(char **text, const sbx_plot *p, sbx_form form, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_buf b = {0};
    *text = NULL;
    if (p->err.code != SBX_OK) {
        if (err) *err = p->err;
        return p->err.code;
    }
    if (!p->panels) SBX_FAIL(err, SBX_ERR_ARG, "the plot '%s' has no axes", p->name);
    if (form == SBX_FORM_SVG)
        sbx_plot_svg(&b, p);
    else if (form == SBX_FORM_LATEX)
        sbx_plot_pgf(&b, p);
    else if (form == SBX_FORM_CSV)
        points(&b, p);
    else
        SBX_FAIL(err, SBX_ERR_ARG, "a plot is SVG, LaTeX or CSV");
    *text = sbx_buf_take(&b);
    if (!*text) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a plot");
done:
    sbx_free(b.text);
    return st;
}
