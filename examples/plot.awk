# plot.awk -- draws the bounds of softmax_0 along a line through a box as SVG.
#
# Input, a row a point:  t truth interval_lo interval_hi er_lo er_hi lse_lo lse_hi star_lo star_hi
# -v title=..., -v subtitle=..., -v xlabel=...
# SPDX-License-Identifier: GPL-3.0-or-later

function px(t) { return left + t * width }
function py(v) { return top + (1 - v) * height }
function curve(col, colour, dash, w,    k, s) {
    for (k = 1; k <= n; k++) s = s sprintf("%s%.2f,%.2f", k > 1 ? " " : "", px(t[k]), py(v[k, col]))
    printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s/>\n",
        s, colour, w, dash ? " stroke-dasharray=\"" dash "\"" : ""
}
function most(a, b, c) { return a > b ? (a > c ? a : c) : (b > c ? b : c) } # of lower bounds
function text(x, y, s, anchor, size, more) {
    printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\" fill=\"#222\"%s>%s</text>\n",
        x, y, anchor, size, more, s
}
function key(k, name, colour, dash, w,    y) {
    y = top + 14 + 26 * k
    printf "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"%s\"%s/>\n",
        left + width + 24, y, left + width + 60, y, colour, w, dash ? " stroke-dasharray=\"" dash "\"" : ""
    text(left + width + 70, y + 5, name, "start", 14)
}
NF == 10 { n++; t[n] = $1; for (k = 2; k <= 10; k++) v[n, k] = $k < 0 ? 0 : $k > 1 ? 1 : $k }
END {
    if (n < 2) { print "plot.awk: no rows" > "/dev/stderr"; exit 1 }
    left = 74; top = 78; width = 560; height = 400
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"560\" viewBox=\"0 0 800 560\" font-family=\"Helvetica, Arial, sans-serif\">\n"
    print "<rect width=\"800\" height=\"560\" fill=\"white\"/>"
    text(left, 34, title, "start", 19, " font-weight=\"bold\"")
    text(left, 58, subtitle, "start", 14)
    for (k = 0; k <= 5; k++) {
        printf "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", left, py(k / 5), left + width, py(k / 5)
        text(left - 10, py(k / 5) + 5, sprintf("%.1f", k / 5), "end", 13)
        text(px(k / 5), top + height + 21, sprintf("%.1f", k / 5), "middle", 13)
        printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#222\"/>\n", px(k / 5), top + height, px(k / 5), top + height + 5
    }
    printf "<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"#222\"/>\n", left, top, top + height, left + width
    text(left + width / 2, top + height + 48, xlabel, "middle", 14)
    text(0, 0, "softmax&#8320;", "middle", 14, sprintf(" transform=\"translate(26 %d) rotate(-90)\"", top + height / 2))
    for (k = 1; k <= n; k++) s = s sprintf("%.2f,%.2f ", px(t[k]), py(most(v[k, 5], v[k, 7], v[k, 9])))
    for (k = n; k >= 1; k--) s = s sprintf("%.2f,%.2f ", px(t[k]), py(v[k, 8] < v[k, 6] ? v[k, 8] : v[k, 6]))
    printf "<polygon points=\"%s\" fill=\"#0072b2\" fill-opacity=\"0.08\"/>\n", s
    for (k = 3; k <= 4; k++) curve(k, "#777777", "7 5", "1.8")
    for (k = 5; k <= 6; k++) curve(k, "#d55e00", "", "2.2")
    for (k = 7; k <= 8; k++) curve(k, "#0072b2", "", "2.2")
    curve(9, "#009e73", "2 3", "2.8")
    curve(2, "#000000", "", "2.8")
    key(0, "softmax&#8320;", "#000000", "", "2.8")
    key(1, "interval", "#777777", "7 5", "1.8")
    key(2, "ER", "#d55e00", "", "2.2")
    key(3, "LSE", "#0072b2", "", "2.2")
    key(4, "LSE* (lower)", "#009e73", "2 3", "2.8")
    print "</svg>"
}
