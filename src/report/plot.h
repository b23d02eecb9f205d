/* report/plot.h -- what a plot holds, for the files that write it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_REPORT_PLOT_H
#define SBX_REPORT_PLOT_H

#include "base/arena.h"
#include "report/buf.h"
#include "softbox/report.h"

#define TICKS_MAX 24

typedef struct sbx_ticks {
    size_t n;
    double at[TICKS_MAX];
    const char *text[TICKS_MAX];
    char own[TICKS_MAX][24];
} sbx_ticks;

typedef struct sbx_panel {
    const char *title;
    sbx_axis x, y;
    size_t first, n; /* its curves */
} sbx_panel;

struct sbx_plot {
    sbx_arena arena;
    const char *name, *title, *command;
    sbx_panel *panel;
    sbx_curve *curve;
    const char **note;
    size_t panels, curves, notes, panel_room, curve_room, note_room;
    sbx_err err;
};

/* where v stands between the axis's ends, 0 to 1; NaN where it has no place */
double sbx_axis_at(const sbx_axis *a, double v);
void sbx_axis_ticks(sbx_ticks *t, const sbx_axis *a);

void sbx_plot_svg(sbx_buf *b, const sbx_plot *p);
void sbx_plot_pgf(sbx_buf *b, const sbx_plot *p);

#endif
