#!/usr/bin/env python3
# Judges `softbox error --kernel ..` by numpy: attention matrices and their errors in doubles, written apart.
#   mech_distance.py make FILE.npz N M D DV SEED      dyadic numbers
#   softbox error .. --format json | mech_distance.py judge FILE.npz      prints how many lines were judged
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import sys

import numpy as np


def row_divided(w):
    return w / w.sum(axis=1, keepdims=True)


def softmax(q, k, scale=None):
    s = q @ k.T * (1 / np.sqrt(q.shape[1]) if scale is None else scale)
    return row_divided(np.exp(s - s.max(axis=1, keepdims=True)))


def expressive(q, k):
    z = q @ k.T
    return row_divided(z * z / (1 + z * z))


def sima(q, k):
    return (q / abs(q).sum(axis=0)) @ (k / abs(k).sum(axis=0)).T


def lightning(q, k, decay=15 / 16):
    i = np.arange(len(q))
    d = i[:, None] - i[None, :]
    return np.where(d >= 0, decay ** np.maximum(d, 0), 0) * (q @ k.T)


def elu1(x):
    return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))


def sigmoid(q, k):
    s = q @ k.T / np.sqrt(q.shape[1]) - np.log(len(k))
    return 1 / (1 + np.exp(-s))


def l2(q, k):
    s = -((q[:, None, :] - q[None, :, :]) ** 2).sum(axis=2) / np.sqrt(q.shape[1])
    return row_divided(np.exp(s - s.max(axis=1, keepdims=True)))


def cosformer(q, k):
    n, m = len(q), len(k)
    angle = np.pi * (np.arange(n)[:, None] - np.arange(m)[None, :]) / (2 * max(n, m))
    w = (np.maximum(q, 0) @ np.maximum(k, 0).T) * np.cos(angle)
    return w / np.maximum(w.sum(axis=1, keepdims=True), 1e-6)


def favor(q, k, w):
    def parts(x):
        x = x / x.shape[1] ** 0.25
        return x @ w.T, (x * x).sum(axis=1, keepdims=True) / 2

    (y, h), (z, g) = parts(q), parts(k)
    f = np.exp(y - h - y.max(axis=1, keepdims=True)) + 1e-4
    return row_divided(f @ (np.exp(z - g - z.max()) + 1e-4).T)


def means(k):
    """P with P @ x the means of 16 segments of rows"""
    return np.repeat(np.eye(16), k // 16, axis=1) / (k // 16)


def linformer(q, k):
    p = means(len(k))
    return softmax(q, p @ k) @ p


def nystromformer(q, k):
    s, t = means(len(q)) @ q, means(len(k)) @ k
    middle = softmax(s, t)
    z = middle.T / middle.sum(axis=0).max()
    one = np.eye(16)
    for _ in range(6):
        kz = middle @ z
        z = z @ (13 * one - kz @ (15 * one - kz @ (7 * one - kz))) / 4
    return softmax(q, t) @ z @ softmax(s, k)


KERNELS = {
    "softmax": softmax,
    "attention": softmax,
    "softmax:scale=1": lambda q, k: softmax(q, k, 1),
    "linear": lambda q, k: row_divided(q @ k.T),
    "expressive": expressive,
    "sima": sima,
    "lightning": lightning,
    "elu": lambda q, k: row_divided(elu1(q) @ elu1(k).T),
    "sigmoid": sigmoid,
    "cosformer": cosformer,
    "linformer": linformer,
    "nystromformer": nystromformer,
    "l2": l2,
}


def judge(path):
    data = np.load(path)
    q, k, v = data["q"], data["k"], data["v"]
    count = 0
    for line in sys.stdin:
        z = json.loads(line)
        a = favor(q, k, data["W"]) if z["kernel"] == "favor" else KERNELS[z["kernel"]](q, k)
        b = KERNELS[z["against"]](q, k)
        e = a - b
        values = {
            "entry": abs(e).max(),
            "row_tv": abs(e).sum(axis=1).max() / 2,
            "frobenius": np.linalg.norm(e),
            "spectral": np.linalg.norm(e, 2),
            "out_entry": abs(e @ v).max(),
            "out_frobenius": np.linalg.norm(e @ v),
            "mass_least": a.sum(axis=1).min(),
            "mass_most": a.sum(axis=1).max(),
            "least": a.min(),
            "most": a.max(),
        }
        for name, value in values.items():
            lo, hi = z[name]
            slack = 1e-9 * (abs(value) + abs(a).max())
            if not lo - slack <= value <= hi + slack:
                sys.exit(f"{z['kernel']}: {name}: {value} outside of [{lo}, {hi}]")
            if not hi - lo <= 1e-6 * (abs(value) + abs(a).max()):
                sys.exit(f"{z['kernel']}: {name}: [{lo}, {hi}] is wide")
        rank = np.linalg.matrix_rank(a)
        if not rank <= z["rank"][1]:
            sys.exit(f"{z['kernel']}: rank {rank}, not {z['rank']}")
        count += 1
    print(count)


def make(path, n, m, d, dv, seed):
    rng = np.random.default_rng(seed)
    with open(path, "wb") as f:
        np.savez(
            f,
            q=np.round(rng.standard_normal((n, d)) * 256) / 256,
            k=np.round(rng.standard_normal((m, d)) * 256) / 256,
            v=np.round(rng.standard_normal((m, dv)) * 256) / 256,
            W=np.round(rng.standard_normal((16, d)) * 256) / 256,
        )


if sys.argv[1] == "make":
    make(sys.argv[2], *[int(t) for t in sys.argv[3:]])
else:
    judge(sys.argv[2])
