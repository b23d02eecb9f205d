#!/usr/bin/python3
"""boxes.py -- the boxes and points of the synthetic experiment of Wei et al. (AISTATS 2023), for
softbox table wei-synthetic.

    examples/wei/boxes.py --dim 3 | softbox table wei-synthetic

For each dimension d the generator is numpy's default_rng(d). In order: the regime (the largest
probability is the first one, or the last one), its mean mu (uniform first), 100 draws from a
Dirichlet distribution, seven half-widths eps, 1000 uniform points of the box. The logits of a draw are
log(p / p_0), centred; the box is theirs plus and minus eps.

Written for each box: a line of JSON, then its lower ends, its upper ends and its points as
little-endian doubles. --boxes, --points, --eps and --mu leave out a part of what is drawn, and change
nothing else.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import json
import sys

import numpy as np

DIMS = [2, 3, 4, 5, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128]
MUS = ["uniform", "0.5", "0.8", "0.9", "0.95", "0.98", "0.99", "0.995", "0.998", "0.999"]
EPS = ["0.01", "0.1", "0.2", "0.5", "1", "2", "5"]


def boxes(dim, a, out):
    rng = np.random.default_rng(dim)
    for regime, largest in (("high", 0), ("low", dim - 1)):
        for mu in MUS:
            alpha = np.ones(dim)
            if mu != "uniform":
                alpha[largest] = (dim - 1) * float(mu) / (1 - float(mu))
            for box in range(a.all_boxes):
                mid = rng.dirichlet(alpha)
                mid = np.log(mid / mid[0])
                mid -= mid.mean()
                for eps in EPS:
                    unit = rng.random((1000, dim))
                    if box >= a.boxes or eps not in a.eps or mu not in a.mu:
                        continue
                    lo, hi = mid - float(eps), mid + float(eps)
                    points = np.clip(lo + (hi - lo) * unit[: a.points], lo, hi)
                    head = {"dim": dim, "regime": regime, "mu": mu, "eps": eps, "points": len(points)}
                    out.write(json.dumps(head, separators=(",", ":")).encode() + b"\n")
                    for v in (lo, hi, points):
                        out.write(np.ascontiguousarray(v, "<f8").tobytes())


def main():
    p = argparse.ArgumentParser(description="boxes and points of Wei et al.'s synthetic experiment")
    p.add_argument("--dim", default="2", help="dimensions, with commas, or all; default 2")
    p.add_argument("--eps", default=",".join(EPS), help="these half-widths only")
    p.add_argument("--mu", default=",".join(MUS), help="these means only")
    p.add_argument("--boxes", type=int, default=100, help="the first so many of the 100 boxes")
    p.add_argument("--points", type=int, default=1000, help="the first so many of the 1000 points")
    a = p.parse_args()
    a.all_boxes = 100
    a.eps, a.mu = a.eps.split(","), a.mu.split(",")
    dims = DIMS if a.dim == "all" else [int(d) for d in a.dim.split(",")]
    try:
        for dim in dims:
            boxes(dim, a, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    main()
