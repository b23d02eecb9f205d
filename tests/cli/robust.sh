#!/bin/sh
# softbox robust: the same verdicts as verify on the shipped properties, item by item; labels,
# resuming, forms, bad input.
. "$(dirname "$0")/lib.sh"
d=examples/digits

# same_verdicts NET TAIL ARGS: against verify on prop/imgII_epsE TAIL
same_verdicts() {
    net=$1 tail=$2; shift 2
    run robust $d/$net --data $d/images.csv --radius 0.01,0.02,0.04 --clip 0,1 --format csv --max-nodes 40 "$@"
    checks=$((checks + 1)); [ $st -eq 0 ] || { fail "exit status $st"; cat "$tmp/err"; }
    cp "$tmp/out" "$tmp/table"
    for e in 0.01 0.02 0.04; do
        for i in 0 1 2 3 4; do
            [ -f "$d/prop/img0${i}_eps$e$tail.vnnlib" ] || continue
            run verify $d/$net $d/prop/img0${i}_eps$e$tail.vnnlib --max-nodes 40
            v=$(head -n 1 "$tmp/out" | sed 's/holds/certified/; s/violated/falsified/')
            same "$(awk -F, -v i=$i -v e=$e '$1 == i && $3 == e { print $4 }' "$tmp/table")" "$v"
        done
    done
}
same_verdicts mlp.onnx ''
same_verdicts mlp_softmax.onnx _p0.5 --target-probability 0.5

# the label of the data decides: with another one, every item is misclassified
sed 's/^\([0-9]*\),\([0-9]*\),/\1,1,/' $d/images.csv | sed 1d | sed '1i index,label,'"$(head -n 1 $d/images.csv | cut -d, -f3-)" >"$tmp/wrong.csv"
ok robust $d/mlp.onnx --data "$tmp/wrong.csv" --radius 0.01 --format csv --index 0
has 'misclassified'

# resumed: nothing is done twice
ok robust $d/mlp.onnx --data $d/images.csv --radius 0.01 --clip 0,1 --first 3 --results "$tmp/r" --plot "$tmp/p.svg"
n=$(wc -l <"$tmp/r")
ok robust $d/mlp.onnx --data $d/images.csv --radius 0.01 --clip 0,1 --first 3 --results "$tmp/r" --format markdown
same "$(wc -l <"$tmp/r")" "$n"
checks=$((checks + 1)); grep -q '</svg>' "$tmp/p.svg" || fail "no plot"

# a ball that leaves the box of a .nnet header is unknown, and the others go on
printf 'label,a,b\n0,0,0\n1,2.9,2.4\n0,1,1\n' >"$tmp/edge.csv"
ok robust tests/data/nnet/small.nnet --data "$tmp/edge.csv" --radius 0.01,0.5 --format csv
same "$(awk -F, '$1 == 1 && $3 == 0.5 { print $4 }' "$tmp/out")" unknown
same "$(awk -F, '$1 == 2' "$tmp/out" | wc -l)" 2

# refused
run robust $d/mlp.onnx --data nosuch.csv --radius 0.01; same $st 65
run robust $d/mlp.onnx --data $d/images.csv; same $st 64
run robust $d/mlp.onnx --data $d/images.csv --radius -1; same $((st == 64 || st == 65)) 1
printf 'a,b\n1,2\n' >"$tmp/small.csv"
run robust $d/mlp.onnx --data "$tmp/small.csv" --radius 0.01; same $st 65
finish
