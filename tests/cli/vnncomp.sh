#!/bin/sh
# softbox vnncomp and its scripts: result files, and that a counterexample is one, exactly.
. "$(dirname "$0")/lib.sh"
d=examples/digits v=examples/vnncomp
SOFTBOX=$SBX
export SOFTBOX
$v/prepare_instance.sh v1 digits $d/mlp.onnx $d/prop/img03_eps0.01.vnnlib >"$tmp/out" 2>&1
same $? 0
$v/prepare_instance.sh v1 digits nosuch.onnx $d/prop/img03_eps0.01.vnnlib >"$tmp/out" 2>&1
same $? 1
$v/run_instance.sh v1 digits $d/mlp.onnx $d/prop/img03_eps0.01.vnnlib "$tmp/r" 60
same $? 0
same "$(cat "$tmp/r")" unsat
$v/run_instance.sh v1 digits $d/mlp.onnx $d/prop/img00_eps0.04.vnnlib "$tmp/r" 60
same $? 0
same "$(head -n 1 "$tmp/r")" sat
same "$(grep -c '(X_' "$tmp/r")" 64
same "$(grep -c '(Y_' "$tmp/r")" 10
run witness $d/mlp.onnx $d/prop/img00_eps0.04.vnnlib "$tmp/r"
same "$(head -n 1 "$tmp/out")" valid
run vnncomp v1 digits nosuch.onnx $d/prop/img00_eps0.04.vnnlib "$tmp/r" 60
same $st 65
same "$(cat "$tmp/r")" error
no 64 "vnncomp: 'v2': v1 is the version that is known" vnncomp v2 c a b "$tmp/r" 1
no 64 "vnncomp: '0': whole seconds, above 0" vnncomp v1 c a b "$tmp/r" 0
no 74 'vnncomp: /nosuch/r: No such file or directory' vnncomp v1 c a b /nosuch/r 1
finish
