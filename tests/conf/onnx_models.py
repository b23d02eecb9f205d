#!/usr/bin/env python3
"""onnx_models.py DIR OUT: the single-operator models of ONNX's own test data as questions for run_ort.

A network of ours has one input and one output. So each model becomes one for every input of
floats (the others become constants with the values of the test data) and every output of
floats; the points are the stored inputs and outputs. SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import sys

import numpy as np
import onnx
from onnx import numpy_helper


def tensors(folder, kind, count):
    out = []
    for k in range(count):
        t = onnx.TensorProto()
        with open(os.path.join(folder, f"{kind}_{k}.pb"), "rb") as f:
            t.ParseFromString(f.read())
        out.append(numpy_helper.to_array(t))
    return out


def numbers(a):
    return " ".join(repr(float(v)) for v in np.asarray(a).reshape(-1))


def variants(model, xs, ys):
    g = model.graph
    for i, x in enumerate(xs):
        if x.dtype not in (np.float32, np.float64) or x.size == 0 or x.size > 20000:
            continue
        for o, y in enumerate(ys):
            if y.dtype not in (np.float32, np.float64) or y.size == 0:
                continue
            if x.dtype == np.float64 and y.dtype == np.float32:
                continue  # a cast that rounds: in real numbers it is the identity
            m = onnx.ModelProto()
            m.CopyFrom(model)
            names = [v.name for v in g.input]
            for k, v in enumerate(xs):
                if k != i:
                    m.graph.initializer.append(numpy_helper.from_array(np.asarray(v), names[k]))
            keep = m.graph.input[i]
            del m.graph.input[:]
            m.graph.input.append(keep)
            keep = m.graph.output[o]
            del m.graph.output[:]
            m.graph.output.append(keep)
            yield i, o, x, y, m


def main():
    source, out = sys.argv[1:3]
    for name in sorted(os.listdir(source)):
        folder = os.path.join(source, name)
        try:
            model = onnx.load(os.path.join(folder, "model.onnx"))
            data = os.path.join(folder, "test_data_set_0")
            xs = tensors(data, "input", len(model.graph.input))
            ys = tensors(data, "output", len(model.graph.output))
        except Exception:  # sequences, optionals, missing data: nothing to ask
            continue
        for i, o, x, y, m in variants(model, xs, ys):
            path = os.path.join(out, f"{name}.{i}.{o}.onnx")
            onnx.save(m, path)
            print("net", path)
            print("x", numbers(x))
            print("y", numbers(y))
            print("end")


main()
