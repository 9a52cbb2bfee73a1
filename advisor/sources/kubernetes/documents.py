"""A file of manifests as its documents: one that cannot be read is told with its line, and hides no other."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from advisor.manifests.files import MARK, text_in
from advisor.manifests.nodes import Mapping as MappingNode
from advisor.manifests.nodes import Node, mappings_in
from advisor.manifests.place import refuse_duplicates, refuse_tags
from advisor.manifests.reading import Unreadable, readable_in
from advisor.manifests.values import value_of
from advisor.model.errors import BadDataError
from advisor.model.kubernetes.cluster import Unread

_KUSTOMIZE = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_LIST = "List"
_TEMPLATES = (("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"))
_GONE = "extensions/v1beta1"
_TODAY = {"Deployment": "apps/v1", "DaemonSet": "apps/v1", "ReplicaSet": "apps/v1"}
"""What left the extensions, and where to: no server since Kubernetes 1.16 serves it there."""


def documents_of(path: Path) -> Iterator[Mapping[str, Any] | BadDataError]:
    """The documents of one file that hold something; in the place of one that cannot be read, why not, with its line.

    Raises BadDataError for a file that cannot be read at all.
    """
    if path.name in _KUSTOMIZE:
        raise BadDataError("a kustomization is not built here", fix="give the output of `kubectl kustomize`")
    text = text_in(path).removeprefix(MARK)
    if path.suffix == ".json":
        yield _object(_json(text), 1)
        return
    templates: list[tuple[int, str]] = []
    for document in readable_in(text):
        try:
            if (why := _why_template(document)) is not None:
                templates.append((document.line, why))
            elif (value := _value_of(document)) is not None:
                yield _object(value, document.line)
        except BadDataError as error:
            yield error
    if templates:
        yield _template(templates)


def singly(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One object, or each of a list. A server leaves out what the items of a DeploymentList are."""
    kind, items = str(document.get("kind", "")), document.get("items")
    if not kind.endswith(_LIST) or not isinstance(items, list):
        yield document
        return
    of_all = {"apiVersion": document.get("apiVersion"), "kind": kind.removesuffix(_LIST)} if kind != _LIST else {}
    for item in items:
        if isinstance(item, dict):
            own = {key: value for key, value in item.items() if value is not None}
            yield from singly({**of_all, **own})


def foreign(document: Mapping[str, Any], name: str, origin: str) -> Iterator[Unread]:
    """What is said of an object of a kind that is not read: nothing, unless it holds a template of pods.

    Nobody shall take it for looked at. origin: the file that it stands in.
    """
    if not any(_has_containers(document, path) for path in _TEMPLATES):
        return
    version, kind = str(document.get("apiVersion")), str(document.get("kind"))
    if version == _GONE and kind in _TODAY:
        why, fix = f"{version} is not served any more", f"write {_TODAY[kind]}"
    else:
        why, fix = f"{kind} of {version} is no kind that is read", "judge its containers by hand"
    yield Unread(what=f"{origin}: {kind} {name}", why=why, fix=fix)


def _value_of(document: Node | Unreadable) -> Any:
    if isinstance(document, Unreadable):
        raise document.fault
    try:
        refuse_tags(document)
        refuse_duplicates(document)
        return value_of(document)
    except RecursionError as error:
        raise BadDataError(f"line {document.line}: is nested too deeply", fix="mend the file") from error


def _why_template(document: Node | Unreadable) -> str | None:
    """Why it is to become YAML and is none yet; None where it is no template.

    That is where `{{` stands for itself, outside of texts and comments: to YAML, a mapping as the key of a mapping.
    """
    if isinstance(document, Unreadable):
        return document.fault.what if "{{" in document.text else None
    is_bare = any(isinstance(key, MappingNode) for one in mappings_in(document) for key, _ in one.entries)
    return "braces outside of a text" if is_bare else None


def _template(found: Sequence[tuple[int, str]]) -> BadDataError:
    """All of a file in one, as a chart has many. found: the line and the reason of each."""
    (line, why), *others = found
    more = f"; so are those in lines {', '.join(str(one) for one, _ in others)}" if others else ""
    return BadDataError(
        f"line {line}: a template is no YAML yet ({why}){more}",
        fix="give the output of `helm template`, or mend the file",
    )


def _object(value: Any, line: int) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadDataError(f"line {line}: a document is {type(value).__name__}, no object", fix="is it a manifest?")
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadDataError(f"line {error.lineno}: {error.msg}", fix="mend the file") from error
    except RecursionError as error:
        raise BadDataError("is nested too deeply", fix="mend the file") from error


def _has_containers(document: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return isinstance(found, Mapping) and bool(found.get("containers"))
