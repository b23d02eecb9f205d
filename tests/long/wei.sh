#!/bin/sh
# The whole synthetic experiment of Wei et al. in some dimensions (DIM="2 3 16", or all 14), against the
# published means, which do not ship.
cd "$(dirname "$0")/../.." || exit 2
SBX=${SBX:-build/release/softbox}
published=${SBX_SHARED:-../shared}/data/peers/NeuralNetworkVerification-bounding-softmax/derived/synth_mean_gaps.csv.gz
/usr/bin/python3 -c 'import numpy' 2>/dev/null || { echo 'skip: no python3-numpy'; exit 0; }
[ -f "$published" ] || { echo "skip: no published means in $published"; exit 0; }
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
zcat "$published" >"$tmp/published"
bad=0
for d in ${DIM:-2 3 16}; do
    examples/wei/boxes.py --dim "$d" | "$SBX" table wei-synthetic --long --format csv >"$tmp/ours" || bad=1
    printf 'dim %s: ' "$d"
    awk -F, -f tests/wei.awk "$tmp/published" "$tmp/ours" || bad=1
done
exit $bad
