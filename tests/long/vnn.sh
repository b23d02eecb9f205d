#!/bin/sh
# Every benchmark that can be read, none decided wrongly. Third-party data: else skipped.
dir=${SBX_SHARED:-../shared}/data/vnn
[ -d "$dir/test" ] || { echo "skip: vnn, no third-party data"; exit 0; }
TIMEOUT=${TIMEOUT:-10} tests/conf/vnn "$dir"
