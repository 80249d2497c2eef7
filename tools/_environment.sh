# The environment of quickstart.sh, run_tests.sh and check.sh. Sourced, not run.
#
# Leaves $ROOT, the repository, and $VENV_PYTHON, the Python of an environment with
# the pinned packages and hamuco_mm (editable) in it. Set
#   LOCK    which packages: "tested" (the default; requirements/lock.txt, in .venv)
#           or "newest" (requirements/lock-newest.txt, in .venv-newest)
#   PYTHON  the interpreter that the environment is made with

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
case ${LOCK:-tested} in
    tested)
        VENV=$ROOT/.venv
        LOCK_FILE=$ROOT/requirements/lock.txt
        PYTHON_VERSIONS="3.11 3.12 3.10"
        SUPPORTED="3.10, 3.11 or 3.12"
        TOOLS=(-r "$ROOT/requirements/build.txt")
        OPTIONS=(--no-build-isolation)
        ABSENT="none"
        ;;
    newest)
        VENV=$ROOT/.venv-newest
        LOCK_FILE=$ROOT/requirements/lock-newest.txt
        PYTHON_VERSIONS="3.13"
        SUPPORTED="3.13"
        TOOLS=(pip setuptools)
        OPTIONS=(--no-deps)
        # required by MMPose and the detection fork; requirements/lock-newest.txt
        # says why they are left out
        ABSENT="(chumpy|xtcocotools|imaug)"
        ;;
    *)
        echo "LOCK is \"$LOCK\"; it can be tested or newest" >&2
        exit 2
        ;;
esac
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
    "$1" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in sys.argv[1])' \
        "$SUPPORTED" 2>/dev/null
}

# python3 and python3.11, on the path or, as Debian has only one, made by pyenv
python_candidates() {
    local version
    echo python3
    for version in $PYTHON_VERSIONS; do
        echo "python$version"
        compgen -G "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version.*/bin/python" || true
    done
}

find_python() {
    local candidate candidates
    candidates=${PYTHON:-$(python_candidates)}
    for candidate in $candidates; do
        if is_supported_python "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    # shellcheck disable=SC2086
    echo "No Python $SUPPORTED found (tried:" $candidates")." >&2
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

# what pip has to say of the packages, but for those left out on purpose
check_packages() {
    local complaints
    complaints=$("$VENV_PYTHON" -m pip check 2>&1 |
        grep -vE "^No broken|requires $ABSENT, which is not installed" || true)
    if [ -n "$complaints" ]; then
        echo "$complaints" | tee -a "$LOG" >&2
        return 1
    fi
}

make_environment() {
    local stamp=$VENV/installed.sha256 wanted
    begin_step "Python environment in $VENV" \
        "install Python $SUPPORTED with venv (Debian: apt install python3-venv), name it by PYTHON=/path/to/python, and remove $VENV if it is there"
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
    logged_pip -c "$LOCK_FILE" "${TOOLS[@]}"
    logged_pip "${OPTIONS[@]}" -r "$LOCK_FILE"
    begin_step "Installing hamuco_mm (editable)" \
        "remove $VENV and run this again" "$LOG"
    logged_pip --no-build-isolation --no-deps -e "$ROOT"
    check_packages
    echo "$wanted" > "$stamp"
}
