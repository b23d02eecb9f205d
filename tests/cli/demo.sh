#!/bin/sh
# examples/demo: its table, verdicts that are known, and the drawing.
. "$(dirname "$0")/lib.sh"
last=examples/demo checks=1
SBX=$SBX OUT=$tmp/demo examples/demo >"$tmp/out" 2>"$tmp/err" || fail "exit status $?"
[ ! -s "$tmp/err" ] || { fail "something on standard error"; cat "$tmp/err"; }
row() { awk -v n="$1" -v d="$2" -v r="$3" '$1 == n && $3 == d && $4 == r { print $5 }' "$tmp/out"; }
same "$(row mlp 7 0.02)" holds
same "$(row mlp_softmax 9 0.04)" violated
same "$(row softreg 9 0.04)" violated
same "$(row mlp_tanh 3 0.02)" holds
same "$(grep -c ' s$' "$tmp/out")" 24
# 17 on a quiet machine; two of them are near the demo's three seconds on a slow one
checks=$((checks + 1)); grep -qE '^ *1[5-8] holds' "$tmp/out" || fail 'fewer than 15 holds'
for m in interval constant lin er lse lse-star env l2d optimal-fast auto optimal; do has " $m "; done
svg=$tmp/demo/bounds.svg
same "$(head -c 4 "$svg") $(tail -n 1 "$svg")" '<svg </svg>'
checks=$((checks + 1)); [ "$(grep -c '^<title>' "$svg")" -ge 20 ] || fail 'curves are missing'
same "$(grep -ciE 'nan|inf,|,inf' "$svg")" 0
finish
