"""Prints the Roles of one namespace of applications, to be added to k8s/overlays/apply.

    scripts/namespace_roles.py --namespace shop --deployment web --hpa web [--config FILE]

All of it may be looked at, by both accounts: reports have the one that acts on nothing. What may be patched is what is
named here, and only for knobs that the policy of the settings does not forbid (`permission: never`).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from advisor.settings.load import load_settings
from advisor.settings.policy import Permission, PolicySettings

READER = Path(__file__).parent.parent / "k8s" / "base" / "reader.yaml"
RBAC = "rbac.authorization.k8s.io"
LABELS = {"app.kubernetes.io/name": "tuning-advisor"}
WORKLOADS = ("deployment", "statefulset", "daemonset")
READS, ACTS = "tuning-advisor", "tuning-advisor-actor"


def roles(namespace: str, named: dict[str, Sequence[str]], policy: PolicySettings) -> Iterator[dict[str, Any]]:
    """named: by "hpa" or the kind of a workload, in the singular."""
    reads = next(yaml.safe_load_all(READER.read_text(encoding="utf-8")))["rules"]
    yield from _bound("tuning-advisor-reads", namespace, reads, (READS, ACTS))
    rules = list(_patches(named, policy))
    if rules:
        yield from _bound("tuning-advisor-acts", namespace, rules, (ACTS,))


def _patches(named: dict[str, Sequence[str]], policy: PolicySettings) -> Iterator[dict[str, Any]]:
    if named.get("hpa") and not _is_forbidden("k8s.hpa", policy):
        yield _rule("autoscaling", "horizontalpodautoscalers", named["hpa"])
    sized = [kind for kind in WORKLOADS if named.get(kind) and not _is_forbidden("k8s.resources", policy)]
    for kind in sized:
        yield _rule("apps", f"{kind}s", named[kind])
    if sized:  # pods have no names to be listed here
        yield {"apiGroups": [""], "resources": ["pods/resize"], "verbs": ["patch"]}


def _is_forbidden(knob: str, policy: PolicySettings) -> bool:
    own = policy.knobs.get(knob)
    return own is not None and own.permission is Permission.NEVER


def _rule(group: str, resource: str, names: Sequence[str]) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": [resource], "resourceNames": list(names), "verbs": ["get", "patch"]}


def _bound(
    name: str, namespace: str, rules: Sequence[dict[str, Any]], accounts: Sequence[str]
) -> Iterator[dict[str, Any]]:
    about = {"name": name, "namespace": namespace, "labels": dict(LABELS)}
    yield {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": about, "rules": list(rules)}
    yield {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": about,
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": one, "namespace": "tuning-advisor"} for one in accounts],
    }


class _Plain(yaml.SafeDumper):
    """Without anchors, which kubectl would take, and a reader would not."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--config", type=Path)
    for kind in ("hpa", *WORKLOADS):
        parser.add_argument(f"--{kind}", action="append", default=[], metavar="NAME")
    told = vars(parser.parse_args())
    policy = load_settings(told["config"], {}, {}).policy
    found = roles(told["namespace"], {kind: told[kind] for kind in ("hpa", *WORKLOADS)}, policy)
    yaml.dump_all(found, sys.stdout, Dumper=_Plain, sort_keys=False)


if __name__ == "__main__":
    main()
