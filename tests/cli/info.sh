#!/bin/sh
# softbox info: networks and properties, and what cannot be read.
. "$(dirname "$0")/lib.sh"
d=examples/digits p=examples/digits/prop

ok info $d/mlp.onnx
line 'opset       13'
line 'input       X  1x64'
line 'output      Y  1x10'
line 'parameters  3466'
line '   1  Relu                1x32  Relu_2'
ok info $d/mlp.onnx --format json
has "{\"network\":\"$d/mlp.onnx\",\"opset\":13,\"input\":{\"name\":\"X\",\"shape\":[1,64]},\"output\":{\"name\":\"Y\",\"shape\":[1,10]},\"parameters\":3466,\"nodes\":[{\"name\":\"Gemm_1\",\"operator\":\"Gemm\",\"shape\":[1,32]}"
for n in softreg mlp_softmax mlp_tanh; do ok info $d/$n.onnx; done
ok info $p/img00_eps0.01.vnnlib
line 'inputs       64'
line 'outputs      10'
line 'disjuncts    9, 0 of them empty boxes'
line 'constraints  9, 0 of them strict, 0 on inputs'
line 'widest side  0.02'
ok info $p/img00_eps0.01_p0.5.vnnlib --format json
has '"inputs":64,"outputs":10,"disjuncts":1,'

ok eval $d/mlp.onnx --at "$(sed -n '2s/^[^,]*,[^,]*,//p' $d/images.csv)" --arith f32
same "$(wc -l <"$tmp/out")" 11
no 65 "eval: at has 2 numbers, $d/mlp.onnx has 64 inputs" eval $d/mlp.onnx --at 1,2
no 65 'info: nosuch.onnx: No such file or directory' info nosuch.onnx
no 65 'info: nosuch.vnnlib: No such file or directory' info nosuch.vnnlib
no 65 "info: $d: Is a directory" info $d
run info $d/images.csv
same "$st $(wc -l <"$tmp/err") $(wc -c <"$tmp/out")" '65 1 0'
: >"$tmp/empty.onnx"
run info "$tmp/empty.onnx"
same "$st $(wc -l <"$tmp/err") $(wc -c <"$tmp/out")" '65 1 0'

# A .nnet file: the header's box exactly, for who writes a property of it.
n=tests/data/nnet/small.nnet
ok info $n
line 'domain      [-1, 3] x [-2.5, 2.5]'
line 'parameters  23'
line '   1  Div                 1x2  Div_0'
ok info $n --format json
has "{\"network\":\"$n\",\"input\":{\"name\":\"x\",\"shape\":[1,2],\"lower\":[\"-1\",\"-2.5\"],\"upper\":[\"3\",\"2.5\"]},\"output\":"
ok info tests/data/nnet/zipped.nnet
ok eval $n --at 1,0.5 --arith mpq
no 65 'eval: at[1] is outside of the inputs that the network is for' eval $n --at 1,2.6
no 65 "info: tests/data/nnet/bad/weight_nan.nnet:9:3: 'nan' is not a number" info tests/data/nnet/bad/weight_nan.nnet
finish
