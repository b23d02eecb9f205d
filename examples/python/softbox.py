# softbox.py -- softbox from Python: one file over the shared library, nothing to build or install.
#
#     import softbox
#     softbox.compare("plsoftmax", "expected-error", 3).lower        Fraction(4, 23)
#     softbox.eval("sparsemax", ["1/2", 0, "0.3"], exact=True)       Fractions
#     softbox.eval("softmax", [1.0, 2.0])                            floats (a NumPy array for one)
#     softbox.bound("softmax", [-1, 0], [1, 0.5])                    a proved (lower, upper) each
#
# Numbers given as text or Fractions are exact; a float is the binary number that it is.
# The library is $SOFTBOX_LIB, or build/release/libsoftbox.so of this source tree.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import ctypes as c
import math
import os
from collections import namedtuple
from fractions import Fraction

_here = os.path.dirname(os.path.abspath(__file__))
_lib = c.CDLL(os.environ.get("SOFTBOX_LIB") or
              os.path.join(_here, "..", "..", "build", "release", "libsoftbox.so"))


class Error(Exception):
    """What the library said."""


class _Err(c.Structure):
    _fields_ = [("code", c.c_int), ("where", c.c_char_p), ("msg", c.c_char * 256)]


class _Q(c.Structure):  # mpq_t: two big integers
    _fields_ = [("words", c.c_uint64 * 4)]


class _Ivd(c.Structure):
    _fields_ = [("lo", c.c_double), ("hi", c.c_double)]


class _Ivq(c.Structure):
    _fields_ = [("lo", _Q), ("hi", _Q)]


class _Value(c.Structure):
    _fields_ = [("n", c.c_size_t), ("v", c.c_void_p)]


class _Args(c.Structure):  # sbx_norm_args
    _fields_ = [("norm", c.c_void_p), ("zero_row", c.c_int), ("value", _Value * 4)]


class _Question(c.Structure):  # sbx_study_question
    _fields_ = [("quantity", c.c_int), ("d", c.c_size_t), ("p", c.c_int), ("q", c.c_int),
                ("scale", c.c_void_p), ("order", c.c_void_p), ("width", c.c_void_p),
                ("rows", c.c_size_t)]


class _Cell(c.Structure):  # sbx_cell
    _fields_ = [("kind", c.c_int), ("lo", _Q), ("hi", _Q), ("exact", c.c_bool),
                ("reached", c.c_bool), ("how", c.c_char_p), ("why", c.c_char_p)]


_lib.sbx_q_write_exact.restype = c.c_void_p
_lib.sbx_q_write_exact.argtypes = [c.c_void_p, c.c_size_t]
_lib.sbx_text_free.argtypes = [c.c_void_p]
_lib.sbx_norm_outputs.restype = c.c_size_t
_lib.sbx_norm_outputs.argtypes = [c.c_void_p, c.c_size_t]


def _call(name, *args):
    err = _Err()
    if getattr(_lib, name)(*args, c.byref(err)) != 0:
        raise Error(err.msg.decode("utf-8", "replace"))


def _fraction(q):
    text = _lib.sbx_q_write_exact(c.byref(q), 0)
    if not text:
        raise MemoryError
    try:
        return Fraction(c.string_at(text).decode())
    finally:
        _lib.sbx_text_free(text)


def _text(v):
    """v exactly, as the library reads it"""
    if isinstance(v, str):
        return v.encode()
    if not isinstance(v, Fraction):
        if not isinstance(v, int):
            v = float(v)
            if not math.isfinite(v):
                raise Error("%r is no number" % v)
        v = Fraction(v)
    return ("%d/%d" % (v.numerator, v.denominator)).encode()


class _Rationals:
    """n mpq_t side by side, cleared at the end of a with"""

    def __init__(self, values):
        self.q = (_Q * max(len(values), 1))()
        self.texts = [_text(v) for v in values]
        self.done = 0

    def __enter__(self):
        for q in self.q:
            _lib.sbx_mpq_init(c.byref(q), None)
            self.done += 1
        try:
            for q, t in zip(self.q, self.texts):
                _call("sbx_q_read", c.byref(q), t, c.c_size_t(len(t)))
        except Error:
            self.__exit__()
            raise
        return self.q

    def __exit__(self, *_):
        for q in self.q[:self.done]:
            _lib.sbx_mpq_clear(c.byref(q))
        self.done = 0


class _Normalizer:
    def __init__(self, text):
        self.text, self.args = text.encode(), _Args()

    def __enter__(self):
        _call("sbx_norm_read", c.byref(self.args), self.text)
        return self.args

    def __exit__(self, *_):
        _lib.sbx_norm_args_clear(c.byref(self.args))


def eval(normalizer, x, exact=False):  # the command's name
    """The weights of x: floats (no promise on rounding), or with exact=True Fractions (class Q
    alone). A NumPy array gives a NumPy array."""
    values = list(x)
    with _Normalizer(normalizer) as a:
        n = len(values)
        m = max(_lib.sbx_norm_outputs(c.byref(a), n), n, 1)
        if exact:
            with _Rationals(values) as q, _Rationals([0] * m) as p:
                _call("sbx_norm_eval_mpq", p, c.byref(a), q, c.c_size_t(n), None)
                out = [_fraction(v) for v in p]
        else:
            p = (c.c_double * m)()
            q = (c.c_double * max(n, 1))(*[float(Fraction(v)) for v in values])
            _call("sbx_norm_eval_f64", p, c.byref(a), q, c.c_size_t(n), None)
            out = list(p)
        out = out[:_lib.sbx_norm_outputs(c.byref(a), n)]
    if type(x).__module__ == "numpy" and not exact:
        import numpy
        return numpy.array(out)
    return out


def bound(normalizer, lo, hi, exact=False):
    """Proved (lower, upper) of each weight over the box lo <= x <= hi: floats, rounded outward, or
    with exact=True Fractions."""
    lo, hi = list(lo), list(hi)
    if len(lo) != len(hi):
        raise Error("a box has as many lower as upper ends")
    kind = _Ivq if exact else _Ivd
    name = "ivq" if exact else "ivd"
    init, clear = getattr(_lib, "sbx_%s_init" % name), getattr(_lib, "sbx_%s_clear" % name)
    with _Normalizer(normalizer) as a:
        n = len(lo)
        m = max(_lib.sbx_norm_outputs(c.byref(a), n), n, 1)
        x, p, end = (kind * max(n, 1))(), (kind * m)(), kind()
        every = list(x) + list(p) + [end]
        for z in every:
            init(c.byref(z), None)
        try:
            with _Rationals(lo) as below, _Rationals(hi) as above:
                for k in range(n):
                    _call("sbx_%s_set_q" % name, c.byref(x[k]), c.byref(below[k]), None)
                    _call("sbx_%s_set_q" % name, c.byref(end), c.byref(above[k]), None)
                    if Fraction(_text(lo[k]).decode()) > Fraction(_text(hi[k]).decode()):
                        raise Error("a lower end is above its upper end")
                    _call("sbx_%s_hull" % name, c.byref(x[k]), c.byref(x[k]), c.byref(end), None)
            _call("sbx_norm_range_%s" % name, p, c.byref(a), c.c_size_t(-1), x, c.c_size_t(n), None)
            outputs = _lib.sbx_norm_outputs(c.byref(a), n)
            return [(_fraction(z.lo), _fraction(z.hi)) if exact else (z.lo, z.hi)
                    for z in list(p)[:outputs]]
        finally:
            for z in every:
                clear(c.byref(z))


Cell = namedtuple("Cell", "lower upper exact reached how why")
_QUANTITIES = ["expected-error", "worst-error", "lipschitz", "dinf", "drenyi", "ratio", "range",
               "jacobian-frobenius"]
_ELL = {"1": 0, "2": 1, "inf": 2}


def compare(normalizer, quantity, dim, p="2", q="2", scale=None, order=None, width=None,
            rows=0):
    """A proved constant: lower and upper are Fractions, math.inf, or None where nothing is
    known. normalizer "lower-bound": what every soft-max function has."""
    if quantity not in _QUANTITIES:
        raise Error("no quantity '%s'" % quantity)
    z = _Cell()
    given = [scale, order, width]
    _lib.sbx_cell_init(c.byref(z))
    try:
        with _Rationals([0 if v is None else v for v in given]) as v:
            at = [None if g is None else c.addressof(v[k]) for k, g in enumerate(given)]
            ask = _Question(_QUANTITIES.index(quantity), int(dim), _ELL[str(p)], _ELL[str(q)], *at,
                            int(rows))
            _call("sbx_study_quantity", c.byref(z), normalizer.encode(), c.byref(ask), None)
        lower = upper = None
        if z.kind in (1, 4):
            lower, upper = _fraction(z.lo), _fraction(z.hi)
        elif z.kind == 2:
            lower = _fraction(z.lo)
        elif z.kind == 3:
            lower = upper = math.inf
        return Cell(lower, upper, z.exact, z.reached, z.how.decode(),
                    z.why.decode() if z.why else None)
    finally:
        _lib.sbx_cell_clear(c.byref(z))


if __name__ == "__main__":
    print("PLSoftMax, d = 3:", compare("plsoftmax", "expected-error", 3).lower)
    cell = compare("softmax", "expected-error", 50257)
    print("softmax, d = 50257: [%.15g, %.15g]" % (cell.lower, cell.upper))
    print("sparsemax(1/2, 0, 3/10):", *eval("sparsemax", ["1/2", 0, "0.3"], exact=True))
    for low, high in bound("softmax", [-1, 0, "1/3"], [1, 2, 1]):
        print("softmax over the box: [%.15g, %.15g]" % (low, high))
