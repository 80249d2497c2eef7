#!/usr/bin/env bash
# Build the docs site into docs/_build: build_docs.sh [arguments of sphinx-build]
# Any warning makes it fail, a link that leads nowhere too. Needs no network once
# the environment is there.
set -euo pipefail

# shellcheck source=tools/_environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/_environment.sh"
make_environment

cd "$ROOT"
export OMP_NUM_THREADS=1
# -E reads all pages anew: a page that is not read again does not warn again
begin_step "Docs" "the warnings are listed above, with file and line"
"$VENV_PYTHON" -m sphinx -b html -E -W --keep-going -q -j auto "$@" docs docs/_build
echo "   open docs/_build/index.html"
