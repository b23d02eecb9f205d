#!/usr/bin/env python3
"""onnx_functions.py SEED FROM TO: the same network with its nodes moved into model-local functions, one
to four each, some attributes given by the calls. SPDX-License-Identifier: GPL-3.0-or-later
"""
import gzip
import random
import sys

import onnx
from onnx import AttributeProto, NodeProto, helper


def function(k, nodes, later, opset):
    """The nodes as a function, and its call; None where nobody reads what they make."""
    made = [y for n in nodes for y in n.output if y]
    reads = []
    for x in (x for n in nodes for x in n.input):
        if x and x not in made and x not in reads:
            reads.append(x)
    gives = [y for y in made if y in later]
    if not gives:
        return None
    names = {x: f"in{i}" for i, x in enumerate(reads)}
    names.update({y: f"out{i}" for i, y in enumerate(gives)})
    body, given = [], []
    for j, n in enumerate(nodes):
        c = NodeProto()
        c.CopyFrom(n)
        del c.input[:], c.output[:]
        c.input.extend(x and names.get(x, "t_" + x) for x in n.input)
        c.output.extend(y and names.get(y, "t_" + y) for y in n.output)
        for a in c.attribute:
            if random.random() < 0.7:
                v = AttributeProto()
                v.CopyFrom(a)
                v.name = f"a{j}_{a.name}"
                given.append(v)
                name, kind = a.name, a.type
                a.Clear()
                a.name, a.type, a.ref_attr_name = name, kind, v.name
        body.append(c)
    f = helper.make_function("local", f"F{k}", [names[x] for x in reads], [names[y] for y in gives], body,
                             [helper.make_opsetid("", opset)], [v.name for v in given])
    call = helper.make_node(f.name, reads, gives, name=f"call{k}", domain="local")
    call.attribute.extend(given)
    return f, call


def main():
    random.seed(int(sys.argv[1]))
    with (gzip.open if sys.argv[2].endswith(".gz") else open)(sys.argv[2], "rb") as f:
        m = onnx.load_model_from_string(f.read())
    opset = [o.version for o in m.opset_import if o.domain in ("", "ai.onnx")][0]
    nodes, calls = list(m.graph.node), []
    while nodes:
        n = random.randint(1, 4)
        some, nodes = nodes[:n], nodes[n:]
        later = {x for nd in nodes for x in nd.input} | {y.name for y in m.graph.output}
        pair = function(len(calls), some, later, opset)
        if pair:
            m.functions.append(pair[0])
            calls.append(pair[1])
    del m.graph.node[:]
    m.graph.node.extend(calls)
    m.opset_import.extend([helper.make_opsetid("local", 1)])
    m.ir_version = max(m.ir_version, 8)
    with open(sys.argv[3], "wb") as f:
        f.write(m.SerializeToString())


main()
