#!/bin/sh
# Networks with their nodes in model-local functions: the same outputs, digit for digit, as without; of
# the examples, and of third-party networks where those are. Skipped without python3-onnx.
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
"$python" -c 'import onnx' 2>/dev/null || { echo "skip: functions, no package python3-onnx"; exit 0; }
vnn=${SBX_SHARED:-../shared}/data/vnn
for net in examples/digits/*.onnx "$vnn"/vit_2023/onnx/pgd_2_3_16.onnx.gz "$vnn"/lsnc_2024/onnx/*.gz \
    "$vnn"/ml4acopf_2024/onnx/*residual.onnx.gz "$vnn"/nn4sys_2023/onnx/*.gz; do
    [ -f "$net" ] || continue
    ok info "$net"
    at=$(awk '$1 == "input" { n = split($NF, d, "x"); all = 1; for (i = 1; i <= n; i++) all *= d[i]
        for (i = 0; i < all; i++) printf "%s%.3f", i ? "," : "", (i * 37 % 101) / 101 }' "$tmp/out")
    ok eval "$net" --at "$at" --arith ivd --format json
    sed 's/"network":"[^"]*",*//' "$tmp/out" >"$tmp/want"
    for seed in 1 2; do
        "$python" tests/conf/onnx_functions.py $seed "$net" "$tmp/f.onnx" || fail "$net: not written"
        ok eval "$tmp/f.onnx" --at "$at" --arith ivd --format json
        same "$(sed 's/"network":"[^"]*",*//' "$tmp/out")" "$(cat "$tmp/want")"
    done
done
finish
