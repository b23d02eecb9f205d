#!/bin/sh
# Every network of the third-party data against ONNX Runtime: no output outside the enclosures
# of float32, and no more networks refused than there were. Skipped where either is absent.
dir=${SBX_SHARED:-../shared}/data
[ -d "$dir/vnn" ] || { echo "skip: ort, no third-party data"; exit 0; }
most=1
out=$(mktemp)
trap 'rm -f "$out"' EXIT
tests/conf/ort "$dir" >"$out" || { cat "$out"; exit 1; }
grep '^skip:' "$out" && exit 0
tail -n 1 "$out"
tail -n 1 "$out" | awk -v most=$most '{ exit !($3 <= most) }' || { grep 'refused:' "$out"; exit 1; }
