#!/bin/sh
# softbox witness: claimed counterexamples, judged exactly. The network is y = W x + b with
# numbers of a few digits (tests/data/onnx/make.py), so that every miss is known.
. "$(dirname "$0")/lib.sh"
net=tests/data/onnx/linear_raw.onnx

y0=-0.375 # of (1, 1/2, -1): 1 - 1 - 1/2 + 1/8

# prop THRESHOLD REL: x in [0,1]^2 x [-1,0], and Y_0 REL THRESHOLD
prop() {
    for k in 0 1 2; do echo "(declare-const X_$k Real)"; done
    echo "(declare-const Y_0 Real)(declare-const Y_1 Real)"
    echo "(assert (and (>= X_0 0) (<= X_0 1) (>= X_1 0) (<= X_1 1) (>= X_2 -1) (<= X_2 0)))"
    echo "(assert ($2 Y_0 $1))"
}
# claim WORD STATUS X0 X1 X2 [ARGS]
claim() {
    want=$1 status=$2
    printf 'sat\n((X_0 %s)\n(X_1 %s)\n(X_2 %s)\n(Y_0 17) (Y_1 2e1))\n' "$3" "$4" "$5" >"$tmp/w"
    shift 5
    run witness $net "$tmp/p.vnnlib" "$tmp/w" "$@"; checks=$((checks + 1))
    [ "$st" -eq "$status" ] || { fail "exit status $st, not $status"; cat "$tmp/err"; }
    same "$(head -n 1 "$tmp/out")" "$want"
}
prop "$y0" '<=' >"$tmp/p.vnnlib"
claim valid 10 1 0.5 -1
line 'box          missed by at most 0'
line 'constraints  missed by at most 0'
claim tolerance 20 1.000000001 0.5 -1
has 'box          missed by at most 1.00001e-9'
claim tolerance 20 1 0.5 -1.0001
claim invalid 20 1 0.5 -1.00010000000000000000001
claim tolerance 20 1 0.5 -1.00010000000000000000001 --tolerance 0.0002
claim invalid 20 1.000000001 0.5 -1 --tolerance 0
prop "$y0" '<' >"$tmp/p.vnnlib" # the tie is no counterexample of a strict constraint
claim tolerance 20 1 0.5 -1
claim tolerance 20 1 0.5 -1 --tolerance 0
prop "(- $y0 1)" '<=' >"$tmp/p.vnnlib"
claim invalid 20 1 0.5 -1
claim tolerance 20 1 0.5 -1 --tolerance 2 # no tolerance makes a claim valid
claim tolerance 20 1 0.5 -1 --tolerance 1
run witness $net "$tmp/p.vnnlib" "$tmp/w" --format json
same "$(cat "$tmp/out")" '{"claim":"invalid","disjunct":0,"box":"0","constraints":"1.00001"}'

# gzip-compressed, without the word, in any order
printf '((Y_0 1)(X_2 -1)(X_0 1)(X_1 1/2))' | gzip >"$tmp/w.gz"
prop "$y0" '<=' >"$tmp/p.vnnlib"
run witness $net "$tmp/p.vnnlib" "$tmp/w.gz"
same "$(head -n 1 "$tmp/out")" valid

# refused, with the line
refuse() { # MESSAGE TEXT
    printf "$2" >"$tmp/w"
    no 65 "witness: $tmp/w$1" witness $net "$tmp/p.vnnlib" "$tmp/w"
}
refuse ":1: no 'sat' here: nothing is claimed" 'unsat\n'
refuse ":1: no '(' here" 'sat'
refuse ':2: no variable X_k or Y_k here' 'sat\n((Z_0 1))'
refuse ':3: no number here' 'sat\n((X_0 1)\n(X_1 nan))'
refuse ':1: a variable is named twice' '((X_0 1)(X_0 1))'
refuse ": no value for X_1" '((X_0 1)(X_2 1))'
refuse ': 1 inputs, the network has 3' '((X_0 1))'
refuse ": no X_0" '((Y_0 1))'
refuse ":1: no ')' after a value" '((X_0 1'
refuse ":1: no ')' at the end of the values" '((X_0 1)'
refuse ":1: something follows the values" '((X_0 1)(X_1 1)(X_2 1)) x'
refuse ':1: variable 16000000 without those before it' '((X_16000000 1))'
no 64 "witness: --tolerance '-1': a number >= 0" witness $net "$tmp/p.vnnlib" "$tmp/w" --tolerance -1
no 65 'witness: nosuch: No such file or directory' witness $net "$tmp/p.vnnlib" nosuch

# those of competition tools, as far as the networks are read: third-party data
dir=${SBX_SHARED:-../shared}/data/vnn
if [ -d "$dir/ce_claims" ]; then
    tests/conf/claims "$dir" >"$tmp/out"; checks=$((checks + 1))
    tail -n 1 "$tmp/out" | grep -qx '121 claims, 121 as the table says, 0 differ, 0 not read' ||
        { fail "claims"; cat "$tmp/out"; }
else
    echo "skip: claims, no third-party data"
fi
# --memory, of each of the three files
cp "$tmp/p.vnnlib" "$tmp/q.vnnlib"
printf 'sat\n((X_0 1)\n(X_1 1)\n(X_2 -1))\n' >"$tmp/w"
no 65 "witness: $net: over 100 bytes" witness $net "$tmp/q.vnnlib" "$tmp/w" --memory 100
awk 'BEGIN { printf "("; for (i = 0; i < 20000; i++) printf "(X_%d 1)", i; print ")" }' >"$tmp/w"
no 65 "witness: $tmp/w: over 100000 bytes" witness $net "$tmp/q.vnnlib" "$tmp/w" --memory 100000
no 65 "witness: $tmp/w:1: the values need too much memory" witness $net "$tmp/q.vnnlib" "$tmp/w" --memory 500000
no 65 "witness: $tmp/w: 20000 inputs, the network has 3" witness $net "$tmp/q.vnnlib" "$tmp/w" --memory 5M
no 64 "witness: --memory 'x': bytes, such as 500M or 2G" witness $net "$tmp/q.vnnlib" "$tmp/w" --memory x
finish
