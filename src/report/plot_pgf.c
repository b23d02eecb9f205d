/* report/plot_pgf.c -- a plot as LaTeX with PGFPlots; a document of its own, or a part.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include <math.h>
#include <string.h>

static void comment(sbx_buf *b, const char *name, const char *s)
{
    sbx_buf_format(b, "%% %s: ", name);
    sbx_buf_comment(b, s);
    sbx_buf_char(b, '\n');
}

static void option(sbx_buf *b, const char *name, const char *s)
{
    sbx_buf_format(b, "  %s={", name);
    sbx_buf_latex(b, s);
    sbx_buf_put(b, "},\n");
}

static void limits(sbx_buf *b, char which, const sbx_axis *a)
{
    sbx_ticks t;
    sbx_axis_ticks(&t, a);
    sbx_buf_format(b, "  %cmin=", which);
    sbx_buf_digits(b, a->lo, 12);
    sbx_buf_format(b, ", %cmax=", which);
    sbx_buf_digits(b, a->hi, 12);
    if (a->log) sbx_buf_format(b, ", %cmode=log", which);
    sbx_buf_format(b, ",\n  %ctick={", which);
    for (size_t k = 0; k < t.n; k++) {
        sbx_buf_put(b, k ? "," : "");
        sbx_buf_digits(b, t.at[k], 12);
    }
    sbx_buf_format(b, "}, %cticklabels={", which);
    for (size_t k = 0; k < t.n; k++) {
        sbx_buf_put(b, k ? ",{" : "{");
        sbx_buf_latex(b, t.text[k]);
        sbx_buf_char(b, '}');
    }
    sbx_buf_put(b, "},\n");
}

static void curve(sbx_buf *b, const sbx_panel *a, const sbx_curve *c)
{
    sbx_buf_format(b, "\\definecolor{softbox}{HTML}{%s}\n", c->colour + 1);
    sbx_buf_format(b, "\\addplot[softbox,thick%s%s,unbounded coords=jump] coordinates {\n",
                   c->dash == SBX_DASH_DASHED   ? ",dashed"
                   : c->dash == SBX_DASH_DOTTED ? ",dotted"
                                                : "",
                   c->marks ? ",mark=*,mark size=1.2pt" : "");
    for (size_t k = 0; k < c->n; k++) {
        const bool seen =
            !isnan(sbx_axis_at(&a->x, c->x[k])) && !isnan(sbx_axis_at(&a->y, c->y[k]));
        sbx_buf_put(b, "(");
        sbx_buf_digits(b, c->x[k], 12);
        sbx_buf_char(b, ',');
        if (seen)
            sbx_buf_digits(b, c->y[k], 12);
        else
            sbx_buf_put(b, "nan");
        sbx_buf_put(b, ")\n");
    }
    sbx_buf_put(b, "};\n\\addlegendentry{");
    sbx_buf_latex(b, c->name);
    sbx_buf_put(b, "}\n");
}

void sbx_plot_pgf(sbx_buf *b, const sbx_plot *p)
{
    comment(b, "softbox plot", p->name);
    comment(b, "title", p->title);
    if (p->command[0]) comment(b, "command", p->command);
    for (size_t k = 0; k < p->notes; k++)
        comment(b, "note", p->note[k]);
    sbx_buf_put(b, "\\ifdefined\\softboxpart\\else\n\\documentclass{article}\n"
                   "\\usepackage[landscape,margin=1cm]{geometry}\n\\usepackage{pgfplots}\n"
                   "\\pgfplotsset{compat=1.16}\n\\begin{document}\n\\fi\n");
    for (size_t k = 0; k < p->panels; k++) {
        const sbx_panel *a = &p->panel[k];
        sbx_buf_put(b, "\\begin{tikzpicture}\n\\begin{axis}[\n");
        option(b, "title", a->title);
        option(b, "xlabel", a->x.name);
        option(b, "ylabel", a->y.name);
        limits(b, 'x', &a->x);
        limits(b, 'y', &a->y);
        sbx_buf_put(b, "  ymajorgrids, legend pos=outer north east, legend cell align=left,\n"
                       "  legend style={font=\\scriptsize}]\n");
        for (size_t c = a->first; c < a->first + a->n; c++)
            curve(b, a, &p->curve[c]);
        sbx_buf_put(b, "\\end{axis}\n\\end{tikzpicture}\n");
    }
    sbx_buf_put(b, "\\ifdefined\\softboxpart\\expandafter\\endinput\\fi\n\\end{document}\n");
}
