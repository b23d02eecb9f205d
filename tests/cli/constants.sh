#!/bin/sh
# Constants of softbox compare against python3-mpmath, whose formulas are its own (constants.py).
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"
python3=/usr/bin/python3
$python3 -c 'import mpmath' 2>/dev/null || { echo "skip: no python3-mpmath"; exit 0; }

# judged NUMBERS ARGUMENT-OF-constants.py OPTIONS..: so many numbers, all right
judged() {
    want=$1 with=$2
    shift 2
    ok compare "$@" --format json
    same "$($python3 tests/cli/constants.py "$with" <"$tmp/out")" "$want"
}
judged 24 0 --quantity expected-error --dim 2,3,10,1000 \
    --normalizer softmax,permute-and-flip,entmax-1.5,base:b=2,top-k:k=2,sigsoftmax
judged 8 0 --quantity ratio --dim 2,3,10,1000 --normalizer power:lambda=1,power:lambda=5
for order in 1 2 5; do
    judged 3 $order --quantity drenyi --order $order --p 1 --dim 2,10,1000 --normalizer lower-bound
done
finish
