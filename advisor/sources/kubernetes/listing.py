"""One kind of object, listed: what could be read of it, and where and why the rest could not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi, NotAllowedError, NotThereError
from advisor.model.errors import AdvisorError, BadDataError
from advisor.model.kubernetes.cluster import Unread
from advisor.model.kubernetes.kinds import Kind
from advisor.model.units import format_duration
from advisor.sources.kubernetes.objects import Objects
from advisor.sources.kubernetes.rights import role

EVERYWHERE = ("",)
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A list in one namespace. age_seconds: since it was read, where it cannot be read now; why_old: why not."""

    objects: Objects
    age_seconds: float = 0.0
    why_old: AdvisorError | None = None
    fault: AdvisorError | None = None


Reader = Callable[[KubernetesApi, Kind, str, Deadline], Read]
"""Reads a kind in one namespace, "" for all at once. Raises AdvisorError."""
Lister = Callable[[KubernetesApi, Kind, Sequence[str], Deadline], "Listed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """faults: by namespace, "" for all at once. is_absent: the server has no such kind, and need not have.

    old: as `faults`, of lists that are not of now.
    """

    kind: Kind
    objects: Objects = field(default_factory=Objects)
    faults: Mapping[str, AdvisorError] = field(default_factory=dict)
    is_absent: bool = False
    old: Mapping[str, Read] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        return any(isinstance(fault, NotAllowedError) for fault in self.faults.values())


def read_pages(api: KubernetesApi, kind: Kind, namespace: str, deadline: Deadline) -> Read:
    """What came before a fault counts."""
    found = Objects()
    try:
        for page in api.pages(kind.path(namespace), deadline):
            if page.begins:
                found = Objects()
            for document in page.objects:
                found.add(document)
    except AdvisorError as error:
        return Read(objects=found, fault=error)
    return Read(objects=found)


def list_kind(
    api: KubernetesApi, kind: Kind, namespaces: Sequence[str], deadline: Deadline, read: Reader = read_pages
) -> Listed:
    """One namespace that fails hides no other."""
    objects, faults, old = Objects(), dict[str, AdvisorError](), dict[str, Read]()
    for namespace in namespaces:
        found = read(api, kind, namespace, deadline)
        if found.fault is not None:
            faults[namespace] = found.fault
        if found.why_old is not None:
            old[namespace] = found
        objects.merge(found.objects)
    if _is_extension_gone(api, kind, faults.values(), deadline):
        return Listed(kind=kind, is_absent=True)
    if namespaces and all(isinstance(faults.get(namespace), NotThereError) for namespace in namespaces):
        why = f"the server does not serve {kind.api_version}"
        missing = {} if kind.is_extra else {"": BadDataError(why, fix="upgrade the server")}
        return Listed(kind=kind, objects=objects, faults=missing, is_absent=True)
    return Listed(kind=kind, objects=objects, faults=faults, old=old)


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


def aged(listed: Iterable[Listed]) -> Iterator[Unread]:
    """Every kind that is not of now, with its age: those that share age and reason in one."""
    alike: dict[tuple[str, str], list[str]] = {}
    for one in listed:
        for namespace, read in one.old.items():
            if read.why_old is not None:
                where = f" in {namespace}" if namespace else ""
                reason = f"as of {format_duration(round(read.age_seconds))} ago{where}: {read.why_old.what}"
                alike.setdefault((reason, read.why_old.fix), []).append(one.kind.resource)
    for (why, fix), kinds in alike.items():
        yield Unread(what=", ".join(kinds), why=why, fix=fix)


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
