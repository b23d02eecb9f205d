#!/bin/sh
# softbox/mat.h against numpy's singular values: random, nearly singular, of low rank, huge and small.
cd "$(dirname "$0")/../.." || exit 2
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || { echo "skip: matrices, no package python3-numpy"; exit 0; }
exec "$python" tests/cli/mat.py "${B:-build/release}/tests/conf/run_mat" "${SBX_TIMES:-1}"
