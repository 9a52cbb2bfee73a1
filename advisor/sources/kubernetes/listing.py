"""One kind of object, listed: what could be read of it, and where and why the rest could not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi, NotAllowedError, NotThereError
from advisor.model.errors import AdvisorError, BadDataError
from advisor.model.kubernetes.cluster import Unread
from advisor.sources.kubernetes.kinds import Kind
from advisor.sources.kubernetes.objects import Objects
from advisor.sources.kubernetes.rights import role

EVERYWHERE = ("",)
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """faults: by namespace, "" for all at once. is_absent: the server has no such kind, and need not have."""

    kind: Kind
    objects: Objects = field(default_factory=Objects)
    faults: Mapping[str, AdvisorError] = field(default_factory=dict)
    is_absent: bool = False

    @property
    def is_refused(self) -> bool:
        return any(isinstance(fault, NotAllowedError) for fault in self.faults.values())


def list_kind(api: KubernetesApi, kind: Kind, namespaces: Sequence[str], deadline: Deadline) -> Listed:
    """One namespace that fails hides no other; what came before a fault counts."""
    objects, faults = Objects(), dict[str, AdvisorError]()
    for namespace in namespaces:
        found = Objects()
        try:
            for page in api.pages(kind.path(namespace), deadline):
                if page.begins:
                    found = Objects()
                for document in page.objects:
                    found.add(document)
        except AdvisorError as error:
            faults[namespace] = error
        objects.merge(found)
    if _is_extension_gone(api, kind, faults.values(), deadline):
        return Listed(kind=kind, is_absent=True)
    if namespaces and all(isinstance(faults.get(namespace), NotThereError) for namespace in namespaces):
        why = f"the server does not serve {kind.api_version}"
        missing = {} if kind.is_extra else {"": BadDataError(why, fix="upgrade the server")}
        return Listed(kind=kind, objects=objects, faults=missing, is_absent=True)
    return Listed(kind=kind, objects=objects, faults=faults)


def is_missing_extension(api: KubernetesApi, kind: Kind, deadline: Deadline) -> bool:
    """Whether a kind that was refused is one that the cluster need not have, and has not; no if that is not known."""
    if not kind.is_extra:
        return False
    try:
        return not api.serves(kind.api_version, deadline)
    except AdvisorError:
        return False


def _is_extension_gone(api: KubernetesApi, kind: Kind, faults: Iterable[AdvisorError], deadline: Deadline) -> bool:
    return any(isinstance(fault, NotAllowedError) for fault in faults) and is_missing_extension(api, kind, deadline)


def unread(listed: Iterable[Listed], kubectl: str) -> Iterator[Unread]:
    """Every kind and namespace that could not be read, with the reason and the remedy: those that share them in one.

    kubectl: how the command begins that grants a right.
    """
    alike: dict[tuple[type[AdvisorError], str, str, tuple[str, ...]], list[Kind]] = {}
    for one in listed:
        by_reason: dict[tuple[type[AdvisorError], str, str], list[str]] = {}
        for namespace, fault in one.faults.items():
            by_reason.setdefault((type(fault), *_told(fault)), []).append(namespace)
        for reason, namespaces in by_reason.items():
            alike.setdefault((*reason, tuple(namespaces)), []).append(one.kind)
    for (fault_type, why, fix, places), kinds in alike.items():
        where = _shown([place for place in places if place])
        remedy = role(kinds, places, kubectl) if fault_type is NotAllowedError else fix
        what = ", ".join(kind.resource for kind in kinds)
        yield Unread(what=what, why=f"{why} in {where}" if where else why, fix=remedy)


def _told(fault: AdvisorError) -> tuple[str, str]:
    match fault:
        case NotAllowedError():
            return "not allowed", ""
        case NotThereError():
            return "not there any more", ""
        case _:
            return fault.what, fault.fix


def _shown(namespaces: Sequence[str]) -> str:
    more = len(namespaces) - _NAMED
    return ", ".join(namespaces[:_NAMED]) + (f" and {more} more" if more > 0 else "")
