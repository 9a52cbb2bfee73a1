"""What stands in a kustomization: patches in the order of their force, resources, and the names that it gives."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

from advisor.manifests.files import YamlFile
from advisor.manifests.folder import Folder
from advisor.manifests.nodes import Mapping, Node, Scalar, Sequence, text_of
from advisor.manifests.objects import ObjectName
from advisor.manifests.place import refuse_tags
from advisor.model.errors import BadDataError

_LATER = ("patchesJson6902", "patches", "patchesStrategicMerge")
"""The later they are applied, the further to the left; within each the last one comes last."""
_REMOTE = re.compile(r"\w+://|[\w.-]+\.\w+/|git@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """path: the file that holds it; None where `inline` does. target: whom it is for; None where it says so itself."""

    path: FilePath | None
    inline: Scalar | None
    target: Mapping | None

    def is_for(self, wanted: ObjectName) -> bool:
        """By its target, whose kind and name are whole regular expressions; True where it has none."""
        if self.target is None:
            return True
        kind, name, namespace = (text_of(self.target.get(key)) for key in ("kind", "name", "namespace"))
        if self.target.get("labelSelector") is not None or self.target.get("annotationSelector") is not None:
            raise BadDataError(
                f"the patch in line {self.target.line} chooses by labels, which is not followed", fix="edit it by hand"
            )
        return (
            _fits(kind, wanted.kind)
            and (not name or any(_fits(name, one) for one in wanted.names))
            and (wanted.namespace is None or _fits(namespace, wanted.namespace))
        )


class Kustomization:
    """One folder's. `file` holds a mapping."""

    def __init__(self, file: YamlFile) -> None:
        if len(file.documents) != 1 or not isinstance(file.documents[0], Mapping):
            raise BadDataError("is no kustomization", where=str(file.path), fix="it is one mapping")
        self.file = file
        self._top = file.documents[0]
        refuse_tags(self._top)

    def patches(self) -> Iterator[Patch]:
        """The one that has the last word first."""
        for key in _LATER:
            for one in reversed(self._list(key)):
                yield self._patch(one)

    def resources(self) -> list[FilePath]:
        """Files and folders; what lies on other machines is left out."""
        named = [text_of(one) for key in ("components", "resources", "bases") for one in self._list(key)]
        return [self._beside(one) for one in named if one and not _REMOTE.match(one)]

    def uses(self) -> list[FilePath]:
        """Its resources, and the files of its patches."""
        return [*self.resources(), *(patch.path for patch in self.patches() if patch.path is not None)]

    def before(self, wanted: ObjectName) -> ObjectName:
        """The object as resources and patches may name it: with this prefix and suffix or without."""
        prefix, suffix = text_of(self._top.get("namePrefix")), text_of(self._top.get("nameSuffix"))
        bare = [name.removeprefix(prefix).removesuffix(suffix) for name in wanted.names]
        namespace = None if text_of(self._top.get("namespace")) else wanted.namespace
        return ObjectName(kind=wanted.kind, namespace=namespace, names=tuple(dict.fromkeys([*wanted.names, *bare])))

    def refuse_replacements(self, key: str) -> None:
        """Raises BadDataError where a replacement may write over a value at such a key."""
        for one in self._list("replacements"):
            if text_of(_get(one, "path")) or any(key in told for told in _field_paths(one)):
                raise BadDataError(
                    f"the replacement in line {one.line} may write over {key}",
                    where=str(self.file.path),
                    fix="edit by hand",
                )

    def _patch(self, one: Node) -> Patch:
        if isinstance(one, Scalar):  # of patchesStrategicMerge: a file, or the patch itself
            return Patch(path=None, inline=one, target=None) if one.is_block else self._by_path(one, None)
        inline, path, target = (_get(one, key) for key in ("patch", "path", "target"))
        target = target if isinstance(target, Mapping) else None
        if isinstance(inline, Scalar):
            return Patch(path=None, inline=inline, target=target)
        if isinstance(path, Scalar):
            return self._by_path(path, target)
        raise BadDataError(f"line {one.line}: a patch without `patch` or `path`", where=str(self.file.path))

    def _by_path(self, path: Scalar, target: Mapping | None) -> Patch:
        return Patch(path=self._beside(path.text), inline=None, target=target)

    def _list(self, key: str) -> tuple[Node, ...]:
        found = self._top.get(key)
        return found.items if isinstance(found, Sequence) else ()

    def _beside(self, name: str) -> FilePath:
        return self.file.path.parent / name


def kustomization_in(folder: Folder, path: FilePath) -> Kustomization:
    """Raises BadDataError where the folder has none."""
    file = folder.kustomization(path)
    if file is None:
        raise BadDataError("holds no kustomization", where=str(path), fix="name the folder of an overlay")
    return Kustomization(file)


def _fits(pattern: str, text: str) -> bool:
    return not pattern or re.fullmatch(pattern, text) is not None


def _get(node: Node, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Mapping) else None


def _field_paths(replacement: Node) -> Iterator[str]:
    targets = _get(replacement, "targets")
    for target in targets.items if isinstance(targets, Sequence) else ():
        paths = _get(target, "fieldPaths")
        yield from map(text_of, paths.items if isinstance(paths, Sequence) else ())
