#!/usr/bin/env python3
"""Train the example networks on scikit-learn's 8x8 digits and write them as ONNX (opset 13)."""

import os

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from common import CLASSES, NETWORKS, SEED, Net, split

HERE = os.path.dirname(os.path.abspath(__file__))
EPS = 0.05  # radius of the training attack
EPOCHS = 120
WARMUP = 30  # epochs over which that radius grows from 0
BATCH = 64


def layers(name):
    if name == "softreg":
        return [nn.Linear(64, CLASSES)]
    act = nn.Tanh if name == "mlp_tanh" else nn.ReLU
    return [nn.Linear(64, 32), act(), nn.Linear(32, 32), act(), nn.Linear(32, CLASSES)]


def attack(net, x, y, eps, gen, steps=7):
    """PGD on the cross-entropy, in the Linf ball clipped to [0,1]."""
    lo, hi = (x - eps).clamp(min=0), (x + eps).clamp(max=1)
    adv = lo + (hi - lo) * torch.rand(x.shape, generator=gen, dtype=x.dtype)
    for _ in range(steps):
        adv.requires_grad_(True)
        loss = nn.functional.cross_entropy(net(adv), y)
        (grad,) = torch.autograd.grad(loss, adv)
        adv = torch.min(torch.max(adv.detach() + eps / 3 * grad.sign(), lo), hi)
    return adv


def train(name, number, x, y):
    """Adversarial training in double precision; the cross-entropy contains the Softmax."""
    torch.manual_seed(SEED + number)
    gen = torch.Generator().manual_seed(SEED + number)
    net = nn.Sequential(*layers(name)).double()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
    for epoch in range(EPOCHS):
        eps = EPS * min(1.0, epoch / WARMUP)
        order = torch.randperm(len(x), generator=gen)
        for at in range(0, len(x), BATCH):
            rows = order[at : at + BATCH]
            adv = attack(net, x[rows], y[rows], eps, gen)
            opt.zero_grad()
            nn.functional.cross_entropy(net(adv), y[rows]).backward()
            opt.step()
        sched.step()
    return net


def export(name, net, path):
    """Write the ONNX file. The spelling of a linear layer differs from network to network."""
    nodes, consts = [], []
    value, count = "X", 0

    def add(op, inputs, **attr):
        nonlocal value, count
        count += 1
        value = f"v{count}"
        nodes.append(helper.make_node(op, inputs, [value], name=f"{op}_{count}", **attr))

    def const(label, array):
        consts.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), label))
        return label

    linear = 0
    if name == "mlp_tanh":
        add("Flatten", [value], axis=1)
    for layer in net:
        if isinstance(layer, nn.Linear):
            linear += 1
            w, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            if name == "mlp_softmax":
                add("MatMul", [value, const(f"W{linear}", w.T)])
                add("Add", [value, const(f"b{linear}", b)])
            else:
                w, b = const(f"W{linear}", w), const(f"b{linear}", b)
                add("Gemm", [value, w, b], alpha=1.0, beta=1.0, transB=1)
        else:
            add("Tanh" if isinstance(layer, nn.Tanh) else "Relu", [value])
    if NETWORKS[name]:
        add("Softmax", [value], axis=1)
    nodes[-1].output[0] = "Y"

    shape = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        name,
        [shape("X", TensorProto.FLOAT, [1, 64])],
        [shape("Y", TensorProto.FLOAT, [1, CLASSES])],
        consts,
    )
    model = helper.make_model(
        graph, producer_name="train.py", opset_imports=[helper.make_opsetid("", 13)]
    )
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    with open(path, "wb") as out:
        out.write(model.SerializeToString())


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    (_, grey, label), (_, test_grey, test_label) = split()
    x, y = torch.from_numpy(grey / 16.0), torch.from_numpy(label)
    tx, ty = torch.from_numpy(test_grey / 16.0), torch.from_numpy(test_label)
    for number, name in enumerate(NETWORKS):
        net = train(name, number, x, y)
        path = os.path.join(HERE, name + ".onnx")
        export(name, net, path)

        # The accuracies are those of the file just written, single-precision weights included.
        read = Net(path)
        got = read.outputs(tx.numpy())
        clean = (got.argmax(axis=1) == test_label).mean()
        gen = torch.Generator().manual_seed(SEED)
        robust = []
        for eps in (0.02, 0.05):
            adv = attack(net, tx, ty, eps, gen, steps=20).numpy()
            robust.append((read.outputs(adv).argmax(axis=1) == test_label).mean())
        print(
            f"{name}: {len(test_label)} test images, accuracy {100 * clean:.2f}%, "
            f"under PGD {100 * robust[0]:.2f}% at 0.02 and {100 * robust[1]:.2f}% at 0.05, "
            f"{os.path.getsize(path)} bytes"
        )


if __name__ == "__main__":
    main()
