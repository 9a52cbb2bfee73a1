"""The doctor on a cluster that is written: whether the acting account may, and whether it may more than it should."""

from collections.abc import Iterator, Sequence
from contextlib import closing

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.model.kubernetes.kinds import HPA, PDB, QUOTA, WORKLOADS, Kind
from advisor.settings.kubernetes.reading import KubernetesSettings

_NAME = "kubernetes writing"
_SIZED = tuple(kind for kind in WORKLOADS if kind.name in ("Deployment", "StatefulSet", "DaemonSet"))
_WRITTEN = (HPA, *_SIZED)
_VERBS = ("get", "patch")
_LOOKED_AT = (QUOTA, PDB)
_ANY = "*"
_RESIZING = (("", "pods", "list"), ("apps", "replicasets", "list"), ("", "pods/resize", "patch"))
_TOO_MUCH = (("", "secrets", "get"), ("", "pods/exec", "create"))


def check_writing(settings: KubernetesSettings) -> tuple[CheckLine, ...]:
    """Asks the server what the acting account may, in each namespace that is named; nothing is written."""
    if not settings.writes:
        return ()

    def look() -> Iterator[CheckLine]:
        with closing(KubernetesApi(settings.acting)) as api:
            deadline = Deadline.after(settings.deadline_seconds)
            for namespace in settings.namespaces or (api.namespace,):
                yield _rights(api, namespace, deadline)
                yield _canary(api, namespace, deadline)
                if more := [told for told, may in _asked(api, namespace, deadline, _TOO_MUCH) if may]:
                    fix = "give the acting account a Role of its own, without these"
                    yield warning(f"{_NAME} in {namespace}", f"may more than it needs: {', '.join(more)}", fix)

    return guarded(_NAME, look)


def _rights(api: KubernetesApi, namespace: str, deadline: Deadline) -> CheckLine:
    """A Role may name what it lets patch: then that is told, and kinds of which it names nothing are not missed."""

    def lacks(kind: Kind, verb: str) -> bool:
        return not api.may(verb, kind.plural, deadline, group=kind.group, namespace=namespace)

    name = f"{_NAME} in {namespace}"
    closed = [(kind, verb) for kind in _WRITTEN for verb in _VERBS if lacks(kind, verb)]
    blind = [(kind, "list") for kind in _LOOKED_AT if lacks(kind, "list")]
    if not closed and not blind:
        return ok(name, "may patch autoscalers and workloads")
    named = {kind: _named(api, kind, namespace, deadline) for kind in {kind: None for kind, _ in closed}}
    if any(named.values()) and not blind:
        told = [f"{kind.resource} {', '.join(names)}" for kind, names in named.items() if names]
        told += [f"any {kind.resource}" for kind in _WRITTEN if kind not in named]
        return ok(name, f"may patch {'; '.join(told)}; and nothing else")
    missing = [*((kind, verb) for kind, verb in closed if not named[kind]), *blind]
    says = ", ".join(f"{verb} {kind.resource}" for kind, verb in missing)
    return warning(name, f"may not {says}", f"give it a Role:\n{role(namespace, missing)}")


def _named(api: KubernetesApi, kind: Kind, namespace: str, deadline: Deadline) -> Sequence[str]:
    """The objects of a kind that the account may read and patch because Roles name them."""
    by_verb = {verb: set[str]() for verb in _VERBS}
    for rule in api.rules(namespace, deadline):
        is_of_kind = kind.group in (rule.get("apiGroups") or ()) and kind.plural in (rule.get("resources") or ())
        for verb in _VERBS:
            if is_of_kind and {verb, _ANY} & set(rule.get("verbs") or ()):
                by_verb[verb] |= set(rule.get("resourceNames") or (_ANY,))
    read, patched = (by_verb[verb] for verb in _VERBS)
    return sorted(patched if _ANY in read else patched & read)


def _canary(api: KubernetesApi, namespace: str, deadline: Deadline) -> CheckLine:
    """Without these rights sizes are changed all the same: of all pods at once."""
    name = f"kubernetes canary in {namespace}"
    missing = [told for told, may in _asked(api, namespace, deadline, _RESIZING) if not may]
    if not missing:
        return ok(name, "may resize some pods in place first")
    return warning(
        name,
        f"sizes are given to all pods at once: may not {', '.join(missing)}",
        "as of Kubernetes 1.33, give the Role list of pods and of replicasets.apps, and patch of pods/resize",
    )


def role(namespace: str, rights: Sequence[tuple[Kind, str]]) -> str:
    """As YAML to commit; name the objects that may be changed as `resourceNames` of what is patched."""
    groups: dict[tuple[str, str], list[str]] = {}
    for kind, verb in rights:
        groups.setdefault((kind.group, verb), []).append(kind.plural)
    rules = [
        f'- {{apiGroups: ["{group}"], resources: [{", ".join(plurals)}], verbs: [{verb}]}}'
        for (group, verb), plurals in groups.items()
    ]
    head = ["apiVersion: rbac.authorization.k8s.io/v1", "kind: Role"]
    return "\n".join([*head, f"metadata: {{name: tuning-advisor-writer, namespace: {namespace}}}", "rules:", *rules])


def _asked(
    api: KubernetesApi, namespace: str, deadline: Deadline, asked: Sequence[tuple[str, str, str]]
) -> Iterator[tuple[str, bool]]:
    """Each right of (group, resource, verb) in words, and whether the account has it."""
    for group, resource, verb in asked:
        plural, _, part = resource.partition("/")
        where = {"group": group, "namespace": namespace, **({"subresource": part} if part else {})}
        yield f"{verb} {resource}", api.may(verb, plural, deadline, **where)
