#!/bin/sh
# softbox error: a line a vector and a summary; boxes; refusals by name.
. "$(dirname "$0")/lib.sh"

# get KEY LINE of the JSON lines that were printed
get() { sed -n "$2p" "$tmp/out" | sed -n "s/.*\"$1\":\([^,}]*\).*/\1/p"; }
# less A B: A <= B, decimals or with an exponent
less() {
    checks=$((checks + 1))
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a != "null" && b != "null" && a + 0 <= b + 0) }' ||
        fail "$1 is not <= $2"
}

# vectors in every form: JSON, decimals, fractions, hexadecimal; rounded to the format first
cat >"$tmp/in" <<'END'
[1, 2.5, -3e-1]
1 2.5 -0.3
# no vector

0x1p0, 5/2, -3/10
END
ok error --kernel softmax --algorithm naive --number fp16 --input "$tmp/in" --format json
same "$(wc -l <"$tmp/out")" 4
same "$(sed -n 1p "$tmp/out" | cut -d, -f2-)" "$(sed -n 2p "$tmp/out" | cut -d, -f2-)"
same "$(sed -n 1p "$tmp/out" | cut -d, -f2-)" "$(sed -n 3p "$tmp/out" | cut -d, -f2-)"
has '"worst_input":[1,2.5,-0.300048828125]'
has '{"summary":true,"vectors":3,"overflow":0,'
same "$(get violations 4)" 0
less "$(get observed 1)" "$(get bound 1)"
less "$(get bound 1)" "$(get apriori 1)"
less "$(get max_observed_u 4)" "$(get max_bound_u 4)"

# overflow is seen at a point and proved impossible, or not, over a box
printf '12 1\n' >"$tmp/big"
ok error --kernel softmax --algorithm naive --number fp16 --input "$tmp/big" --format json
has '"overflow":true,"reason":"a result may overflow"'
has '"bound":null'
ok error --kernel softmax --algorithm shifted --number fp16 --input "$tmp/big" --format json
has '"overflow":false'
ok error --kernel lse --algorithm naive --number fp16 --lo 0 --hi 12 --n 4 --format json
has '"bound":null'
ok error --kernel lse --algorithm shifted --number fp16 --lo 0 --hi 12 --n 4 --format json
less "$(get bound 1)" 1

# softmax in double over [-1,1]^3 and [-5,5]^10
e='error --kernel softmax --number f64 --format json'
ok $e --algorithm naive --lo -1,-1,-1 --hi 1,1,1
less "$(get bound 1)" 2.5e-16
less 2e-16 "$(get bound 1)"
ok $e --algorithm naive --lo=-1 --hi 1 --n 3 --exp kernel
less "$(get bound 1)" 2.7e-16
ok $e --algorithm naive --lo=-5 --hi 5 --n 10
less "$(get bound 1)" 1.3e-15
less 1.05e-15 "$(get bound 1)"
ok $e --algorithm naive --lo=-5 --hi 5 --n 10 --sum pairwise
less "$(get bound 1)" 1e-15
ok $e --algorithm safe --lo=-5 --hi 5 --n 100000
less "$(get bound 1)" 2.1e-12

# text
ok error --kernel sum --number bf16 --lo 0 --hi 1 --n 4
has '1 vectors, 0 overflow, 0 violations; in u: observed'
ok list algorithms
has '  softmax      flash-lazy'

no 64 "error: --kernel and --number are needed" error --kernel softmax
no 64 "error: vectors by --input, or a box by --lo and --hi" error --kernel softmax --number f64
no 64 "error: no kernel 'cosine': softmax, log-softmax, lse, sum, dot" \
    error --kernel cosine --number f64 --lo 0 --hi 1
no 64 "error: no algorithm 'fast' of lse: naive, shifted, safe, online" \
    error --kernel lse --algorithm fast --number f64 --lo 0 --hi 1
no 64 "error: no format 'fp4': f64, f32, fp16, bf16, tf32, e5m2, e4m3" \
    error --kernel lse --number fp4 --lo 0 --hi 1
no 64 "error: --sum 'sorted': recursive, pairwise, compensated, tiles" \
    error --kernel lse --number f64 --lo 0 --hi 1 --sum sorted
no 64 "error: --exp '0.4': correct, kernel, or ulps, 0.5 or more" \
    error --kernel lse --number f64 --lo 0 --hi 1 --exp 0.4
no 65 "error: softbox's own exp is one of f64" \
    error --kernel lse --number f32 --lo 0 --hi 1 --exp kernel
no 65 "error: lo[0] is above hi[0]" error --kernel lse --number f64 --lo 1 --hi 0
no 65 "error: lo has 2 numbers, hi has 3" error --kernel lse --number f64 --lo 1,1 --hi 2,2,2
no 65 "error: dot needs as many y as x" error --kernel dot --number f64 --lo 1 --hi 2 --n 3
printf '1 x\n' >"$tmp/bad"
no 65 "error: $tmp/bad:1: x[1]: not a number: 'x'" error --kernel lse --number f64 --input "$tmp/bad"
printf '70000\n' >"$tmp/bad"
no 65 "error: $tmp/bad:1: a number beyond the largest one of the format, 65504" \
    error --kernel lse --number fp16 --input "$tmp/bad"
# a line that is no array and no list of numbers
malformed() {
    printf '%s\n' "$1" >"$tmp/bad"
    no 65 "error: $tmp/bad:1: $2" error --kernel lse --number f64 --input "$tmp/bad"
}
malformed '[1, 2' 'an array that does not end'
malformed '1 2 [' "x[2]: not a number: '['"
malformed '[[1, 2]]' "x[0]: not a number: '[1'"
malformed '[1,,2]' 'a comma without a number before it'
malformed '1, 2,' 'a comma without a number behind it'
malformed '["1/2", "3]' 'a string that does not end'
printf '["1/2", "0x1p0", 3]\n' >"$tmp/in"
ok error --kernel lse --number f64 --input "$tmp/in" --format json
has '"worst_input":[0.5,1,3]'
# what is published for a point is not said of a box
ok error --kernel lse --number f64 --lo=-9 --hi 9 --n 3 --format json
same "$(grep -c published "$tmp/out")" 0
# a million: something is observed, a sum drifts
ok error --kernel sum --number f64 --lo=-5 --hi 5 --n 1000000
awk '$1 == "0" { exit !($3 > 10000 && $5 > $3) }' "$tmp/out" || fail 'nothing was observed of a million'
no 65 "error: $tmp/none: No such file or directory" error --kernel lse --number f64 --input "$tmp/none"
finish
