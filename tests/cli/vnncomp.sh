#!/bin/sh
# softbox vnncomp and the scripts of examples/vnncomp: the result file, word by word; the
# counterexample is exact and inside the exact box; a file that is true whenever it is read.
. "$(dirname "$0")/lib.sh"
d=examples/digits
net=tests/data/onnx/linear_raw.onnx
f=$tmp/result

# comp RESULT STATUS NET PROP SECONDS [OPTIONS]
comp() {
    want=$1 status=$2 n=$3 p=$4 s=$5
    shift 5
    rm -f "$f"
    run vnncomp v1 category "$n" "$p" "$f" "$s" "$@"; checks=$((checks + 1))
    [ "$st" -eq "$status" ] || { fail "exit status $st, not $status"; cat "$tmp/err"; }
    [ ! -s "$tmp/out" ] || fail "something on standard output"
    same "$(head -n 1 "$f")" "$want"
    [ "$want" = sat ] || same "$(wc -l <"$f")" 1
}
comp unsat 0 $d/mlp.onnx $d/prop/img00_eps0.01.vnnlib 60
comp sat 0 $d/mlp.onnx $d/prop/img00_eps0.04.vnnlib 60 --threads 1
run witness $d/mlp.onnx $d/prop/img00_eps0.04.vnnlib "$f" --tolerance 0
same "$(head -n 1 "$tmp/out")" valid
same "$(grep -c '(X_' "$f") $(grep -c '(Y_' "$f") $(wc -l <"$f")" '64 10 75'

# prop X0 X1 X2 Y0: the point, and Y_0 <= Y0
prop() {
    for k in 0 1 2; do echo "(declare-const X_$k Real)"; done
    echo "(declare-const Y_0 Real)(declare-const Y_1 Real)"
    echo "(assert (and (= X_0 $1) (= X_1 $2) (= X_2 $3)))"
    echo "(assert (<= Y_0 $4))"
}
# a point that is no double, and an edge that is met exactly: Y_0 = X_0 - 2 X_1 + X_2/2 + 1/8
x0=0.1234567890123456789012345 x1=0.3333333333333333333333334 x2=-0.1
y0=-0.4682098776543209877654323
prop $x0 $x1 $x2 $y0 >"$tmp/p.vnnlib"
comp sat 0 $net "$tmp/p.vnnlib" 30
same "$(sed -n 2,4p "$f" | tr -d '\n')" "((X_0 $x0) (X_1 $x1) (X_2 $x2)"
same "$(sed -n 5p "$f")" " (Y_0 $y0)"
run witness $net "$tmp/p.vnnlib" "$f" --tolerance 0
same "$(head -n 1 "$tmp/out")" valid
prop $x0 $x1 $x2 -0.468209877655 >"$tmp/p.vnnlib"
comp unsat 0 $net "$tmp/p.vnnlib" 30

# what no decimal is cannot be claimed in this form
prop '(/ 1 3)' 0 0 10 >"$tmp/p.vnnlib"
comp unknown 0 $net "$tmp/p.vnnlib" 30
grep -q 'at fractions that no decimal is' "$tmp/err" || fail "no word on why"
prop '(/ 1 3)' 0 0 0.4583333333 >"$tmp/p.vnnlib"
comp unsat 0 $net "$tmp/p.vnnlib" 30

# errors, with the reason on standard error
comp error 65 nosuch.onnx "$tmp/p.vnnlib" 5
same "$(cat "$tmp/err")" 'softbox: vnncomp: nosuch.onnx: No such file or directory'
comp error 65 $net nosuch.vnnlib 5
comp error 65 $d/mlp.onnx "$tmp/p.vnnlib" 5

printf '(vnnlib-version <2.0>)(declare-network f (declare-input X real [1,2]) (declare-output Y real [2]))(assert (<= X[0,0] 1))' >"$tmp/two.vnnlib"
echo '(assert (and (>= X[0,0] 0) (<= X[0,1] 1) (>= X[0,1] 0) (<= Y[0] -1000)))' >>"$tmp/two.vnnlib"
comp error 65 $net "$tmp/two.vnnlib" 5
comp unsat 0 tests/data/nnet/small.nnet "$tmp/two.vnnlib" 5.0

# no time: at once, while it searches, and where nothing looks at the clock
comp timeout 0 $d/mlp.onnx $d/prop/img00_eps0.02.vnnlib 0.000001
comp timeout 0 $d/softreg.onnx $d/prop/img02_eps0.04_p0.5.vnnlib 0.001
mkfifo "$tmp/never.onnx"
sleep 5 >"$tmp/never.onnx" & # opens it, and writes nothing
sleeper=$!
comp timeout 0 "$tmp/never.onnx" "$tmp/p.vnnlib" 0.5
kill $sleeper 2>/dev/null

no 64 "vnncomp: 'v2': the version of the form is v1" vnncomp v2 c $net "$tmp/p.vnnlib" "$f" 5
no 64 "vnncomp: '0': seconds above 0" vnncomp v1 c $net "$tmp/p.vnnlib" "$f" 0
no 64 "vnncomp: 'soon': seconds above 0" vnncomp v1 c $net "$tmp/p.vnnlib" "$f" soon
no 64 'vnncomp: the answer goes to RESULTFILE, in its own form' \
    vnncomp v1 c $net "$tmp/p.vnnlib" "$f" 5 --format json
no 74 "vnncomp: $tmp/none/f: No such file or directory" vnncomp v1 c $net "$tmp/p.vnnlib" "$tmp/none/f" 5
[ ! -c /dev/full ] || no 74 'vnncomp: /dev/full: the output could not be written: No space left on device' \
    vnncomp v1 c $net "$tmp/p.vnnlib" /dev/full 5

# the scripts
SOFTBOX=$(cd "$(dirname "$SBX")" && pwd)/softbox
export SOFTBOX
s=$PWD/examples/vnncomp
script() { # STATUS SCRIPT ARGS
    status=$1; last=$2; shift
    checks=$((checks + 1))
    "$s/$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    st=$?; [ $st -eq "$status" ] || { fail "exit status $st, not $status"; cat "$tmp/err"; }
}
script 0 prepare_instance.sh v1 c $d/mlp.onnx $d/prop/img00_eps0.01.vnnlib
script 1 prepare_instance.sh v1 c nosuch.onnx $d/prop/img00_eps0.01.vnnlib
script 1 prepare_instance.sh v1 c $d/mlp.onnx nosuch.vnnlib
script 64 prepare_instance.sh v2 c $d/mlp.onnx $d/prop/img00_eps0.01.vnnlib
rm -f "$f"
script 0 run_instance.sh v1 c "$PWD/$d/mlp.onnx" "$PWD/$d/prop/img00_eps0.01.vnnlib" "$f" 30
same "$(cat "$f")" unsat
script 65 run_instance.sh v1 c nosuch.onnx nosuch.vnnlib "$f" 300.0
same "$(cat "$f")" error
script 64 install_tool.sh v2
build=${SOFTBOX%/softbox}
case ${build##*/} in
release | debug | asan | cov | clang)
    unset MAKEFLAGS MFLAGS MAKELEVEL
    export CONFIG=${build##*/}
    script 0 install_tool.sh v1
    same "$("$SOFTBOX" --name)" softbox ;;
esac
finish
