# lib.sh -- sourced by the scripts of this folder. Each check is a line; `finish` is the last.
# A test uses sh, awk and the program alone.
cd "$(dirname "$0")/../.." || exit 2
SBX=${SBX:-build/release/softbox}
[ -x "$SBX" ] || { echo "no program $SBX"; exit 2; }
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
checks=0 bad=0 last=

fail() { echo "FAIL: $*"; [ -z "$last" ] || echo "      after: $last"; bad=$((bad + 1)); }

# run ARGS: output in $tmp/out, messages in $tmp/err, exit status in $st
run() { last="softbox $*"; "$SBX" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null; st=$?; }

# ok ARGS: must do its work and say nothing on standard error
ok() {
    run "$@"; checks=$((checks + 1))
    [ $st -eq 0 ] && [ ! -s "$tmp/err" ] || { fail "exit status $st, not 0"; cat "$tmp/err"; }
}
# no STATUS MESSAGE ARGS: must fail so, in one line, with no answer
no() {
    want=$1 msg=$2; shift 2
    run "$@"; checks=$((checks + 1))
    [ $st -eq "$want" ] || fail "exit status $st, not $want"
    [ ! -s "$tmp/out" ] || fail "a failure wrote an answer"
    [ "$(wc -l <"$tmp/err")" -eq 1 ] || fail "not one line on standard error"
    [ "$(cat "$tmp/err")" = "softbox: $msg" ] ||
        { fail "the message is not: softbox: $msg"; cat "$tmp/err"; }
}
line() { checks=$((checks + 1)); grep -qxF -- "$1" "$tmp/out" || { fail "no line: $1"; cat "$tmp/out"; }; }
has() { checks=$((checks + 1)); grep -qF -- "$1" "$tmp/out" || { fail "no text: $1"; cat "$tmp/out"; }; }
same() { checks=$((checks + 1)); [ "$1" = "$2" ] || fail "'$1' is not '$2'"; }

# cell ROW COLUMN of the table that was printed, both from 1; rows after the line "output ..."
cell() { awk -v r="$1" -v c="$2" 'on && ++k == r { print $c } $1 == "output" { on = 1 }' "$tmp/out"; }

# below A B: the plain decimals A <= B, both >= 0 and without an exponent, compared as texts
below() {
    checks=$((checks + 1))
    awk -v a="$1" -v b="$2" 'BEGIN {
        if (a !~ /^[0-9]+(\.[0-9]+)?$/ || b !~ /^[0-9]+(\.[0-9]+)?$/) exit 1
        i = index(a ".", "."); j = index(b ".", ".")
        while (i < j) { a = "0" a; i++ }
        while (j < i) { b = "0" b; j++ }
        exit !((a "") <= (b ""))
    }' || fail "$1 is not below $2"
}
# sign TERMS: -1, 0 or 1, of a sum of numbers, in rationals
sign() {
    "$SBX" eval --kernel sum --arith mpq --at "$1" --format json |
        awk -F'"value":"' '{ split($2, p, "\""); v = p[1]; print v == "0" ? 0 : v ~ /^-/ ? -1 : 1 }'
}
finish() { echo "$checks checks, $bad bad"; [ $bad -eq 0 ]; exit; }
