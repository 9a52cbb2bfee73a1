"""Which document of a text is an object."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.manifests.nodes import Mapping, Node, mappings_in, text_of
from advisor.model.errors import BadDataError

_SOPS = "ENC[AES256_GCM"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectName:
    """names: all that it may go by in a file; more than one where a kustomization gives it a prefix.

    namespace: None where a kustomization gives it one, whatever its file says.
    """

    kind: str
    namespace: str | None
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace or '*'}/{self.names[0]}"


def document_of(documents: Sequence[Node], wanted: ObjectName) -> int | None:
    """Its number, from 0; None where it is not among them.

    One that names no namespace is taken where none names the right one: whoever applies it says which.
    Raises BadDataError where it stands there twice.
    """
    alike = [(at, named) for at, node in enumerate(documents) if (named := _namespace(node, wanted)) is not None]
    for namespace in (wanted.namespace, ""):
        found = [at for at, named in alike if namespace is None or named == namespace]
        if len(found) > 1:
            lines = " and ".join(str(documents[at].line) for at in found)
            raise BadDataError(f"{wanted} stands in lines {lines}", fix="remove one of them")
        if found:
            return found[0]
    return None


def refuse_unwritable(text: str, documents: Sequence[Node]) -> None:
    """Raises BadDataError for what may not be edited: files of sops carry a checksum over all of their values."""
    is_sealed = _SOPS in text and any(isinstance(one, Mapping) and one.get("sops") is not None for one in documents)
    if is_sealed:
        raise BadDataError("is encrypted by sops, which an edit from outside would break", fix="use `sops edit`")
    if any(isinstance(key, Mapping) for node in documents for one in mappings_in(node) for key, _ in one.entries):
        raise BadDataError("is a template, and no YAML yet", fix="edit its values")


def _namespace(node: Node, wanted: ObjectName) -> str | None:
    """The one that it names, "" for none; None where it is another object."""
    if not isinstance(node, Mapping) or text_of(node.get("kind")) != wanted.kind:
        return None
    metadata = node.get("metadata")
    if not isinstance(metadata, Mapping) or text_of(metadata.get("name")) not in wanted.names:
        return None
    return text_of(metadata.get("namespace"))
