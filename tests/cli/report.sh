#!/bin/sh
# softbox table, softbox plot: every name in every form; what is written says how and with
# which command; LaTeX compiles where there is one; refusals.
. "$(dirname "$0")/lib.sh"

no 64 "table: a name is missing; 'softbox table --help' lists them" table
no 64 "table: no table 'T0'; 'softbox table --help' lists them" table T0
no 64 "plot: no plot 'T0'; 'softbox plot --help' lists them" plot T0
no 64 "table softmax-bounds: --format 'svg': text, json, csv, markdown or latex" table softmax-bounds --format svg
no 64 "plot softmax-bounds: --format 'json': csv, latex or svg" plot softmax-bounds --format json
no 64 "plot softmax-bounds: --radius '0': a number, 1/1000 to 100" plot softmax-bounds --radius 0
no 64 "plot softmax-bounds: --n '1': a whole number, 2 to 1000" plot softmax-bounds --n 1
no 65 'table softmax-bounds: lo has 1 numbers, hi has 3' table softmax-bounds --lo 1
no 74 "table softmax-bounds: $tmp/none/x: No such file or directory" table softmax-bounds --output "$tmp/none/x"

names() { ok list "$1"; sed -n 's/^  \([^ ]*\).*/\1/p' "$tmp/out"; }
tables=$(names tables) plots=$(names plots)
for t in $tables; do
    ok table --help; has "  $t "
    ok table "$t" --help; has "softbox table $t ["; has '--format text|json|csv|markdown|latex'
done
for p in $plots; do
    ok plot --help; has "  $p "
    ok plot "$p" --help; has "softbox plot $p ["; has '--format csv|latex|svg'
done

# a table: the same numbers in every form
ok table softmax-bounds --lo '-1,0,1/3' --hi 1,2,1; has '0.5315483062'
ok table softmax-bounds --lo '-1,0,1/3' --hi 1,2,1 --format json; has '"command":"softbox table softmax-bounds --lo -1,0,1/3 --hi 1,2,1 --format json"'
upper=$(sed 's/.*"interval"[^}]*}[^}]*"upper":"\([^"]*\)".*/\1/' "$tmp/out")
below 0.53154830618068311764 "$upper"
ok table softmax-bounds --lo '-1,0,1/3' --hi 1,2,1 --format csv
same "$(awk -F, '$1 == "interval" { print $6 }' "$tmp/out")" "$upper"
same "$(awk -F, '{ print NF }' "$tmp/out" | sort -u)" 10
ok table softmax-bounds --format markdown; has '| --- | ---: | ---: | ---: |'
ok table softmax-bounds --format latex --output "$tmp/t.tex"; same "$(wc -c <"$tmp/out")" 0
checks=$((checks + 1)); grep -qxF '% command: softbox table softmax-bounds --format latex' "$tmp/t.tex" || fail 'no command in LaTeX'

# a plot: well formed, a label for each curve; bounds are in order at every point
ok plot softmax-bounds
cp "$tmp/out" "$tmp/p.svg"
if command -v xmllint >/dev/null; then
    checks=$((checks + 1)); xmllint --noout "$tmp/p.svg" || fail 'no XML'
else
    echo 'skip: no xmllint'
fi
curves=$(grep -c '^<g>' "$tmp/p.svg")
same "$(sed -n 's,^<title>\(.*\)</title>$,\1,p' "$tmp/p.svg" | wc -l)" "$curves"
same "$(awk '/^<g>/ { on = 1 } /^<\/g>/ { on = 0 } on && /^<text/' "$tmp/p.svg" | wc -l)" "$curves"
ok plot softmax-bounds --format csv
methods=$(awk -F, '$1 == "10 logits" { print $2 }' "$tmp/out" | sort -u | wc -l)
same "$curves" $((1 + 2 * (methods - 1) + methods))
checks=$((checks + 1))
awk -F, '
    NR == 1 { next }
    { x = $(NF - 1); y = $NF; side = $(NF - 2) }
    /^two logits,softmax,/ { if (y <= last) bad = bad " value:" x; last = y; value[x] = y; n++ }
    side == "lower" && y > value[x] + 1e-12 { bad = bad " lower:" $2 ":" x }
    /^two logits/ && side == "upper" && y < value[x] - 1e-12 { bad = bad " upper:" $2 ":" x }
    /^10 logits/ && !(y >= 0 && y <= 1) { bad = bad " gap:" $2 ":" x }
    /^10 logits,interval,/ { if (y <= gap) bad = bad " gap:" x; gap = y }
    END { if (n != 121 || bad) { print n bad; exit 1 } }' "$tmp/out" || fail 'bounds out of order'
# the published picture (Wei et al., two logits, differences -2 to 2), and the envelopes
at() { awk -F, -v c="$1" -v s="$2" -v x="$3" '$1 == "two logits" && $2 == c && $3 == s && $4 == x { printf "%.5f", $5 }' "$tmp/out"; }
for v in 'er lower -1 0.15208' 'er lower 0 0.20999' 'er lower 1 0.33912' 'er upper -1 0.60960' 'er upper 0 0.79001' \
    'er upper 1 0.85638' 'lse upper -1 0.42904' 'lse upper 0 0.66518' 'lse upper 1 0.80984' 'env lower 1 0.67674' \
    'env lower 0 0.47269' 'env lower -1 0.26894' 'env upper 1 0.73106' 'env upper 0 0.52731' 'env upper -1 0.32326'; do
    # shellcheck disable=SC2086
    set -- $v
    same "$(at "$1 $2" "$2" "$3")" "$4"
done
ok plot softmax-bounds --radius 1/2 --n 4 --format latex; cp "$tmp/out" "$tmp/p.tex"
same "$(grep -c addplot "$tmp/p.tex")" "$curves"
if command -v pdflatex >/dev/null && kpsewhich siunitx.sty pgfplots.sty longtable.sty >/dev/null; then
    for f in t p; do
        checks=$((checks + 1))
        (cd "$tmp" && pdflatex -interaction=nonstopmode -halt-on-error $f.tex >$f.txt 2>&1) ||
            { fail "$f.tex does not compile"; tail -n 20 "$tmp/$f.txt"; }
    done
    printf '\\documentclass{article}\\usepackage{booktabs,siunitx,pgfplots}\\newcommand\\softboxpart{}\\begin{document}\\input{t}\\input{p}end\\end{document}' >"$tmp/all.tex"
    checks=$((checks + 1))
    (cd "$tmp" && pdflatex -interaction=nonstopmode -halt-on-error all.tex >all.txt 2>&1) ||
        { fail 'the parts do not compile'; tail -n 20 "$tmp/all.txt"; }
else
    echo 'skip: no LaTeX with siunitx and PGFPlots'
fi
finish
