/* report/plot_svg.c -- a plot as SVG: axes, curves, and a label for each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include <math.h>
#include <string.h>

#define PANEL  700
#define HEIGHT 460
#define LEFT   76
#define RIGHT  170 /* for the labels */
#define TOP    64
#define BOTTOM 58

static double px(const sbx_panel *a, double left, double v)
{
    return left + sbx_axis_at(&a->x, v) * (PANEL - LEFT - RIGHT);
}
static double py(const sbx_panel *a, double v)
{
    return HEIGHT - BOTTOM - sbx_axis_at(&a->y, v) * (HEIGHT - TOP - BOTTOM);
}

/* " NAME="V"", V to two places */
static void attribute(sbx_buf *b, const char *name, double v)
{
    sbx_buf_format(b, " %s=\"", name);
    sbx_buf_fixed(b, v, 2);
    sbx_buf_char(b, '"');
}

static void text(sbx_buf *b, double x, double y, const char *anchor, const char *s)
{
    sbx_buf_put(b, "<text");
    attribute(b, "x", x);
    attribute(b, "y", y);
    sbx_buf_format(b, " text-anchor=\"%s\">", anchor);
    sbx_buf_xml(b, s);
    sbx_buf_put(b, "</text>\n");
}

static void line(sbx_buf *b, double x1, double y1, double x2, double y2, const char *rest)
{
    sbx_buf_put(b, "<line");
    attribute(b, "x1", x1);
    attribute(b, "y1", y1);
    attribute(b, "x2", x2);
    attribute(b, "y2", y2);
    sbx_buf_format(b, " %s/>\n", rest);
}

static void axes(sbx_buf *b, const sbx_panel *a, double left)
{
    const double right = left + PANEL - LEFT - RIGHT, bottom = HEIGHT - BOTTOM;
    sbx_ticks t;
    sbx_axis_ticks(&t, &a->y);
    for (size_t k = 0; k < t.n; k++) {
        const double y = py(a, t.at[k]);
        line(b, left, y, right, y, "stroke=\"#dddddd\"");
        text(b, left - 8, y + 4, "end", t.text[k]);
    }
    sbx_axis_ticks(&t, &a->x);
    for (size_t k = 0; k < t.n; k++) {
        const double x = px(a, left, t.at[k]);
        line(b, x, bottom, x, bottom + 5, "stroke=\"black\"");
        text(b, x, bottom + 19, "middle", t.text[k]);
    }
    line(b, left, TOP, left, bottom, "stroke=\"black\"");
    line(b, left, bottom, right, bottom, "stroke=\"black\"");
    text(b, 0.5 * (left + right), HEIGHT - 16, "middle", a->x.name);
    text(b, left, TOP - 12, "start", a->title);
    sbx_buf_put(b, "<text text-anchor=\"middle\" transform=\"translate(");
    sbx_buf_fixed(b, left - 54, 2);
    sbx_buf_put(b, " ");
    sbx_buf_fixed(b, 0.5 * (TOP + bottom), 2);
    sbx_buf_put(b, ") rotate(-90)\">");
    sbx_buf_xml(b, a->y.name);
    sbx_buf_put(b, "</text>\n");
}

static const char *dashes(sbx_dash d)
{
    return d == SBX_DASH_DASHED   ? " stroke-dasharray=\"7 5\""
           : d == SBX_DASH_DOTTED ? " stroke-dasharray=\"2 3\""
                                  : "";
}

/* Points that have no place break the curve in pieces, all in one path. */
static void curve(sbx_buf *b, const sbx_panel *a, const sbx_curve *c, size_t number, double left)
{
    const double step = fmin(22.0, (HEIGHT - TOP - 10.0) / (double)a->n);
    const double at = TOP + 10 + step * (double)number, key = left + PANEL - LEFT - RIGHT + 14;
    bool on = false;
    sbx_buf_put(b, "<g>\n<title>");
    sbx_buf_xml(b, c->name);
    sbx_buf_format(b, "</title>\n<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s d=\"",
                   c->colour, dashes(c->dash));
    for (size_t k = 0; k < c->n; k++) {
        const double x = px(a, left, c->x[k]), y = py(a, c->y[k]);
        const bool seen = fabs(x) < 1e8 && fabs(y) < 1e8; /* no NaN */
        if (seen) {
            sbx_buf_put(b, on ? " L" : "M");
            sbx_buf_fixed(b, x, 2);
            sbx_buf_char(b, ' ');
            sbx_buf_fixed(b, y, 2);
        }
        on = seen;
    }
    sbx_buf_put(b, "\"/>\n");
    for (size_t k = 0; c->marks && k < c->n; k++) {
        const double x = px(a, left, c->x[k]), y = py(a, c->y[k]);
        if (!(fabs(x) < 1e8 && fabs(y) < 1e8)) continue;
        sbx_buf_put(b, "<circle");
        attribute(b, "cx", x);
        attribute(b, "cy", y);
        sbx_buf_format(b, " r=\"3.5\" fill=\"%s\"/>\n", c->colour);
    }
    sbx_buf_put(b, "<line");
    attribute(b, "x1", key);
    attribute(b, "y1", at);
    attribute(b, "x2", key + 24);
    attribute(b, "y2", at);
    sbx_buf_format(b, " stroke=\"%s\" stroke-width=\"2\"%s/>\n", c->colour, dashes(c->dash));
    text(b, key + 30, at + 4, "start", c->name);
    sbx_buf_put(b, "</g>\n");
}

void sbx_plot_svg(sbx_buf *b, const sbx_plot *p)
{
    const size_t width = PANEL * p->panels;
    sbx_buf_format(b,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%d\" "
                   "viewBox=\"0 0 %zu %d\" font-family=\"sans-serif\" font-size=\"12\">\n<desc>",
                   width, HEIGHT, width, HEIGHT);
    sbx_buf_xml(b, p->command[0] ? p->command : p->name);
    for (size_t k = 0; k < p->notes; k++) {
        sbx_buf_put(b, "; ");
        sbx_buf_xml(b, p->note[k]);
    }
    sbx_buf_format(b, "</desc>\n<rect width=\"%zu\" height=\"%d\" fill=\"white\"/>\n", width,
                   HEIGHT);
    sbx_buf_format(b, "<text x=\"%d\" y=\"26\" font-size=\"15\" font-weight=\"bold\">", LEFT);
    sbx_buf_xml(b, p->title);
    sbx_buf_put(b, "</text>\n");
    for (size_t k = 0; k < p->panels; k++) {
        const sbx_panel *a = &p->panel[k];
        const double left = LEFT + PANEL * (double)k;
        axes(b, a, left);
        for (size_t c = 0; c < a->n; c++)
            curve(b, a, &p->curve[a->first + c], c, left);
    }
    sbx_buf_put(b, "</svg>\n");
}
