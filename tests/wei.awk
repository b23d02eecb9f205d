# wei.awk -- the rows of `softbox table wei-synthetic --long --format csv` against published means:
#
#   awk -F, -f tests/wei.awk published.csv ours.csv
#
# published: d,regime,mu,eps,bound,gap,relative to 8 digits. A number agrees when it rounds to theirs,
# or is off by what double arithmetic leaves of a difference of two numbers near 1: 4e-15 in the gap, and
# in the relative one a part of 1e-11, or, as it divides by a gap as small, of 1e-4 where the gap is below 1e-6.
# Prints what does not; the last line is "ROWS compared, EXACT to 8 digits, BAD bad".
# SPDX-License-Identifier: GPL-3.0-or-later
function abs(x) { return x < 0 ? -x : x }
function half(x,    e) { e = 1; while (e > x) e /= 10; while (e * 10 <= x) e *= 10; return 0.500000001 * e * 1e-7 }
FNR == NR { sub(/\(.*/, "", $5); gap[$1, $2, $3, $4, $5] = $6; rel[$1, $2, $3, $4, $5] = $7; next }
FNR > 1 && ($1, $2, $3, $4, $6) in gap {
    g = gap[$1, $2, $3, $4, $6] + 0; r = rel[$1, $2, $3, $4, $6] + 0; n++
    dg = abs($7 - g) - half(g); dr = abs($8 - r) - half(r)
    if (dg <= 0 && dr <= 0) { exact++; next }
    if (dg <= 4e-15 && (dr <= 1e-11 * r || (g < 1e-6 && dr <= 1e-4 * r))) next
    print $1, $2, $3, $4, $6 ": " $7, $8 " not " g, r; bad++
}
FNR > 1 && ($7 < -1e-15 || $8 < -1e-6) { print $1, $2, $3, $4, $6 ": a bound on the wrong side: " $7; bad++ }
END { printf "%d compared, %d to 8 digits, %d bad\n", n, exact, bad; exit bad > 0 || n == 0 }
