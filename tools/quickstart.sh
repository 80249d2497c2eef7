#!/usr/bin/env bash
# From a fresh clone to a trained model: makes the environment, then runs the demo,
# whose steps tools/misc/run_demo.py lists. What is done is skipped: run it again
# after an interruption. Its arguments, if any, are those of run_demo.py.
set -euo pipefail

# shellcheck source=tools/_environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/_environment.sh"
make_environment

cd "$ROOT"
begin_step "Demo" "what the message above says; then run this again, it goes on where it stopped" \
    "$ROOT/work_dirs/hamuco_demo"
"$VENV_PYTHON" tools/misc/run_demo.py "$@"
