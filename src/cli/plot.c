/* cli/plot.c -- fractions against a quantity as an SVG picture: axes, marks, a legend.
 *
 * The quantity's values stand at equal distances when they are far from even (radii often double), so
 * that every one can be read; else in proportion.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/robust.h"

#define WIDTH  640
#define HEIGHT 400
#define LEFT   70
#define RIGHT  150 /* for the legend */
#define TOP    44
#define BOTTOM 56

static void put_text(FILE *f, const char *s)
{
    for (; *s; s++) {
        const unsigned char c = (unsigned char)*s;
        if (c == '<' || c == '>' || c == '&')
            (void)fprintf(f, "&#%d;", c);
        else
            (void)fputc(c < ' ' || c == 0x7f ? '?' : c, f);
    }
}

/* where value k stands between the axes, 0 to 1 */
static double across(const double *x, size_t n, size_t k)
{
    const double span = x[n - 1] - x[0];
    double least = span;
    if (n == 1) return 0.5;
    for (size_t i = 1; i < n; i++)
        if (x[i] - x[i - 1] < least) least = x[i] - x[i - 1];
    if (!(least * 12.0 > span)) return (double)k / (double)(n - 1); /* too close to read */
    return (x[k] - x[0]) / span;
}

static double left(const double *x, size_t n, size_t k)
{
    return LEFT + 16 + across(x, n, k) * (WIDTH - LEFT - RIGHT - 32);
}
static double top(double y) { return HEIGHT - BOTTOM - y * (HEIGHT - TOP - BOTTOM); }

static void axes(FILE *f, const char *x_name, const double *x, char *const *x_text, size_t n)
{
    for (int k = 0; k <= 5; k++) {
        const double y = top(k / 5.0);
        (void)fprintf(f, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>\n",
                      LEFT, y, WIDTH - RIGHT, y);
        (void)fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d %%</text>\n", LEFT - 8,
                      y + 4, 20 * k);
    }
    (void)fprintf(f, "<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"black\"/>\n", LEFT, TOP,
                  HEIGHT - BOTTOM, WIDTH - RIGHT);
    for (size_t k = 0; k < n; k++) {
        const double at = left(x, n, k);
        (void)fprintf(f, "<path d=\"M%.1f %d v5\" stroke=\"black\"/>\n", at, HEIGHT - BOTTOM);
        (void)fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", at,
                      HEIGHT - BOTTOM + 19);
        put_text(f, x_text[k]);
        (void)fputs("</text>\n", f);
    }
    (void)fprintf(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", (LEFT + WIDTH - RIGHT) / 2,
                  HEIGHT - 14);
    put_text(f, x_name);
    (void)fputs("</text>\n", f);
}

static void draw(FILE *f, const plot_line *l, size_t number, const double *x, size_t n)
{
    const int at = TOP + 12 + 22 * (int)number;
    (void)fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"",
                  l->colour);
    for (size_t k = 0; k < n; k++)
        (void)fprintf(f, "%s%.1f,%.1f", k ? " " : "", left(x, n, k), top(l->y[k]));
    (void)fputs("\"/>\n", f);
    for (size_t k = 0; k < n; k++)
        (void)fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", left(x, n, k),
                      top(l->y[k]), l->colour);
    (void)fprintf(f, "<path d=\"M%d %d h22\" stroke=\"%s\" stroke-width=\"2\"/>\n",
                  WIDTH - RIGHT + 14, at, l->colour);
    (void)fprintf(f, "<text x=\"%d\" y=\"%d\">", WIDTH - RIGHT + 42, at + 4);
    put_text(f, l->name);
    (void)fputs("</text>\n", f);
}

void plot_write(FILE *f, const char *title, const char *x_name, const double *x,
                char *const *x_text, size_t n, const plot_line *line, size_t n_lines)
{
    (void)fprintf(f,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                  "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                  "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n"
                  "<text x=\"%d\" y=\"24\" font-size=\"14\">",
                  WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT);
    put_text(f, title);
    (void)fputs("</text>\n", f);
    axes(f, x_name, x, x_text, n);
    for (size_t k = 0; k < n_lines; k++)
        draw(f, &line[k], k, x, n);
    (void)fputs("</svg>\n", f);
}
