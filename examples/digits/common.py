"""Shared by train.py and properties.py: the data split, and a small reader of the ONNX files."""

import numpy as np
import onnx
from onnx import numpy_helper
from sklearn.datasets import load_digits

SEED = 20240613
TEST_SIZE = 360
CLASSES = 10

# Every network, with whether it ends in a Softmax (its outputs are then probabilities).
NETWORKS = {"softreg": True, "mlp": False, "mlp_softmax": True, "mlp_tanh": False}


def split():
    """Return (rows, grey levels 0..16, labels) of the training part and of the test part."""
    data = load_digits()
    grey = data.data.astype(np.int64)
    order = np.random.RandomState(SEED).permutation(len(grey))
    parts = (order[TEST_SIZE:], order[:TEST_SIZE])
    return [(rows, grey[rows], data.target[rows]) for rows in parts]


class Net:
    """A network read back from its ONNX file and evaluated in double precision."""

    def __init__(self, path):
        graph = onnx.load(path).graph
        const = {t.name: numpy_helper.to_array(t).astype(np.float64) for t in graph.initializer}
        self.layers = []  # (weights, bias, activation), activation in relu, tanh, None
        self.softmax = False
        weights = None
        for node in graph.node:
            if node.op_type == "Flatten":
                continue
            if node.op_type == "Gemm":
                attr = {a.name: a.i for a in node.attribute}
                w = const[node.input[1]]
                w = w.T if attr.get("transB", 0) else w
                self.layers.append((w, const[node.input[2]], None))
            elif node.op_type == "MatMul":
                weights = const[node.input[1]]
            elif node.op_type == "Add":
                self.layers.append((weights, const[node.input[1]], None))
            elif node.op_type in ("Relu", "Tanh"):
                w, b, _ = self.layers.pop()
                self.layers.append((w, b, node.op_type.lower()))
            elif node.op_type == "Softmax":
                self.softmax = True
            else:
                raise ValueError(f"{path}: operator {node.op_type} is not handled")

    def logits(self, x, trace=None):
        for w, b, act in self.layers:
            x = x @ w + b
            if act == "relu":
                slope = (x > 0).astype(np.float64)
                x = x * slope
            elif act == "tanh":
                x = np.tanh(x)
                slope = 1.0 - x * x
            else:
                slope = None
            if trace is not None:
                trace.append(slope)
        return x

    def outputs(self, x):
        z = self.logits(x)
        return softmax(z) if self.softmax else z

    def gradient(self, trace, g):
        """Pull a gradient with respect to the logits back to the input."""
        for (w, _, _), slope in zip(reversed(self.layers), reversed(trace)):
            g = (g if slope is None else g * slope) @ w.T
        return g


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
