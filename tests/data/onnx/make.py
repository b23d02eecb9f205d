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
    yield "operator", "node 's' (GRU): unsupported operator", model(
        [node("GRU", ["x"], ["a"], name="s"), gemm(x="a")], [w, b])
    yield "operators", "node 's' (GRU): unsupported operator; node 'c' (RNN): unsupported operator; node 'l' (LSTM)", model(
        [node("GRU", ["x"], ["a"], name="s"), gemm(x="a", y="d"), node("RNN", ["d"], ["e"], name="c"),
         node("Relu", ["e"], ["f"]), node("LSTM", ["f"], ["y"], name="l")], [w, b])
    yield "operators_many", "node 'a rather long name 24' (GRU): unsupported operator", model(
        [node("GRU", ["x" if i == 0 else "t%d" % i], ["t%d" % (i + 1)], name="a rather long name %d" % i) for i in range(25)] +
        [gemm(x="t25")], [w, b])
    yield "operators_too_many", "; and 3", model(
        [node("GRU", ["x" if i == 0 else "t%d" % i], ["t%d" % (i + 1)], name="a rather long name %d" % i) for i in range(400)] +
        [gemm(x="t400")], [w, b])
    # different reasons: an operator that we lack, an output that is read, an attribute, a domain, a shape
    yield "all_reasons", ("node 'l' (LSTM): unsupported operator; node 'p' (MaxPool): its output 2, 'i', is used; "
                          "node 'r' (Relu): attribute 'steep'; node 'd' (Gemm): operators of domain com.example "
                          "are not supported; node 'n' (Pow): a constant base that is not above 0: -2"), model(
        [node("LSTM", ["x"], ["a"], name="l"),
         node("Reshape", ["x", "s"], ["q"]), node("MaxPool", ["q"], ["m", "i"], name="p", kernel_shape=[2]),
         node("Relu", ["x"], ["c"], name="r", steep=1), node("Gemm", ["x", "w", "b"], ["d"], name="d", domain="com.example"),
         node("Pow", ["e", "x"], ["f"], name="n"),
         node("Concat", ["a", "m", "i", "c", "d", "f"], ["y"], axis=0, name="not at fault")],
        [w, b, tensor("s", [3], [1, 1, 3], TensorProto.INT64), tensor("e", [1], [-2.0])])
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


    yield from bad_functions(w, b)
    yield from bad_outputs(w, b)
    yield from bad_sizes(w, b)


def function(name, inputs, outputs, nodes, attributes=(), opset=13, domain="local"):
    imports = [h.make_opsetid("", opset), h.make_opsetid("local", 1)] if opset else []
    f = h.make_function(domain, name, list(inputs), list(outputs), list(nodes), imports, list(attributes))
    return f


def calls(nodes, functions, inits=(), opset=13, **kw):
    m = model(nodes, inits, opset=opset, **kw)
    m.opset_import.extend([h.make_opsetid("local", 1)])
    m.functions.extend(functions)
    return m


def call(name, inputs, outputs, node="call", **kw):
    return h.make_node(name, inputs, outputs, name=node, domain="local", **kw)


def refer(node, name, attribute, kind):
    """attribute `name` of the node is the function's `attribute`"""
    node.attribute.extend([AttributeProto(name=name, ref_attr_name=attribute, type=kind)])
    return node


def field(number, data):
    """a field of bytes, as it stands in a file"""
    def varint(v):
        return bytes([v]) if v < 128 else bytes([v & 127 | 128]) + varint(v >> 7)
    return varint(number << 3 | 2) + varint(len(data)) + data


def functions():
    w, b = tensor("w", [2, 3], W), tensor("b", [2], B)
    node = h.make_node
    affine = function("affine", ["u", "v", "c"], ["z"],
                      [node("MatMul", ["u", "t"], ["p"], name="product"), node("Add", ["p", "c"], ["z"], name="sum")])
    affine.node.insert(0, node("Transpose", ["v"], ["t"], perm=[1, 0]))
    # names of the body are its own: 'p' and 't' are other tensors outside, 'x' is what the call says
    save("linear_function.onnx", calls(
        [node("Identity", ["x"], ["t"]), call("affine", ["t", "w", "b"], ["p"]), node("Identity", ["p"], ["y"])],
        [affine], [w, b]))
    # twice, inside of each other; an optional input left out; an output that nobody names
    bias = function("bias", ["u", "c", "none"], ["z", "more"],
                    [node("Add", ["u", "c"], ["z"]), node("Clip", ["z", "", "none"], ["more"])])
    half = function("half", ["u", "v", "c"], ["z"], [
        node("Gemm", ["u", "v"], ["a"], transB=1), call("bias", ["a", "c"], ["z"])])
    outer = function("outer", ["x", "w"], ["b"], [
        node("Constant", [], ["c"], value=tensor("", [2], [B[0], 0.0])),
        node("Constant", [], ["d"], value=tensor("", [2], [0.0, B[1]])),
        call("half", ["x", "w", "c"], ["a"]), call("bias", ["a", "d", "", ], ["b", ""])])
    save("linear_function_nested.onnx", calls([call("outer", ["x", "w"], ["y"])], [outer, bias, half], [w]))
    # attributes: given by the call, by default, left out
    layer = function("layer", ["u", "v", "c"], ["z"], [
        refer(refer(node("Gemm", ["u", "v", "c"], ["z"]), "transB", "turn", AttributeProto.INT),
              "beta", "weight", AttributeProto.FLOAT)], ["turn", "weight"])
    save("linear_function_attribute.onnx", calls(
        [call("layer", ["x", "w", "b"], ["y"], turn=1)], [layer], [w, b]))
    m = calls([call("layer", ["x", "w", "b"], ["y"], weight=1.0)], [layer], [w, b])
    m.functions[0].attribute.remove("turn")
    data = m.functions[0].SerializeToString(deterministic=True)
    data += field(11, h.make_attribute("turn", 1).SerializeToString(deterministic=True))  # younger than this library
    del m.functions[:]
    save("linear_function_default.onnx", m.SerializeToString(deterministic=True) + field(25, data))
    # an output that is an input; the default domain's name; each with an operator set of its own
    swap = function("swap", ["u", "v"], ["v", "u"], [])
    m = calls([call("swap", ["b", "x"], ["s", "t"]), call("swap", ["s", "t"], ["r", ""]),
               call("drop", ["r"], ["q"]), gemm(x="s", b="q")],
              [swap, function("drop", ["u"], ["z"], [node("Clip", ["u"], ["z"], min=-1.0, max=1.0)], opset=10)], [w, b])
    save("linear_function_swap.onnx", m)
    # a function in the place of an operator
    m = calls([gemm()], [function("Gemm", ["u", "v", "c"], ["z"], [
        node("MatMul", ["v", "t"], ["p"]), node("Reshape", ["p", "s"], ["q"]), node("Add", ["q", "c"], ["z"])],
        ["transB"], domain="")], [w, b])
    m.functions[0].node.insert(0, node("Transpose", ["u"], ["t"]))
    m.functions[0].node.insert(0, node("Constant", [], ["s"], value=tensor("", [2], [1, 2], TensorProto.INT64)))
    save("linear_function_operator.onnx", m)
    # outputs that nothing reads
    save("linear_unread.onnx", model(
        [node("Dropout", ["x"], ["c", "mask"]),
         node("Concat", ["c", "c"], ["k"], axis=1), node("Split", ["k"], ["d", "none"], axis=1),
         node("Reshape", ["d", "s"], ["e"]), node("MaxPool", ["e"], ["f", "at"], kernel_shape=[1]),
         node("Reshape", ["f", "r"], ["g"]), gemm(x="g")],
        [w, b, tensor("s", [3], [1, 1, 3], TensorProto.INT64), tensor("r", [2], [1, 3], TensorProto.INT64)]))
    save("norms_unread.onnx", model(
        [node("BatchNormalization", ["x", "one", "one", "one", "one"], ["c", "mean", "var"]),
         node("LayerNormalization", ["c", "one"], ["y", "center", "inverse"])],
        [tensor("one", [3], [1.0] * 3)], outputs=[info("y", [1, 3])], opset=17))


def bad_functions(w, b):
    node = h.make_node

    def one(f, n=None, more=()):
        return calls([n or call(f.name, ["x"], ["a"]), gemm(x="a")], [f, *more], [w, b])
    ok = function("f", ["u"], ["z"], [node("Relu", ["u"], ["z"])])
    yield "function_itself", "model-local function 'f' calls itself: node 'call/again'", one(
        function("f", ["u"], ["z"], [call("f", ["u"], ["z"], "again")]))
    yield "function_cycle", "model-local function 'f' calls itself: node 'call/there/back'", one(
        function("f", ["u"], ["z"], [call("g", ["u"], ["z"], "there")]),
        more=[function("g", ["u"], ["z"], [call("f", ["u"], ["z"], "back")])])
    chain = [function("f%d" % k, ["u"], ["z"], [call("f%d" % (k + 1), ["u"], ["z"])]) for k in range(1000)]
    yield "function_deep", "model-local functions nested over 100 deep", calls(
        [call("f0", ["x"], ["a"]), gemm(x="a")], chain + [function("f1000", ["u"], ["z"], [node("Relu", ["u"], ["z"])])],
        [w, b])
    double = [function("f%d" % k, ["u"], ["z"], [call("f%d" % (k + 1), ["u"], ["t"]), call("f%d" % (k + 1), ["t"], ["z"])])
              for k in range(40)]
    yield "function_large", "over 100000 nodes", calls(
        [call("f0", ["x"], ["a"]), gemm(x="a")], double + [function("f40", ["u"], ["z"], [node("Relu", ["u"], ["z"])])],
        [w, b])
    yield "function_twice", "model-local function 'f' is defined twice", one(ok, more=[ok])
    yield "function_input_twice", "model-local function 'f': 'u' is defined twice", one(
        function("f", ["u", "u"], ["z"], [node("Relu", ["u"], ["z"])]))
    yield "function_makes_input", "model-local function 'f': 'u' is defined twice", one(
        function("f", ["u"], ["z"], [node("Relu", ["u"], ["z"]), node("Relu", ["z"], ["u"])]))
    yield "function_no_output", "model-local function 'f': its output 'z' is made by no node", one(
        function("f", ["u"], ["z"], [node("Relu", ["u"], ["t"])]))
    yield "function_nameless", "an input or output without a name", one(
        function("f", [""], ["z"], [node("Relu", ["u"], ["z"])]))
    yield "function_outside", "node 'call/sum' (Add) reads 'call#1/b', which nothing makes", one(
        function("f", ["u"], ["z"], [node("Add", ["u", "b"], ["z"], name="sum")]))
    yield "function_order", "reads 'call#1/t', which is not made before it", one(
        function("f", ["u"], ["z"], [node("Relu", ["t"], ["z"]), node("Relu", ["u"], ["t"])]))
    yield "function_opset", "model-local function 'f': operator set 19: 7 to 18 are supported", one(
        function("f", ["u"], ["z"], [node("Relu", ["u"], ["z"])], opset=19))
    yield "function_no_opset", "node 'call/r' (Relu): its function names no operator set", one(
        function("f", ["u"], ["z"], [node("Relu", ["u"], ["z"], name="r")], opset=0))
    yield "function_inputs", "node 'call' (f) has 2 inputs and 1 outputs, its function 1 and 1", one(
        ok, call("f", ["x", "x"], ["a"]))
    yield "function_attribute", "node 'call' (f): its function has no attribute 'axis'", one(
        ok, call("f", ["x"], ["a"], axis=1))
    yield "function_missing_input", "node 'call/r' (Relu): input 1 is missing", one(
        function("f", ["u", "v"], ["z"], [node("Relu", ["v"], ["z"], name="r")]))
    yield "function_operators", "node 'call/l' (LSTM): unsupported operator; node 'two/l' (LSTM): unsupported operator", calls(
            [call("f", ["x"], ["a"]), call("f", ["a"], ["c"], "two"), gemm(x="c")],
            [function("f", ["u"], ["z"], [node("LSTM", ["u"], ["z"], name="l")])], [w, b])
    bad = calls([call("f", ["x"], ["a"]), gemm(x="a")], [], [w, b]).SerializeToString(deterministic=True)
    body = ok.SerializeToString(deterministic=True)
    yield "function_default_damaged", "model-local function 'f': not an ONNX model, or cut short", bad + field(
        25, body + field(11, b"\x0a\x7f"))
    deep = b""
    for _ in range(20):
        for number in 5, 1, 6:
            deep = field(number, deep)
    yield "function_default_deep", "model-local function 'f': messages nested over 32 deep", bad + field(25, body + field(11, deep))


def bad_outputs(w, b):
    node = h.make_node
    s = tensor("s", [3], [1, 1, 3], TensorProto.INT64)
    for name, n, more, opset in (
            ("indices", node("MaxPool", ["q"], ["m", "a"], name="n", kernel_shape=[1]), [], 13),
            ("mask", node("Dropout", ["x"], ["m", "a"], name="n"), [], 13),
            ("relu", node("Relu", ["x"], ["m", "a"], name="n"), [], 13)):
        yield "output_" + name, "node 'n' (%s): its output 2, 'a', is used" % n.op_type, model(
            [node("Reshape", ["x", "s"], ["q"]), n, node("Reshape", ["a", "r"], ["c"]), gemm(x="c")],
            [w, b, s, tensor("r", [2], [1, 3], TensorProto.INT64), *more], opset=opset)
    yield "output_training", "node 'n' (BatchNormalization): more than one output: that is training", model(
        [node("BatchNormalization", ["x", "v", "v", "v", "v"], ["a", "mean"], name="n"), gemm(x="a")],
        [w, b, tensor("v", [3], [1.0] * 3)], opset=9)


def bad_sizes(w, b):
    """a few bytes that ask for very much"""
    def ints(name, *v):
        return tensor(name, [len(v)], v, TensorProto.INT64)
    I = 1 << 62
    for name, n, s, expect in (
            ("expand", ("Expand", ["x", "s"], {}), ints("s", 1 << 40, 3), "objects of"),
            ("expand_overflow", ("Expand", ["x", "s"], {}), ints("s", 1 << 40, 1 << 40, 3), "objects of"),
            ("expand_negative", ("Expand", ["x", "s"], {}), ints("s", -1, 3), "(Expand)"),
            ("tile", ("Tile", ["x", "s"], {}), ints("s", 1 << 40, 1 << 20), "(Tile)"),
            ("tile_negative", ("Tile", ["x", "s"], {}), ints("s", -2, 1), "(Tile)"),
            ("reshape", ("Reshape", ["x", "s"], {}), ints("s", 1 << 40, 1 << 40), "(Reshape)"),
            ("reshape_negative", ("Reshape", ["x", "s"], {}), ints("s", -3, -1), "(Reshape)"),
            ("reshape_wrap", ("Reshape", ["x", "s"], {}), ints("s", 3, 1 << 32, 1 << 32), "(Reshape)"),
            ("zeros", ("ConstantOfShape", ["s"], {}), ints("s", 1 << 40), "objects of"),
            ("zeros_overflow", ("ConstantOfShape", ["s"], {}), ints("s", 1 << 40, 1 << 40), "(ConstantOfShape)"),
            ("zeros_negative", ("ConstantOfShape", ["s"], {}), ints("s", -5), "(ConstantOfShape)"),
            ("pad", ("Pad", ["x", "s"], {}), ints("s", I, I, I, I), "(Pad)"),
            ("pad_negative", ("Pad", ["x", "s"], {}), ints("s", -I, -I, -I, -I), "(Pad)"),
            ("conv", ("Conv", ["q", "k"], {"pads": [I, I]}), tensor("k", [1, 1, 1], [1.0]), "(Conv)"),
            ("conv_stride", ("Conv", ["q", "k"], {"strides": [0]}), tensor("k", [1, 1, 1], [1.0]), "(Conv)"),
            ("conv_dilation", ("Conv", ["q", "k"], {"dilations": [I]}), tensor("k", [1, 1, 2], [1.0, 1.0]), "(Conv)"),
            ("conv_group", ("Conv", ["q", "k"], {"group": 1 << 40}), tensor("k", [1, 1, 1], [1.0]), "(Conv)"),
            ("convtranspose", ("ConvTranspose", ["q", "k"], {"strides": [I]}), tensor("k", [1, 1, 1], [1.0]), "(ConvTranspose)"),
            ("pool", ("AveragePool", ["q"], {"kernel_shape": [I], "pads": [I, I]}), ints("s", 1), "(AveragePool)"),
            ("maxpool", ("MaxPool", ["q"], {"kernel_shape": [-1]}), ints("s", 1), "(MaxPool)"),
            ("resize", ("Resize", ["q", "", "r"], {}), tensor("r", [3], [1e30, 1e30, 1e30]), "(Resize)"),
            ("resize_zero", ("Resize", ["q", "", "r"], {}), tensor("r", [3], [1.0, 1.0, -1.0]), "(Resize)"),
            ("gather", ("Gather", ["x", "s"], {"axis": 1}), ints("s", 1 << 40), "(Gather)"),
            ("slice", ("Slice", ["x", "s", "e"], {}), ints("s", -I, I), "(Add)"),
            ("split", ("Split", ["x", "s"], {"axis": 1}), ints("s", I), "(Split)"),
            ("transpose", ("Transpose", ["x"], {"perm": [0, 1 << 40]}), ints("s", 1), "(Transpose)"),
            ("unsqueeze", ("Unsqueeze", ["x", "s"], {}), ints("s", *range(20)), "(Unsqueeze)"),
            ("axis", ("Softmax", ["x"], {"axis": 1 << 40}), ints("s", 1), "axis 1099511627776"),
            ("range", ("Range", ["z", "l", "o"], {}), ints("s", 1), "(Range)")):
        op, inputs, attributes = n
        more = [ints("e", -I, 1)] if name == "slice" else []
        if name == "range":
            more = [tensor(k, [], [v], TensorProto.INT64) for k, v in (("z", 0), ("l", I), ("o", 1))]
        yield "size_" + name, expect, model(
            [h.make_node("Reshape", ["x", "q3"], ["q"]), h.make_node(op, inputs, ["a"], name="n", **attributes),
             h.make_node("Add", ["x", "a"], ["y"])], [w, b, s, ints("q3", 1, 1, 3), *more], opset=13)


def main():
    os.makedirs(os.path.join(HERE, "bad"), exist_ok=True)
    good()
    functions()
    lines = []
    for name, expect, m in bad_models():
        save("bad/%s.onnx" % name, m)
        lines.append("%s: %s\n" % (name, expect))
    with open(os.path.join(HERE, "bad", "expect.txt"), "w", encoding="ascii") as f:
        f.writelines(lines)


main()
