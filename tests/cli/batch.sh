#!/bin/sh
# softbox batch: the same verdicts as verify, one line each; stopped and resumed; bad lists.
. "$(dirname "$0")/lib.sh"
d=$PWD/examples/digits
for i in 00 01 03 04; do echo "mlp.onnx,prop/img${i}_eps0.01.vnnlib,60"; done >"$tmp/list"
echo "mlp.onnx,prop/img00_eps0.04.vnnlib,60" >>"$tmp/list" # violated

ok batch "$tmp/list" --root "$d" --results "$tmp/r" --jobs 2
same "$(wc -l <"$tmp/r")" 5
same "$(awk '$1 == "all" { print $2, $7 }' "$tmp/out")" '5 0'
# each as verify says
while IFS=, read -r net prop _; do
    run verify "$d/$net" "$d/$prop"
    v=$(head -n 1 "$tmp/out")
    same "$(grep -c "\"vnnlib\":\"$prop\".*\"verdict\":\"$v\"" "$tmp/r")" 1
done <"$tmp/list"
same "$(grep -c '"x":' "$tmp/r")" 0

# nothing is done twice; a line that is not whole is cut off and done again
ok batch "$tmp/list" --root "$d" --results "$tmp/r"
same "$(wc -l <"$tmp/r")" 5
head -n 3 "$tmp/r" >"$tmp/half"
sed -n 4p "$tmp/r" | tr -d '\n' | cut -c 1-50 | tr -d '\n' >>"$tmp/half"
ok batch "$tmp/list" --root "$d" --results "$tmp/half" --format json
same "$(wc -l <"$tmp/half")" 5
same "$(wc -l <"$tmp/out")" 3
same "$(sort "$tmp/half" | cut -d, -f 1-5 | uniq | wc -l)" 5
has '{"summary":true,"instances":5,"todo":0,'
# results of other options are let be, and not taken for these
ok batch "$tmp/list" --root "$d" --results "$tmp/r" --method crown
same "$(wc -l <"$tmp/r")" 10
ok batch "$tmp/list" --root "$d" --results "$tmp/r" --timeout 50 --witness
same "$(wc -l <"$tmp/r")" 15
same "$(tail -n 5 "$tmp/r" | grep -c '"x":')" 1

# one that cannot be read is an error with its reason, and the others go on
printf 'onnx,vnnlib,timeout\n\nnosuch.onnx,prop/img00_eps0.01.vnnlib,5\nmlp.onnx,prop/img00_eps0.01.vnnlib,5.5\r\n' >"$tmp/list"
ok batch "$tmp/list" --root "$d" --format json
has "\"verdict\":\"error\",\"seconds\":"
has "nosuch.onnx: No such file or directory"
has '"holds":1,"violated":0,"unknown":0,"timeout":0,"error":1,'

# the table in other forms; a name with a comma, quotation marks or a bar
cp "$d/mlp.onnx" "$tmp/a|\"b.onnx"
printf '%s/a|"b.onnx,%s/prop/img00_eps0.01.vnnlib,5\nmlp.onnx,prop/img00_eps0.01.vnnlib,5\n' "$tmp" "$d" >"$tmp/two"
ok batch "$tmp/two" --root "$d" --format csv
line 'network,instances,holds,violated,unknown,timeout,error,median seconds'
same "$(grep -c "^\"$tmp/a|\"\"b.onnx\",1,1,0,0,0,0,0\.[0-9]*\$" "$tmp/out")" 1
ok batch "$tmp/two" --root "$d" --format markdown
line '| --- | --- | --- | --- | --- | --- | --- | --- |'
same "$(grep -cF "| $tmp/a\\|\"b.onnx | 1 | 1 | 0 |" "$tmp/out")" 1
same "$(grep -c '^| all | 2 | 2 | 0 | 0 | 0 | 0 | 0\.[0-9]* s |$' "$tmp/out")" 1
no 64 "batch: --format 'latex': text, json, csv or markdown" batch "$tmp/two" --format latex

# --memory goes to every one of them
ok batch "$tmp/two" --root "$d" --memory 1k --format json
has "\"reason\":\"$d/mlp.onnx: over 1024 bytes\""
has '"error":2,'
no 64 "batch: --memory '0': bytes, such as 500M or 2G" batch "$tmp/two" --memory 0

# stopped: what was done is there, and the same command goes on
for i in 0 1 2 3 4 5 6 7; do
    echo "softreg.onnx,prop/img0${i}_eps0.04_p0.5.vnnlib,60"
done >"$tmp/list"
rm -f "$tmp/r"
"$SBX" batch "$tmp/list" --root "$d" --results "$tmp/r" --jobs 1 --max-nodes 300 >"$tmp/out" 2>"$tmp/err" &
pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -s "$tmp/r" ] && break
    sleep 0.1
done
kill -TERM $pid 2>/dev/null
wait $pid
st=$?; checks=$((checks + 1))
[ $st -eq 30 ] || [ $st -eq 0 ] || fail "exit status $st after a signal"
ok batch "$tmp/list" --root "$d" --results "$tmp/r" --max-nodes 300
same "$(wc -l <"$tmp/r")" 8
same "$(sed 's/.*"vnnlib":"\([^"]*\)".*/\1/' "$tmp/r" | sort -u | wc -l)" 8

# refused
bad_list() { # MESSAGE TEXT
    printf "$2" >"$tmp/list"
    no 65 "batch: $tmp/list$1" batch "$tmp/list"
}
bad_list ':1: not of the form net,property,seconds' 'a.onnx,b.vnnlib\n'
bad_list ':1: not of the form net,property,seconds' 'a.onnx,b.vnnlib,1,2\n'
bad_list ":2: 'soon' is no number of seconds above 0" 'a,b,1\nc,d,soon\n'
bad_list ":2: '0' is no number of seconds above 0" 'a,b,1\nc,d,0\n'
bad_list ':2: the same instance as before' 'a,b,1\na,b,2\n'
bad_list ': no instance' '\n'
bad_list ': holds a zero byte' 'a,b,1\n\0'
printf 'a,b,1\n' >"$tmp/list"
echo 'no json' >"$tmp/r"
no 65 "batch: $tmp/r:1: not a result: '[' or '{' expected near 'no'" batch "$tmp/list" --results "$tmp/r"
same "$(cat "$tmp/r")" 'no json'
no 64 "batch: --jobs '0': a whole number, 1 to 256" batch "$tmp/list" --jobs 0
no 64 "batch: --timeout 'x': seconds above 0" batch "$tmp/list" --timeout x
no 64 "batch: --method 'lp': auto, ibp, crown, bab" batch "$tmp/list" --method lp
no 65 'batch: nosuch: No such file or directory' batch nosuch
finish
