#!/bin/sh
# softbox list mechanisms, eval --mechanism: exact values by hand, inputs from files, refusals by name.
. "$(dirname "$0")/lib.sh"

ok list mechanisms
has "softmax"
has "sima"
ok list mechanisms --format json
has '"name":"lightning"'
has '"domain":"parallel|recurrent|chunked"'

# by hand: Q = K = [[1,0],[1,1]], V = [[1],[2]]; Q K^T = [[1,1],[1,2]], divided by row sums 2 and 3
printf '1,0\n1,1\n' >"$tmp/q.csv"
printf '1\n2\n' >"$tmp/v.csv"
ok eval --mechanism linear --q "$tmp/q.csv" --k "$tmp/q.csv" --v "$tmp/v.csv" --number mpq
for l in '0,0  0.5' '0,1  0.5' '1,0  1/3' '1,1  2/3' '0,0  1.5' '1,0  5/3'; do line "$l"; done
ok eval --mechanism linear --q "$tmp/q.csv" --k "$tmp/q.csv" --v "$tmp/v.csv" --number mpq --outputs \
    --format json
same "$(cat "$tmp/out")" \
    '{"mechanism":"linear","number":"mpq","n":2,"m":2,"d":2,"dv":1,"outputs":[["1.5"],["5/3"]]}'
# the same in doubles: 1/3 is rounded to nearest
ok eval --mechanism linear --q "$tmp/q.csv" --k "$tmp/q.csv" --v "$tmp/v.csv" --arith f64 --weights --hex
line '1,0  0x1.5555555555555p-2'
# an enclosure of 1 / (1 + e)
ok eval --mechanism softmax:scale=1 --q "$tmp/q.csv" --k "$tmp/q.csv" --v "$tmp/v.csv" --weights --digits 9
line '1,0  0.268941421  0.268941422'
ok eval --mechanism sima --generate needle --n 3 --d 4 --dv 2 --number mpq --format json
has '"n":3,"m":3,"d":4,"dv":2,"weights":[["'

printf '1,0\n0,1\n1,1\n' >"$tmp/k3.csv"
q="--q $tmp/q.csv"
run eval --mechanism nonesuch $q --k "$tmp/q.csv" --v "$tmp/v.csv"
same "$st $(cut -c1-62 "$tmp/err")" "64 softbox: eval: --mechanism: no mechanism 'nonesuch': softmax, "
no 64 'eval: the input: one of --input, --q with --k and --v, --generate' eval --mechanism linear
no 64 'eval: --q needs --v' eval --mechanism linear $q --k "$tmp/q.csv"
no 64 'eval: --n is for --generate' eval --mechanism linear $q --k "$tmp/q.csv" --v "$tmp/v.csv" --n 3
no 65 "eval: $tmp/q.csv: v has 2 rows, k has 3" eval --mechanism linear $q --v "$tmp/q.csv" \
    --k "$tmp/k3.csv"
no 65 "eval: $tmp/k3.csv: k has rows of 2 numbers, q of 1" eval --mechanism linear \
    --q "$tmp/v.csv" --v "$tmp/q.csv" --k "$tmp/k3.csv"
no 65 "eval: no input 'gauss': gaussian, two-clusters, needle, deng" eval --mechanism linear \
    --generate gauss
finish
