#!/bin/sh
# examples/python/softbox.py over the shared library: bound, eval, compare.
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "skip: no python3"; exit 0; }
lib=$(dirname "$SBX")/libsoftbox.so
[ -f "$lib" ] || { echo "skip: no $lib"; exit 0; }
case $lib in *asan*) echo "skip: python3 does not load a sanitized library"; exit 0 ;; esac
case $lib in /*) ;; *) lib=$PWD/$lib ;; esac

cat >"$tmp/t.py" <<'EOF'
import math, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "examples/python")
import softbox
from fractions import Fraction as F

z = softbox.compare("plsoftmax", "expected-error", 3)
assert z.lower == z.upper == F(4, 23) and z.exact and z.how == "closed form", z
z = softbox.compare("plsoftmax", "lipschitz", 11, p="inf", q=1)
assert z.lower == F(656, 165), z
z = softbox.compare("softmax", "expected-error", 50257, width="1e-30")
assert 0 < z.upper - z.lower <= F(1, 10**30) and abs(float(z.lower) - 7.774089) < 1e-6, z
z = softbox.compare("softmax", "lipschitz", 3, p="inf", q="inf", scale=F(5, 2))
assert z.lower == F(5, 4), z
z = softbox.compare("sparsemax", "dinf", 3, p="inf")
assert z.lower == math.inf and z.why == "the supports differ", z
z = softbox.compare("log-softmax", "ratio", 3)
assert z.lower is None and z.why, z

assert softbox.eval("sparsemax", ["1/2", 0, "0.3"], exact=True) == [F(17, 30), F(1, 15), F(11, 30)]
p = softbox.eval("softmax", [1, 2.5, -1])
e = [math.exp(v) for v in (1, 2.5, -1)]
assert all(abs(a - b / sum(e)) < 1e-15 for a, b in zip(p, e)), p
x = [0.25, -1.0, 0.5]
for name in ("softmax", "sparsemax", "entmax-1.5", "taylor"):
    value = softbox.eval(name, x)
    box = softbox.bound(name, [v - 0.125 for v in x], [v + 0.125 for v in x])
    point = softbox.bound(name, x, x)
    for v, (lo, hi), (a, b) in zip(value, box, point):
        assert lo <= a <= b <= hi and a - 1e-12 <= v <= b + 1e-12, (name, v, lo, hi)
assert softbox.bound("taylor", [-1, -1, -1], [1, 1, 1], exact=True)[0] == (F(1, 11), F(5, 7))
try:
    import numpy
    assert isinstance(softbox.eval("softmax", numpy.array(x)), numpy.ndarray)
except ImportError:
    pass
for wrong in (lambda: softbox.compare("soft", "ratio", 3), lambda: softbox.eval("softmax", []),
              lambda: softbox.compare("softmax", "speed", 3),
              lambda: softbox.bound("softmax", [1], [0]),
              lambda: softbox.eval("softmax", ["1/2"], exact=True)):
    try:
        wrong()
    except softbox.Error as error:
        assert str(error)
    else:
        assert False
print("all well")
EOF
last="python3"
SOFTBOX_LIB=$lib python3 "$tmp/t.py" >"$tmp/out" 2>"$tmp/err" || { fail "exit status"; cat "$tmp/err"; }
line "all well"
SOFTBOX_LIB=$lib python3 -B examples/python/softbox.py >"$tmp/out" 2>"$tmp/err" || fail "the example fails"
line "PLSoftMax, d = 3: 4/23"
finish
