#!/bin/sh
# The closed-form bounds of softmax: 1e7 points at 300 bits, all corners up to n = 12, and
# 1e5 boxes on which no published bound is better.
SBX_TIMES=70 "${B:-build/release}"/tests/prop/test_relax_closed >/tmp/softbox-long.$$ 2>&1 ||
    { tail -n 30 /tmp/softbox-long.$$; exit 1; }
awk '$2 == "pairs" && $1 >= 1e7 { p = 1 } $2 == "boxes" && $1 >= 1e5 { b = 1 } END { exit !(p && b) }' \
    /tmp/softbox-long.$$ || { cat /tmp/softbox-long.$$; exit 1; }
grep -E 'pairs|boxes' /tmp/softbox-long.$$
rm -f /tmp/softbox-long.$$
