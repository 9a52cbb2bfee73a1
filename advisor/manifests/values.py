"""What a document means to a program: dictionaries, lists, text and numbers."""

from typing import Any

import yaml

from advisor.manifests.content import kind_of
from advisor.manifests.nodes import MERGE, Alias, Mapping, Node, Scalar, Sequence, merged_into, resolved
from advisor.model.errors import BadDataError

_CONSTRUCTOR = yaml.constructor.SafeConstructor()


def value_of(node: Node) -> Any:
    """With aliases and merge keys resolved. Raises BadDataError for a value that is none of its kind."""
    if isinstance(node, Alias):
        return value_of(node.of)
    if isinstance(node, Sequence):
        return [value_of(item) for item in node.items]
    if isinstance(node, Scalar):
        return _scalar(node)
    merged: dict[Any, Any] = {}
    for one in merged_into(node):
        if not isinstance(one, Mapping):
            raise BadDataError(f"line {one.line}: {MERGE} wants a mapping", fix="mend the file")
        merged.update(value_of(one))
    return merged | {_key(key): value_of(value) for key, value in node.entries if not _is_merge(key)}


def _is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.text == MERGE and not key.style


def _key(key: Node) -> Any:
    if not isinstance(resolved(key), Scalar):
        raise BadDataError(f"line {key.line}: a key that is no text", fix="mend the file")
    return value_of(key)


def _scalar(node: Scalar) -> Any:
    try:
        return _CONSTRUCTOR.construct_object(yaml.ScalarNode(kind_of(node), node.text))
    except (yaml.YAMLError, ValueError, KeyError) as error:
        raise BadDataError(f"line {node.line}: {node.text[:60]!r} cannot be read", fix="mend the file") from error
