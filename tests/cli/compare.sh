#!/bin/sh
# softbox compare: forms, exact numbers, infinities, what does not fit together.
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"

ok compare --normalizer plsoftmax --quantity expected-error --dim 3 --format json
line '{"normalizer":"plsoftmax","quantity":"expected-error","dim":3,"lower":"4/23","upper":"4/23","exact":true,"how":"closed form"}'
ok compare --normalizer softmax,plsoftmax --quantity lipschitz --p inf --q 1 --dim 3,11 --format json
line '{"normalizer":"softmax","quantity":"lipschitz","dim":3,"p":"inf","q":"1","lower":"1","upper":"1","exact":true,"how":"closed form"}'
line '{"normalizer":"plsoftmax","quantity":"lipschitz","dim":11,"p":"inf","q":"1","lower":"656/165","upper":"656/165","exact":true,"how":"closed form"}'
same "$(wc -l <"$tmp/out")" 4
ok compare --normalizer softmax --quantity expected-error --dim 50257 --format json
line "{\"normalizer\":\"softmax\",\"quantity\":\"expected-error\",\"dim\":50257,\"lower\":\"7.7740889477209124\",\"upper\":\"7.7740889477209125\",\"exact\":false,\"how\":\"closed form, Lambert's W\"}"
ok compare --normalizer sparsemax --quantity dinf --dim 2 --format json
line '{"normalizer":"sparsemax","quantity":"dinf","dim":2,"p":"inf","lower":"inf","upper":"inf","exact":false,"how":"infinite","why":"the supports differ"}'
ok compare --normalizer entmax-1.5 --quantity lipschitz --p 1 --q 2 --dim 3 --format json
has '"reached":false'
ok compare --normalizer softmax --quantity expected-error --dim 2 --scale 2 --width 1e-30 --format json
has '"lower":"0.1392322713805368'
ok compare --normalizer taylor --quantity range --dim 3 --format json
line '{"normalizer":"taylor","quantity":"range","dim":3,"lower":"1/11","upper":"5/7","exact":true,"how":"closed form"}'
ok compare --normalizer softmax --quantity range --dim 10000000 --format json
has '"lower":null,"upper":null,"exact":false,"how":"none","why":"not looked for beyond 200000 scores"'
# a normalizer without a value there is a cell that says so, and no failure
ok compare --normalizer power,taylor --quantity range --dim 3 --format json
line '{"normalizer":"power","quantity":"range","dim":3,"lower":null,"upper":null,"exact":false,"how":"none","why":"it has no value on all of the cube","reached":false}'
line '{"normalizer":"taylor","quantity":"range","dim":3,"lower":"1/11","upper":"5/7","exact":true,"how":"closed form"}'
ok compare --normalizer softmax,taylor --quantity range --dim 3
has '1/11'
ok compare --normalizer all --quantity expected-error --dim 2
has 'plsoftmax         2    0.125'
ok compare --normalizer softmax,sparsemax --quantity drenyi --order 3/2 --p 2 --dim 2,3 --format latex
has '\begin{tabular}'
ok compare --normalizer softmax --quantity dinf --dim 2 --format csv
ok compare --normalizer softmax --quantity dinf --dim 2 --format markdown
ok compare --normalizer softmax,permute-and-flip --quantity drenyi --at 0,0 --against 1,-1 --format json
has '{"normalizer":"softmax","quantity":"drenyi","dim":2,"at":["0","0"],"against":["1","-1"],"lower":"0.867561660966'
has '"lower":"1.37691873960'
ok compare --normalizer sparsemax --quantity dinf --at 0,0 --against 1,-1
has 'the supports differ'
no 64 "compare: --at and --against go together" compare --normalizer softmax --quantity dinf --at 0
no 64 "compare: ratio has no --at" compare --normalizer softmax --quantity ratio --at 0 --against 1
no 65 "compare: at has 1 numbers, against has 2" compare --normalizer softmax --quantity dinf --at 0 --against 1,2
no 64 "compare: no quantity 'speed'; 'softbox compare --help' lists them" compare --normalizer softmax --quantity speed --dim 2
no 64 "compare: expected-error has no --p" compare --normalizer softmax --quantity expected-error --p 1 --dim 2
no 64 "compare: --p and --q are 1, 2 or inf" compare --normalizer softmax --quantity lipschitz --p 3 --dim 2
no 64 "compare: --dim: '0' is no whole number from 1 to 10000000" compare --normalizer softmax --quantity ratio --dim 0
no 64 "compare: --normalizer, --quantity and --dim are needed" compare --normalizer softmax --quantity ratio
# |grad softmax|_F <= sqrt(n) / 2 for n rows
ok compare --normalizer softmax --quantity jacobian-frobenius --dim 2,64 --rows 64 --format json
line '{"normalizer":"softmax","quantity":"jacobian-frobenius","dim":64,"rows":64,"lower":"4","upper":"4","exact":true,"how":"closed form"}'
ok compare --normalizer softmax --quantity jacobian-frobenius --dim 197 --rows 197
has 'jacobian-frobenius, rows = 197'
has '7.0178344'
no 64 "compare: ratio has no --rows" compare --normalizer softmax --quantity ratio --rows 2 --dim 2
no 64 "compare: --rows: '0' is no whole number from 1 to 10000000" compare --normalizer softmax --quantity jacobian-frobenius --rows 0 --dim 2
# a name or a parameter that is none is a usage error, here as in eval and bound
for command in 'compare --quantity ratio --dim 2' 'eval --at 1,2' 'bound --lo 1 --hi 2'; do
    run $command --normalizer soft
    same "$st" 64
    same "$(sed "s/^softbox: [a-z]*: //;s/: softmax, .*//" "$tmp/err")" "--normalizer: no normalizer 'soft'"
    no 64 "${command%% *}: --normalizer: sparsemax: delta must be a number in (0, inf)" \
        $command --normalizer sparsemax:delta=0
    no 64 "${command%% *}: --normalizer: sparsemax has no parameter 'beta'" \
        $command --normalizer sparsemax:beta=1
done
no 64 "compare: --normalizer: 'lower-bound:best': lower-bound, :worst=0, 1" \
    compare --normalizer lower-bound:best --quantity ratio --dim 2
finish
