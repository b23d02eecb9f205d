#!/bin/sh
# The command line itself: refusals with their status, help, version, where the answer
# goes, full disks, closed and broken pipes; help, man page and lists say the same.
. "$(dirname "$0")/lib.sh"

# refusals: the command, then the box
no 64 "no command 'frobnicate'; 'softbox help' lists them" frobnicate
no 64 "no command 'frobnicate'; 'softbox help' lists them" help frobnicate
no 64 'too many arguments after --version' --version 1
no 64 "bound: no option '--low=3'; 'softbox bound --help' lists them" bound --low=3
no 64 "bound: no option '-x'; 'softbox bound --help' lists them" bound -x
no 64 'bound: --lo needs a value: A,B,..' bound --lo
no 64 'bound: --hex takes no value' bound --hex=1
no 64 "bound: one argument too many: 'x'" bound x
no 64 "bound: one argument too many: '--lo'" bound -- --lo
no 64 "bound: a box is --lo and --hi, or --input; 'softbox bound --help'" bound --lo 1
no 64 "bound: a box is --lo and --hi, or --input; 'softbox bound --help'" bound --lo 1 --hi 1 --input -
no 64 "bound: --format 'csv': text or json" bound --format csv
no 64 "bound: --seed '-1': a whole number below 2^64" bound --seed -1
no 64 "bound: --seed '18446744073709551616': a whole number below 2^64" bound --seed 18446744073709551616
no 64 "bound: --threads '0': a whole number, 1 to 1024" bound --threads 0
no 64 'bound: --normalizer: sparsemax: delta must be a number in (0, inf)' bound --lo 1 --hi 1 --normalizer sparsemax:delta=0
no 64 "bound: --zero-row '1': error, uniform, zero" bound --lo 1 --hi 1 --zero-row 1
no 65 'bound: functional: of softmax alone, not of sparsemax' bound --lo 1 --hi 2 --normalizer sparsemax --functional 1
no 65 'bound: sparsemax has no bounds by er; there are: interval' bound --lo 1 --hi 2 --normalizer sparsemax --method er
no 64 'bound: --method: no method "ibp": there are interval, constant, lin, er, lse, lse-star, env, l2d, optimal-fast, auto, optimal, all' \
    bound --lo 1 --hi 1 --method er,ibp
no 64 'bound: --arith: f64 proves nothing; ivd, ivf, ivf:BITS, ivq, ivq:BITS do' bound --lo 1 --hi 1 --arith f64
no 64 "bound: --arith: the precision in 'ivf:1' is not in 2 .. 1048576" bound --lo 1 --hi 1 --arith ivf:1
no 64 'bound: --index and --functional: one of them' bound --lo 1 --hi 1 --index 0 --functional 1
no 64 "bound: --digits 'many': a whole number, 1 to 100000" bound --lo 1 --hi 1 --digits many
no 65 'bound: lo[1] = 3 is above hi = 2' bound --lo 1,3 --hi 1,2
no 65 'bound: lo[0] = 1/3 is above hi = 0.3333' bound --lo 1/3 --hi 0.3333
no 65 'bound: lo has 1 numbers, hi has 2' bound --lo 1 --hi 1,2
no 65 "bound: lo[1]: not a number: 'x?y'" bound --lo "1,x$(printf '\001')y" --hi 1,2
no 65 'bound: lo is empty' bound --lo '' --hi ''
no 65 'bound: lo[0] is NaN' bound --lo nan --hi 1
no 65 'bound: lo[0] is infinite; only a lower end may be, as -inf' bound --lo inf --hi inf
no 65 'bound: hi[0] is infinite; only a lower end may be, as -inf' bound --lo 0 --hi +Infinity
no 65 'bound: index 3 is out of range: softmax of this box has 3 outputs' bound --lo 1,1,1 --hi 2,2,2 --index 3
no 65 'bound: index 1 is out of range: lse of this box has 1 output' bound --lo 1,1 --hi 2,2 --normalizer lse --index 1
no 65 "bound: index '-1' is not a whole number" bound --lo 1 --hi 2 --index -1
no 65 'bound: functional: of softmax alone, not of lse' bound --lo 1 --hi 2 --normalizer lse --functional 1
no 65 "bound: lo[0]: an exponent beyond +-20000: '1e99999'" bound --lo 1e99999 --hi 1
no 65 "bound: $tmp/none: No such file or directory" bound --input "$tmp/none"
no 65 "bound: $tmp: Is a directory" bound --input "$tmp"
no 64 'verify: an argument is missing: NET PROP, or PROP --network NAME=NET' verify a.onnx
no 64 "verify: --method 'lp': auto, ibp, crown, bab" verify a b --method lp
no 64 "verify: --timeout '1m': seconds, 0 for none" verify a b --timeout 1m
no 64 "verify: --timeout '-1': seconds, 0 for none" verify a b --timeout -1
no 64 "verify: --max-nodes 'all': a whole number" verify a b --max-nodes all
no 64 "info: an argument is missing; 'softbox info --help'" info
no 64 "list: no list 'colours': normalizers, mechanisms, kernels, methods, numbers, operators, tables, plots, algorithms" list colours
no 64 "verify: no option '--certificate'; 'softbox verify --help' lists them" verify a b --certificate f

# no command: how it is used, on standard error
run; same $st 64
same "$(head -n 1 "$tmp/err")" 'usage: softbox COMMAND [options]'

# help: every command, three ways; each option of it stands in the man page
ok help; has 'usage: softbox COMMAND'
ok --help; has 'usage: softbox COMMAND'
ok --version; same "$(cat "$tmp/out")" "$(cat VERSION)"
for c in bound eval error verify info list; do
    ok help; has "  $c "
    ok $c --help; cp "$tmp/out" "$tmp/help"
    has "usage: softbox $c"
    ok $c -h; cmp -s "$tmp/out" "$tmp/help" || fail "-h and --help differ"
    ok help $c; cmp -s "$tmp/out" "$tmp/help" || fail "help $c and --help differ"
    for o in $(sed -n 's/^  --\([a-z-]*\).*/\1/p' "$tmp/help"); do
        checks=$((checks + 1))
        grep -q "^\.It Fl -$o" src/cli/softbox.1 || fail "--$o of $c is not in the man page"
    done
    for o in format output seed threads quiet help; do has "  --$o"; done
done
# mechanisms have options of their own
mechanisms() {
    "$SBX" eval --mechanism sima --help
    "$SBX" error --kernel sima --help
    "$SBX" error --kernel sima --number f32 --help
}
for o in $(mechanisms | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
    checks=$((checks + 1))
    grep -q "^\.It Fl -$o" src/cli/softbox.1 || fail "--$o of mechanisms is not in the man page"
done
for o in $(sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p' src/cli/softbox.1); do
    checks=$((checks + 1))
    { for c in bound eval error verify vnncomp info list; do "$SBX" $c --help; done; mechanisms; } | grep -q "^  --$o" ||
        fail "--$o of the man page is in no command"
done
if command -v mandoc >/dev/null; then
    checks=$((checks + 1))
    mandoc -T lint -W warning src/cli/softbox.1 || fail "mandoc has warnings"
else
    echo "skip: no mandoc"
fi

# lists: whole, in parts, as JSON; every name is one that the commands take
ok list; for s in normalizers kernels methods numbers operators tables plots algorithms; do line $s; done
ok list --format json; has '{"normalizers":[{"name":"softmax","is":'
names() { ok list "$1"; sed -n 's/^  *\([^ ]*\).*/\1/p' "$tmp/out"; }
for n in $(names numbers | sed 's/:BITS/:64/'); do ok eval --kernel sum --at 1 --arith "$n"; done
for n in $(names normalizers | grep -v '^name$'); do
    ok bound --lo 1,1 --hi 2,2 --zero-row uniform --normalizer "$n"
done
for n in $(names kernels | grep -v dot); do ok eval --kernel "$n" --at 1 --arith f64; done
for n in interval constant lin er lse lse-star env l2d optimal-fast auto optimal ibp crown bab; do
    ok list methods; has "  $n "
done
ok list operators; has Gemm

# where the answer goes
ok list numbers --output "$tmp/file"; same "$(wc -c <"$tmp/out")" 0
ok list numbers; cmp -s "$tmp/out" "$tmp/file" || fail "--output has another answer"
ok bound --lo 1,-2 --hi=2,3 --format=json --output="$tmp/file" --quiet --seed 3 --threads 2
same "$(cut -c 1-12 "$tmp/file")" '{"outputs":['
no 74 "list: $tmp/none/x: No such file or directory" list --output "$tmp/none/x"
no 74 "list: $tmp: Is a directory" list --output "$tmp"
echo '{"lo":["0"],"hi":["1"]}' >"$tmp/in"
no 64 "bound: $tmp/in: the output is the input" bound --input "$tmp/in" --output "$tmp/in"
same "$(cat "$tmp/in")" '{"lo":["0"],"hi":["1"]}'

# a full disk, a closed and a broken pipe
full() {
    last="softbox $* >/dev/full"; checks=$((checks + 1))
    "$SBX" "$@" >/dev/full 2>"$tmp/err" </dev/null
    same $? 74
    grep -q 'standard output: the output could not be written: No space left on device$' "$tmp/err" ||
        { fail "the message"; cat "$tmp/err"; }
}
if [ -c /dev/full ]; then
    full list
    full list --format json
    full --version
    full help
    full bound --help
    full bound --lo 1 --hi 2
    full bound --lo 1 --hi 2 --format json
    full bound --input "$tmp/in"
    full bound --input "$tmp/in" --format text
    full eval --kernel sum --at 1
    full info examples/digits/prop/img00_eps0.01.vnnlib
    no 74 "list: /dev/full: the output could not be written: No space left on device" \
        list --output /dev/full
else
    echo "skip: no /dev/full"
fi
last='softbox list >&-'
"$SBX" list >&- 2>"$tmp/err"; same $? 74
"$SBX" bound --input "$tmp/in" >&- 2>"$tmp/err"; same $? 74
last='softbox bound --input - | head'
awk 'BEGIN { for (i = 0; i < 5000; i++) print "{\"lo\":[\"0\",\"1\"],\"hi\":[\"1\",\"2\"]}" }' |
    "$SBX" bound --input - 2>"$tmp/err" | head -n 1 >"$tmp/out"
same "$(wc -l <"$tmp/out") $(wc -c <"$tmp/err")" '1 0'
finish
