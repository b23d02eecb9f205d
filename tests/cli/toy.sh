#!/bin/sh
# The recipe of CONTRIBUTING for a normalizer, followed: in a copy of the tree one file, one line in
# the registry, one lemma and its mention in a test make a row that eval, bound and list know, that
# every test of all rows judges, and that the lint of lemmas accepts.
. "$(dirname "$0")/lib.sh"
B=${B:-build/release}
config=${B##*/}
copy=$tmp/tree
mkdir -p "$copy/$B"
tar -cf - --exclude=./build --exclude=./.git . | tar -xf - -C "$copy"
for f in gen src libsoftbox.a libsoftbox.so libsoftbox.so.0 softbox; do
    [ -e "$B/$f" ] && cp -a "$B/$f" "$copy/$B/"
done
cd "$copy" || exit 2

cat >src/norm/toy.c <<'END'
/* norm/toy.c -- weights 1 / (1 + x^2), normalised.
 *
 * The weight's ends over an interval are those of x^2, so a quotient of ends is the range [L-NRM-NNN].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/toy.c"
#include "norm/every.h"

const sbx_norm sbx_norm_toy = {
    .info = {.name = "toy",
             .formula = "1/(1 + x_i^2) / sum 1/(1 + x_j^2)",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS |
                       SBX_NORM_SYMMETRIC},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    (void)top;
    (void)a;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
    SBX_TRY(NUM_(sqr)(&t[1], x, ctx, err));
    SBX_TRY(NUM_(add)(&t[1], &t[1], &t[0], ctx, err));
    SBX_TRY(NUM_(div)(w, &t[0], &t[1], ctx, err));
    if (dw) { /* -2 x w^2 */
        SBX_TRY(NUM_(sqr)(&t[1], w, ctx, err));
        SBX_TRY(NUM_(set_si)(&t[0], -2, ctx, err));
        SBX_TRY(NUM_(mul)(&t[0], &t[0], x, ctx, err));
        SBX_TRY(NUM_(mul)(dw, &t[0], &t[1], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
END
echo 'SBX_NORM(toy)' >>src/norm/norms.def
cat >>proofs/norm.md <<'END'

### L-NRM-NNN -- the toy's weight
Paper: the proof below

1 / (1 + x^2) falls in x^2.
END
sed -i 's,^static void by_hand(void .*,/* toy: 1/2 to 1 [L-NRM-NNN] */\n&,' tests/unit/test_normalizers_exact.c

# a number of its own, which the lint of this tree must not see
n=900; sed -i "s/L-NRM-NNN/L-NRM-$n/" src/norm/toy.c proofs/norm.md tests/unit/test_normalizers_exact.c

make -s CONFIG="$config" "$B/softbox" "$B/tests/unit/test_normalizers" >"$tmp/log" 2>&1 || {
    fail 'the copy does not build'
    cat "$tmp/log"
    finish
}
SBX=$copy/$B/softbox
ok list normalizers; has '  toy  '
ok eval --normalizer toy --at 0,1,2 --arith mpq # 1, 1/2, 1/5
same "$(cell 1 2) $(cell 2 2) $(cell 3 2)" '10/17 5/17 2/17'
ok bound --normalizer toy --lo=-1,0 --hi 1,0 --arith ivq # 1/2 .. 1 beside 1
same "$(cell 1 3 | cut -c1-12) $(cell 1 4)" '0.3333333333 0.5'
checks=$((checks + 1))
SBX_TIMES=0.2 "$B/tests/unit/test_normalizers" >"$tmp/log" 2>&1 || { fail 'the tests of all rows'; cat "$tmp/log"; }
checks=$((checks + 1))
tests/lint/proofs >"$tmp/log" 2>&1 || { fail 'the lint of lemmas'; cat "$tmp/log"; }
finish
