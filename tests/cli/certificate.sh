#!/bin/sh
# softbox bound --certificate, --polytope, --diff: the answers read back by an independent program
# (python3: fractions, decimals of 45 digits), and what they must refuse.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "skip: no python3"; exit 0; }

cat >"$tmp/in" <<'END'
{"lo":["-1","0"],"hi":["1","2"]}
{"lo":["-1","0","1/3"],"hi":["1","2","1"]}
{"lo":["-1","0","1/3"],"hi":["1","2","1"],"functional":["1","-1","0.1"]}
{"lo":["-1","0","1/3","0"],"hi":["1","2","1","0"],"index":1}
{"lo":["-1","0","1/3"],"hi":["1","2","1"],"diff":[[0,1,"-1/2"],[2,0,"0.1"]]}
{"lo":["-1","0","1/3"],"hi":["1","2","1"],"diff":[[0,1,"0.3"]],"functional":["1/3","-1","0.5"]}
{"lo":["99999","100000","100000.5"],"hi":["100001","100000.25","100001.5"],"index":0}
{"lo":["-2","-2","-2","-2","-2","-2"],"hi":["2","2","2","2","2","2"],"functional":["1","-0.5","0.25","0","0.7","-1"]}
{"lo":["-60","-40"],"hi":["0","-40"],"index":1}
{"lo":["0.67"],"hi":["0.68"],"functional":["-21.293635958925734"]}
{"lo":["3.0193287762637855","-55.18728545680424"],"hi":["53.325085646351717","51.790609546110105"],"functional":["-0.13088961879912575","-9.3690173000047707"]}
END
last=certificates
"$SBX" bound --input "$tmp/in" --method constant,er,env,l2d,auto,optimal --certificate --polytope >"$tmp/out" || fail "bound fails"
n=$(python3 tests/cli/certificate.py "$tmp/in" "$tmp/out") || fail "a certificate is refused"
checks=$((checks + 1))
echo "$n"
[ "${n%% *}" -ge 160 ] || fail "too few certificates: $n"
# a constant that is moved inward by a little is refused, as is a leaf that is missing
for edit in 's/"const":"\([-0-9.]*\)\([0-9]\)","certificate":{"const":"[^"]*"/"const":"\1\2","certificate":{"const":"-1"/' \
    's/"leaves":\[{[^}]*},/"leaves":[/'; do
    checks=$((checks + 1))
    sed "$edit" "$tmp/out" >"$tmp/bad"
    cmp -s "$tmp/bad" "$tmp/out" && fail "the edit does nothing"
    python3 tests/cli/certificate.py "$tmp/in" "$tmp/bad" >"$tmp/log" 2>&1 && fail "a wrong certificate passes"
done

# differences make answers tighter, whoever is asked, and the same from a line as from options
box='--lo -1,0,1/3 --hi 1,2,1'
# shellcheck disable=SC2086
ok bound $box --diff 0,1,-1/2,2,0,0.1 --index 0 --method interval,auto
below "$(cell 1 4)" 0.317 # p_0 with x_1 >= x_0 + 1/2, x_2 <= x_0 + 0.1; 0.5315 without
below 0.125 "$(cell 1 3)"
has 'with x_0 - x_1 <= -0.5, x_2 - x_0 <= 0.1'
# shellcheck disable=SC2086
ok bound $box --diff 0,1,-1/2 --functional 1,-1,0 --method interval
below 0.0909795144 "$(cell 1 4 | tr -d -)" # -0.09097951445 = -tanh(1/4)/(..): the edge x_1 = x_0 + 1/2
# shellcheck disable=SC2086
ok bound $box --diff 0,1,-1/2 --method all --format json
cp "$tmp/out" "$tmp/options"
echo '{"lo":["-1","0","1/3"],"hi":["1","2","1"],"diff":[[0,1,"-1/2"]]}' >"$tmp/in"
ok bound --input "$tmp/in" --method all
cmp -s "$tmp/out" "$tmp/options" || fail "the answers differ"
# the image of log-softmax and lse under differences
ok bound --lo 0,0 --hi 1,1 --diff 0,1,0,1,0,0 --normalizer log-softmax --method interval --index 0 --arith ivf:90
below 0.69314718055994530941 "$(cell 1 3 | tr -d -)"
below "$(cell 1 4 | tr -d -)" 0.69314718055994530942
ok bound --lo 0,0 --hi 1,1 --diff 0,1,-1/2 --normalizer lse --method interval
below 1.4740769841 "$(cell 1 4)" # log(e^(1/2) + e)
below "$(cell 1 4)" 1.4740769842
# the polytope in words
ok bound --lo 0,-inf --hi 1,2 --diff 0,1,-1/3 --polytope --method interval
line '  p_0 <= e^(1) s,  2.7182818284590452 <= e^(1) <= 2.7182818284590453'
line '  p_0 <= e^(-1/3) p_1,  0.71653131057378925 <= e^(-1/3) <= 0.71653131057378926'
same "$(grep -c 's <= e' "$tmp/out")" 1

# refusals
no 65 'bound: an empty zone: its bounds contradict each other' bound $box --diff 0,1,-4
no 65 'bound: diff[0]: coordinates 0 and 3 of 3' bound $box --diff 0,3,1
no 65 'bound: diff: 2 numbers, not I,J,D,I,J,D,..' bound $box --diff 0,1
no 65 'bound: diff[0]: not the number of a coordinate' bound $box --diff 1/2,1,0
no 65 'bound: at is outside: at[0] - at[1] is above diff[0]' bound $box --diff 0,1,-1/2 --at 0,0,1
no 65 'bound: certificate: of softmax alone, not of lse' bound $box --normalizer lse --certificate
no 65 'bound: polytope: of softmax alone, not of lse' bound $box --normalizer lse --polytope
no 65 'bound: a functional under differences: in ivd alone' \
    bound $box --diff 0,1,1 --functional 1,2,3 --arith ivq
for d in '0' '[0]' '[[0,1]]' '[[0,1,0.5]]' '[["0",1,"1"]]' '[[0,-1,"1"]]'; do
    echo "{\"lo\":[\"0\",\"0\"],\"hi\":[\"1\",\"1\"],\"diff\":$d}" >"$tmp/in"
    ok bound --input "$tmp/in"
    has '{"error":"diff'
done
finish
