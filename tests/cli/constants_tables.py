#!/usr/bin/env python3
# Judges tables T12, T14, T15, constants and saturation by python3-mpmath at 60 digits, from the definitions: the
# iterations step by step, Gaussian means by sums, minima by search. Reads a table as JSON, prints
# how many numbers were judged.
#   softbox table T12 --format json | constants_tables.py
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import re
import struct
import sys
from fractions import Fraction

import mpmath as mp

mp.mp.dps = 60
judged = 0


def end(text):
    v = Fraction(text)
    return mp.mpf(v.numerator) / v.denominator


def judge(cell, want, what, slack=mp.mpf("1e-45")):
    """want lies in the cell, which is narrow (or starts at 0)"""
    global judged
    if not isinstance(cell, dict) or cell.get("upper") is None:
        return
    hi = end(cell["upper"])
    below = cell.get("lower") in (None, "-inf")
    lo = mp.mpf(0) if below else end(cell["lower"])
    if not lo * (1 - slack) <= want <= hi * (1 + slack):
        sys.exit(f"{what}: {mp.nstr(want, 25)} is not in [{cell.get('lower')}, {cell['upper']}]")
    if not below and not hi - lo <= abs(hi) * mp.mpf("1e-14"):
        sys.exit(f"{what}: wide")
    judged += 1


def left(method, ratio, steps):
    e = 1 - (mp.mpf(9) / 5 if method == "Newton" else 1) * ratio**2
    for _ in range(steps):
        e = e**2 if method == "Newton" else 3 * e**3 / 4 + e**4 / 4
    return e


def threshold(method, eps, steps):
    lo, hi = mp.mpf(0), mp.mpf(1)
    if method == "Newton":
        hi = mp.sqrt(mp.mpf(5) / 9)
    for _ in range(180):
        m = (lo + hi) / 2
        if left(method, m, steps) > eps:
            lo = m
        else:
            hi = m
    return hi


def t12(rows):
    names = {"at ratio 1/1000": 1000, "at 1/100": 100, "at 1/10": 10, "at 3/10": None}
    aims = {"least ratio to 1/10": 10, "to 1/1000": 1000, "to 1/1000000": 1000000}
    for r in rows:
        method, steps = r["iteration"], r["steps"]
        if not steps.isdigit():
            eps = 1 / mp.mpf(Fraction(steps.split()[-1]).denominator)
            for name, den in names.items():
                k, ratio = int(r[name]["upper"]), 1 / mp.mpf(den) if den else mp.mpf(3) / 10
                if left(method, ratio, k) > eps or left(method, ratio, k - 1) <= eps:
                    sys.exit(f"{method} needs not {k} steps at {name}")
            continue
        for name, den in names.items():
            ratio = 1 / mp.mpf(den) if den else mp.mpf(3) / 10
            judge(r[name], left(method, ratio, int(steps)), f"T12 {method} {steps} {name}")
        if int(steps) <= 22:  # the search has no digits left beyond
            for name, den in aims.items():
                judge(r[name], threshold(method, 1 / mp.mpf(den), int(steps)),
                      f"T12 {method} {steps} {name}", mp.mpf("1e-30"))


def t14(rows):
    maps = {"positive": mp.exp, "hyperbolic": mp.cosh, "trigonometric": mp.cos}
    for r in rows:
        s, f = mp.mpf(r["square"]), maps[r["features"]]
        far, step = int(16 * (14 + 2 * mp.sqrt(s))), mp.mpf(1) / 16

        def mean(g):  # the rule of trapezoids, whose error is far below 1e-40 here
            return sum(
                g(k * step * mp.sqrt(s)) * mp.exp(-((k * step) ** 2) / 2) for k in range(-far, far + 1)
            ) * step / mp.sqrt(2 * mp.pi)

        v = mean(lambda w: f(w) ** 2) / mean(f) ** 2 - 1
        judge(r["variance"], v, f"T14 {r['features']} {s}", mp.mpf("1e-20"))
        for name, per in (("draws for 10 %", 100), ("draws for 1 %", 10000)):
            judge(r[name], mp.ceil(v * per), f"T14 {r['features']} {s} {name}")
        if f is mp.cos:  # cos w < 0 on (pi/2, 3 pi/2) + 2 pi k
            tail = lambda x: mp.erfc(x / mp.sqrt(2 * s)) / 2
            p = 2 * mp.nsum(lambda k: tail(mp.pi * (4 * k + 1) / 2) - tail(mp.pi * (4 * k + 3) / 2), [0, 200])
            judge(r["P(negative), 1 draw"], p, f"T14 negative {s}", mp.mpf("1e-30"))


def t15(rows):
    for r in rows:
        d, s2 = int(r["d"]), mp.mpf(Fraction(r["noise"]).numerator) / Fraction(r["noise"]).denominator
        log_risk = lambda u: -mp.log(u) - mp.mpf(d) / 2 * mp.log1p(-2 * u) + mp.log(1 + s2 + u / (1 - 2 * u))
        lo, hi = mp.mpf(0), mp.mpf(1) / 2
        for _ in range(150):  # thirds: log_risk falls, then rises
            a, b = lo + (hi - lo) / 3, hi - (hi - lo) / 3
            if log_risk(a) < log_risk(b):
                hi = b
            else:
                lo = a
        one, two = mp.exp(log_risk(lo)), d * (1 + s2) + 1
        judge(r["one head"], one, f"T15 {d}", mp.mpf("1e-40"))
        judge(r["two heads"], two, f"T15 {d} two")
        judge(r["ratio"], one / two, f"T15 {d} ratio", mp.mpf("1e-40"))


def constants(rows):
    for r in rows:
        what, at, z = r["quantity"], r["at"], r["value"]
        n = [mp.mpf(Fraction(v).numerator) / Fraction(v).denominator for v in re.findall(r"\d+(?:/\d+)?", at)]
        if "cross-covariance" in what:
            want = 1 / (1 + (n[0] - 1) * mp.exp((-2 if "greatest" in what else 2) / n[1]))
        elif "sigmoid" in what:
            want = n[0] / (1 + mp.exp(mp.log(n[0])))
        elif "slope" in what:
            want = mp.diff(lambda t: t * t / (1 + t * t), 1 / mp.sqrt(3))
        elif "rounded" in what:
            want = mp.exp(n[1] * mp.mpf(2) ** -{"fp16": 11, "bf16": 8, "fp32": 24}[at[:4]]) - 1
        elif "degree" in what:
            want = mp.ceil(mp.log(n[0]) / -mp.log(1 - n[1]))
        else:
            base = n[0] if "SSMax" in what else mp.e
            gap = mp.mpf("2.15") if "SSMax" in what else 5
            want = 1 / (1 + (n[0] - 1) * base ** -gap)
        judge(z, want, f"{what}, {at}", mp.mpf("1e-25"))


def saturation(rows):
    """largest numbers from the bits of the formats; deficits in fractions where the exponent is whole"""
    global judged
    largest = {
        "fp16": Fraction(struct.unpack("<e", struct.pack("<H", 0x7BFF))[0]),
        "e5m2": Fraction(struct.unpack("<e", struct.pack("<H", 0x7B00))[0]),  # its upper byte
        "bf16": Fraction(struct.unpack("<f", struct.pack("<I", 0x7F7F0000))[0]),  # its upper half
        "f32": Fraction(struct.unpack("<f", struct.pack("<I", 0x7F7FFFFF))[0]),
        "e4m3": (1 + Fraction(0x7E % 8, 8)) * 2 ** (0x7E // 8 - 7),  # 0x7f is NaN
    }
    for r in rows:
        m, t, what = largest[r["stored as"]], Fraction(r["threshold"]), f"{r['stored as']} {r['threshold']}"
        judge(r["greatest offset"], mp.log(m.numerator, 2) - mp.mpf(t.numerator) / t.denominator, what)
        whole = Fraction(r["whole offset"]["upper"])
        fits = [(whole + k + t) * t.denominator for k in (0, 1)]  # 2^(e / d) <= m, e whole
        if not 2 ** int(fits[0]) <= m**t.denominator < 2 ** int(fits[1]):
            sys.exit(f"{what}: {whole} is not the greatest")
        if Fraction(r["largest number"]["upper"]) != m:
            sys.exit(f"{what}: {m}")
        judged += 2
        for name, o in (("deficit at offset 0", 0), ("at 4", 4), ("at 8", 8), ("at 12", 12)):
            e = o + t
            if 2 ** int(e * t.denominator) <= m**t.denominator or e.denominator == 1:
                want = max(Fraction(0), 1 - m / Fraction(2) ** int(e))
                if not r[name]["exact"] or {Fraction(r[name][k]) for k in ("lower", "upper")} != {want}:
                    sys.exit(f"{what} {name}: not {want}")
                judged += 1
            else:
                judge(r[name], 1 - m.numerator / mp.mpf(2) ** (mp.mpf(e.numerator) / e.denominator), what)


table = json.load(sys.stdin)
{"T12": t12, "T14": t14, "T15": t15, "constants": constants, "saturation": saturation}[table["table"]](table["rows"])
print(judged)
