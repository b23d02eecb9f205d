#!/usr/bin/env python3
# Reads answers of `softbox bound --pieces`, beside the boxes they are for: at corners, at random points
# and at the points where the planes touch the greatest lower and the least upper plane bound the
# output, in decimals of 45 digits; and more planes leave less between them.   pieces.py BOXES ANSWERS R
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import random
import sys
from decimal import Decimal
from fractions import Fraction

from exact import dec, q

TINY = Decimal(10) ** -38
random.seed(1)


def output(name, i, x):
    e = [dec(v - x[0]).exp() for v in x]
    lse = sum(e).ln() + dec(x[0])
    if name == 'lse':
        return lse
    return e[i] / sum(e) if name == 'softmax' else dec(x[i]) - lse


def at(plane, x):
    return sum(q(a) * v for a, v in zip(plane['coef'], x)) + q(plane['const'])


planes = points = 0
many = int(sys.argv[3])
for line, answer in zip(open(sys.argv[1]), open(sys.argv[2])):
    b, r = json.loads(line), json.loads(answer)
    assert 'error' not in r, r
    lo, hi = [q(v) for v in b['lo']], [q(v) for v in b['hi']]
    name, n = b.get('normalizer', 'softmax'), len(lo)
    for out in r.get('outputs', [r]):
        i = out['index']
        touch = []
        for k in range(many):
            t = Fraction(2 * k + 1, 2 * many)
            up = [t if j == i or name == 'lse' else 1 - t for j in range(n)]
            touch.append([lo[j] + up[j] * (hi[j] - lo[j]) for j in range(n)])
        drawn = [[random.choice((lo[j], hi[j], lo[j] + (hi[j] - lo[j]) * Fraction(random.random())))
                  for j in range(n)] for _ in range(40)]
        for method, bound in out.items():
            if not isinstance(bound, dict) or 'pieces' not in bound:
                assert method in ('index', 'interval'), method
                continue
            pieces = bound['pieces']
            assert len(pieces) == many
            own = several = Fraction(0)
            for x in drawn + touch:
                f = output(name, i, x)
                low = max(at(p['lower'], x) for p in pieces)
                high = min(at(p['upper'], x) for p in pieces)
                assert dec(low) <= f + abs(f) * TINY and f - abs(f) * TINY <= dec(high), (method, name, i, x, float(dec(low) - f), float(f - dec(high)))
                own += at(bound['upper'], x) - at(bound['lower'], x)
                several += high - low
                points += 1
            if many >= 4 and method != 'constant':
                assert several < own, method
            for p, x in zip(pieces, touch):  # lse from below and log-softmax from above: tangents
                f = output(name, i, x)
                if name == 'lse' and method == 'auto':
                    assert f - dec(at(p['lower'], x)) < Decimal('1e-12'), 'no tangent'
                if name == 'log-softmax' and method == 'auto':
                    assert dec(at(p['upper'], x)) - f < Decimal('1e-12'), 'no tangent'
            planes += 2 * many
print(planes, points)
