#!/bin/sh
# softbox bound --pieces: the planes read back by an independent program (python3: fractions, decimals of
# 45 digits) [L-RLX-123], and what is refused.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "skip: no python3"; exit 0; }

cat >"$tmp/in" <<'END'
{"lo":["-1","0"],"hi":["1","2"]}
{"lo":["-1","0","1/3"],"hi":["1","2","1"],"index":1}
{"lo":["-1","0","1/3"],"hi":["1","2","1"],"normalizer":"lse"}
{"lo":["-1","0","1/3"],"hi":["1","2","1"],"normalizer":"log-softmax"}
{"lo":["99999","100000","100000.5"],"hi":["100001","100000.25","100001.5"],"index":0}
{"lo":["-3","-2","-2","-1"],"hi":["3","2","1","2"],"normalizer":"log-softmax","index":3}
END
last=pieces
for r in 1 4; do
    checks=$((checks + 1))
    "$SBX" bound --input "$tmp/in" --method constant,lse,auto,optimal --pieces "$r" >"$tmp/out" || fail "bound fails"
    n=$(python3 tests/cli/pieces.py "$tmp/in" "$tmp/out" "$r") || fail "a piece is refused"
    echo "$n"
done
checks=$((checks + 1)) # a plane that is moved inward is refused
sed 's/"pieces":\[{"lower":{"coef":\(\[[^]]*\]\),"const":"[^"]*"/"pieces":[{"lower":{"coef":\1,"const":"9e5"/' "$tmp/out" >"$tmp/bad"
cmp -s "$tmp/bad" "$tmp/out" && fail "the edit does nothing"
python3 tests/cli/pieces.py "$tmp/in" "$tmp/bad" 4 >"$tmp/log" 2>&1 && fail "a wrong plane passes"

box='--lo -1,0,1/3 --hi 1,2,1'
# shellcheck disable=SC2086
{
ok bound $box --pieces 2 --format json
has '"pieces":[{"lower":{"coef":['
no 64 "bound: --pieces '0': a whole number, 1 to 64" bound $box --pieces 0
no 64 "bound: --pieces '65': a whole number, 1 to 64" bound $box --pieces 65
no 65 'bound: pieces: of outputs of softmax, log-softmax and lse alone, not of a functional of softmax' \
    bound $box --functional 1,2,3 --pieces 2
no 65 'bound: pieces: of outputs of softmax, log-softmax and lse alone, not of sparsemax' \
    bound $box --normalizer sparsemax --pieces 2
no 65 'bound: pieces: of boxes without differences' bound $box --diff 0,1,1 --pieces 2
}
ok bound --help
has '"pieces": R pairs of affine bounds, each of the whole box'
finish
