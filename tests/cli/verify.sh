#!/bin/sh
# softbox verify: verdict, exit status, form; a witness checked again in rationals; the
# clock and signals. Verdicts are of networks whose margins a search by hand confirmed.
. "$(dirname "$0")/lib.sh"
d=examples/digits p=examples/digits/prop

# verdict STATUS WORD NET PROP ARGS
verdict() {
    want=$1 word=$2; shift 2
    run verify "$@"; checks=$((checks + 1))
    [ $st -eq "$want" ] || fail "exit status $st, not $want"
    [ ! -s "$tmp/err" ] || fail "something on standard error"
    same "$(head -n 1 "$tmp/out")" "$word"
}
verdict 0 holds $d/mlp.onnx $p/img03_eps0.01.vnnlib
line "network   $d/mlp.onnx"
line "property  $p/img03_eps0.01.vnnlib"
line 'method    auto'
line 'timeout   60 s'
below 0 "$(awk '$1 == "margin" { print $2 }' "$tmp/out")"
verdict 0 holds $d/mlp_tanh.onnx $p/img04_eps0.02.vnnlib --method crown --threads 2 --timeout 0
line 'method    crown'
line 'timeout   none'

# one pass of intervals is not enough there, and says so
verdict 20 unknown $d/mlp.onnx $p/img01_eps0.04.vnnlib --method ibp
same "$(grep -c '^reason    .' "$tmp/out")" 1
same "$(grep -c '^try       --method auto: ' "$tmp/out")" 1
same "$(grep -c '^layer ' "$tmp/out")" 0
verdict 20 unknown $d/mlp_tanh.onnx $p/img03_eps0.08.vnnlib --max-nodes 2
same "$(grep -c '^gap       [0-9.]* (disjunct [0-9]*, constraint 0)$' "$tmp/out")" 1
same "$(grep -c '^layer     [0-9]* .*(Tanh): about [0-9.]* of it, its element [0-9]* about [0-9.]*$' "$tmp/out")" 1
run verify $d/mlp_tanh.onnx $p/img03_eps0.08.vnnlib --max-nodes 2 --format json
has '"operator":"Tanh","about_slack":"'
has '"why":{"gap":"'

# JSON: the same fields
run verify $d/mlp.onnx $p/img03_eps0.01.vnnlib --format json --timeout 7.5
same $st 0
has "{\"verdict\":\"holds\",\"network\":\"$d/mlp.onnx\",\"property\":\"$p/img03_eps0.01.vnnlib\",\"method\":\"auto\",\"timeout\":\"7.5\",\"threads\":1,\"seconds\":\""
has '"margin":"7.'

# violated: the witness is in the box and the network, in rationals, does what it says
verdict 10 violated $d/mlp.onnx $p/img00_eps0.08.vnnlib --seed 5
sed -n 's/^X_[0-9]* = //p' "$tmp/out" >"$tmp/x"
same "$(wc -l <"$tmp/x")" 64
sed -n 's/^Y_\([0-9]*\) in \[\(.*\), \(.*\)\]$/\1 \2 \3/p' "$tmp/out" >"$tmp/y"
same "$(wc -l <"$tmp/y")" 10
for j in 0 7 13 28 41 55 63; do
    x=$(sed -n "$((j + 1))p" "$tmp/x")
    for side in '>=' '<='; do
        b=$(sed -n "s/^(assert ($side X_$j \\(.*\\)))/\\1/p" $p/img00_eps0.08.vnnlib)
        s=$(sign "$x,-$b"); checks=$((checks + 1))
        case "$side$s" in '>=0' | '>=1' | '<=0' | '<=-1') ;; *) fail "X_$j = $x is not $side '$b'" ;; esac
    done
done
ok eval $d/mlp.onnx --input "$tmp/x" --arith ivq:100 # label 9: another output is above it
checks=$((checks + 1))
awk '$1 == 9 { label = $3 } $1 ~ /^[0-8]$/ && (best == "" || $2 > best) { best = $2 }
    END { exit !(best > label) }' "$tmp/out" || { fail "no output is above the label"; cat "$tmp/out"; }
checks=$((checks + 1)) # the printed enclosures hold those at 100 bits
awk 'NR == FNR { lo[$1] = $2; hi[$1] = $3; next }
    ($1 in lo) && !(lo[$1] <= $2 && $3 <= hi[$1]) { bad = 1 } END { exit bad }' "$tmp/y" "$tmp/out" ||
    fail "the enclosures of the outputs"
run verify $d/mlp.onnx $p/img00_eps0.08.vnnlib --format json
same $st 10
has '{"verdict":"violated",'
same "$(sed 's/.*"x":\[\([^]]*\)\].*/\1/' "$tmp/out" | tr ',' '\n' | wc -l)" 64
same "$(sed 's/.*"y":\[\([^]]*\)\].*/\1/' "$tmp/out" | tr '{' '\n' | grep -c lower)" 10

# the clock, and a signal: the best so far, and why
hard="$d/mlp_tanh.onnx $p/img03_eps0.08.vnnlib"
# shellcheck disable=SC2086
verdict 30 timeout $hard --timeout 0.3
line 'timeout   0.3 s'
same "$(grep -c '^reason    .' "$tmp/out")" 1
same "$(awk '$1 == "time" { print $2 < 5 }' "$tmp/out")" 1
signals='INT TERM'
# a signal that is ignored stays so: under nohup, or in the background, SIGINT is (bit 1)
case $(sed -n 's/^SigIgn:.*\(.\)$/\1/p' "/proc/$$/status") in
[2367abefABEF]) signals=TERM; echo 'skip: SIGINT is ignored here' ;;
esac
for s in $signals; do
    last="verify, SIG$s"
    # A shell starts background work with SIGINT ignored, so the program is started by a
    # foreground one that a background one ends.
    sh -c '(sleep 0.5; kill -s '"$s"' $$) & exec "$@"' sh \
        "$SBX" verify $hard --timeout 60 >"$tmp/out" 2>"$tmp/err"
    same $? 30
    same "$(head -n 1 "$tmp/out")" timeout
    has 'reason    stopped by a signal: '
    same "$(awk '$1 == "time" { print $2 < 30 }' "$tmp/out")" 1
done

# where the answer goes is tried before the work
# shellcheck disable=SC2086
no 74 "verify: $tmp/none/x: No such file or directory" verify $hard --output "$tmp/none/x"
ok verify $d/mlp.onnx $p/img03_eps0.01.vnnlib --output "$tmp/file"
same "$(head -n 1 "$tmp/file")$(cat "$tmp/out")" holds

# refusals
no 65 'verify: nosuch.onnx: No such file or directory' verify nosuch.onnx $p/img00_eps0.01.vnnlib
no 65 'verify: nosuch.vnnlib: No such file or directory' verify $d/mlp.onnx nosuch.vnnlib
run verify $p/img00_eps0.01.vnnlib $d/mlp.onnx
same $st 65
printf '(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= X_0 1))\n(assert (>= X_0 0))\n(assert (>= Y_0 Z))\n' >"$tmp/bad.vnnlib"
run verify $d/mlp.onnx "$tmp/bad.vnnlib"
same $st 65
same "$(grep -c "bad.vnnlib:5:" "$tmp/err")" 1
printf '(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= X_0 1))\n(assert (>= X_0 0))\n(assert (>= Y_0 0))\n' >"$tmp/one.vnnlib"
run verify $d/mlp.onnx "$tmp/one.vnnlib"
same "$st $(wc -l <"$tmp/err") $(wc -c <"$tmp/out")" '65 1 0'
finish
