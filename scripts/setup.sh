#!/usr/bin/env bash
# Brings a checkout to where `make demo` and `make test` can run. Quick when nothing has changed.
# Touches nothing outside the project's folder, except that it installs python3-venv where that is
# missing and root or passwordless sudo allows it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1

say() { echo "set-up: $*" >&2; }
fail() { echo "set-up: $*" >&2; exit 1; }

stamp=.venv/.ready
want=$(cat requirements.lock pyproject.toml agents/pyproject.toml tests/agents/*.lock scripts/setup.sh advisor/demo/servers/*.py | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want:$PWD" ]; then exit 0; fi

python=${PYTHON:-python3}
command -v "$python" >/dev/null || fail "$python is missing; install the package python3 (3.11 or newer)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "$("$python" --version) is too old; install Python 3.11 or newer, or say make PYTHON=/path/to/python3.11"

install_package() {
    if [ "$(id -u)" = 0 ]; then run=(); elif sudo -n true 2>/dev/null; then run=(sudo -n); else return 1; fi
    command -v apt-get >/dev/null || return 1
    say "installing the system package $1"
    "${run[@]}" apt-get update -q >/dev/null && "${run[@]}" apt-get install -y -q --no-install-recommends "$1" >/dev/null
}

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    rm -rf .venv
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install_package python3-venv || fail "the module venv is missing; run: apt-get install python3-venv"
    fi
    say "creating .venv"
    "$python" -m venv .venv
fi
rm -f "$stamp"

say "installing the locked Python packages (about half a minute)"
.venv/bin/pip install -q --require-hashes -r requirements.lock
.venv/bin/pip install -q --no-deps --no-build-isolation -e . -e agents

say "installing a second SQLAlchemy for the agents' tests"
rm -rf .cache/sqlalchemy-2.0
.venv/bin/pip install -q --no-deps --require-hashes --target .cache/sqlalchemy-2.0 -r tests/agents/requirements-sqlalchemy-2.0.lock

say "unpacking Prometheus and a Postgres with HypoPG into .cache/tools, where they are missing"
.venv/bin/python -m advisor.demo.servers.fetch

echo "$want:$PWD" > "$stamp"
say "ready"
