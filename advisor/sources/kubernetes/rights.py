"""What an account needs, as the Role that gives it: to look, and nothing else."""

from collections.abc import Iterable, Sequence

from advisor.sources.kubernetes.kinds import Kind

ROLE = "tuning-advisor-reader"
"""What the Role is called; its own names are the user's to choose."""


def role(kinds: Iterable[Kind], namespaces: Sequence[str]) -> str:
    """The command that makes a Role with these rights in one namespace, or a ClusterRole for all of them."""
    resources = ",".join(kind.resource for kind in kinds)
    rights = f"--verb=get,list --resource={resources}"
    if not namespaces:
        return f"kubectl create clusterrole {ROLE} {rights}"
    return "; ".join(f"kubectl -n {namespace} create role {ROLE} {rights}" for namespace in namespaces[:1])


def role_manifest(kinds: Sequence[Kind], namespaces: Sequence[str]) -> str:
    """The same as YAML to commit, with one rule for each API group."""
    head = [
        "apiVersion: rbac.authorization.k8s.io/v1",
        f"kind: {'Role' if namespaces else 'ClusterRole'}",
        f"metadata: {{name: {ROLE}{', namespace: ' + namespaces[0] if namespaces else ''}}}",
        "rules:",
    ]
    groups: dict[str, list[str]] = {}
    for kind in kinds:
        groups.setdefault(kind.group, []).append(kind.plural)
    rules = [
        f'- {{apiGroups: ["{group}"], resources: [{", ".join(plurals)}], verbs: [get, list]}}'
        for group, plurals in groups.items()
    ]
    return "\n".join([*head, *rules])
