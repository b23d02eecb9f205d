#!/bin/sh
# install_tool.sh v1: VNN-COMP's first script. Installs the Debian packages that are missing
# and builds the program. CONFIG: as of make, release unless set.
set -eu
[ "${1:-}" = v1 ] || { echo "usage: install_tool.sh v1" >&2; exit 64; }
cd "$(dirname "$0")/../.."
.ci/deps build
make -j"$(nproc)" CONFIG="${CONFIG:-release}" all
"build/${CONFIG:-release}/softbox" --version
