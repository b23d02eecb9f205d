#!/bin/sh
# softbox error --kernel MECHANISM --number FORMAT: a line a format, boxes, refusals; table T11; numpy's float16 and float32.
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"

ok error --kernel attention --number f64,fp16,e4m3 --generate gaussian --n 6 --d 4 --format json
same "$(wc -l <"$tmp/out")" 4
has '"kernel":"attention"'
has '"number":"e4m3"'
has '"violations":0'
same "$(grep -c worst_input "$tmp/out")" 0
ok error --kernel attention --algorithm online --number f64 --generate gaussian --n 6 --d 4 --weights
has 'weights'
has '0 violations'
ok error --kernel attention --algorithm naive --number fp16 --generate needle --n 8 --d 8 --format json
has '"overflow":true'
has '"bound":null'
ok error --kernel lightning:lambda=1/2 --algorithm chunked --tile 3 --number bf16 --accumulate f32 --fma --ftz \
    --generate gaussian --n 8 --d 4
has 'bf16'
ok error --kernel sima --number f64 --generate gaussian --n 6 --d 4 --exp kernel --bound-only --format json
has '"observed":null'

# an exp that may miss everything leaves nothing for a theorem to say [L-ERR-22]
for exp in 100 200 1000; do
    ok error --kernel attention --number bf16 --exp $exp --generate gaussian --n 4 --d 2 --format json
    has '"apriori":null'
    has '"violations":0'
done

# T11: every row, and nothing observed is above what is proved
ok table T11 --quiet --n 12 --rows 4 --d 2 --tries 20 --format csv
same "$(grep -c '^softmax \|^attention \|^SimA \|^linear ' "$tmp/out")" 14
checks=$((checks + 1))
awk -F, '/^(softmax|attention|SimA|linear) / { for (k = 3; k < NF; k += 4) if ($k != "" && $(k + 2) + 0 > $k + 0) exit 1; n++ }
    END { exit n != 14 }' "$tmp/out" || fail "T11: above the bound"
no 64 "table T11: --tries '0': a whole number" table T11 --tries 0

no 64 "error: softmax: form must be one of shifted|naive|online|flash" error --kernel attention --algorithm fast --number fp16 --generate gaussian
no 64 "error: --algorithm 'left': expressive has one alone" error --kernel expressive --algorithm left --number fp16 \
    --generate gaussian
no 64 "error: --radius '-1': a number, 0 or more" error --kernel sima --number fp16 --generate gaussian --radius -1
no 64 "error: --exp '0.4': correct, kernel, or ulps, 0.5 or more" error --kernel sima --number fp16 --generate gaussian \
    --exp 0.4

py=/usr/bin/python3
# every worst input of a box is computed again in numpy
if "$py" -c 'import numpy, mpmath' 2>/dev/null; then
    for form in "attention shifted" "sima left" "sima right"; do
        set -- $form
        ok error --kernel "$1" --algorithm "$2" --number fp16,f32 --generate gaussian --n 5 --d 4 --dv 2 --radius 0.01 \
            --tries 40 --format json
        checks=$((checks + 1))
        "$py" "$(dirname "$0")/mech_rounding.py" <"$tmp/out" || fail "numpy has another error: $form"
    done
else
    echo "skip: no numpy, no mpmath"
fi
finish
