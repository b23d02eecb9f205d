#!/bin/sh
# softbox table T1 T2 T3 T6 T7 T8: rows that are known, all forms.
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"
# the table that follows, with single blanks
table() { ok table "$@"; tr -s ' ' <"$tmp/out" >"$tmp/one"; mv "$tmp/one" "$tmp/out"; }

table T1 --dim 3
has '3 plsoftmax 4/23 5.75 16/69 0.183032652[2,3] 16/69 32/69'
has '3 lower bound - - 2/9 1/6 2/9 4/9'
for form in latex markdown csv json; do ok table T1 --dim 2 --format $form; done
table T2 --dim 4
has 'worst inf 1 4 plsoftmax yes 3 3 1'
has 'expected inf 1 4 softmax no 0.5625 0.603545739[5,6]'
table T3 --dim 12
has 'plsoftmax softmax 1 1 2, 5..12 2..12'
has 'plsoftmax softmax inf 1 2, 5..12 2..12'
has 'sparsemax softmax 2 2 2..12 2..12'
table T6
has 'softmax 1024 66 10 yes 0.0258554695[7,8] 0.252684784[0,1]'
table T7 --dim 3
has '4/23'
table T8 --dim 10
has '10 1 [0.0999999999, 0.1000000001] 0.480506146[7,8] 2 0.381529724[1,2]'
no 64 "table: --dim: '1' is no whole number from 2 to 10000000" table T1 --dim 1
finish
