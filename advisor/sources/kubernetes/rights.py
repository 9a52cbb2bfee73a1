"""What an account needs, as the Role that gives it: to look, and nothing else."""

from collections.abc import Iterable, Sequence

from advisor.model.kubernetes.kinds import Kind

ROLE = "tuning-advisor-reader"
"""What the Role is called; its own names are the user's to choose."""
_VERBS = ("get", "list", "watch")
"""To watch is for the daemon, which then lists once."""
_MOST_ROLES = 5
"""In more namespaces one ClusterRole is less work, and says the same."""


def role(kinds: Sequence[Kind], namespaces: Sequence[str], kubectl: str) -> str:
    """The command that makes a Role with these rights in each namespace, or a ClusterRole for all of them.

    namespaces: none or "" for all. kubectl: how the command begins, quoted.
    """
    rights = f"--verb={','.join(_VERBS)} --resource={','.join(kind.resource for kind in kinds)}"
    named = [namespace for namespace in namespaces if namespace]
    if not named or len(named) > _MOST_ROLES or not all(kind.has_namespace for kind in kinds):
        return f"`{kubectl} create clusterrole {ROLE} {rights}`, and bind it to the account"
    commands = [f"{kubectl} --namespace={namespace} create role {ROLE} {rights}" for namespace in named]
    return f"`{'; '.join(commands)}`, and bind it to the account"


def can_i(kind: Kind, namespace: str, kubectl: str) -> str:
    """The command that says whether the account may list it. namespace: "" for all."""
    where = "" if not kind.has_namespace else f" --namespace={namespace}" if namespace else " --all-namespaces"
    return f"{kubectl} auth can-i list {kind.resource}{where}"


def role_manifests(kinds: Iterable[Kind], namespace: str) -> str:
    """The same as YAML to commit: one rule for each API group, and apart what only a ClusterRole can give.

    namespace: "" for all, which a ClusterRole gives.
    """
    listed = list(kinds)
    inside = [kind for kind in listed if kind.has_namespace]
    above = [kind for kind in listed if not kind.has_namespace]
    if not namespace:
        return _manifest(listed, "")
    return "\n---\n".join(_manifest(part, place) for part, place in ((inside, namespace), (above, "")) if part)


def _manifest(kinds: Sequence[Kind], namespace: str) -> str:
    head = [
        "apiVersion: rbac.authorization.k8s.io/v1",
        f"kind: {'Role' if namespace else 'ClusterRole'}",
        f"metadata: {{name: {ROLE}{', namespace: ' + namespace if namespace else ''}}}",
        "rules:",
    ]
    groups: dict[str, list[str]] = {}
    for kind in kinds:
        groups.setdefault(kind.group, []).append(kind.plural)
    rules = [
        f'- {{apiGroups: ["{group}"], resources: [{", ".join(plurals)}], verbs: [{", ".join(_VERBS)}]}}'
        for group, plurals in groups.items()
    ]
    return "\n".join([*head, *rules])
