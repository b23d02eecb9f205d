#!/bin/sh
# The installed library, through pkg-config: the example programs, shared and static, and
# what they print. Also that make install puts everything where it says.
. "$(dirname "$0")/lib.sh"

build=$(dirname "$SBX")
config=${build##*/}
case $config in
release | debug) ;;
*) echo "skip: examples are linked against release and debug builds, not $config"; finish ;;
esac
unset MAKEFLAGS MFLAGS MAKELEVEL
make -s CONFIG="$config" install DESTDIR="$tmp/root" PREFIX=/usr/local >"$tmp/log" 2>&1 ||
    { cat "$tmp/log"; fail "make install"; finish; }
root=$tmp/root/usr/local
for f in bin/softbox include/softbox/softbox.h include/softbox/bind/ivd.h lib/libsoftbox.a \
    lib/libsoftbox.so lib/libsoftbox.so.0 lib/pkgconfig/softbox.pc share/man/man1/softbox.1; do
    checks=$((checks + 1)); [ -e "$root/$f" ] || fail "not installed: $f"
done
same "$("$root/bin/softbox" --version)" "$(cat VERSION)"

export PKG_CONFIG_PATH="$root/lib/pkgconfig"
pkg="pkg-config --define-variable=prefix=$root"
same "$($pkg --modversion softbox)" "$(cat VERSION)"
warn='-std=c17 -Wall -Wextra -Werror -D_POSIX_C_SOURCE=200809L'
for how in shared static; do
    static=; [ $how = shared ] || static=-static
    for p in range margin; do
        checks=$((checks + 1)); last="cc $static $p.c"
        # shellcheck disable=SC2046,SC2086
        ${CC:-cc} $warn $static "examples/c/$p.c" $($pkg ${static:+--static} --cflags --libs softbox) \
            -o "$tmp/$p-$how" 2>"$tmp/log" || { fail "$p.c, $how"; cat "$tmp/log"; }
    done
    last="range, margin ($how)"
    LD_LIBRARY_PATH=$root/lib "$tmp/range-$how" -1 1 0 2 1/3 1 >"$tmp/out" || fail "range: exit status"
    ends() { sed -n "s/^softmax_$1 in \\[\\(.*\\), \\(.*\\)\\]\$/\\$2/p" "$tmp/out"; }
    below "$(ends 0 1)" 0.03511902695933972419
    below 0.53154830618068311764 "$(ends 0 2)"
    below "$(ends 2 1)" 0.12132647558421490200
    below 0.66524095577482188952 "$(ends 2 2)"
    LD_LIBRARY_PATH=$root/lib "$tmp/margin-$how" 0 1 0.25 2 1 -1 >"$tmp/out" || fail "margin: exit status"
    has ': ahead, proved'
    LD_LIBRARY_PATH=$root/lib "$tmp/margin-$how" 1 0 0.25 2 1 -1 >"$tmp/out" || fail "margin: exit status"
    has ': behind, proved'
    LD_LIBRARY_PATH=$root/lib "$tmp/margin-$how" 0 1 0.75 2 1 -1 >"$tmp/out" || fail "margin: exit status"
    has ': not decided'
    LD_LIBRARY_PATH=$root/lib "$tmp/margin-$how" 0 7 1 2 1 2>/dev/null
    same $? 64
done
for p in range margin; do
    same "$(awk 'END { print (NR <= 60) }' examples/c/$p.c)" 1
done
finish
