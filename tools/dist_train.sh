#!/usr/bin/env bash
# Train with several processes: dist_train.sh CONFIG PROCESSES [arguments of train.py]
# One process a GPU; on a machine without GPUs the processes share its cores.
# More than one machine: NNODES, NODE_RANK, MASTER_ADDR and PORT.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG PROCESSES [arguments of train.py]" >&2
    exit 2
fi
TOOLS=$(cd "$(dirname "$0")" && pwd)

PYTHONPATH="$TOOLS/..${PYTHONPATH:+:$PYTHONPATH}" \
"${PYTHON:-python}" "$TOOLS/_launch.py" \
    --nnodes="${NNODES:-1}" \
    --node-rank="${NODE_RANK:-0}" \
    --master-addr="${MASTER_ADDR:-127.0.0.1}" \
    --master-port="${PORT:-29500}" \
    --nproc-per-node="$2" \
    "$TOOLS/train.py" "$1" --launcher pytorch "${@:3}"
