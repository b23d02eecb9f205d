#!/usr/bin/python3
# Judges `softbox error --kernel MECHANISM --number ..`: softmax attention and SimA in numpy's float16 and float32, operation by operation,
# against 60 digits: the observed error must be that. Reads the JSON lines from standard input.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 60
KINDS = {"fp16": np.float16, "f32": np.float32}


def dot(a, b):
    s = a[0] * b[0]
    for x, y in zip(a[1:], b[1:]):
        s = s + x * y
    return s


def softmax(q, k, v, exp, scale, order):
    out = []
    for row in q:
        s = [dot(row, key) * scale for key in k]
        top = max(s)
        e = [exp(x - top) for x in s]
        total = e[0]
        for x in e[1:]:
            total = total + x
        w = [x / total for x in e]
        out.append([dot(w, [r[c] for r in v]) for c in range(len(v[0]))])
    return out


def sima(q, k, v, exp, scale, order):
    def divided(x):
        z = [list(r) for r in x]
        for c in range(len(x[0])):
            t = abs(x[0][c])
            for r in x[1:]:
                t = t + abs(r[c])
            for r in z:
                r[c] = r[c] / t
        return z

    q, k = divided(q), divided(k)
    dv = range(len(v[0]))
    if order == "right":
        kv = [[dot([r[a] for r in k], [r[c] for r in v]) for c in dv] for a in range(len(k[0]))]
        return [[dot(row, [r[c] for r in kv]) for c in dv] for row in q]
    w = [[dot(row, key) for key in k] for row in q]
    return [[dot(row, [r[c] for r in v]) for c in dv] for row in w]


def matrix(x, columns, of):
    return [[of(t) for t in x[i:i + columns]] for i in range(0, len(x), columns)]


bad = 0
for line in sys.stdin:
    z = json.loads(line)
    if "summary" in z:
        bad += z["violations"]
        continue
    kind = KINDS[z["number"]]
    order = z.get("algorithm")
    f = {"attention": softmax, "sima": sima}[z["kernel"]]
    w = z["worst_input"]
    shape = {"q": z["d"], "k": z["d"], "v": z["dv"]}

    def nearest(x):  # numpy's exp of float16 and float32 need not be correctly rounded
        return kind(float(mp.exp(mp.mpf(float(x)))))

    run = f(*[matrix(w[t], shape[t], kind) for t in "qkv"], nearest, kind(1) / kind(2), order)
    exact = f(*[matrix(w[t], shape[t], mp.mpf) for t in "qkv"], mp.exp, mp.mpf(1) / 2, order)
    most = max(abs(mp.mpf(float(a)) - b) for r, e in zip(run, exact) for a, b in zip(r, e))
    if not abs(most - z["observed"]) <= mp.mpf(10) ** -6 * most or not most <= z["bound"] * (1 + 1e-12):
        print("observed", z["observed"], "numpy", most, "bound", z["bound"], z["kernel"], z["number"])
        bad += 1
sys.exit(1 if bad else 0)
