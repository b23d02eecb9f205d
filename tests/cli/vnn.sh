#!/bin/sh
# Verdicts on real benchmarks: the five `test` instances and a dozen of ACAS Xu, none wrong
# [L-NET-08, L-NET-09, L-NET-10]. Third-party data: skipped where it is absent.
dir=${SBX_SHARED:-../shared}/data/vnn
[ -d "$dir/test" ] || { echo "skip: vnn, no third-party data"; exit 0; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT
TIMEOUT=60 tests/conf/vnn "$dir" test >"$out" || { cat "$out"; exit 1; }
grep -q '^5 run, 5 decided, 0 wrong$' "$out" || { cat "$out"; exit 1; }
TIMEOUT=60 ONLY='run2a_(1_4|1_5|1_6|1_9|2_6|2_7|3_1|3_3|3_6|3_7|3_8|3_9|4_1)_.*prop_3' \
    tests/conf/vnn "$dir" acasxu_2023 >"$out" || { cat "$out"; exit 1; }
tail -n 1 "$out" | awk '{ exit !($3 >= 10 && $5 == 0) }' || { cat "$out"; exit 1; }
# one of each kind of network, and those whose labels are by construction
TIMEOUT=20 tests/conf/vnn "$dir" coav:40 lipschitz_bounded collins_rul_cnn_2023:8 linearizenn_2024:4 \
    verivital_2021:3 ml4acopf_2024:3 nn4sys_2023:4 >"$out" || { cat "$out"; exit 1; }
tail -n 1 "$out" | awk '{ exit !($1 == 122 && $3 >= 116 && $5 == 0) }' || { cat "$out"; exit 1; }
