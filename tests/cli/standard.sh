#!/bin/sh
# The command line of VNN-LIB 2.0: verify --network, supports, --name; and --memory.
. "$(dirname "$0")/lib.sh"
n=tests/data/nnet/small.nnet
cat >"$tmp/p.vnnlib" <<'EOF'
(vnnlib-version <2.0>)
(declare-network f
    (declare-input X real [1,2])
    (declare-output Y real [2]))
(assert (and (<= X[0,0] 3) (>= X[0,0] -1) (<= X[0,1] 2.5) (>= X[0,1] -2.5)))
EOF
cp "$tmp/p.vnnlib" "$tmp/sat.vnnlib"
echo '(assert (<= Y[0] -1000.5))' >>"$tmp/p.vnnlib"
echo '(assert (and (== X[0,0] 0.1) (!= X[0,1] 0.1) (>= X[0,1] 0.1) (<= Y[0] 1000)))' >>"$tmp/sat.vnnlib"

# what is proved not to be; the exit status is 0 whatever the verdict
ok verify "$tmp/p.vnnlib" --network "f=$n" --timeout 10
same "$(cat "$tmp/out")" unsat
ok verify "$tmp/p.vnnlib" --network "f=$n" --format json
has '"verdict":"holds"'
ok verify "$n" "$tmp/p.vnnlib"
line holds

# a witness: the declared tensors in order, a number a line, the inputs exactly
ok verify "$tmp/sat.vnnlib" --network "f=$n" --timeout 10
same "$(sed -n '1p;2p;3p;5p' "$tmp/out" | tr '\n' '|')" 'sat|X real [1,2]|0.1|Y real [2]|'
same "$(wc -l <"$tmp/out")" 7
x=$(sed -n 4p "$tmp/out") y0=$(sed -n 6p "$tmp/out")
same "$(sign "$x,-0.1")" 1
"$SBX" eval "$n" --at "0.1,$x" --arith mpq --format json >"$tmp/eval"
y=$(awk -F'"value":"' '{ split($2, p, "\""); print p[1] }' "$tmp/eval")
# within a unit of the 17th digit of the exact value
same "$(echo "$y" | cut -c1-15)" "$(echo "$y0" | cut -c1-15)"
run verify "$n" "$tmp/sat.vnnlib"
same "$st" 10

# what it cannot decide, and what it has no time for
ok verify "$tmp/sat.vnnlib" --network "f=$n" --method ibp
ok verify "$tmp/p.vnnlib" --network "f=$n" --timeout 0.0000001
case $(cat "$tmp/out") in unsat | timed-out) ;; *) fail "a verdict of its own" ;; esac

no 65 "verify: --network 'g=$n': the property's network is called 'f'" verify "$tmp/p.vnnlib" --network "g=$n"
no 65 "verify: --network 'ff=$n': the property's network is called 'f'" verify "$tmp/p.vnnlib" --network "ff=$n"
no 64 "verify: --network 'f': NAME=FILE" verify "$tmp/p.vnnlib" --network f
no 64 'verify: --network twice: one network is supported' verify "$tmp/p.vnnlib" --network "f=$n" --network "g=$n"
no 64 "verify: one argument too many beside --network: '$tmp/p.vnnlib'" verify "$n" "$tmp/p.vnnlib" --network "f=$n"
no 64 'verify: an argument is missing: NET PROP, or PROP --network NAME=NET' verify "$tmp/p.vnnlib"
no 65 "verify: the shape of 'X' is not that of the network's input 'X'" \
    verify "$tmp/p.vnnlib" --network f=examples/digits/mlp.onnx
no 65 'verify: --network: the property declares no network: VNN-LIB 1 has none' \
    verify examples/digits/prop/img00_eps0.01.vnnlib --network f=examples/digits/mlp.onnx
sed 's/X real \[1,2\]/X real [2,1] "in"/' "$tmp/p.vnnlib" >"$tmp/named.vnnlib"
sed -i 's/X\[0,1\]/X[1,0]/g' "$tmp/named.vnnlib"
no 65 "verify: 'X' is declared to be \"in\", the network's input is \"x\"" verify "$tmp/named.vnnlib" --network "f=$n"
sed -i 's/"in"/"x"/' "$tmp/named.vnnlib"
ok verify "$tmp/named.vnnlib" --network "f=$n"
same "$(cat "$tmp/out")" unsat
sed 's/Y real/Y float32/' "$tmp/p.vnnlib" >"$tmp/float.vnnlib"
no 65 "verify: $tmp/float.vnnlib:4:23: element type float32: verdicts are proved for real numbers only so far; a query that means these declares its variables real" \
    verify "$tmp/float.vnnlib" --network "f=$n"

# the capabilities: the answers of the standard's own lists
ok supports --onnx-element-types
same "$(cat "$tmp/out")" real
ok supports --onnx-operators
for op in Gemm Relu Softmax; do line $op; done
for q in onnx-opset-versions/7,18 vnnlib-versions/1.0,2.0 hidden-node-theories/NH multiple-network-theories/SNET \
    multiple-input-output-theories/SIO multiple-node-comparison-theories/SNC,MNC \
    arithmetic-complexity-theories/BND,OUTC,LIN optimised-disjunctive-reasoning/false serialise-assignments/false \
    unsat-proofs/false; do
    ok supports "--${q%/*}"
    same "$(tr '\n' , <"$tmp/out")" "${q#*/},"
done
ok supports --help
no 64 "supports: no capability '--magic'; 'softbox supports --help' lists them" supports --magic
run supports
same "$st" 64
ok --name
same "$(cat "$tmp/out")" softbox
ok --version
same "$(cat "$tmp/out")" "$(cat VERSION)"

# --memory, of every reader
no 65 'info: examples/digits/mlp.onnx: over 1024 bytes' info examples/digits/mlp.onnx --memory 1k
no 65 "info: $n: over 100 bytes" info $n --memory 100
# which of its parts is the first that does not fit depends on the sizes of blocks in this build
run info examples/digits/prop/img00_eps0.01.vnnlib --memory 20k
same $st 65
same "$(grep -cE 'vnnlib:([0-9]+:[0-9]+:)? (the property needs more than 20480 bytes|the numbers need too much memory)$' "$tmp/err")" 1
no 65 "eval: $n: over 100 bytes" eval $n --at 0,0 --memory 100
no 65 "verify: $n: over 100 bytes" verify $n "$tmp/p.vnnlib" --memory 100
for m in 0 '' k 1x -1 1kk 99999999999999999999 99999999T 1.5G; do
    no 64 "info: --memory '$m': bytes, such as 500M or 2G" info $n --memory "$m"
done
ok info $n --memory 1M
finish
