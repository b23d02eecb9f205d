#!/bin/bash
# install_tool.sh v1: builds softbox on a Debian or Ubuntu machine, missing packages included.
set -e
[ "$1" = v1 ] || { echo "install_tool.sh: version '$1', v1 is known" >&2; exit 64; }
cd "$(dirname "$0")/../.."
make deps
make CONFIG="${CONFIG:-release}"
