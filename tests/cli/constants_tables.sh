#!/bin/sh
# softbox table T12, T14, T15, T17, bottleneck, gain, constants, saturation, plot F4, F5, error: rows that are known, all forms, refusals.
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"
# the table that follows, with single blanks
table() { ok table "$@"; tr -s ' ' <"$tmp/out" >"$tmp/one"; mv "$tmp/one" "$tmp/out"; }

for t in T12 T14 T15 T17 bottleneck gain constants saturation; do
    for form in latex markdown csv json; do ok table $t --format $form; done
done
table T12
has 'Newton 20 0.151459275[5,6]'
has 'Newton 20 0.151459275[5,6] 1.05264774[8,9]e-82 <= 1e-300 <= 1e-300 0.00110451443[6,7] 0.00191307302[1,2] 0.00270548935[7,8]'
has '0.0447928349[1,2] 0.0791409196[3,4] 0.113958347[5,6]'
has 'Nystromformer needed to 1/1000 14 10 6 4 - - -'
table T14
has 'positive 4 53.5981500[3,4] 5360 535982 0 0'
has 'trigonometric 16 4443054.26[0,1] 444305427 44430542603 0.499786437[8,9] open'
table T14 --draws 1
has 'trigonometric 2 2.76219569[1,2] 277 27622 0.265826862[2,3] 0.265826862[2,3]'
table T15
has '5 0 0.122849293[6,7] 19.1555369[3,4] 6 3.1925894[89,90]'
table T15 --noise 1/4
has '5 1/4 0.125906798[1,2] 23.2642514[8,9] 7.25'
table bottleneck
has 'the target 3 0.775066025[2,3] 0'
has 'softmax, dimension 1 <= 2 0 -'
has 'mixture of 2, dimension 1 3 - 0'
table gain
has 'no halves 4 288/289'
table gain --weights 1/2,1/3,1/6
has 'weights 3 1'
table gain --scores 0,0,0
has 'scores 3 0.888888888[8,9]'
table constants
has 'greatest weight of cross-covariance attention d = 64, tau = 1/2 0.464277286[8,9]'
has 'n sigmoid(-log n) n = 1024 1024/1025'
has 'weight of a rounded score bf16, 10 below 0.0398354713[3,4]'
has 'degree that keeps half 4095 others, margin 1/20 163'
has 'SSMax of 3, -2, .., -2 n = 100000, s = 0.43 0.999998221[7,8]'
table saturation
has 'fp16 8 65504 7.99929538[7,8] 7 0 0 0.00048828125 30721/32768'
has 'e4m3 8 448 0.807354922[0,1] 0 0 0.890625 0.9931640625 16377/16384'
table saturation --threshold 3/4
has 'e4m3 3/4 448 8.05735492[2,3] 8 0 0 0 0.934965235[8,9]'
table T17
has 'A10 opendp/opendp 0.15.1 (issue 2911, closed) permute-and-flip: bound of D_2 from the exponential mechanism'"'"'s, and D_2 scores (0, 0) and (1, -1) enclosure; reading 1 1.37691'
has 'second 60 above the first fp32, every operation correctly rounded 8358401/524288 60.0000000[0,1] -44.0576152[9,8]'
has 'x = (0, -31/16, -2) fp16, every operation correctly rounded 3 2 1'
for form in svg latex csv; do
    ok plot F4 --format $form
    ok plot F5 --n 6 --rounds 20 --format $form
    ok plot error --top 64 --number fp16 --format $form
done
# all inputs are counted; what was observed is below what is proved, that below the theorem
ok plot F5 --n 6 --rounds 40 --format csv
awk -F, 'NR > 1 { n++; sum += $NF } END { exit !(n == 120 && sum > 5.999 && sum < 6.001) }' "$tmp/out" || fail 'not all are counted'
ok plot error --top 256 --format csv
awk -F'"' '$2 ~ /,/ { split($3, v, ","); split($2, name, ", "); key = substr($1, 1, 3) name[1] v[3]; at[name[2], key] = v[4]; n++ }
    END { for (k in at) { split(k, p, SUBSEP); if (p[1] != "bound") continue
        if (at["observed", p[2]] + 0 > at[k] || (("a priori", p[2]) in at && at["a priori", p[2]] * 1.000001 < at[k])) bad = bad " " p[2] }
        if (n < 100 || bad) { print n bad; exit 1 } }' "$tmp/out" || fail 'errors out of order'
ok plot F4 --format csv
has ',softmax,upper,100000.00000000000,0.0014819470061'
# against mpmath, whose formulas are its own
python3=/usr/bin/python3
if $python3 -c 'import mpmath' 2>/dev/null; then
    for t in T12,358 T14,50 T15,24 constants,33; do
        ok table ${t%,*} --format json
        same "$($python3 tests/cli/constants_tables.py <"$tmp/out")" "${t#*,}"
    done
    for t in 105, '35,--threshold 3/4' '35,--threshold 13/7'; do
        ok table saturation --format json ${t#*,}
        same "$($python3 tests/cli/constants_tables.py <"$tmp/out")" "${t%,*}"
    done
else
    echo 'skip: no python3-mpmath'
fi
no 64 "plot F5: --n '41': a whole number, 2 to 40" plot F5 --n 41
no 64 "plot error: --top '3': a whole number, 4 to 1000000" plot error --top 3
no 64 "table T14: --draws '0': a whole number, 1 to 1000000000" table T14 --draws 0
no 64 "table saturation: --threshold '-1': a number, 0 to 4000" table saturation --threshold -1
no 65 'table gain: weight 2 is negative' table gain --weights 1,-1
finish
