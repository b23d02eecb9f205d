#!/bin/sh
# The random tests again with other seeds and many more rounds.
for seed in 11 12; do
    for t in "${B:-build/release}"/tests/unit/test_* "${B:-build/release}"/tests/prop/test_*; do
        case $t in *.d) continue ;; esac
        SBX_SEED=$seed SBX_TIMES=10 "$t" >/tmp/softbox-long.$$ 2>&1 ||
            { echo "$t with SBX_SEED=$seed"; tail -n 30 /tmp/softbox-long.$$; exit 1; }
    done
done
rm -f /tmp/softbox-long.$$
