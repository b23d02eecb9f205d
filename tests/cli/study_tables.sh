#!/bin/sh
# softbox table T1 .. T8, softbox plot F1 F2 F3: rows that are known, all forms.
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"
# the table that follows, with single blanks
table() { ok table "$@"; tr -s ' ' <"$tmp/out" >"$tmp/one"; mv "$tmp/one" "$tmp/out"; }

table T1 --dim 3
has '3 plsoftmax 4/23 5.75 16/69 0.183032652[2,3] 16/69 32/69'
has '3 lower bound - - 2/9 1/6 2/9 4/9'
for form in latex markdown csv json; do ok table T1 --dim 2 --format $form; done
ok table T1 --dim 2 --format json
has '"command":"softbox table T1 --dim 2 --format json"'
table T2 --dim 4
has 'worst inf 1 4 plsoftmax yes 3 3 1'
has 'expected inf 1 4 softmax no 0.5625 0.603545739[5,6]'
table T3 --dim 12
has 'plsoftmax softmax 1 1 2, 5..12 2..12'
has 'plsoftmax softmax inf 1 2, 5..12 2..12'
has 'sparsemax softmax 2 2 2..12 2..12'
# a range of dimensions is no number to align at the point
ok table T3 --dim 4 --format latex
has '\begin{tabular}{llllll}'
table T6
has 'softmax 1024 66 10 yes 0.0258554695[7,8] 0.252684784[0,1]'
table T7 --dim 3
has '4/23'
table T8 --dim 10
has '10 1 [0.0999999999, 0.1000000001] 0.480506146[7,8] 2 0.381529724[1,2]'
table T4
has 'sparsemax 4/3 1 1.33333333[3,4]'
has 'plsoftmax 4/3 1.05243775[0,1]'
table T5
has 'taylor sharp >= 0.4087694483 <= 0.5168374817 1'
table T13
has 'I-BERT 0.00191300043[6,7] 0.00330734195[3,4] -'
has '2^x, degree 3 0.000170372426[5,6] 0.0000876296171[0,1]'
table degrees
has '16 38* 39 44'
has '1 4 5 8 495 814385'
has '2 6 7 11 3003 131115985'
has '4 11 12 16 75582 '
has '8 20 21 26 3108105 '
for plot in F1 F2 F3; do
    ok plot $plot
    has '</svg>'
    ok plot $plot --format latex
    has 'tikzpicture'
    ok plot $plot --format csv
done
ok plot F2 --format csv
has 'inf -> 1,softmax,upper'
no 64 "table T1: --dim: '1' is no whole number from 2 to 10000000" table T1 --dim 1
finish
