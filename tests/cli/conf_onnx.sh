#!/bin/sh
# The single-operator models of ONNX's test data: the stored outputs must lie in the
# enclosures of float32, and no fewer of them than were seen to. Skipped without the packages.
cd "$(dirname "$0")/../.." || exit 2
run=${RUN_ORT:-$(dirname "${SBX:-build/release/softbox}")/tests/conf/run_ort}
data=/usr/share/libonnx-testdata/data/node
python=/usr/bin/python3
[ -d "$data" ] || { echo "skip: conf_onnx, no package libonnx-testdata"; exit 0; }
"$python" -c 'import onnx' 2>/dev/null || { echo "skip: conf_onnx, no package python3-onnx"; exit 0; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$python" tests/conf/onnx_models.py "$data" "$tmp" >"$tmp/points" || exit 1
"$run" <"$tmp/points" >"$tmp/out"
tail -n 1 "$tmp/out" | awk -v agree=747 -v refused=707 '{
    printf "%d agree, %d refused, %d wrong or not judged\n", $13 - $15, $3, $5 + $15
    exit !($13 - $15 >= agree && $3 <= refused && $5 + $15 == 0) }' ||
    { grep -E 'OUTSIDE|not judged:|output' "$tmp/out"; exit 1; }
# what is refused is refused by name
grep 'refused:' "$tmp/out" | grep -vE "node '|input|output|operator|opset|tensor|domain" && exit 1
exit 0
