#!/bin/sh
# tests/conf/itf1788: our own few vectors, wrong ones among them, then the published set.
cd "$(dirname "$0")/../.." || exit 2
out=$(mktemp); trap 'rm -f "$out"' EXIT
bad=0

# want STATUS LINE DIR: the exit status, and a line of the output
want() {
    tests/conf/itf1788 "$3" >"$out" 2>&1; st=$?
    [ $st -eq "$1" ] || { echo "$3: exit status $st, not $1"; bad=1; }
    grep -qx -- "$2" "$out" || { echo "$3: no line '$2'"; tail -n 30 "$out"; bad=1; }
}
want 0 '14 run, 4 skipped, 0 containment failures' tests/data/itl/good
want 1 '3 run, 0 skipped, 1 containment failures' tests/data/itl/wrong
want 1 '2 wider than promised' tests/data/itl/wrong
want 65 'run_itf1788: no vectors (\*.itl) in tests/data/itl/none' tests/data/itl/none
want 65 'run_itf1788: no folder tests/data/itl/missing' tests/data/itl/missing

data=${SBX_SHARED:-../shared}/data/itf1788
if [ -d "$data" ]; then
    want 0 '1725 run, 4147 skipped, 0 containment failures' "$data"
else
    echo "skip: no $data"
fi
exit $bad
