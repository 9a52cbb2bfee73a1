#!/usr/bin/env bash
# Puts the advisor and what it needs to run into a folder of its own: scripts/image_root.sh /opt/advisor
#
# The Dockerfile runs this, and the tests do, in a folder. Versions are those of requirements.lock; packages come as wheels,
# so that nothing is compiled. EXTRAS names more of the project's extras, such as EXTRAS=aws.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

target=${1:?usage: $0 FOLDER}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Name and version, without the hashes: pip takes either all of a file or no hash at all.
sed -En 's/^([A-Za-z0-9._-]+==[^ ]+)( ; [^\\]+)? *\\?$/\1\2/p' requirements.lock > "$work/versions"
"$python" -m pip wheel -q --no-deps -w "$work" .
wheel=$(echo "$work"/tuning_advisor-*.whl)

"$python" -m venv --without-pip "$target"
"$python" -m pip --python "$target/bin/python" install -q --only-binary :all: -c "$work/versions" \
    "$wheel${EXTRAS:+[$EXTRAS]}"
find "$target" -name tests -type d -path '*/site-packages/*' -prune -exec rm -rf {} +
find "$target" -name __pycache__ -type d -prune -exec rm -rf {} +
# A root that is only read gets no bytecode later: it is written now.
"$target/bin/python" -m compileall -q "$target/lib"
