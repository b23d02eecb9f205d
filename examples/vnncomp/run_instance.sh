#!/bin/sh
# run_instance.sh v1 CATEGORY NET PROP RESULTFILE TIMEOUT: VNN-COMP's third script. The
# result file gets sat (with a counterexample), unsat, unknown, timeout or error.
[ "${1:-}" = v1 ] && [ $# -eq 6 ] ||
    { echo "usage: run_instance.sh v1 CATEGORY NET.onnx PROP.vnnlib RESULTFILE TIMEOUT" >&2; exit 64; }
exec "${SBX:-$(dirname "$0")/../../build/release/softbox}" vnncomp "$@"
