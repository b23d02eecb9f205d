#!/bin/sh
# Sparsemax and sparsegen against the projections that solvers of linear programs find (projection.py).
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/lib.sh"
python3=/usr/bin/python3
[ -x $python3 ] || { echo "skip: no python3"; exit 0; }
want=1
command -v esolver >/dev/null && want=2
same "$($python3 tests/cli/projection.py "$SBX" "$tmp" 2>&1 | tail -3)" "$want solvers, 0 bad"
finish
