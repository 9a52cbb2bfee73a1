#!/usr/bin/env bash
# Builds the servers of tests/cluster/ into .cache/cluster, where they are missing or their versions have changed.
# Needs Go; uses Go's own caches, as every `go build` does, and touches nothing else outside the project's folder.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "cluster assets: $*" >&2; }

module=$PWD/tests/cluster/assets
target=$PWD/.cache/cluster
mkdir -p "$target"
exec 9>"$target.lock"
flock 9  # of several builds one works and the others wait

want=$(cat "$module"/go.{mod,sum} scripts/cluster_assets.sh | sha256sum)
if [ "$(cat "$target/.built" 2>/dev/null)" = "$want" ]; then exit 0; fi
command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || { say "Go is missing; install it (1.26 or newer)"; exit 1; }

cd "$module"
# A compiler that collects its garbage later takes more memory, and less time.
go() { nice -n 19 env CGO_ENABLED=0 GOGC=400 GOFLAGS="${GOFLAGS:-} -trimpath" go "$@"; }
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
IFS=. read -r major minor _ <<<"${version#v}"
stamp=k8s.io/component-base/version  # else the server would call itself v0.0.0
mapfile -t programs < <(go list tool)

say "building ${programs[*]##*/} (on two cores about six minutes the first time)"
began=$SECONDS
rm -rf "$target.partial"
mkdir -p "$target.partial/stages"
go build -o "$target.partial/" \
    -ldflags "-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=$major -X $stamp.gitMinor=$minor" "${programs[@]}"
stages=$(go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
for stage in "$stages"/{pod/fast,node/fast,node/heartbeat}/*.yaml; do
    if [ "${stage##*/}" != kustomization.yaml ]; then install -m 644 "$stage" "$target.partial/stages/"; fi
done
echo "$want" > "$target.partial/.built"
rm -rf "$target"
mv "$target.partial" "$target"
say "built in $((SECONDS - began)) s"
