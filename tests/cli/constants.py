#!/usr/bin/env python3
# Judges constants of `softbox compare` by python3-mpmath at 60 digits: maximisation of the formulas
# of their definitions, written apart. Reads the answers, prints how many numbers were judged.
#   softbox compare .. --format json | constants.py
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import sys
from fractions import Fraction

import mpmath as mp

mp.mp.dps = 60


def most(f, a, b):
    """max of f over [a, b], unimodal beyond a grid"""
    a, b = mp.mpf(a), mp.mpf(b)
    n = 200
    k = max(range(1, n), key=lambda j: f(a + (b - a) * j / n))
    lo, hi = a + (b - a) * (k - 1) / n, a + (b - a) * (k + 1) / n
    g = (mp.sqrt(5) - 1) / 2
    for _ in range(100):
        c, e = hi - g * (hi - lo), lo + g * (hi - lo)
        if f(c) < f(e):
            lo = c
        else:
            hi = e
    return f((lo + hi) / 2)


def softmax_error(d):  # all gaps g: g (d - 1) e^-g / (1 + (d - 1) e^-g)
    return most(lambda g: g * (d - 1) * mp.exp(-g) / (1 + (d - 1) * mp.exp(-g)), 0, 2 * mp.log(d) + 8)


def flip_error(d):  # P(max) = (1 - (1 - a)^d)/(d a), a = e^-g
    def f(g):
        a = mp.exp(-g)
        return g * (1 - (1 - (1 - a) ** d) / (d * a))
    return most(f, mp.mpf(10) ** -9, 2 * mp.log(d) + 8)


def entmax_error(d, alpha):  # weight p on the greatest: gap (p^a - r^a)/a, r the others' weight
    a = mp.mpf(alpha) - 1
    return most(lambda p: (1 - p) * (p ** a - ((1 - p) / (d - 1)) ** a) / a, mp.mpf(1) / d, 1)


def power_ratio(d, lam):
    return -most(lambda r: -(1 + (d - 1) * r ** (lam + 1)) / (1 + (d - 1) * r ** lam), 0, 1)


def divergence_bound(d, order):  # max over c of D(1 - 1/c || 1/d)/c
    def f(t):
        s = (1 - t) / (d - 1)
        if order == 1:
            return (1 - t) * (t * mp.log(t * d) + (1 - t) * mp.log(s * d))
        top = (t ** order + (d - 1) * s ** order) * mp.mpf(d) ** (order - 1)
        return (1 - t) * mp.log(top) / (order - 1)
    return most(f, mp.mpf(1) / d, 1)


def expected(name, d):
    if name in ('softmax', 'sigsoftmax'):
        return softmax_error(d)
    if name == 'base:b=2':
        return softmax_error(d) / mp.log(2)
    if name == 'top-k:k=2':
        return softmax_error(2)
    if name == 'permute-and-flip':
        return flip_error(d)
    if name == 'entmax-1.5':
        return entmax_error(d, 1.5)
    if name.startswith('power:lambda='):
        return power_ratio(d, int(name.split('=')[1]))
    if name == 'lower-bound':
        return divergence_bound(d, int(sys.argv[1]))
    raise SystemExit('no formula for ' + name)


judged = 0
for line in sys.stdin:
    cell = json.loads(line)
    lo, hi = (Fraction(cell[k]) for k in ('lower', 'upper'))
    v = expected(cell['normalizer'], cell['dim'])
    slack = mp.mpf(10) ** -40
    assert mp.mpf(lo.numerator) / lo.denominator <= v + slack, (cell, v)
    assert mp.mpf(hi.numerator) / hi.denominator >= v - slack, (cell, v)
    assert hi - lo <= Fraction(1, 10 ** 11) * max(1, hi), cell
    judged += 1
print(judged)
