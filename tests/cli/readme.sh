#!/bin/sh
# Every command of README.md's console blocks is run, and its output compared. A line "..." of
# the README stands for any lines; numbers before " s" (seconds) are not compared.
cd "$(dirname "$0")/../.." || exit 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PATH=$(cd "$(dirname "${SBX:-build/release/softbox}")" && pwd):$PATH
export PATH
# one file a command: the command in N.cmd, the expected lines in N.want
awk -v dir="$dir" '
    /^```console/ { on = 1; next }
    /^```/ { on = 0; next }
    on && /^\$ / { n++; print substr($0, 3) > (dir "/" n ".cmd"); printf "" > (dir "/" n ".want"); next }
    on { print > (dir "/" n ".want") }' README.md
n=0 bad=0
for cmd in "$dir"/*.cmd; do
    n=$((n + 1))
    base=${cmd%.cmd}
    sh "$cmd" >"$base.got" 2>&1 </dev/null
    case $? in 0 | 10 | 20) ;; *) echo "README.md: fails: $(cat "$cmd")"; bad=$((bad + 1)) ;; esac
    awk '
        function norm(s) { gsub(/[0-9.]+ s/, "T s", s); sub(/[ \t]+$/, "", s); return s }
        FNR == NR { want[++m] = norm($0); next }
        { got[++k] = norm($0) }
        END {
            j = 1
            for (i = 1; i <= m; i++) {
                if (want[i] == "...") {
                    if (i == m) exit 0
                    while (j <= k && got[j] != want[i + 1]) j++
                    continue
                }
                if (got[j] != want[i]) { print "want: " want[i]; print "got:  " got[j]; exit 1 }
                j++
            }
            if (j <= k) { print "more: " got[j]; exit 1 }
        }' "$base.want" "$base.got" || { echo "README.md: $(cat "$cmd")"; bad=$((bad + 1)); }
done
[ "$n" -ge 6 ] || { echo "README.md: only $n commands found"; exit 1; }
grep -q 'make demo' README.md && grep -q 'make check' README.md || exit 1
echo "$n commands, $bad differ"
[ "$bad" -eq 0 ]
