#!/bin/bash
# prepare_instance.sh v1 CATEGORY NET PROP: are both files there, and can both be read? An
# instance that cannot is skipped (status 1). Nothing is analysed.
[ "$1" = v1 ] || { echo "prepare_instance.sh: version '$1', v1 is known" >&2; exit 64; }
softbox=${SOFTBOX:-$(dirname "$0")/../../build/release/softbox}
"$softbox" info "$3" >/dev/null && "$softbox" info "$4" >/dev/null || exit 1
