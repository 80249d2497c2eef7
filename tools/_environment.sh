# The environment of quickstart.sh and run_tests.sh. Sourced, not run.
#
# Leaves $ROOT, the repository, and $VENV_PYTHON, the Python of its .venv with the
# pinned packages and hamuco_mm (editable) in it. Set PYTHON to choose the
# interpreter that .venv is made with.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$ROOT/.venv
VENV_PYTHON=$VENV/bin/python
STEP= REMEDY= LOG=

# What is being done, what to try if it fails, and where its log is: for the
# message of a failure.
begin_step() {
    STEP=$1 REMEDY=$2 LOG=${3:-}
    echo "== $STEP"
}

report_failure() {
    local status=$?
    [ "$status" -eq 0 ] && return
    {
        echo
        echo "FAILED (exit status $status): $STEP"
        [ -z "$REMEDY" ] || echo "  try:  $REMEDY"
        [ -z "$LOG" ] || echo "  log:  $LOG"
    } >&2
}
trap report_failure EXIT

is_supported_python() {
    "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' \
        2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.10}; do
        if is_supported_python "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "No Python 3.10, 3.11 or 3.12 found (tried: ${PYTHON:-python3 python3.11" \
         "python3.12 python3.10})." >&2
    return 1
}

make_venv() {
    if [ -x "$VENV_PYTHON" ] && "$VENV_PYTHON" -m pip --version >/dev/null 2>&1; then
        if ! is_supported_python "$VENV_PYTHON"; then
            echo "$VENV was made with $("$VENV_PYTHON" --version)." >&2
            return 1
        fi
        return
    fi
    local python
    python=$(find_python)
    "$python" -m venv --clear "$VENV"
}

# pip with its output on the screen and in the log
logged_pip() {
    "$VENV_PYTHON" -m pip install --disable-pip-version-check --no-input "$@" \
        2>&1 | tee -a "$LOG"
}

make_environment() {
    local lock=$ROOT/requirements/lock.txt stamp=$VENV/installed.sha256 wanted
    begin_step "Python environment in $VENV" \
        "install Python 3.10-3.12 with venv (Debian: apt install python3-venv), name it by PYTHON=/path/to/python, and remove $VENV if it is there"
    make_venv
    # the path too: an editable install points at where it was made
    wanted=$(cat "$ROOT"/requirements/*.txt "$ROOT/setup.py" \
        <(echo "$ROOT") | sha256sum | cut -d ' ' -f 1)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        echo "   is there"
        return
    fi
    rm -f "$stamp"
    begin_step "Installing the pinned packages (about 5 GB, some 4 minutes)" \
        "see that the package index can be reached (PIP_INDEX_URL, PIP_FIND_LINKS) and that 6 GB are free on the disk of $VENV, then run this again; docs/install.md has more" \
        "$VENV/install.log"
    : > "$LOG"
    logged_pip -c "$lock" -r "$ROOT/requirements/build.txt"
    logged_pip --no-build-isolation -r "$lock"
    begin_step "Installing hamuco_mm (editable)" \
        "remove $VENV and run this again" "$LOG"
    logged_pip --no-build-isolation --no-deps -e "$ROOT"
    "$VENV_PYTHON" -m pip check 2>&1 | tee -a "$LOG"
    echo "$wanted" > "$stamp"
}
