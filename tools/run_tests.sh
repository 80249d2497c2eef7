#!/usr/bin/env bash
# Run the whole test suite: run_tests.sh [arguments of pytest]
# Makes the environment first if it is missing. -m "not slow" leaves out the tests
# that take more than some ten seconds.
set -euo pipefail

# shellcheck source=tools/_environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/_environment.sh"
make_environment

cd "$ROOT"
# One thread a test process: two processes with a pool of threads each would
# fight for the cores.
export OMP_NUM_THREADS=1
begin_step "Tests" "the failures are listed above; one alone: bash tools/run_tests.sh -n 0 tests/FILE::TEST"
# A file's tests in one process, in which what they share is made once; in the order of
# the names, which has no long file at its end.
PATH="$VENV/bin:$PATH" "$VENV_PYTHON" -m pytest -q -n "${TEST_PROCESSES:-2}" \
    --dist loadfile --no-loadscope-reorder --durations=15 "$@"
