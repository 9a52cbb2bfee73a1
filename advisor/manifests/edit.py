"""Changes values of one document of a text, and not a byte more."""

import re
from collections.abc import Mapping as MappingOf

from advisor.manifests.content import Content, at_path, content_of, differing, texts_of, with_value
from advisor.manifests.insertion import insertion
from advisor.manifests.nodes import Alias, Scalar
from advisor.manifests.path import Path, shown
from advisor.manifests.place import Missing, Written, place_of
from advisor.manifests.reading import documents_in
from advisor.manifests.scalar import Value, flow, like, scalar
from advisor.manifests.span import Edit, applied
from advisor.model.errors import BadDataError

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


def edited(text: str, document: int, values: MappingOf[Path, Value]) -> str:
    """`text` with these values in its document of that number (from 0), and otherwise the same to the byte.

    Raises BadDataError where a path does not lead to one place, its value is shared with others, or anything else
    would change with it.
    """
    after = text
    for path, value in values.items():
        after = applied(after, edit_of(after, document, path, value))
    refuse_others(text, after, document, values)
    return after


def edit_of(text: str, document: int, path: Path, value: Value) -> Edit:
    """The one place that changes; what that does to the rest is not looked at. Raises BadDataError as `edited`."""
    place = place_of(documents_in(text)[document], path)
    if isinstance(place, Missing):
        return insertion(text, place, value)
    if isinstance(value, MappingOf):
        raise BadDataError(f"{shown(path)} in line {place.value.line} is there already", fix="name what is within it")
    return _replacement(text, place, path, value)


def refuse_others(before: str, after: str, document: int, values: MappingOf[Path, Value]) -> None:
    """Raises BadDataError where `after` says anything but what `before` does with these values."""
    wanted = [content_of(node) for node in documents_in(before)]
    got = [content_of(node) for node in documents_in(after)]
    if len(wanted) != len(got):
        raise BadDataError("the edit would change the number of documents", fix="edit it by hand")
    for path, value in values.items():
        new = at_path(got[document], path)
        if new is None or texts_of(new) != _texts(value):
            raise BadDataError(f"{shown(path)} would not become {value}", fix="edit it by hand")
        # In the quotes of the old value, whatever the kind.
        wanted[document] = with_value(wanted[document], path, new)
    others = [path for one, other in zip(wanted, got, strict=True) for path in differing(one, other)]
    if others:
        raise BadDataError(f"{', '.join(others[:3])} would change with it", fix="edit it by hand")


def _replacement(text: str, place: Written, path: Path, value: int | str) -> Edit:
    old = place.value
    if isinstance(old, Alias):
        # Only this place gets a value of its own; the anchor stays, and who else uses it.
        return Edit(start=old.start, end=old.end, text=scalar(value))
    if not isinstance(old, Scalar):
        raise BadDataError(f"{shown(path)} in line {old.line} is no single value", fix="name what is within it")
    if "{{" in old.text:
        raise BadDataError(f"{shown(path)} in line {old.line} is made by a template", fix="edit what it is made from")
    if old.is_block or old.tag:
        raise BadDataError(f"{shown(path)} in line {old.line} is not written as a plain value", fix="write it plainly")
    if old.is_empty:
        lead = "" if text[old.start - 1].isspace() else " "
        return Edit(start=old.start, end=old.end, text=lead + scalar(value))
    found = _PROPERTIES.match(text, old.start)
    is_json = not old.style and place.within is not None and place.within.is_flow and place.within.is_json
    new = flow(value, is_json=True) if is_json else like(old, value)
    return Edit(start=found.end() if found else old.start, end=old.end, text=new)


def _texts(value: Value) -> Content:
    if isinstance(value, MappingOf):
        return {key: _texts(one) for key, one in value.items()}
    return ("", str(value))
