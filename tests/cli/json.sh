#!/bin/sh
# JSON Lines of softbox bound, in and out: the form word for word, errors in place, and
# the answer to a line the same as the answer to options.
. "$(dirname "$0")/lib.sh"

# feed TEXT ARGS: softbox bound --input - with that text
feed() {
    text=$1; shift; last="softbox bound --input - $* <<< $text"; checks=$((checks + 1))
    printf '%s\n' "$text" | "$SBX" bound --input - "$@" >"$tmp/out" 2>"$tmp/err"
    st=$?
    [ $st -eq 0 ] && [ ! -s "$tmp/err" ] || { fail "exit status $st, not 0"; cat "$tmp/err"; }
}

# the forms; 1/2, 0 and 1 are exact
feed '{"lo":["0"],"hi":["0"],"index":0}' --method interval
line '{"index":0,"interval":{"lower":"1","upper":"1"}}'
feed '{"lo":["3"],"hi":["0x1.8p2"]}' --method interval,constant
has '{"outputs":[{"index":0,"interval":{"lower":"1","upper":"1"},"constant":{"lower":{"coef":["0"],"const":"'
has '"},"upper":{"coef":["0"],"const":"1"}}}]}'
feed '{"id":{"a":[1,null]},"lo":["0"],"hi":["0"],"functional":["2/3"]}' --arith ivq --method interval
line '{"id":{"a":[1,null]},"functional":["2/3"],"interval":{"lower":"0.6666666666666666666666666666666666666666","upper":"0.6666666666666666666666666666666666666667"}}'
feed '{"lo":["-inf","0"],"hi":["0","0"],"index":1}' --method interval
has '"upper":"1"}}'
feed '{"id":"x","lo":[1,2],"hi":[1,2],"normalizer":"lse"}' --method interval --arith ivf:60
has '{"id":"x","outputs":[{"index":0,"interval":{"lower":"2.31326168751822'

# what a line does not say, the options say
feed '{"lo":["0","0"],"hi":["1","1"]}' --index 1
has '{"index":1,'
feed '{"lo":["0","0"],"hi":["1","1"],"index":0}' --functional 1,1 --method interval
has '{"index":0,'
feed '{"lo":["0","0"],"hi":["1","1"],"functional":["1","2"]}' --index 1 --method interval
has '{"functional":["1","2"],'

# errors stand in place, and the rest goes on
feed '{"id":1,"lo":["0"],"hi":["1"],"index":0}

{"id":2,"lo":["2"],"hi":["1"]}
{"id":3,"lo":["0"],"hi":["1"],"index":0}' --method interval
same "$(wc -l <"$tmp/out")" 3
line '{"id":2,"error":"lo[0] = 2 is above hi = 1"}'
same "$(sed 's/,.*//' "$tmp/out" | tr '\n' ' ')" '{"id":1 {"id":2 {"id":3 '

refuse() { feed "$1"; same "$(cat "$tmp/out")" "{\"error\":\"$2\"}"; }
refuse '[1]' 'not a JSON object'
refuse '{"lo":["0"],"hi":["1"]' "not JSON: column 22: '}' expected near end of file"
refuse '{"lo":["0"],"lo":["0"],"hi":["1"]}' 'not JSON: column 16: duplicate object key near '"'\\\"lo\\\"'"
refuse '{"lo":["0"]}' 'hi is missing'
refuse '{"hi":["0"]}' 'lo is missing'
refuse '{"lo":[],"hi":[]}' 'lo is empty'
refuse '{"lo":"0","hi":["1"]}' 'lo is not an array'
refuse '{"lo":["0"],"hi":["1","2"]}' 'lo has 1 numbers, hi has 2'
refuse '{"lo":[0.5],"hi":["1"]}' 'lo[0] is not a string: write \"0.1\", not 0.1, so that it stays exact'
refuse '{"lo":[null],"hi":["1"]}' 'lo[0] is not a string'
refuse '{"lo":["0"],"hi":["nan"]}' 'hi[0] is NaN'
refuse '{"lo":["0"],"hi":["inf"]}' 'hi[0] is infinite; only a lower end may be, as -inf'
refuse '{"lo":["0"],"hi":["-inf"]}' 'hi[0] is -inf; only a lower end may be'
refuse '{"lo":["0"],"hi":["1x"]}' "hi[0]: not a number: '1x'"
refuse '{"lo":["0"],"hi":["1/0"]}' "hi[0]: zero denominator: '1/0'"
refuse '{"lo":["0"],"hi":["1"],"index":1}' 'index 1 is out of range: softmax of this box has 1 output'
refuse '{"lo":["0"],"hi":["1"],"index":-1}' 'index is not a whole number'
refuse '{"lo":["0"],"hi":["1"],"index":"0"}' 'index is not a whole number'
refuse '{"lo":["0"],"hi":["1"],"index":0,"functional":["1"]}' 'index and functional in one line: one of them'
refuse '{"lo":["0"],"hi":["1"],"functional":["1","2"]}' 'lo has 1 numbers, functional has 2'
feed '{"lo":["0","1/2"],"hi":["1","1/2"],"normalizer":"sparsemax"}' --arith ivq
line '{"outputs":[{"index":0,"interval":{"lower":"0.25","upper":"0.75"}},{"index":1,"interval":{"lower":"0.25","upper":"0.75"}}]}'
refuse '{"lo":["0"],"hi":["1"],"normalizer":"sparsemax:gamma=1"}' "sparsemax has no parameter 'gamma'"
refuse '{"lo":["0"],"hi":["1"],"at":["2"]}' 'at[0] = 2 is outside of the box: above hi = 1'
refuse '{"lo":["0"],"hi":["1"],"diff":[0]}' 'diff[0] is not [i,j,\"D\"]'
refuse '{"lo":["0"],"hi":["1"],"temperature":1}' "unknown key 'temperature': lo, hi, diff, index, functional, at, normalizer, id"

# in text form an error goes to standard error with its line, and the exit status tells
printf '%s\n' '{"lo":["0"],"hi":["1"]}' '{"lo":["2"],"hi":["1"]}' >"$tmp/in"
last='text form'
"$SBX" bound --input "$tmp/in" --format text >"$tmp/out" 2>"$tmp/err"
same $? 65
same "$(cat "$tmp/err")" "softbox: bound: $tmp/in:2: lo[0] = 2 is above hi = 1"
has 'softmax over a box of 1 input, in ivd'

# the same answer from a line as from options
ok bound --lo -1,0,1/3 --hi 1,2,1 --method all --format json
cp "$tmp/out" "$tmp/options"
feed '{"lo":["-1","0","1/3"],"hi":["1","2","1"]}' --method all
last='options against a line'
cmp -s "$tmp/out" "$tmp/options" || fail "the answers differ"

# each answer is there as soon as its line is: two questions, the second after the first answer
mkfifo "$tmp/q" "$tmp/a"
"$SBX" bound --input - --method interval <"$tmp/q" >"$tmp/a" &
exec 3>"$tmp/q" 4<"$tmp/a"
for k in 0 1; do
    echo "{\"id\":$k,\"lo\":[\"0\"],\"hi\":[\"0\"],\"index\":0}" >&3
    read -r answer <&4
    same "$answer" "{\"id\":$k,\"index\":0,\"interval\":{\"lower\":\"1\",\"upper\":\"1\"}}"
done
exec 3>&- 4<&-
wait

# long lines: 1000 coordinates; and many lines
awk 'BEGIN { printf "{\"lo\":["; for (i = 0; i < 1000; i++) printf "%s\"%d/7\"", i ? "," : "", i % 5
    printf "],\"hi\":["; for (i = 0; i < 1000; i++) printf "%s\"%d\"", i ? "," : "", 1 + i % 5
    print "],\"index\":999}" }' >"$tmp/in"
ok bound --input "$tmp/in"
same "$(awk -F'"coef"' '{ print NF }' "$tmp/out")" 3
awk 'BEGIN { for (i = 0; i < 2000; i++) print "{\"id\":" i ",\"lo\":[\"0\",\"1\"],\"hi\":[\"1\",\"2\"]}" }' >"$tmp/in"
ok bound --input "$tmp/in" --method interval
same "$(wc -l <"$tmp/out")" 2000
same "$(tail -n 1 "$tmp/out" | sed 's/,.*//')" '{"id":1999'
finish
