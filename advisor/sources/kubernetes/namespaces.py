"""Which namespaces there are to read, and which of them are being deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi, NotThereError
from advisor.model.errors import AdvisorError
from advisor.model.kubernetes.cluster import Unread
from advisor.model.kubernetes.kinds import NAMESPACE
from advisor.sources.kubernetes.listing import EVERYWHERE, Lister, list_kind, unread
from advisor.sources.kubernetes.objects import Objects

_MOST_ASKED = 10
"""Namespaces that are asked for one by one: each costs a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespaces:
    """are_chosen: the user named them. unread: what could not be found out, or is not there."""

    names: Sequence[str]
    going: frozenset[str]
    are_chosen: bool = False
    unread: tuple[Unread, ...] = ()


def find_namespaces(
    api: KubernetesApi, chosen: Sequence[str], deadline: Deadline, kubectl: str, lister: Lister = list_kind
) -> Namespaces:
    """Those that are chosen and there, else all, else that of the account's context.

    A server gives empty lists for a namespace that is not there: what is chosen is looked for among all, or, where
    these may not be listed, asked for by its name.
    """
    listed = lister(api, NAMESPACE, EVERYWHERE, deadline)
    there, going = listed.objects.namespaces, frozenset(listed.objects.going)
    if chosen:
        names = tuple(dict.fromkeys(chosen))
        if listed.faults:
            return _asked_for(api, names, deadline)
        return _chosen([name for name in names if name in there], going, [name for name in names if name not in there])
    if there:
        return Namespaces(names=sorted(there), going=going)
    missing = [
        replace(one, why=f"{one.why}: all at once, else only {api.namespace} is read")
        for one in unread([listed], kubectl)
    ]
    return Namespaces(names=(api.namespace,), going=frozenset(), unread=tuple(missing))


def _asked_for(api: KubernetesApi, names: Sequence[str], deadline: Deadline) -> Namespaces:
    """One that may not be asked for is read all the same: the lists say what is the matter."""
    missing, objects = list[str](), Objects()
    for name in names[:_MOST_ASKED]:
        try:
            objects.add(api.get(f"{NAMESPACE.path()}/{name}", deadline))
        except NotThereError:
            missing.append(name)
        except AdvisorError:
            continue
    return _chosen([name for name in names if name not in missing], frozenset(objects.going), missing)


def _chosen(names: Sequence[str], going: frozenset[str], missing: Sequence[str]) -> Namespaces:
    gaps = (Unread(what=f"namespace {name}", why="is not there", fix="see kubernetes.namespaces") for name in missing)
    return Namespaces(names=names, going=going & set(names), are_chosen=True, unread=tuple(gaps))
