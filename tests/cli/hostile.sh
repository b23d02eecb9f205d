#!/bin/sh
# Files that mean harm: cut anywhere, changed, absurd in size or depth, 100 MB of junk, bombs. Each
# is an error with its file in one line and exit status 65, within a few seconds and, where the
# build allows a limit on addresses, within 2.5 GB of them. [L-NET-08] is asked of nothing here.
. "$(dirname "$0")/lib.sh"
n=tests/data/onnx/mlp.onnx v=examples/digits/prop/img00_eps0.01.vnnlib
t=tests/data/nnet/small.nnet a=tests/data/arrays/a_le_f4.npy

# the sanitizers' shadow takes more addresses than any limit leaves
limit='ulimit -v 2500000'
(eval "$limit"; "$SBX" --version) >/dev/null 2>&1 || limit=:

# 100 MB of junk and 20 seconds; less and more where a build for tests reads a few bytes at a time
large=100000000 seconds=20
head -c 20000000 /dev/zero | tr '\0' ';' >"$tmp/probe.vnnlib"
timeout 2 "$SBX" info "$tmp/probe.vnnlib" >/dev/null 2>&1
[ $? -ne 124 ] || large=5000000 seconds=120
[ "$limit" != : ] || seconds=120

# refused FILE ARGS: so, and the message names the file
refused() {
    file=$1; shift
    last="softbox $*"; checks=$((checks + 1))
    (eval "$limit"; exec timeout $seconds "$SBX" "$@") >"$tmp/out" 2>"$tmp/err" </dev/null; st=$?
    [ $st -eq 65 ] && [ ! -s "$tmp/out" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -qF "$file" "$tmp/err" ||
        { fail "exit status $st, or not one line that names $file"; head -c 1000 "$tmp/err"; }
}
says() { checks=$((checks + 1)); grep -qF -- "$1" "$tmp/err" || { fail "the message has no '$1'"; cat "$tmp/err"; }; }
net() { refused "$1" info "$@"; }
prop() { refused "$1" info "$@"; }
# the readers of arrays need a network beside them
array() { refused "$1" robust $n --data "$1" --radius 0.1; }

# ---- every bad file of the tests, through the program
for f in tests/data/onnx/bad/*.onnx tests/data/nnet/bad/*.nnet; do
    case $f in */minimum_digits.nnet) continue ;; esac # beyond the cap of its own test alone
    net "$f"
done
for f in tests/data/vnnlib/bad/*.vnnlib; do prop "$f"; done

# ---- cut: at every length of the head, then at ever larger steps, and just before the end
lengths() { awk -v n="$1" 'BEGIN { for (k = 0; k < n; k += k < 64 ? 3 : k / 4) print int(k); print n - 2; print n - 1 }'; }
cuts() { # cuts FILE EXTENSION READER
    for k in $(lengths "$(wc -c <"$1")"); do
        head -c "$k" "$1" >"$tmp/cut.$2"
        "$3" "$tmp/cut.$2"
    done
}
cuts $n onnx net
cuts examples/digits/mlp.onnx onnx net
cuts tests/data/onnx/linear_function_nested.onnx onnx net
cuts $a npy array
gzip -c $n >"$tmp/z.onnx.gz"; cuts "$tmp/z.onnx.gz" onnx net
# a text that lost its last line break is whole
for k in $(lengths $(($(wc -c <$v) - 3))); do head -c "$k" $v >"$tmp/cut.vnnlib"; prop "$tmp/cut.vnnlib"; done
for k in $(lengths $(($(wc -c <$t) - 6))); do head -c "$k" $t >"$tmp/cut.nnet"; net "$tmp/cut.nnet"; done

# ---- junk
junk() { # junk NAME: from standard input, to every reader
    head -c "$large" >"$tmp/junk"
    for x in onnx vnnlib nnet; do
        ln -f "$tmp/junk" "$tmp/$1.$x"
        refused "$1.$x" info "$tmp/$1.$x"
        rm -f "$tmp/$1.$x"
    done
    array "$tmp/junk"
    refused junk witness $n $v "$tmp/junk"
    rm -f "$tmp/junk"
}
junk zeros </dev/zero
if [ -c /dev/urandom ]; then junk random </dev/urandom; fi
yes '(' | tr -d '\n' | junk open
yes '(assert (<= X_0 1))' | junk asserts
yes '1,2,3,4,5,6,7,8,9' | junk numbers
yes ';' | tr -d '\n' | junk comment
yes "$(printf '\012\002\012\000')" | junk messages # a model's fields, again and again

# ---- deep
awk 'BEGIN { print "(declare-const X_0 Real)(declare-const Y_0 Real)(assert ";
             for (i = 0; i < 1000000; i++) printf "(and "; }' >"$tmp/deep.vnnlib"
prop "$tmp/deep.vnnlib"; says 'deep.vnnlib:2:'
awk 'BEGIN { print "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= ";
             for (i = 0; i < 1000000; i++) printf "(- "; }' >"$tmp/deep.vnnlib"
prop "$tmp/deep.vnnlib"; says 'deep.vnnlib:2:'
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "(" }' >"$tmp/deep.vnnlib"
prop "$tmp/deep.vnnlib"; says 'deep.vnnlib:1:'
net tests/data/onnx/bad/function_deep.onnx; says 'nested over 100 deep'
net tests/data/onnx/bad/deep.onnx; says 'nested over 32 deep'

# ---- many: names, disjuncts that multiply, declarations of what is far away, long numbers
awk 'BEGIN { print "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (and (<= X_0 1) (>= X_0 0)"
             for (i = 0; i < 200; i++) print "(or (<= Y_0 " i ") (>= Y_0 1))"; print "))" }' >"$tmp/many.vnnlib"
prop "$tmp/many.vnnlib"; says 'over 1000000 disjuncts'
printf '(declare-const X_0 Real)\n(declare-const X_4294967297 Real)\n' >"$tmp/far.vnnlib"
prop "$tmp/far.vnnlib"; says 'far.vnnlib:2:'
printf '(declare-const X_0 Real)\n(declare-const X_0 Real)\n' >"$tmp/twice.vnnlib"
prop "$tmp/twice.vnnlib"; says 'twice.vnnlib:2:'
awk 'BEGIN { printf "(declare-const X_0 Real)(declare-const Y_0 Real)\n(assert (<= X_0 "; for (i = 0; i < 5000000; i++) printf "7"; print "))" }' >"$tmp/long.vnnlib"
prop "$tmp/long.vnnlib"; says 'long.vnnlib:2:'
printf '(declare-const X_0 Real)(declare-const Y_0 Real)\n(assert (<= X_0 1e999999999))\n' >"$tmp/far.vnnlib"
prop "$tmp/far.vnnlib"; says 'far.vnnlib:2:'
printf 'sat\n((X_9999999 1))\n' >"$tmp/w"; refused "$tmp/w" witness $n $v "$tmp/w"; says 'w:2:'
printf '%s\n' '2,1099511627776,1,1099511627776,' '1099511627776,1099511627776,1,' 0, 0, 1, 0,0 1,1 >"$tmp/huge.nnet"
net "$tmp/huge.nnet"; says 'huge.nnet:'
printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776), }" >"$tmp/huge.npy"
array "$tmp/huge.npy"
printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3), }" >"$tmp/minus.npy"
array "$tmp/minus.npy"

# ---- bombs: 2.2 GB of zeros in 10 MB, and what --memory allows of them
if [ $large -eq 100000000 ]; then
    head -c 2200000000 /dev/zero | gzip -1 >"$tmp/bomb.onnx.gz"
    net "$tmp/bomb.onnx.gz"; says 'over 2147483648 bytes'
else
    head -c 20000000 /dev/zero | gzip -1 >"$tmp/bomb.onnx.gz"
fi
net "$tmp/bomb.onnx.gz" --memory 10M; says 'over 10485760 bytes'
cp "$tmp/bomb.onnx.gz" "$tmp/bomb.vnnlib.gz"
prop "$tmp/bomb.vnnlib.gz" --memory 10M

# ---- what is no file
net "$tmp"; says 'Is a directory'
net /dev/zero --memory 10M
net "$tmp/none.onnx"; says 'No such file'
finish
