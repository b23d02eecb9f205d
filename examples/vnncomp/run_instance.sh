#!/bin/bash
# run_instance.sh v1 CATEGORY NET PROP RESULTFILE SECONDS
softbox=${SOFTBOX:-$(dirname "$0")/../../build/release/softbox}
exec "$softbox" vnncomp "$@"
