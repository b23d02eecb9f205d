#!/usr/bin/env python3
# Judges tests/conf/run_mat by numpy's singular values, with a margin for LAPACK's own rounding.
#   mat.py RUN_MAT TIMES
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys

import numpy as np

rng = np.random.default_rng(int(os.environ.get("SBX_SEED", "1")))


def softmax(s):
    w = np.exp(s - s.max(axis=1, keepdims=True))
    return w / w.sum(axis=1, keepdims=True)


def matrix(kind, m, n):
    if kind == 0:
        return rng.standard_normal((m, n))
    if kind == 1:  # numerically of low rank
        return softmax(rng.standard_normal((m, 3)) @ rng.standard_normal((3, n)) * 0.3)
    if kind == 2:  # singular values 1 .. 1e-14
        u, _ = np.linalg.qr(rng.standard_normal((m, m)))
        v, _ = np.linalg.qr(rng.standard_normal((n, n)))
        k = min(m, n)
        return (u[:, :k] * np.logspace(0, -14, k)) @ v[:k]
    if kind == 3:  # several equal greatest singular values
        u, _ = np.linalg.qr(rng.standard_normal((m, m)))
        v, _ = np.linalg.qr(rng.standard_normal((n, n)))
        k = min(m, n)
        return (u[:, :k] * np.where(np.arange(k) < 3, 1.0, 0.5)) @ v[:k]
    if kind == 4:  # the difference of two softmax matrices
        s = rng.standard_normal((m, n)) * 3
        return softmax(s) - softmax(s + 1e-6 * rng.standard_normal((m, n)))
    if kind == 5:
        return rng.integers(-3, 4, (m, n)).astype(float)
    if kind == 6:
        return np.outer(rng.standard_normal(m), rng.standard_normal(n))
    return (1.0 / (1 + np.arange(m)[:, None] + np.arange(n)[None, :]))  # Hilbert


def main():
    program, times = sys.argv[1], float(sys.argv[2])
    some, text = [], []
    for t in range(max(8, int(120 * times))):
        m, n = (int(x) for x in rng.integers(1, 80, 2))
        if t % 40 == 5:
            m, n = 256, 200
        a = matrix(t % 8, m, n) * 10.0 ** int(rng.integers(-3, 4) * 90 if t % 5 == 0 else 0)
        some.append(a)
        text.append(f"{m} {n}\n" + "\n".join(" ".join(x.hex() for x in r.tolist()) for r in a))
    out = subprocess.run([program], input="\n".join(text), capture_output=True, text=True, check=True)
    lines, bad, widest = out.stdout.splitlines(), 0, 0.0
    assert len(lines) == len(some), f"{len(lines)} lines for {len(some)} matrices"
    for a, line in zip(some, lines):
        got = [float(x) for x in line.split()]
        scale = np.abs(a).max()
        b = a / scale
        s = np.linalg.svd(b, compute_uv=False)
        margin = 1e-15 * max(a.shape) * s[0]
        want = [s[0], np.sqrt((b * b).sum()), np.abs(b).sum(axis=1).max(), np.abs(b).sum(axis=0).max(), s[-1]]
        for k, w in enumerate(want):
            lo, hi = got[2 * k] / scale, got[2 * k + 1] / scale
            if not lo - margin <= w <= hi + margin:
                print(f"{a.shape}: quantity {k}: {w} is not in [{lo}, {hi}]")
                bad += 1
        if got[10] > (s > 0).sum() or (got[10] and s[int(got[10]) - 1] < 1e-30 * s[0]):
            print(f"{a.shape}: rank {got[10]} from below, singular values {s}")
            bad += 1
        if got[10] < (s > 1e-9 * s[0]).sum():
            print(f"{a.shape}: only {got[10]} of the rank {(s > 1e-9 * s[0]).sum()}")
            bad += 1
        width = (got[1] - got[0]) / got[1]
        widest = max(widest, width)
        if width > 1e-10:
            print(f"{a.shape}: the spectral norm in [{got[0]}, {got[1]}]")
            bad += 1
    print(f"{len(some)} matrices, {bad} bad; widest {widest:.1e}")
    return bad > 0


sys.exit(main())
