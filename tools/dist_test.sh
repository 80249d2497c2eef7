#!/usr/bin/env bash
# Test with several processes: dist_test.sh CONFIG CHECKPOINT PROCESSES [arguments of test.py]
# One process a GPU; on a machine without GPUs the processes share its cores.
# More than one machine: NNODES, NODE_RANK, MASTER_ADDR and PORT.
set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: $0 CONFIG CHECKPOINT PROCESSES [arguments of test.py]" >&2
    exit 2
fi
TOOLS=$(cd "$(dirname "$0")" && pwd)

PYTHONPATH="$TOOLS/..${PYTHONPATH:+:$PYTHONPATH}" \
"${PYTHON:-python}" "$TOOLS/_launch.py" \
    --nnodes="${NNODES:-1}" \
    --node-rank="${NODE_RANK:-0}" \
    --master-addr="${MASTER_ADDR:-127.0.0.1}" \
    --master-port="${PORT:-29500}" \
    --nproc-per-node="$3" \
    "$TOOLS/test.py" "$1" "$2" --launcher pytorch "${@:4}"
