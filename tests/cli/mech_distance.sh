#!/bin/sh
# softbox error --kernel MECHANISM: distances against numpy (mech_distance.py), lists, lines that are resumed,
# refusals.
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"

printf '1,0\n' >"$tmp/q1.csv"

# every key once, and a list in the order given
ok error --kernel sima,linear --generate gaussian --n 5 --d 3 --format json
same "$(wc -l <"$tmp/out")" 2
for key in kernel against input n m d dv seed entry row_tv frobenius spectral out_entry out_frobenius \
    mass_least mass_most least most sign rank numbers bits boxes hash softbox; do
    has "\"$key\":"
done
ok error --kernel linear,sima:eps=1/2 --against linear:form=recurrent --generate needle --n 3 --d 3 --format csv
has 'sima:eps=1/2'
ok error --kernel attention --against attention --generate deng --n 4 --d 3 --format json
has '"kernel":"attention"'

# a line that is there is not computed again, one that is cut off is
f=$tmp/lines
ok error --kernel sima --generate gaussian --n 5 --d 3 --format json --resume "$f"
sed 's/"sign":"[^"]*"/"sign":"kept"/' "$f" >"$f.1"
printf '{"kernel":"linear","against"' >>"$f.1"
ok error --kernel sima,linear --generate gaussian --n 5 --d 3 --format json --resume "$f.1"
has '"sign":"kept"'
same "$(grep -c . "$f.1")" 3
ok error --kernel sima --generate gaussian --n 5 --d 3 --seed 2 --format json --resume "$f.1"
same "$(grep -c kept "$tmp/out")" 0

# nor one of other numbers: another file of keys, the same name with other numbers, matrices of the mechanism
printf '1,0\n0,1\n' >"$tmp/a.csv"
printf '2,0\n0,1\n' >"$tmp/b.csv"
fresh() { # what the same command without --resume prints
    ok error "$@" --format json
    cp "$tmp/out" "$tmp/alone"
    ok error "$@" --format json --resume "$tmp/keep"
    same "$(cat "$tmp/out")" "$(cat "$tmp/alone")"
}
fresh --kernel sima --q "$tmp/a.csv" --k "$tmp/a.csv" --v "$tmp/a.csv"
fresh --kernel sima --q "$tmp/a.csv" --k "$tmp/b.csv" --v "$tmp/a.csv"
fresh --kernel sima --q "$tmp/a.csv" --k "$tmp/a.csv" --v "$tmp/b.csv"
fresh --kernel sima --q "$tmp/a.csv" --k "$tmp/a.csv" --v "$tmp/a.csv" --to-k "$tmp/b.csv"
printf '3,0\n0,1\n' >"$tmp/a.csv"
fresh --kernel sima --q "$tmp/a.csv" --k "$tmp/a.csv" --v "$tmp/a.csv"
printf '3,1\n0,1\n' >"$tmp/b.csv"
fresh --kernel sima --q "$tmp/a.csv" --k "$tmp/a.csv" --v "$tmp/a.csv" --to-k "$tmp/b.csv"
same "$(wc -l <"$tmp/keep")" 6
# but one of the same numbers is: the line of the seed's numbers under another version is not
sed 's/"sign":"[^"]*"/"sign":"kept"/' "$tmp/keep" >"$tmp/keep.1"
ok error --kernel sima --q "$tmp/a.csv" --k "$tmp/a.csv" --v "$tmp/a.csv" --format json \
    --resume "$tmp/keep.1"
has '"sign":"kept"'
sed 's/"softbox":"[^"]*"/"softbox":"0"/' "$tmp/keep.1" >"$tmp/keep.2"
ok error --kernel sima --q "$tmp/a.csv" --k "$tmp/a.csv" --v "$tmp/a.csv" --format json \
    --resume "$tmp/keep.2"
same "$(grep -c kept "$tmp/out")" 0

# a box between two files is the one of its middle and radius: 1 +- 1/4 in every number of q and k, v = 1
printf '3/4,3/4\n3/4,3/4\n' >"$tmp/lo.csv"
printf '5/4,5/4\n5/4,5/4\n' >"$tmp/hi.csv"
printf '1,1\n1,1\n' >"$tmp/mid.csv"
ok error --kernel expressive --q "$tmp/lo.csv" --k "$tmp/hi.csv" --v "$tmp/mid.csv" --to-q "$tmp/hi.csv" \
    --to-k "$tmp/lo.csv" --format json
sed 's/.*"entry"//' "$tmp/out" >"$tmp/box"
ok error --kernel expressive --q "$tmp/mid.csv" --k "$tmp/mid.csv" --v "$tmp/mid.csv" --radius-q 1/4 \
    --radius-k 0.25 --format json
same "$(sed 's/.*"entry"//' "$tmp/out")" "$(cat "$tmp/box")"
no 65 "error: $tmp/q1.csv: 1 x 2, not 2 x 2" error --kernel expressive --q "$tmp/lo.csv" --k "$tmp/hi.csv" \
    --v "$tmp/mid.csv" --to-k "$tmp/q1.csv"

# a mechanism without a value in a list; alone
printf '1,0\n0,0\n' >"$tmp/q.csv"
ok error --kernel linear,sima --q "$tmp/q.csv" --k "$tmp/q.csv" --v "$tmp/q.csv" --format json
has '"error":"linear: '
no 65 "error: $("$SBX" error --kernel linear,sima --q "$tmp/q.csv" --k "$tmp/q.csv" --v "$tmp/q.csv" \
    --format json | awk -F'"error":"' 'NF > 1 { sub(/"}$/, "", $2); print $2 }')" \
    error --kernel linear --q "$tmp/q.csv" --k "$tmp/q.csv" --v "$tmp/q.csv"
no 64 "error: --radius '-1': a number, 0 or more" error --kernel sima --generate gaussian --radius -1
no 64 "error: --what 'rang': weights, or of spectral,outputs,rank" error --kernel sima \
    --generate gaussian --what spectral,rang
no 64 'error: --resume keeps lines of JSON: --format json' error --kernel sima --generate gaussian \
    --resume "$f"

python3=/usr/bin/python3
$python3 -c 'import numpy' 2>/dev/null || { echo "skip: no python3-numpy"; finish; }
# judged LINES N M D DV SEED KERNELS AGAINST
judged() {
    $python3 tests/cli/mech_distance.py make "$tmp/x.npz" "$2" "$3" "$4" "$5" "$6"
    ok error --kernel "$7" --against "$8" --input "$tmp/x.npz" --format json --quiet
    same "$($python3 tests/cli/mech_distance.py judge "$tmp/x.npz" <"$tmp/out")" "$1"
}
judged 6 64 64 16 16 1 softmax,softmax:scale=1,linear,expressive,sima,lightning attention
judged 6 64 64 16 16 4 elu,sigmoid,l2,cosformer,linformer,nystromformer attention
judged 1 64 64 16 16 4 favor softmax
no 65 "error: $tmp/x.npz: W is 16 x 16; favor needs 8 x 16" error --kernel favor:features=8 --input "$tmp/x.npz"
# a line is not kept where a matrix beside q, k, v is another
$python3 - "$tmp" <<'end'
import sys, numpy
rng = numpy.random.default_rng(7)
q = numpy.round(rng.standard_normal((3, 2)) * 64) / 64
for name in "12":
    numpy.savez(sys.argv[1] + "/w" + name + ".npz", q=q, k=q, v=q, W=numpy.round(rng.standard_normal((4, 2)) * 64) / 64)
end
cp "$tmp/w1.npz" "$tmp/w.npz"
fresh --kernel favor:features=4 --input "$tmp/w.npz"
cp "$tmp/w2.npz" "$tmp/w.npz"
fresh --kernel favor:features=4 --input "$tmp/w.npz"
same "$(wc -l <"$tmp/keep")" 8
judged 4 33 47 8 5 2 softmax:scale=1,linear,expressive,sima softmax
judged 3 12 12 3 1 3 linear,sima,lightning expressive
finish
