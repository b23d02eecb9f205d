#!/bin/sh
# softbox eval: points exactly, enclosures outward, refusals by name.
. "$(dirname "$0")/lib.sh"

# correctly rounded results that are known: IEEE arithmetic and the OCP formats
value() { ok eval "$@"; cell 1 2; }
same "$(value --kernel sum --at 0.1,0.2 --arith f64)" \
    0.3000000000000000444089209850062616169452667236328125
same "$(value --kernel sum --at 0.1,0.2 --arith f64 --hex)" 0x1.3333333333334p-2
same "$(value --kernel sum --at 0.1,0.2 --arith mpq)" 0.3
same "$(value --kernel sum --at 1/3,1/3 --arith mpq)" 2/3
same "$(value --kernel dot --at 1/3,2 --with 3,1/2 --arith mpq)" 2
same "$(value --kernel sum --at 16777216,1 --arith f32)" 16777216
same "$(value --kernel sum --at 2048,1 --arith fp16)" 2048
same "$(value --kernel sum --at 256,1 --arith bf16)" 256
same "$(value --kernel sum --at 2048,1 --arith tf32)" 2048
same "$(value --kernel sum --at 60000,10000 --arith fp16)" inf
same "$(value --kernel sum --at 400,400 --arith e4m3)" nan
same "$(value --kernel sum --at -50000,-50000 --arith e5m2)" -inf
same "$(value --kernel sum --at 1,0x1p-100 --arith mpf:101 --hex)" 0x1.0000000000000000000000001p+0
same "$(value --kernel softmax --at 0,0 --arith f32)" 0.5
same "$(value --kernel lse --at 0 --arith f64)" 0
same "$(value --kernel sum --at 0x1p-1074 --arith f64 --hex)" 0x1p-1074

# enclosures
for arith in ivd ivf:64 ivf:300 ivq:70; do
    ok eval --kernel softmax --at 1,2,3 --arith $arith
    below "$(cell 1 2)" 0.09003057317038045800
    below 0.09003057317038045799 "$(cell 1 3)"
    below "$(cell 3 2)" 0.66524095577482188953
    below 0.66524095577482188952 "$(cell 3 3)"
    ok eval --normalizer lse --at 1,2,3 --arith $arith
    below "$(cell 1 2)" 3.40760596444438030449
    below 3.40760596444438030448 "$(cell 1 3)"
done
ok eval --kernel sum --at 0.1,0.2
below "$(cell 1 2)" 0.3
below 0.3 "$(cell 1 3)"
ok eval --kernel sum --at 0.1,0.2 --arith ivq --digits 2
same "$(cell 1 2) $(cell 1 3)" '0.3 0.3'

# the form of JSON; the point from a file
ok eval --kernel dot --at 1,2 --with 3,4 --arith f64 --format json
line '{"kernel":"dot","arith":"f64","outputs":[{"index":0,"value":"11"}]}'
ok eval --normalizer softmax --at 0,0 --format json --arith ivq
line '{"normalizer":"softmax","arith":"ivq","outputs":[{"index":0,"lower":"0.5","upper":"0.5"},{"index":1,"lower":"0.5","upper":"0.5"}]}'
printf '1, 2\n\t3 4.5,\n' >"$tmp/point"
same "$(value --kernel sum --input "$tmp/point" --arith mpq)" 10.5
same "$(printf '1 2' | "$SBX" eval --kernel sum --input - --arith f64 | tail -n 1 | tr -s ' ')" '0 3'

# refusals
no 65 'eval: softmax needs exp, which mpq does not have; these have: f32, f64, lowp, mpf, ivd, ivf, ivq' \
    eval --kernel softmax --at 1,2 --arith mpq
no 65 'eval: at has 2 numbers, with has 1' eval --kernel dot --at 1,2 --with 3
no 65 "eval: at[1]: not a number: 'x'" eval --kernel sum --at 1,x
no 65 "eval: at[1]: not a number: ''" eval --kernel sum --at 1,,2
no 65 'eval: at is empty' eval --kernel sum --at ''
no 65 'eval: at[0] is -inf; only a lower end may be' eval --kernel sum --at=-inf
printf ' \n' >"$tmp/empty"
no 65 "eval: $tmp/empty: at is empty" eval --kernel sum --input "$tmp/empty"
no 65 "eval: $tmp/none: No such file or directory" eval --kernel sum --input "$tmp/none"
no 65 "eval: $tmp: Is a directory" eval --kernel sum --input "$tmp"
no 64 'eval: --kernel dot needs --with' eval --kernel dot --at 1
no 64 'eval: --with is for --kernel dot' eval --kernel sum --at 1 --with 1
no 64 "eval: --kernel 'cosine': softmax, log-softmax, lse, sum, dot" eval --kernel cosine --at 1
run eval --normalizer sum --at 1
same $st 64
case $(cat "$tmp/err") in
"softbox: eval: --normalizer: no normalizer 'sum': softmax, "*) ;;
*) fail 'the normalizers are not named' ;;
esac
no 64 'eval: --normalizer: sparsemax: delta must be a number in (0, inf)' eval --normalizer sparsemax:delta=0 --at 1
no 64 "eval: --zero-row 'one': error, uniform, zero" eval --normalizer softmax --zero-row one --at 1
no 64 'eval: --zero-row is for a normalizer' eval --kernel sum --zero-row zero --at 1
no 64 'eval: --jacobian is for a normalizer' eval --kernel softmax --jacobian --at 1

# a proved error: nothing where all is exact, the rounding of 0.1 and 0.2 and of their sum, 0.3 + 2^-54 + ..
ok eval --kernel sum --at 0.5,0.25 --arith f64 --error
same "$(cell 1 2) $(cell 1 3)" '0.75 0'
ok eval --kernel sum --at 0.1,0.2 --arith f64 --error
same "$(cell 1 3)" 4.441e-17
ok eval --normalizer sparsemax --at 1/3,1/2,-1,1/3 --arith mpq --error --format json
has '{"index":0,"value":"5/18","error":"0"}'
ok eval --kernel sum --at 60000,10000 --arith fp16 --error
same "$(cell 1 2) $(cell 1 3)" 'inf inf'
no 64 'eval: --error is for points: --arith f32, f64, fp16, .., mpq' eval --kernel sum --at 1 --error

# normalizers: exact where they are rational, an enclosure otherwise, the Jacobian
same "$(value --normalizer sparsemax --at 1/3,1/2,-1,1/3 --arith mpq)" 5/18
same "$(value --normalizer plsoftmax --at 1/3,1/2,-1/4,1/3 --arith mpq)" 37/144
same "$(value --normalizer sparsemax:delta=2 --at 1,0 --arith mpq)" 0.75
same "$(value --normalizer taylor --at 1,0 --arith mpq)" 5/7
ok eval --normalizer sparsemax --at 1,3/4,-5 --arith mpq --jacobian --format json
line '{"normalizer":"sparsemax","arith":"mpq","jacobian":[{"index":0,"input":0,"value":"0.5"},{"index":0,"input":1,"value":"-0.5"},{"index":0,"input":2,"value":"0"},{"index":1,"input":0,"value":"-0.5"},{"index":1,"input":1,"value":"0.5"},{"index":1,"input":2,"value":"0"},{"index":2,"input":0,"value":"0"},{"index":2,"input":1,"value":"0"},{"index":2,"input":2,"value":"0"}]}'
no 65 'eval: entmax-1.5 needs square root, which mpq does not have; these have: f32, f64, lowp, mpf, ivd, ivf, ivq' \
    eval --normalizer entmax-1.5 --at 1,2 --arith mpq
no 64 'eval: one of --kernel, --normalizer and a network' eval --at 1
no 64 'eval: one of --kernel, --normalizer and a network' eval --kernel sum --normalizer lse --at 1
no 64 'eval: the point: one of --at and --input' eval --kernel sum
no 64 "eval: --digits '0': a whole number, 1 to 100000" eval --kernel sum --at 1 --digits 0
no 64 "eval: --arith: ivd has no precision to choose: 'ivd:3'" eval --kernel sum --at 1 --arith ivd:3
# polynomial attention: the least degree that leaves A distractors, a margin below, half of the mass
# at most: 1/(1 + A (1 - margin)^p) >= 1/2, exactly
half() { # DISTRACTORS SCORE DEGREE
    at=1$(awk -v n="$1" -v s="$2" 'BEGIN { while (n-- > 0) printf ",%s", s }')
    for p in "$3" $(($3 - 1)); do
        ok eval --normalizer "power:lambda=$p" --at "$at" --arith ivq:200
        awk -v want=$((p == $3)) 'NR == 2 { exit !(want ? $2 >= 0.5 : $3 < 0.5) }' "$tmp/out" || fail "degree $p for $1 at $2"
    done
}
half 511 0.95 122
half 511 0.9 60
half 511 0.75 22
half 511 0.5 9
half 4095 0.95 163
half 4095 0.9 79
half 4095 0.75 29
half 4095 0.5 12
finish
