#!/bin/sh
# softbox bound: enclosures against digits that were computed elsewhere (MPFR-like
# arithmetic at 45 digits), affine bounds in rationals at the corners of the box.
. "$(dirname "$0")/lib.sh"

# The exact extremes of softmax over [-1,1] x [0,2] x [1/3,1].
box='--lo -1,0,1/3 --hi 1,2,1'
lo='0.03511902695933972418 0.15536240349696360679 0.12132647558421490199'
hi='0.53154830618068311764 0.80732230271122393829 0.66524095577482188952'
for arith in ivd ivf:128 ivf:400 ivq:80 ivq; do
    # shellcheck disable=SC2086
    ok bound $box --method interval --arith $arith
    k=0
    for l in $lo; do k=$((k + 1)); below "$(cell $k 3)" "${l}9"; done
    k=0
    for h in $hi; do k=$((k + 1)); below "$h" "$(cell $k 4)"; done
done
ok bound $box --method interval --arith ivf:128 # and not by much
below 0.0351190269593397241 "$(cell 1 3)"
below "$(cell 1 4)" 0.5315483061806831177
ok bound $box --method interval
below 0.0351190269593396 "$(cell 1 3)"
below "$(cell 1 4)" 0.531548306180684

# [-60,0] x {-40}: close to 1, and not rounded to it
ok bound --lo -60,-40 --hi 0,-40 --method interval --index 1
below 0.99999999793884638180 "$(cell 1 4)"
below "$(cell 1 4)" 0.999999997939
ok bound --lo -60,-40 --hi 0,-40 --method interval --index 1 --format json
has '"upper":"0.99999999793'

# A point that no double holds is enclosed, not rounded.
ok bound --normalizer lse --lo 1/3 --hi 1/3 --method interval
below "$(cell 1 3)" 0.33333333333333333333
below 0.33333333333333333333 "$(cell 1 4)"
no 65 'bound: hi[1] is -inf; only a lower end may be' \
    bound --normalizer lse --lo 0.1,-inf --hi 0.1,-inf

# log-softmax, lse: digits from elsewhere
ok bound --normalizer lse --lo 1,2,3 --hi 1,2,3 --method interval
below "$(cell 1 3)" 3.4076059644443803044829
below 3.4076059644443803044 "$(cell 1 4)"
ok bound --normalizer log-softmax --lo 1,2,3 --hi 1,2,3 --method interval --index 2 --arith ivf:90
below "$(cell 1 4 | tr -d -)" 0.40760596444438030448292 # upper end: less negative
below 0.4076059644443803044829 "$(cell 1 3 | tr -d -)"

# functional: c = (1,-1,0)
for arith in ivd ivf:128 ivq:90; do
    # shellcheck disable=SC2086
    ok bound $box --functional 1,-1,0 --arith $arith
    same "$(cell 1 1)" c
    below 0.76712809203123888218 "$(cell 1 3 | tr -d -)"
    below 0.33600261234730666917 "$(cell 1 4)"
    below "$(cell 1 4)" 0.33600261234732
done
ok bound $box --functional 1/3,1/3,1/3 # the constant 1/3, whatever the point
below "$(cell 1 3)" 0.33333333333333333333
below 0.33333333333333333333 "$(cell 1 4)"

# an open side
ok bound --lo=-inf,0 --hi 0,0 --method interval
same "$(cell 1 3)" 0
below 0.5 "$(cell 1 4)"
same "$(cell 2 4)" 1
no 65 'bound: ivq has no unbounded side; these have: ivd, ivf' \
    bound --lo=-inf,0 --hi 0,0 --method interval --arith ivq

# methods: rows, and what a normalizer does not have
ok bound $box --method all --index 1
same "$(awk '$1 == "1" || NF == 4 { print NF == 5 ? $2 : $1 }' "$tmp/out" | tr '\n' ' ')" \
    'interval constant lin er lse lse-star env l2d optimal-fast auto optimal '
ok bound $box --index 1
has 'auto'
ok bound $box --normalizer lse --method all
same "$(wc -l <"$tmp/out")" 9
ok bound --normalizer lse --lo -1,0,1/3 --hi 3,2,1 --method lse,env,optimal
for m in lse env optimal; do has " $m "; done
no 65 'bound: lse has no bounds by er; there are: interval, constant, lse, env, auto, optimal' \
    bound $box --normalizer lse --method er
ok bound $box --functional 1,2,3 --method all # as many as an output has
same "$(awk '$1 == "c" || NF == 4 { print NF == 5 ? $2 : $1 }' "$tmp/out" | tr '\n' ' ')" \
    "$("$SBX" bound $box --index 1 --method all | awk '$1 == "1" || NF == 4 { print NF == 5 ? $2 : $1 }' | tr '\n' ' ')"

# digits and hexadecimal: outward in any number of digits
ok bound --lo 1,2,3 --hi 1,2,3 --method interval --digits 3
same "$(cell 1 3) $(cell 1 4)" '0.09 0.0901'
same "$(cell 3 3) $(cell 3 4)" '0.665 0.666'
ok bound --lo 0,0 --hi 0,0 --method interval --hex --arith ivq
same "$(cell 1 3) $(cell 1 4)" '0x1p-1 0x1p-1'

# Affine bounds hold as printed: coefficients exact, constants outward. In rationals, at the
# corners, against enclosures at 200 bits.
minus() { echo "$1" | sed 's/,/,-/g; s/^/-/; s/--//g'; }
plane() { # plane METHOD SIDE: "coef,..,const" of output 0
    sed -n "s/.*\"$1\":{\"lower\":{\"coef\":\\[\\(.*\\)}.*/\\1/p" "$tmp/out" |
        awk -v side="$2" '{
            gsub(/[]"}{:]|coef|const/, ""); k = split($0, half, /,upper\[/)
            s = half[side == "lower" ? 1 : 2]; print s }'
}
corners='-1,0,1/3 -1,2,1 1,0,1/3 1,2,1 0.25,1.75,0.9'
truth=$(for x in $corners; do
    "$SBX" eval --kernel softmax --at "$x" --arith ivf:200 --digits 60 | awk '$1 == 0 { print $2 "," $3 }'
done)
for m in constant lin er lse lse-star env l2d optimal-fast auto optimal; do
    # shellcheck disable=SC2086
    ok bound $box --index 0 --method $m --format json
    l=$(plane $m lower) u=$(plane $m upper)
    same "$(echo "$l,$u" | tr ',' '\n' | wc -l)" 8
    k=0
    for x in $corners; do
        k=$((k + 1))
        p=$(echo "$truth" | sed -n "${k}p") # LOW,HIGH, 1e-58 apart
        # p - coef.x - const >= 0 for the lower bound, <= 0 for the upper
        dl=$("$SBX" eval --kernel dot --arith mpq --at "${p#*,},$l" --with "1,$(minus "$x"),-1" | tail -n 1)
        du=$("$SBX" eval --kernel dot --arith mpq --at "${p%,*},$u" --with "1,$(minus "$x"),-1" | tail -n 1)
        checks=$((checks + 2))
        case $dl in *' -'*) fail "$m: lower bound above softmax at $x" ;; esac
        case $du in *' -'* | *' 0') ;; *) fail "$m: upper bound below softmax at $x" ;; esac
    done
done
# the constant as a decimal is on the outer side of the one in hexadecimal, which is exact
# shellcheck disable=SC2086
ok bound $box --index 0 --method lse --format json
l=$(plane lse lower) u=$(plane lse upper)
# shellcheck disable=SC2086
ok bound $box --index 0 --method lse --format json --hex
lh=$(plane lse lower) uh=$(plane lse upper)
same "${l%,*}" "${lh%,*}"
checks=$((checks + 2))
[ "$(sign "${lh##*,},-${l##*,}")" -ge 0 ] || fail "the lower constant is rounded up"
[ "$(sign "${uh##*,},-${u##*,}")" -le 0 ] || fail "the upper constant is rounded down"

# The tangent point: where it is, the gap is least.
# shellcheck disable=SC2086
ok bound $box --index 0 --method er --at 1,0,1/3
g=$(cell 2 4)
below "$(awk -v g="$g" 'BEGIN { printf "%.6f", g }')" 0.2
no 65 'bound: at[1] = 2.5 is outside of the box: above hi = 2' bound $box --at 0,5/2,1
no 65 'bound: at[0] = -1.5 is outside of the box: below lo = -1' bound $box --at -1.5,1,1
no 65 'bound: lo has 3 numbers, at has 2' bound $box --at 0,1
finish
