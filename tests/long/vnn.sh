#!/bin/sh
# Whole benchmarks that can be read, none decided wrongly. Third-party data: else skipped.
dir=${SBX_SHARED:-../shared}/data/vnn
[ -d "$dir/test" ] || { echo "skip: vnn, no third-party data"; exit 0; }
TIMEOUT=20 tests/conf/vnn "$dir" test acasxu_2023 rl_benchmarks:60 safenlp_2024:60 reach_prob_density mnist_fc:10
