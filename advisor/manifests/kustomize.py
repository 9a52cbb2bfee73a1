"""An edit of what an overlay says of an object: at the place that has the last word on each value."""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from pathlib import Path as FilePath

from advisor.manifests.content import Content, at_path, content_of, pointer_to
from advisor.manifests.edit import edit_of, refuse_others
from advisor.manifests.embedded import edit_inside
from advisor.manifests.files import FileEdit, YamlFile
from advisor.manifests.folder import Folder
from advisor.manifests.kustomization import Kustomization, Patch, kustomization_in
from advisor.manifests.nodes import Mapping, Node, Scalar, text_of
from advisor.manifests.nodes import Sequence as Items
from advisor.manifests.objects import ObjectName, document_of
from advisor.manifests.path import Chosen, Path, shown
from advisor.manifests.reading import documents_in
from advisor.manifests.scalar import Value
from advisor.manifests.span import Edit, applied
from advisor.model.errors import BadDataError

_DIRECTIVE = "$patch"
"""A strategic merge patch that deletes or replaces, instead of merging."""


def edit_overlay(
    root: FilePath, overlay: FilePath, wanted: ObjectName, values: MappingOf[Path, Value]
) -> list[FileEdit]:
    """The files below `root` that change so that `overlay`, a folder in it, gives the object these values.

    What only a base says is edited there, unless another kustomization uses that base. Raises BadDataError where the
    object is not found, or what has the last word on a value cannot be told or be edited.
    """
    folder = Folder(root)
    for path, value in values.items():
        _change(folder, _Search(folder=folder, path=path).place(overlay, wanted), value)
    return folder.edits()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A document of a file, or of a block in it, and the path in that document."""

    file: YamlFile
    document: int
    path: Path
    block: Scalar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """origin: the object without any patch. layers: the folders on the way to `place`."""

    origin: Content
    place: _Place
    layers: tuple[FilePath, ...]


def _change(folder: Folder, place: _Place, value: Value) -> None:
    text = place.file.text

    def change(content: str) -> Edit:
        edit = edit_of(content, place.document, place.path, value)
        refuse_others(content, applied(content, edit), place.document, {place.path: value})
        return edit

    try:
        edit = change(text) if place.block is None else edit_inside(text, place.block, change)
    except BadDataError as error:
        raise BadDataError(error.what, where=str(place.file.path), fix=error.fix) from error
    folder.put(place.file.path, applied(text, edit))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """For what has the last word on the path."""

    folder: Folder
    path: Path

    def place(self, overlay: FilePath, wanted: ObjectName) -> _Place:
        found = self._in_layer(overlay, wanted, ())
        if found is None:
            raise BadDataError(f"{wanted} is not in it", where=str(overlay), fix="is it made by a chart, or from afar?")
        others = self._others(found)
        if others:
            told = f"{shown(self.path)} stands in {found.place.file.path.name}, which {', '.join(others)} uses, too"
            raise BadDataError(told, where=str(overlay), fix="add a patch for it to this overlay")
        return found.place

    def _in_layer(self, at: FilePath, wanted: ObjectName, above: tuple[FilePath, ...]) -> _Found | None:
        """None where the object is neither in this folder nor in those that it builds on."""
        layer = kustomization_in(self.folder, at)
        here = layer.file.path.parent
        if here in above:
            raise BadDataError("builds on itself", where=str(at), fix="remove the circle")
        inner, layers = layer.before(wanted), (*above, here)
        found = next(filter(None, (self._in_resource(one, inner, layers) for one in layer.resources())), None)
        if found is None:
            return None
        layer.refuse_replacements(str(self.path[-1]))
        patched = (self._in_patch(layer, patch, inner, found.origin) for patch in layer.patches())
        place = next(filter(None, patched), None)
        return _Found(origin=found.origin, place=place, layers=layers) if place else found

    def _in_resource(self, at: FilePath, wanted: ObjectName, layers: tuple[FilePath, ...]) -> _Found | None:
        if at.is_dir():
            return self._in_layer(at, wanted, layers)
        file = self.folder.file(at)
        number = document_of(file.documents, wanted)
        if number is None:
            return None
        place = _Place(file=file, document=number, path=self.path)
        return _Found(origin=content_of(file.documents[number]), place=place, layers=layers)

    def _in_patch(self, layer: Kustomization, patch: Patch, wanted: ObjectName, origin: Content) -> _Place | None:
        """None where it is for others, or says nothing of the path."""
        if not patch.is_for(wanted):
            return None
        file = layer.file if patch.path is None else self.folder.file(patch.path)
        documents = file.documents if patch.inline is None else documents_in(patch.inline.text)
        for number, node in reversed(list(enumerate(documents))):
            if isinstance(node, Items):
                path = self._of_operations(node, origin)
            elif patch.target is not None or document_of([node], wanted) is not None:
                path = self._of_merge(node)
            else:
                path = None
            if path is not None:
                return _Place(file=file, document=number, path=path, block=patch.inline)
        return None

    def _of_merge(self, patch: Node) -> Path | None:
        content = content_of(patch)
        for length in range(len(self.path)):
            within = at_path(content, self.path[:length])
            if isinstance(within, dict) and _DIRECTIVE in within:
                raise BadDataError(f"the patch in line {patch.line} holds {_DIRECTIVE}", fix="edit it by hand")
        return self.path if at_path(content, self.path) is not None else None

    def _of_operations(self, operations: Items, origin: Content) -> Path | None:
        """Of a JSON patch (RFC 6902): the value of the last operation that sets the path, or what it lies in."""
        ours = pointer_to(origin, self.path)
        for operation in reversed(operations.items):
            get = operation.get if isinstance(operation, Mapping) else lambda _: None
            pointer, kind = text_of(get("path")), text_of(get("op"))
            if ours is None or kind == "test" or not f"{ours}/".startswith(f"{pointer}/"):
                continue
            rest = self.path[pointer.count("/") :]
            if kind in ("add", "replace") and at_path(content_of(operation), ("value", *rest)) is not None:
                return (Chosen(by=("path",), value=pointer), "value", *rest)
            raise BadDataError(f"the operation in line {operation.line} writes over {ours}", fix="edit it by hand")
        return None

    def _others(self, found: _Found) -> list[str]:
        """The folders, not on the way, whose kustomizations use the file or the folder of it."""
        place, way = found.place.file.path, found.layers
        shared = {place, *way[1:]}
        return [
            str(one.relative_to(self.folder.root))
            for one in self.folder.kustomized()
            if one not in way and shared & {used.resolve() for used in kustomization_in(self.folder, one).uses()}
        ]
