#!/bin/sh
# softbox table wei-synthetic on a part of the experiment: its forms, what it refuses, and the
# published means (data that does not ship; skipped where it is not).
. "$(dirname "$0")/lib.sh"
boxes=examples/wei/boxes.py
published=${SBX_SHARED:-../shared}/data/peers/NeuralNetworkVerification-bounding-softmax/derived/synth_mean_gaps.csv.gz

no 65 "table wei-synthetic: no box: examples/wei/boxes.py writes them" table wei-synthetic
printf 'x\n' >"$tmp/in"
no 65 'table wei-synthetic: no box of examples/wei/boxes.py: a line {"dim", "regime", "mu", "eps", "points"}' table wei-synthetic --input "$tmp/in"
printf '{"dim":3,"regime":"high","mu":"0.5","eps":"1","points":2}\n12345678' >"$tmp/in"
no 65 'table wei-synthetic: the input ends in a box of 3 logits' table wei-synthetic --input "$tmp/in"
printf '{"dim":3,"regime":"high","mu":"0.5","eps":"1","points":-2}\n' >"$tmp/in"
run table wei-synthetic --input "$tmp/in"; same $st 65
# a box without width where a point must be; then one with a point outside
{ printf '{"dim":2,"regime":"high","mu":"0.5","eps":"0","points":1}\n'; head -c 48 /dev/zero; } >"$tmp/in"
run table wei-synthetic --input "$tmp/in" --format csv; same $st 0
{ printf '{"dim":2,"regime":"high","mu":"0.5","eps":"0","points":1}\n'; head -c 40 /dev/zero; printf '\0\0\0\0\0\0\360?'; } >"$tmp/in"
no 65 'table wei-synthetic: a point is outside of its box' table wei-synthetic --input "$tmp/in"

/usr/bin/python3 -c 'import numpy' 2>/dev/null || { echo 'skip: no python3-numpy'; finish; }
$boxes --dim 3 --boxes 2 --points 20 --eps 0.1,1 --mu uniform,0.9 >"$tmp/in"
ok table wei-synthetic --input "$tmp/in" --format csv
same "$(wc -l <"$tmp/out")" 9
has 'dim,regime,mu,eps,boxes,L_lin (sampled)'
has 'L_ER_tangent (sampled)'; has 'U auto (sampled)'
same "$(awk -F, 'NR > 1 { print $2 $3 $4 $5 }' "$tmp/out" | tr '\n' ' ')" \
    'highuniform0.12 highuniform12 high0.90.12 high0.912 lowuniform0.12 lowuniform12 low0.90.12 low0.912 '
ok table wei-synthetic --input "$tmp/in" --format latex; has 'statistics of sampled points, not proved'
ok table wei-synthetic --input "$tmp/in" --long --format json; has '"bound":"U_LSE_tangent","mean gap":{"sampled":"'
# the limit, on request: below every affine bound of its side, and near method optimal
$boxes --dim 3 --boxes 2 --eps 0.1,1 --mu uniform,0.9 >"$tmp/in"
ok table wei-synthetic --input "$tmp/in" --limit --slow --long --format csv
same "$(grep -c ',[LU] limit,' "$tmp/out")" 16
checks=$((checks + 1)); awk -F, '
    $6 ~ / limit$/ { limit[$2 $3 $4 substr($6, 1, 1)] = $7 }
    $6 ~ /^[LU] optimal$/ { best[$2 $3 $4 substr($6, 1, 1)] = $7 }
    $6 ~ /^[LU]( |.*_tangent$)/ { n++; key[n] = $2 $3 $4 substr($6, 1, 1); gap[n] = $7 }
    END {
        for (k = 1; k <= n; k++) if (gap[k] < limit[key[k]] - 1e-15) { print key[k], gap[k], limit[key[k]]; bad++ }
        for (k in best) if (best[k] > 1.05 * limit[k]) { print k, best[k], limit[k]; bad++ }
        exit bad > 0 || n < 100
    }' "$tmp/out" >"$tmp/log" || { fail 'a bound below the limit, or optimal far above it'; cat "$tmp/log"; }

[ -f "$published" ] || { echo "skip: no published means in $published"; finish; }
zcat "$published" >"$tmp/published"
$boxes --dim 2 --eps 1 >"$tmp/in"
ok table wei-synthetic --input "$tmp/in" --long --format csv
checks=$((checks + 1)); awk -F, -f tests/wei.awk "$tmp/published" "$tmp/out" >"$tmp/log" || { fail 'published means'; cat "$tmp/log"; }
same "$(tail -n 1 "$tmp/log")" '320 compared, 320 to 8 digits, 0 bad'
finish
