#!/usr/bin/env python3
# Reads answers of `softbox bound --certificate --polytope`, beside the boxes they are for, and checks
# every certificate and row: fractions, and decimals of 45 digits for exponentials. It shares
# nothing with the library.   certificate.py BOXES.jsonl ANSWERS.jsonl
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import sys
from decimal import Decimal
from fractions import Fraction

from exact import dec, q

TINY = Decimal(10) ** -36  # relative, of every exponential: added on the safe side
SLACK = Decimal(10) ** -30  # what those may add up to where a bound is attained


def exp(f):
    return dec(f).exp()


def closed(lo, hi, diff):
    n = len(lo)
    inf = None
    d = [[Fraction(0) if i == j else inf for j in range(n + 1)] for i in range(n + 1)]

    def lower(i, j, v):
        if d[i][j] is None or v < d[i][j]:
            d[i][j] = v
    for j in range(n):
        lower(j, n, hi[j])
        lower(n, j, -lo[j])
    for i, j, v in diff:
        lower(i, j, q(v))
    for k in range(n + 1):
        for i in range(n + 1):
            for j in range(n + 1):
                if d[i][k] is not None and d[k][j] is not None:
                    lower(i, j, d[i][k] + d[k][j])
    return d


def greatest(k, a, lo, hi, ref):
    """an upper bound of max over [lo, hi] of k e^(y - ref) - a y; k a decimal, the rest fractions"""
    best = None
    for y in (lo, hi):
        v = k * exp(y - ref) - dec(a * y)
        best = v if best is None or v > best else best
    if k < 0 and a < 0:  # concave: where k e^(y - ref) = a
        y = (dec(a) / k).ln() + dec(ref)
        if dec(lo) < y < dec(hi):
            v = dec(a) - dec(a) * y
            best = max(best, v)
    return best + abs(best) * TINY + TINY


def cover(leaves, box):
    """do the leaves cover the box?"""
    wide = [j for j in range(len(box)) if box[j][0] < box[j][1]]
    cut = []
    for lo, hi in leaves:
        part = [(max(l, b[0]), min(h, b[1])) for l, h, b in zip(lo, hi, box)]
        if all(p[0] <= p[1] for p in part) and all(part[j][0] < part[j][1] for j in wide):
            cut.append(part)
    total = Fraction(0)
    for k, p in enumerate(cut):
        vol = Fraction(1)
        for j in wide:
            vol *= p[j][1] - p[j][0]
        total += vol
        for r in cut[:k]:  # apart but for their faces
            if wide and all(max(p[j][0], r[j][0]) < min(p[j][1], r[j][1]) for j in wide):
                return False
    want = Fraction(1)
    for j in wide:
        want *= box[j][1] - box[j][0]
    return bool(cut) and (total == want if wide else True)


def check(cert, a, const, c, d, n):
    """a.x + const >= c.softmax(x): the certificate proves it"""
    view = cert.get('pivot', n)
    box = [(-d[view][j], d[j][view]) if j != view else (Fraction(0), Fraction(0)) for j in range(n)]
    a = list(a)
    if view < n:
        s = sum(a)
        x = (-d[n][view], d[view][n])
        need = max(-s * x[0], -s * x[1])
        assert const >= q(cert['const']) + need, 'the constant in x'
        a[view] = Fraction(0)
    else:
        assert const >= q(cert['const']), 'the constant'
    leaves = [([q(v) for v in f['lo']], [q(v) for v in f['hi']]) for f in cert['leaves']]
    assert cover(leaves, box), 'the leaves do not cover the box'
    for (lo, hi), f in zip(leaves, cert['leaves']):
        ref = q(f['ref'])
        pieces = sorted(tuple(q(v) for v in p) for p in f['pieces'])
        for p, r in zip(pieces, pieces[1:]):
            assert p[1] >= r[0], 'a hole between pieces'
        for t, side in ((pieces[0][0], 1), (pieces[-1][1], -1)):  # nothing beyond the pieces
            total = Decimal(0)
            size = Decimal(0)
            for j in range(n):
                w = [dec(c[j] - t) * exp(e - ref) for e in (lo[j], hi[j])]
                total += min(w) if side > 0 else max(w)
                size += max(abs(v) for v in w)
            assert side * total >= -size * TINY, 'values beyond the pieces'
        for t1, t2, m in pieces:
            assert m >= 0
            for t in (t1, t2):
                total = dec(t)
                for j in range(n):
                    total += greatest(dec(m * (c[j] - t)), a[j], lo[j], hi[j], ref)
                assert total <= dec(q(cert['const'])) + SLACK, 'a piece'


def polytope(p, lo, hi, diff, n):
    assert p['outputs'] == n
    rows = {(r['i'], r['j']): q(r['log']) for r in p['rows']}
    for r in p['rows']:
        e = exp(q(r['log']))
        assert dec(q(r['factor']['lower'])) <= e * (1 + TINY)
        assert dec(q(r['factor']['upper'])) >= e * (1 - TINY)
    for j in range(n):
        assert rows[(j, n)] == hi[j] and rows[(n, j)] == -lo[j]
    for i, j, v in diff:
        assert q(v) in [q(r['log']) for r in p['rows'] if (r['i'], r['j']) == (i, j)]
    assert len(p['rows']) == 2 * n + len(diff)


proofs = nulls = polytopes = 0
for line, answer in zip(open(sys.argv[1]), open(sys.argv[2])):
    b, r = json.loads(line), json.loads(answer)
    assert 'error' not in r, r
    lo, hi, diff = [q(v) for v in b['lo']], [q(v) for v in b['hi']], b.get('diff', [])
    n = len(lo)
    d = closed(lo, hi, diff)
    if 'polytope' in r:
        polytope(r['polytope'], lo, hi, diff, n)
        polytopes += 1
    if 'functional' not in b:
        asked = [b['index']] if 'index' in b else list(range(n))
        assert [out['index'] for out in r.get('outputs', [r])] == asked
    for out in r.get('outputs', [r]):
        c = [q(v) for v in b['functional']] if 'functional' in b else \
            [Fraction(int(j == out['index'])) for j in range(n)]
        for method, bound in out.items():
            if not isinstance(bound, dict) or 'lower' not in bound or method == 'interval':
                continue
            for side, sign in (('lower', -1), ('upper', 1)):
                cert = bound[side]['certificate']
                if cert is None:
                    nulls += 1
                    continue
                w = [q(v) for v in cert.get('c', c)]  # as good as c, or worse
                assert len(w) == n and all(sign * w[j] >= sign * c[j] for j in range(n)), 'c'
                check(cert, [sign * q(v) for v in bound[side]['coef']], sign * q(bound[side]['const']),
                      [sign * v for v in w], d, n)
                proofs += 1
print(proofs, nulls, polytopes)
