"""What a document means to Kubernetes: dictionaries, lists, text and numbers, as JSON has them.

Where YAML 1.1 knows more, this follows sigs.k8s.io/yaml and the go-yaml in it: a date, a time and a lone `=` are text
as written, and so is `1:30`, which no Go program takes for a number of base 60.
"""

from typing import Any

import yaml

from advisor.manifests.content import kind_of
from advisor.manifests.nodes import MERGE, Alias, Mapping, Node, Scalar, Sequence, merged_into, resolved
from advisor.model.errors import BadDataError

_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_NO_TEXT = (*_NUMBERS, "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")


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
    kind = kind_of(node)
    is_of_base_60 = kind in _NUMBERS and ":" in node.text
    if kind not in _NO_TEXT or (is_of_base_60 and node.tag is None):
        return node.text
    try:
        if is_of_base_60:
            raise ValueError(node.text)
        return _CONSTRUCTOR.construct_object(yaml.ScalarNode(kind, node.text))
    except (yaml.YAMLError, ValueError, KeyError) as error:
        raise BadDataError(f"line {node.line}: {node.text[:60]!r} cannot be read", fix="mend the file") from error
