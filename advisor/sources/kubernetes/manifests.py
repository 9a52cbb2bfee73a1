"""A folder of manifests as a source: what stands in it, without an API server. What is no YAML is skipped, and said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState, Unread, told
from advisor.model.kubernetes.kinds import Kind, kind_of
from advisor.model.kubernetes.workload import Place
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.clock import Clock
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.documents import documents_of, foreign, singly
from advisor.sources.kubernetes.objects import Objects
from advisor.sources.kubernetes.state import counted, state_of

NAME = "manifests"
_SUFFIXES = (".yaml", ".yml", ".json")
_MOST_FILES = 20_000
_UNTOLD = "files do not tell pods, rollouts under way, injected containers, what a quota has left and nodes"
_Origins = dict[Place, str]
"""The file in which each object was seen first."""


@dataclass(slots=True)
class ManifestsSource:
    """Reads the files anew at each look."""

    settings: KubernetesSettings
    clock: Clock
    name: str = field(default=NAME, init=False)

    def read(self, window_seconds: float) -> Observation:
        """What the files say. DEGRADED, with each reason, where some of them cannot be read.

        Raises SourceUnavailableError when there is no such file or folder, or nothing in it that could be read.
        """
        objects, origins = Objects(), _Origins()
        top = Path(self.settings.manifests or "")
        for path in _files(top):
            shown = str(path.relative_to(top)) if path != top else path.name
            try:
                for document in documents_of(path):
                    if isinstance(document, BadDataError):
                        objects.skipped.append(_unread(shown, document))
                        continue
                    for one in singly(document):
                        self._add(objects, one, shown, origins)
            except BadDataError as error:
                objects.skipped.append(_unread(shown, error))
        if not objects.count:
            why = "; ".join(map(str, objects.skipped[:3])) or "it holds no object of a kind that is read"
            raise SourceUnavailableError(why, where=f"{NAME} {top}", fix="name a folder of rendered manifests")
        kubectl = self.settings.kubectl
        look = ClusterState(name=NAME, taken_at=self.clock.now(), is_live=False, kubectl=kubectl)
        state = state_of(look, objects, _missed)
        skipped = told(state.skipped)
        status = SourceStatus.DEGRADED if skipped else SourceStatus.OK
        detail = f"{skipped or f'{counted(state)} in {top}'}; {_UNTOLD}"
        return Observation(clusters={NAME: state}, status=status, detail=detail)

    def _add(self, objects: Objects, document: Mapping[str, Any], origin: str, origins: _Origins) -> None:
        """Namespaces that are not asked for are left out; so is what stands in another file already."""
        metadata = document.get("metadata")
        named = metadata if isinstance(metadata, dict) else {}
        namespace, chosen = str(named.get("namespace") or "default"), self.settings.namespaces
        kind = kind_of(str(document.get("apiVersion")), str(document.get("kind")))
        if chosen and namespace not in chosen and (kind is None or kind.has_namespace):
            return
        if kind is None:
            objects.skipped.extend(foreign(document, f"{namespace}/{named.get('name')}", origin))
            return
        place = (namespace if kind.has_namespace else "", kind.group, kind.name, str(named.get("name")))
        if place in origins:
            why = f"{kind.name} {namespace}/{place[3]} stands in {origins[place]} already"
            objects.skipped.append(Unread(what=origin, why=why, fix="give one environment at a time"))
        elif objects.add(document, origin=origin):
            origins[place] = origin


def _unread(what: str, error: BadDataError) -> Unread:
    return Unread(what=what, why=error.what, fix=error.fix)


def _missed(hpa: Hpa, kind: Kind | None) -> Hpa:
    why = "is not among the manifests" if kind else "is of a kind that only a server can tell of"
    return replace(hpa, unread_target=f"target {hpa.target.kind}/{hpa.target.name} {why}")


def _files(top: Path) -> Sequence[Path]:
    """The one file, or all below the folder in the order of their names; hidden ones are left out."""
    where = f"{NAME} {top}"
    if top.is_file():
        return [top]
    if not top.is_dir():
        raise SourceUnavailableError("there is no such file or folder", where=where, fix="see kubernetes.manifests")
    found = sorted(
        path
        for path in top.rglob("*")
        if path.suffix in _SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(top).parts)
    )
    if len(found) > _MOST_FILES:
        raise SourceUnavailableError(f"holds over {_MOST_FILES} files", where=where, fix="name a smaller folder")
    return found
