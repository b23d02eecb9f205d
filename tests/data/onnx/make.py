#!/usr/bin/env python3
"""Makes the ONNX files of this folder: the same few layers in every form that a file may have
(the test knows what each computes), and in bad/ one file for each refusal, with a line of
expect.txt that says what the message must contain. Needs python3-onnx."""
# SPDX-License-Identifier: GPL-3.0-or-later
import gzip
import os
import struct

from onnx import AttributeProto, TensorProto, helper as h

HERE = os.path.dirname(os.path.abspath(__file__))
W = [1.0, -2.0, 0.5, 4.0, 0.25, -8.0]  # 2 x 3
B = [0.125, -1.0]


def info(name, dims, kind=TensorProto.FLOAT):
    return h.make_tensor_value_info(name, kind, dims)


def tensor(name, dims, values, kind=TensorProto.FLOAT, raw=False):
    if raw:
        code = {TensorProto.FLOAT: "f", TensorProto.DOUBLE: "d", TensorProto.INT64: "q"}[kind]
        values = struct.pack("<%d%s" % (len(values), code), *values)
    return h.make_tensor(name, kind, dims, values, raw)


def model(nodes, inits=(), inputs=None, outputs=None, opset=13, ir=7, domain=""):
    inputs = [info("x", [1, 3])] if inputs is None else inputs
    outputs = [info("y", [1, 2])] if outputs is None else outputs
    g = h.make_graph(list(nodes), "g", inputs, outputs, list(inits))
    m = h.make_model(g, opset_imports=[h.make_opsetid(domain, opset)], ir_version=ir)
    m.producer_name = ""
    return m


def gemm(w="w", b="b", x="x", y="y", name="layer"):
    return h.make_node("Gemm", [x, w, b], [y], name=name, transB=1)


def save(name, m):
    data = m if isinstance(m, bytes) else m.SerializeToString(deterministic=True)
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def good():
    w, b = tensor("w", [2, 3], W), tensor("b", [2], B)
    save("linear_typed.onnx", model([gemm()], [w, b]))
    save("linear_raw.onnx", model([gemm()], [tensor("w", [2, 3], W, raw=True),
                                             tensor("b", [2], B, raw=True)]))
    d = TensorProto.DOUBLE
    save("linear_double_typed.onnx", model([gemm()], [tensor("w", [2, 3], W, d), tensor("b", [2], B, d)],
                                           [info("x", [1, 3], d)], [info("y", [1, 2], d)]))
    save("linear_double_raw.onnx", model([gemm()], [tensor("w", [2, 3], W, d, True),
                                                    tensor("b", [2], B, d, True)],
                                         [info("x", [1, 3], d)], [info("y", [1, 2], d)]))
    save("linear_inputs.onnx", model([gemm()], [w, b],
                                     [info("w", [2, 3]), info("x", [1, 3]), info("b", [2])], ir=3, opset=8))
    save("linear_symbol.onnx", model([gemm()], [w, b], [info("x", ["N", 3])], [info("y", ["N", 2])]))
    save("linear_unknown.onnx", model([gemm()], [w, b], [info("x", [None, 3])], [info("y", [None, 2])]))
    save("linear_minus_one.onnx", model([gemm()], [w, b], [info("x", [-1, 3])], [info("y", [-1, 2])]))
    save("linear_domain.onnx", model([gemm()], [w, b], domain="ai.onnx"))
    save("linear_opset_7.onnx", model([gemm()], [w, b], opset=7))
    save("linear_opset_18.onnx", model([gemm()], [w, b], opset=18))
    again = model([gemm()], [w, b])
    again.opset_import.extend([h.make_opsetid("ai.onnx", 13), h.make_opsetid("com.example", 1)])
    save("linear_opset_again.onnx", again)
    # An initialiser that nobody reads, of a type that is not supported, does no harm.
    save("linear_unused.onnx", model([gemm()], [tensor("u", [2], [b"a", b"b"], TensorProto.STRING), w, b]))
    # Nor does a node that the output does not depend on.
    save("linear_dead_node.onnx", model([h.make_node("Sin", ["x"], ["s"]), h.make_node("Cos", ["s"], ["t"]),
                                         gemm()], [w, b]))
    save("linear_constants.onnx", model(
        [h.make_node("Constant", [], ["w"], value=tensor("", [2, 3], W, raw=True)),
         h.make_node("Constant", [], ["b"], value=tensor("v", [2], B)), gemm()], opset=9))
    wt = [W[0], W[3], W[1], W[4], W[2], W[5]]
    save("linear_matmul.onnx", model([h.make_node("MatMul", ["x", "w"], ["p"]),
                                      h.make_node("Add", ["p", "b"], ["y"])],
                                     [tensor("w", [3, 2], wt), b]))
    # Attributes, integers in raw and typed fields.
    for raw in False, True:
        s = tensor("s", [2], [1, -1], TensorProto.INT64, raw)
        save("linear_reshape_%s.onnx" % ("raw" if raw else "typed"),
             model([h.make_node("Reshape", ["x", "s"], ["f"]), gemm(x="f")], [s, w, b],
                   [info("x", [1, 3, 1])]))
    data = model([gemm()], [w, b]).SerializeToString(deterministic=True)
    save("linear_zipped.onnx.gz", gzip.compress(data, mtime=0))
    # 0.1 as float and as double: different rationals.
    one = [info("x", [1, 1])], [info("y", [1, 1])]
    for kind, name in (TensorProto.FLOAT, "float"), (d, "double"):
        for raw in False, True:
            save("tenth_%s_%s.onnx" % (name, "raw" if raw else "typed"),
                 model([h.make_node("MatMul", ["x", "w"], ["y"])], [tensor("w", [1, 1], [0.1], kind, raw)], *one))
    save("mlp.onnx", model(
        [gemm(y="a", name="first"), h.make_node("Relu", ["a"], ["r"], name="bend"),
         gemm("v", "c", "r", "y", "second")],
        [tensor("w", [2, 3], W), tensor("b", [2], B), tensor("v", [2, 2], [1.0, 2.0, -3.0, 0.5], raw=True),
         tensor("c", [2], [0.0, 8.0], raw=True)]))


def bad_models():
    w, b = tensor("w", [2, 3], W), tensor("b", [2], B)
    ok = model([gemm()], [w, b])
    plain = ok.SerializeToString(deterministic=True)
    node = h.make_node

    def change(f):
        m = type(ok)()
        m.CopyFrom(ok)
        f(m)
        return m

    def weights(t, expect):
        return expect, model([gemm()], [t, b])

    # ---- bytes
    yield "text", "not an ONNX model", b"hello, world\n"
    yield "empty", "it has no graph", b""
    yield "cut", "cut short", plain[:-7]
    yield "zero_bytes", "not an ONNX model: damaged field", bytes(100)
    yield "long_varint", "not an ONNX model: damaged", b"\x08" + b"\xff" * 12
    yield "group", "not an ONNX model: damaged field", b"\x0b\x0c"
    yield "zero_in_name", "zero byte", plain.replace(b"layer", b"la\0er")
    deep = b""
    for _ in range(20):  # graph, node, attribute, graph, ...
        for tag in b"\x32", b"\x2a", b"\x0a":
            n = len(deep)
            deep = tag + (bytes([n]) if n < 128 else bytes([n & 127 | 128, n >> 7])) + deep
    n = len(deep)
    yield "deep", "nested over 32 deep", b"\x3a" + bytes([n & 127 | 128, n >> 7]) + deep
    # ---- the model
    yield "no_graph", "it has no graph", change(lambda m: m.ClearField("graph"))
    yield "no_opset", "names no operator set", change(lambda m: m.ClearField("opset_import"))
    yield "opset_6", "operator set 6: 7 to 18 are supported", model([gemm()], [w, b], opset=6)
    yield "opset_19", "operator set 19: 7 to 18 are supported", model([gemm()], [w, b], opset=19)
    yield "opset_other", "names no operator set", model([gemm()], [w, b], domain="other")
    yield "opset_twice", "two versions", change(lambda m: m.opset_import.extend([h.make_opsetid("ai.onnx", 9)]))
    yield "function", "model-local function 'twice'", change(lambda m: m.functions.add(name="twice"))

    def sparse(m):
        s = m.graph.sparse_initializer.add()
        s.values.CopyFrom(tensor("sp", [1], [1.0]))
    yield "sparse", "sparse tensor 'sp'", change(sparse)
    # ---- tensors
    t = tensor("w", [2, 3], W, raw=True)
    t.data_location = TensorProto.EXTERNAL
    yield "external", *weights(t, "tensor 'w' has its data in another file")
    t = TensorProto(name="w", dims=[2, 3], data_type=TensorProto.FLOAT)
    t.external_data.add(key="location", value="../w.bin")
    yield "external_2", *weights(t, "tensor 'w' has its data in another file")
    t = tensor("w", [2, 3], W)
    t.segment.begin = 1
    yield "segment", *weights(t, "in segments")
    yield "strings", *weights(tensor("w", [2, 3], [b"a"] * 6, TensorProto.STRING),
                              "tensor 'w': elements of type string (8)")
    yield "float16", *weights(tensor("w", [2, 3], W, TensorProto.FLOAT16),
                              "tensor 'w': elements of type float16 (10)")
    yield "type_99", *weights(TensorProto(name="w", dims=[2, 3], data_type=99), "type unknown (99)")
    for raw in False, True:
        for v, s in (float("nan"), "not a number"), (float("-inf"), "infinite"):
            yield "%s_%s" % (s.split()[-1], "raw" if raw else "typed"), *weights(
                tensor("w", [2, 3], W[:4] + [v, 1.0], raw=raw), "tensor 'w': element 4 is " + s)
    t = tensor("w", [2, 3], W, raw=True)
    t.raw_data = t.raw_data[:-1]
    yield "raw_short", *weights(t, "tensor 'w' has 6 elements of type float, but 23 bytes")
    t = tensor("w", [2, 3], W, raw=True)
    t.raw_data += b"\0\0\0\0"
    yield "raw_long", *weights(t, "but 28 bytes")
    t = tensor("w", [2, 3], W)
    t.float_data.append(1)
    yield "typed_long", *weights(t, "tensor 'w' has 6 elements of type float, but 7 values")
    t = tensor("w", [2, 3], W)
    del t.float_data[5:]
    yield "typed_short", *weights(t, "but 5 values")
    t = tensor("w", [2, 3], W, raw=True)
    t.float_data.extend(W)
    yield "both", *weights(t, "tensor 'w' of type float has data elsewhere too")
    t = TensorProto(name="w", dims=[2, 3], data_type=TensorProto.FLOAT, double_data=W)
    yield "elsewhere", *weights(t, "has data elsewhere too")
    yield "no_data", *weights(TensorProto(name="w", dims=[2, 3], data_type=TensorProto.FLOAT), "but 0 values")
    yield "no_type", *weights(TensorProto(name="w", dims=[2, 3], float_data=W), "type unknown (0)")
    for name, dims, s in (("dim_negative", [2, -3], "a dimension of -3"),
                          ("dim_huge", [1 << 62, 1 << 62], "tensor 'w' is too large"),
                          ("dim_large", [1 << 40], "but 6 values"),
                          ("dim_many", [1] * 9, "has 9 dimensions")):
        yield name, *weights(TensorProto(name="w", dims=dims, data_type=TensorProto.FLOAT, float_data=W), s)
    for kind, v, s in (TensorProto.BOOL, 2, "bool"), (TensorProto.INT8, 128, "int8"), (TensorProto.UINT16, -1, "uint16"):
        yield s + "_range", *weights(TensorProto(name="w", dims=[1], data_type=kind, int32_data=[v]),
                                     "tensor 'w': element 0 is no " + s)
    yield "uint32_range", *weights(TensorProto(name="w", dims=[1], data_type=TensorProto.UINT32, uint64_data=[1 << 63]),
                                   "element 0 is no uint32")
    yield "uint64", *weights(TensorProto(name="w", dims=[1], data_type=TensorProto.UINT64, uint64_data=[1]), "type uint64")
    # ---- names
    yield "initialiser_twice", "tensor 'w' is defined twice", model([gemm()], [w, w, b])
    yield "output_twice", "tensor 'y' is defined twice", model([gemm(), gemm()], [w, b])
    yield "output_is_weight", "tensor 'b' is defined twice", model([gemm(y="b")], [w, b])
    yield "input_twice", "tensor 'x' is defined twice", model([gemm()], [w, b], [info("x", [1, 3]), info("x", [1, 3])])
    yield "input_is_output", "tensor 'x' is defined twice", model([gemm(), gemm(x="y", y="x")], [w, b])
    yield "nameless_weight", "without a name", model([gemm()], [w, b, tensor("", [1], [1.0])])
    yield "control_tensor", "reads 'a?b', which nothing makes", model([gemm("a\nb")], [w, b])
    yield "control_node", "node 'a??[31m' (S?in): unsupported", model(
        [node("S\nin", ["x"], ["a"], name="a\n\x1b[31m"), gemm(x="a")], [w, b])
    yield "control_output", "the output 'a?b' is made by no node", model(
        [gemm()], [w, b], outputs=[info("a\nb", [2])])
    yield "missing", "node 'layer' (Gemm) reads 'w', which nothing makes", model([gemm()], [b])
    yield "order", "reads 'a', which is not made before it", model(
        [gemm(x="a"), node("Relu", ["x"], ["a"])], [w, b])
    yield "cycle", "a cycle", model([node("Add", ["x", "c"], ["a"]), node("Relu", ["a"], ["c"]), gemm(x="c")], [w, b])
    yield "self", "a cycle", model([node("Add", ["x", "a"], ["a"], name="loop"), gemm(x="a")], [w, b])
    # ---- inputs and outputs
    yield "no_input", "no input", model([gemm(x="w")], [w, b], [])
    yield "two_inputs", "two inputs, 'x' and 'z'", model([gemm()], [w, b], [info("x", [1, 3]), info("z", [1, 3])])
    yield "integer_input", "input 'x' has elements of type int64 (7)", model([gemm()], [w, b], [info("x", [1, 3], TensorProto.INT64)])
    yield "sequence_input", "input 'x' is not a tensor", model(
        [gemm()], [w, b], [h.make_tensor_sequence_value_info("x", TensorProto.FLOAT, [1, 3])])
    yield "shapeless_input", "input 'x' has no shape", model([gemm()], [w, b], [info("x", None)])
    yield "symbolic_input", "input 'x': dimension 1 has no number", model([gemm()], [w, b], [info("x", [1, "k"])])
    yield "empty_input", "input 'x': dimension 1 is 0", model([gemm()], [w, b], [info("x", [1, 0])])
    yield "rank_9_input", "input 'x' has 9 dimensions", model([gemm()], [w, b], [info("x", [1] * 9)])
    yield "huge_input", "too large", model([gemm()], [w, b], [info("x", [1, 1 << 40, 1 << 40])])
    yield "no_output", "no output", model([gemm()], [w, b], outputs=[])
    yield "two_outputs", "2 outputs, 'y' and 'z': one", model(
        [gemm(), gemm(y="z")], [w, b], outputs=[info("y", [1, 2]), info("z", [1, 2])])
    yield "unknown_output", "the output 'q' is made by no node", model([gemm()], [w, b], outputs=[info("q", [1, 2])])
    yield "constant_output", "the output 'b' is constant", model([gemm()], [w, b], outputs=[info("b", [2])])
    # ---- operators
    yield "operator", "node 's' (Sin): unsupported operator", model(
        [node("Sin", ["x"], ["a"], name="s"), gemm(x="a")], [w, b])
    yield "operators", "node 's' (Sin): unsupported operator; node 'c' (Cos): unsupported operator; node 'l' (LSTM)", model(
        [node("Sin", ["x"], ["a"], name="s"), gemm(x="a", y="d"), node("Cos", ["d"], ["e"], name="c"),
         node("Relu", ["e"], ["f"]), node("LSTM", ["f"], ["y"], name="l")], [w, b])
    yield "operators_many", "; and 3", model(
        [node("Sin", ["x" if i == 0 else "t%d" % i], ["t%d" % (i + 1)], name="a rather long name %d" % i) for i in range(40)] +
        [gemm(x="t40")], [w, b])
    yield "domain", "node 'c' (Gemm): operators of domain com.example are not supported", model(
        [node("Gemm", ["x", "w", "b"], ["y"], name="c", domain="com.example", transB=1)], [w, b])
    yield "attribute", "node 'r' (Relu): attribute 'steep'", model([node("Relu", ["x"], ["a"], name="r", steep=1), gemm(x="a")], [w, b])

    def twice(m):
        m.graph.node[0].attribute.extend([h.make_attribute("transB", 0)])
    yield "attribute_twice", "node 'layer' (Gemm): attribute 'transB' stands twice", change(twice)
    yield "attribute_nameless", "an attribute without a name", change(
        lambda m: m.graph.node[0].attribute.extend([AttributeProto(i=1, type=AttributeProto.INT)]))
    yield "attribute_nan", "attribute 'alpha' is not finite", change(
        lambda m: m.graph.node[0].attribute.extend([h.make_attribute("alpha", float("nan"))]))
    yield "attributes_many", "node 'layer' (Gemm): 101 attributes", change(
        lambda m: m.graph.node[0].attribute.extend([h.make_attribute("a%d" % i, i) for i in range(100)]))
    yield "constant_nan", "element 1 is not a number", model(
        [node("Constant", [], ["b"], value=tensor("", [2], [0.0, float("nan")])), gemm()], [w])
    yield "shapes", "node 'layer' (Gemm)", model([gemm()], [tensor("w", [3, 2], W), b])
    yield "no_operator", "node 'layer' (): unsupported operator", change(lambda m: m.graph.node[0].ClearField("op_type"))


def main():
    os.makedirs(os.path.join(HERE, "bad"), exist_ok=True)
    good()
    lines = []
    for name, expect, m in bad_models():
        save("bad/%s.onnx" % name, m)
        lines.append("%s: %s\n" % (name, expect))
    with open(os.path.join(HERE, "bad", "expect.txt"), "w", encoding="ascii") as f:
        f.writelines(lines)


main()
