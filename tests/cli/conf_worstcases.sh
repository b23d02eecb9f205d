#!/bin/sh
# tests/conf/worstcases: a few inputs of our own, a wrong value, then the published lists.
cd "$(dirname "$0")/../.." || exit 2
out=$(mktemp); trap 'rm -f "$out"' EXIT
bad=0

# want STATUS LINE DIR: the exit status, and a line of the output
want() {
    tests/conf/worstcases "$3" >"$out" 2>&1; st=$?
    [ $st -eq "$1" ] || { echo "$3: exit status $st, not $1"; bad=1; }
    grep -qx -- "$2" "$out" || { echo "$3: no line '$2'"; tail -n 30 "$out"; bad=1; }
}
want 0 '10 run, 4 skipped, 0 containment failures' tests/data/wc/good
want 1 '1 run, 0 skipped, 1 containment failures' tests/data/wc/wrong
want 65 'run_worstcases: no folder core-math or mpfr in tests/data/wc/missing' tests/data/wc/missing

data=${SBX_SHARED:-../shared}/data/worstcases
if [ -d "$data" ]; then
    want 0 '138278 run, 2 skipped, 0 containment failures' "$data"
else
    echo "skip: no $data"
fi
exit $bad
