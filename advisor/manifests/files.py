"""A file with YAML in it, read and changed as bytes."""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from advisor.manifests.edit import edited
from advisor.manifests.nodes import Node
from advisor.manifests.objects import ObjectName, document_of, refuse_unwritable
from advisor.manifests.path import Path
from advisor.manifests.reading import documents_in
from advisor.manifests.scalar import Value
from advisor.model.errors import BadDataError

MARK = "\ufeff"
_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEdit:
    """What a file holds and what it is to hold."""

    path: FilePath
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFile:
    """mark: its byte order mark, which is no part of `text`."""

    path: FilePath
    text: str
    mark: str
    documents: tuple[Node, ...]

    def with_new(self, text: str) -> "YamlFile":
        return replace(self, text=text, documents=tuple(documents_in(text)))

    def with_text(self, text: str) -> FileEdit:
        return FileEdit(path=self.path, before=self._bytes(self.text), after=self._bytes(text))

    def _bytes(self, text: str) -> bytes:
        return (self.mark + text).encode()


def text_in(path: FilePath) -> str:
    """As it stands there, line ends and byte order mark included. Raises BadDataError for what cannot be read."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadDataError("is larger than 16 MiB", fix="split it")
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BadDataError("is not UTF-8", fix="save it as UTF-8") from error
    except OSError as error:
        raise BadDataError(f"cannot be read: {error.strerror}", fix="check its name and permissions") from error


def yaml_file(path: FilePath) -> YamlFile:
    """Raises BadDataError, with the file's name, for what cannot be read, or may not be edited."""
    text = ""
    try:
        text = text_in(path)
        mark = MARK if text.startswith(MARK) else ""
        text = text.removeprefix(MARK)
        documents = documents_in(text)
        refuse_unwritable(text, documents)
    except BadDataError as error:
        is_template = "{{" in text
        what = "is a template, and no YAML yet" if is_template else error.what
        raise BadDataError(what, where=str(path), fix="edit its values" if is_template else error.fix) from error
    return YamlFile(path=path, text=text, mark=mark, documents=tuple(documents))


def edit_object(file: YamlFile, wanted: ObjectName, values: MappingOf[Path, Value]) -> FileEdit | None:
    """None where the object is not in the file. Raises BadDataError, with the file's name, as `edited` does."""
    try:
        number = document_of(file.documents, wanted)
        return None if number is None else file.with_text(edited(file.text, number, values))
    except BadDataError as error:
        raise BadDataError(error.what, where=str(file.path), fix=error.fix) from error


def edit_values(file: YamlFile, values: MappingOf[Path, Value]) -> FileEdit:
    """A file of values for Helm: one document. Raises BadDataError as `edit_object`."""
    try:
        if len(file.documents) != 1:
            raise BadDataError(f"holds {len(file.documents)} documents, not one", fix="is it the right file?")
        return file.with_text(edited(file.text, 0, values))
    except BadDataError as error:
        raise BadDataError(error.what, where=str(file.path), fix=error.fix) from error
