#!/usr/bin/env python3
"""Write the images, the properties and the instance list, then attack every instance with PGD."""

import os
from decimal import Decimal
from fractions import Fraction

import numpy as np

from common import CLASSES, NETWORKS, SEED, Net, softmax, split

HERE = os.path.dirname(os.path.abspath(__file__))
RADII = ("0.01", "0.02", "0.04", "0.08")
THRESHOLD = "0.5"
QUANTILES = (0.0, 0.02, 0.08, 0.4, 0.9)  # of the margin of mlp, one image each
TIMEOUT = 60
RESTARTS = 30
STEPS = 120
WITNESS_DIGITS = 6


def plain(value):
    """An exact decimal, without an exponent and without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def box(grey, eps):
    """The exact bounds of the Linf ball around an image, clipped to [0,1]."""
    eps, zero, one = Decimal(eps), Decimal(0), Decimal(1)
    pixels = [Decimal(int(g)) / 16 for g in grey]
    return [max(p - eps, zero) for p in pixels], [min(p + eps, one) for p in pixels]


def vnnlib(note, lo, hi, unsafe):
    lines = [f"; {note}"]
    lines += [f"(declare-const X_{i} Real)" for i in range(len(lo))]
    lines += [f"(declare-const Y_{k} Real)" for k in range(CLASSES)]
    for i, (a, b) in enumerate(zip(lo, hi)):
        lines += [f"(assert (>= X_{i} {plain(a)}))", f"(assert (<= X_{i} {plain(b)}))"]
    return "\n".join(lines + unsafe) + "\n"


def argmax_unsafe(label):
    others = [f"    (and (>= Y_{k} Y_{label}))" for k in range(CLASSES) if k != label]
    return ["(assert (or", *others, "))"]


def choose(nets, rows, grey, label):
    """One image per quantile: right on every network, above the threshold, labels distinct."""
    x = grey / 16.0
    at = np.arange(len(rows))
    good = np.ones(len(rows), bool)
    for net in nets.values():
        out = net.outputs(x)
        good &= out.argmax(axis=1) == label
        if net.softmax:
            good &= out[at, label] > 0.5
    z = nets["mlp"].logits(x)
    own = z[at, label]
    z[at, label] = -np.inf
    margin = own - z.max(axis=1)
    ranked = sorted(at[good], key=lambda i: (margin[i], rows[i]))
    chosen = []
    for q in QUANTILES:
        start = int(q * len(ranked))
        taken = {label[j] for j in chosen}
        chosen.append(next(i for i in ranked[start:] if label[i] not in taken))
    return chosen


def pgd(net, lo, hi, label, target, rng):
    """Raise Y_target - Y_label, or lower Y_label when target is None; return the last points."""
    lo, hi = np.array(lo, np.float64), np.array(hi, np.float64)
    x = lo + (hi - lo) * rng.random_sample((RESTARTS, len(lo)))
    radius = (hi - lo).max() / 2
    for step in range(STEPS):
        trace = []
        z = net.logits(x, trace)
        if target is None:
            g = softmax(z)
        else:
            g = np.zeros_like(z)
            g[:, target] = 1.0
        g[:, label] -= 1.0
        size = radius * max(0.01, 0.5 * (1 - step / STEPS))
        x = np.clip(x + size * np.sign(net.gradient(trace, g)), lo, hi)
    return x


def snap(x, lo, hi):
    """Round a point to short decimals inside the exact box."""
    unit = Decimal(1).scaleb(-WITNESS_DIGITS)
    return [min(max(Decimal(float(v)).quantize(unit), a), b) for v, a, b in zip(x, lo, hi)]


def exact_logits(net, point):
    """Rational evaluation; only for networks whose hidden layers are ReLU or absent."""
    x = [Fraction(v) for v in point]
    for w, b, act in net.layers:
        w = [[Fraction(float(v)) for v in column] for column in w.T]
        x = [sum(map(lambda p, q: p * q, column, x), Fraction(float(c))) for column, c in zip(w, b)]
        if act == "relu":
            x = [max(v, Fraction(0)) for v in x]
    return x


def attack(net, lo, hi, label, threshold, rng):
    """The largest margin PGD reaches; the property is violated where it is at least 0."""
    targets = [None] if threshold else [k for k in range(CLASSES) if k != label]
    best = None
    for target in targets:
        x = pgd(net, lo, hi, label, target, rng)
        x = np.array([snap(point, lo, hi) for point in x])
        out = net.outputs(x.astype(np.float64))
        if threshold:
            margin = float(threshold) - out[:, label]
        else:
            margin = out[:, target] - out[:, label]
        i = int(margin.argmax())
        if best is None or margin[i] > best[0]:
            best = (float(margin[i]), target, x[i])
    margin, target, point = best
    if margin >= 0:
        assert all(a <= v <= b for a, v, b in zip(lo, point, hi))
        if threshold is None and all(act != "tanh" for _, _, act in net.layers):
            # A Softmax keeps the order of its inputs, so the logits decide this exactly.
            z = exact_logits(net, point)
            assert z[target] >= z[label]
        else:
            assert margin > 1e-9  # far above the rounding errors of double precision
    return margin, target


def write(name, text):
    with open(os.path.join(HERE, name), "w", newline="\n") as out:
        out.write(text)


def main():
    nets = {name: Net(os.path.join(HERE, name + ".onnx")) for name in NETWORKS}
    rows, grey, label = split()[1]
    chosen = choose(nets, rows, grey, label)
    os.makedirs(os.path.join(HERE, "prop"), exist_ok=True)

    images = ["index,label," + ",".join(f"x{i}" for i in range(64))]
    properties = {}  # file name: (bounds, label, threshold)
    for n, i in enumerate(chosen):
        pixels = ",".join(plain(Decimal(int(g)) / 16) for g in grey[i])
        images.append(f"{n},{label[i]},{pixels}")
        print(f"img{n:02}: row {rows[i]} of the dataset, label {label[i]}")
        for eps in RADII:
            lo, hi = box(grey[i], eps)
            ball = f"img{n:02}, label {label[i]}: Linf ball of radius {eps} clipped to [0,1]"
            file = f"prop/img{n:02}_eps{eps}.vnnlib"
            properties[file] = (lo, hi, label[i], None)
            note = f"{ball}; unsafe: another class at least as large"
            write(file, vnnlib(note, lo, hi, argmax_unsafe(label[i])))
            file = f"prop/img{n:02}_eps{eps}_p{THRESHOLD}.vnnlib"
            properties[file] = (lo, hi, label[i], THRESHOLD)
            note = f"{ball}; unsafe: probability of the label at most {THRESHOLD}"
            unsafe = [f"(assert (<= Y_{label[i]} {THRESHOLD}))"]
            write(file, vnnlib(note, lo, hi, unsafe))
    write("images.csv", "\n".join(images) + "\n")

    instances, attacks = [], ["network,property,found,margin"]
    for name, net in nets.items():
        for number, (file, (lo, hi, own, threshold)) in enumerate(properties.items()):
            if threshold and not net.softmax:
                continue
            instances.append(f"{name}.onnx,{file},{TIMEOUT}")
            rng = np.random.RandomState(SEED + number)
            margin, _ = attack(net, lo, hi, own, threshold, rng)
            found = "yes" if margin >= 0 else "no"
            attacks.append(f"{name}.onnx,{file},{found},{margin:.6f}")
    write("instances.csv", "\n".join(instances) + "\n")
    write("attack.csv", "\n".join(attacks) + "\n")
    for line in attacks[1:]:
        network, file, found, margin = line.split(",")
        if found == "yes":
            print(f"{network} {file}: PGD finds a counterexample, margin {margin}")


if __name__ == "__main__":
    main()
