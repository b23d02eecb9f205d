#!/bin/sh
# prepare_instance.sh v1 CATEGORY NET PROP: VNN-COMP's second script. There is nothing to
# prepare: only whether the program starts and both files are there. Not 0: skip it.
[ "${1:-}" = v1 ] && [ $# -eq 4 ] ||
    { echo "usage: prepare_instance.sh v1 CATEGORY NET.onnx PROP.vnnlib" >&2; exit 64; }
sbx=${SBX:-$(dirname "$0")/../../build/release/softbox}
"$sbx" --version >/dev/null || exit 1
for f in "$3" "$4"; do
    [ -r "$f" ] || [ -r "$f.gz" ] || { echo "prepare_instance.sh: $f: not readable" >&2; exit 1; }
done
