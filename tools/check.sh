#!/usr/bin/env bash
# Checks of a change: check.sh [CHECK...], by default the first four
#   lint        style, likely mistakes, spelling
#   types       annotations
#   imports     who may import whom: the floors in setup.cfg
#   docs        the docs site, without a warning
#   fast        tests without those marked slow, some 12 minutes on 2 cores
#   tests       all tests
#   benchmarks  each benchmark once, with small sizes
# "fix" mends what lint can mend by itself. Makes the environment first if it is
# missing.
set -euo pipefail

usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

# every name is known before anything runs
for check in "$@"; do
    case $check in
        lint | types | imports | docs | fast | tests | benchmarks | fix) ;;
        -h | --help) usage; exit ;;
        *) echo "no check is named $check" >&2; usage >&2; exit 2 ;;
    esac
done

# shellcheck source=tools/_environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/_environment.sh"

make_environment
cd "$ROOT"
PATH=$VENV/bin:$PATH

check_lint() {
    begin_step "Lint" "bash tools/check.sh fix"
    ruff check .
    ruff format --check .
    codespell .
}

check_fix() {
    begin_step "Mending" "mend by hand what is listed above"
    ruff check --fix .
    ruff format .
}

check_types() {
    begin_step "Types" "annotate or narrow what is listed above; settings: setup.cfg"
    mypy
}

check_imports() {
    begin_step "Imports" "move what is needed to a lower floor; the floors: setup.cfg"
    PYTHONPATH=$ROOT lint-imports setup.cfg
}

# A script with steps and messages of its own.
run_script() {
    STEP=$1 REMEDY="what the message above says" LOG=
    bash "$@"
}

check_docs() {
    run_script tools/build_docs.sh
}

check_fast() {
    run_script tools/run_tests.sh -m "not slow"
}

check_tests() {
    run_script tools/run_tests.sh
}

check_benchmarks() {
    local benchmark
    for benchmark in benchmarks/[a-z]*.py; do
        begin_step "$benchmark" "python $benchmark --quick"
        python "$benchmark" --quick
    done
}

[ $# -gt 0 ] || set -- lint types imports docs
for check in "$@"; do
    "check_$check"
done
