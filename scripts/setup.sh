#!/usr/bin/env bash
# Brings a checkout to where `make demo` and `make test` can run. Quick when nothing has changed.
# Touches nothing outside the project's folder, except that it installs python3-venv where that is
# missing and root or passwordless sudo allows it.
set -euo pipefail
cd "$(dirname "$0")/.."
# pip keeps no cache: that would lie in the home folder.
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

say() { echo "set-up: $*" >&2; }
fail() { say "$*"; exit 1; }

# The stamp is written last and names what was set up and where: an interrupted run and a moved checkout start again.
stamp=.venv/.ready
second_lock=tests/agents/requirements-sqlalchemy-2.0.lock
fetchers=(advisor/servers/{fetch,debian,installation,pgbouncer,alertmanager}.py)
want=$(cat requirements.lock "$second_lock" {,agents/}pyproject.toml scripts/setup.sh "${fetchers[@]}" | sha256sum)
want="${want%% *} $PWD"
if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && [ -d .cache/sqlalchemy-2.0 ]; then exit 0; fi
rm -f "$stamp"

python=${PYTHON:-python3}
command -v "$python" >/dev/null || fail "$python is missing; install the package python3 (3.11 or newer)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "$("$python" --version) is too old; install Python 3.11 or newer, or say make PYTHON=/path/to/python3.11"

install_package() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=(env); else as_root=(sudo -n); fi
    "${as_root[@]}" true 2>/dev/null || return 1
    say "installing the system package $1"
    "${as_root[@]}" apt-get update -q >/dev/null \
        && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends "$1" >/dev/null
}

# The programs in .venv/bin carry the folder they were made for.
if [[ "$(.venv/bin/pip --version 2>/dev/null)" != *" from $PWD/.venv/"* ]]; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install_package python3-venv || fail "Python's module venv is missing; as root: apt-get install python3-venv"
    fi
    say "creating .venv"
    rm -rf .venv
    "$python" -m venv .venv
fi

say "installing the locked Python packages (about half a minute the first time)"
.venv/bin/pip install -q --require-hashes -r requirements.lock
.venv/bin/pip install -q --no-deps --no-build-isolation -e . -e agents

say "installing a second SQLAlchemy, 2.0, for the agents' tests"
rm -rf .cache/sqlalchemy-2.0
.venv/bin/pip install -q --no-deps --require-hashes --target .cache/sqlalchemy-2.0 -r "$second_lock"

say "fetching Prometheus, Alertmanager, PgBouncer and a Postgres with HypoPG into .cache/tools, where they are missing"
.venv/bin/python -m advisor.servers.fetch

echo "$want" > "$stamp"
say "ready"
