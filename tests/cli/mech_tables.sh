#!/bin/sh
# softbox table T9, T10, T16: every row there, what must hold between columns. [L-MCH-74]
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"

ok table T9 --quiet --n 8 --d 4 --mechanisms linear,sima,expressive --format csv
same "$(grep -c '^gaussian,\|^two-clusters,\|^needle,\|^deng,' "$tmp/out")" 12
# Deng's input with d = 3 has q = k of rank 2: linear attention has exactly that rank; its rows sum to 1
ok table T9 --quiet --n 9 --d 3 --mechanisms linear --inputs deng --format json
has '"rank":"2"'
ok table T16 --quiet --n 4,8 --d 3 --mechanisms linear,expressive --format csv
line 'linear,3,3,exact,3,3,exact,3,3,exact,3,3,exact'
same "$(awk -F, '$1 == "expressive" { print $2 <= $6, $5 == 4, $11 == 8 }' "$tmp/out")" '1 1 1'

# no mask of ones changes anything; the prediction is above the error, and both grow to that of no W
ok table T10 --quiet --n 8 --d 4 --format csv
same "$(awk -F, 'NR > 1 && $1 ~ / of 16$/ { n++; if (!($10 + 0 >= $6 - 1e-12) || !($19 + 0 >= $15 - 1e-12)) bad++ }
    END { print n, bad + 0 }' "$tmp/out")" '18 0'
# two keys of nearly equal weight: the prediction is the error but for 1e-4
ok table T10 --quiet --n 2 --d 2 --scale 1/1024 --format csv
same "$(awk -F, '/^4 of 4,linear/ { print ($10 >= $6), ($10 < $6 * 1.0001), ($19 >= $15), ($19 < $15 * 1.0001) }' "$tmp/out")" \
    '1 1 1 1'
no 65 "table T10: --scale 'x': a number" table T10 --scale x
no 64 "table T9: --n '0': a whole number, 1 to 4096" table T9 --n 0
finish
