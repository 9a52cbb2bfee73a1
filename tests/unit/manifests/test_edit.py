"""Values are replaced where they stand; keys that are missing are written as their neighbours are."""

import json
from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from advisor.manifests.edit import edited
from advisor.manifests.path import path_of, shown
from advisor.manifests.reading import documents_in
from advisor.manifests.scalar import Value
from advisor.manifests.values import value_of
from advisor.model.errors import BadDataError


def changed(text: str, values: Mapping[str, Value], document: int = 0) -> str:
    return edited(text, document, {path_of(path): value for path, value in values.items()})


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a: 1\n", "a", 2, "a: 2\n"),
        ("a: '1'\n", "a", 2, "a: '2'\n"),
        ('a: "1"\n', "a", "2Gi", 'a: "2Gi"\n'),
        ("a: 500m\n", "a", "2", 'a: "2"\n'),  # text stays text
        ("a: 1\n", "a", "2", "a: 2\n"),  # a number stays one
        ("a: 1\n", "a", "500m", "a: 500m\n"),
        ("a: 500m\n", "a", "1e3", 'a: "1e3"\n'),  # a number to Go, text to YAML 1.1
        ("a: 500m\n", "a", "yes", 'a: "yes"\n'),
        ("a: &one 1Gi\nb: *one\n", "b", "2Gi", "a: &one 1Gi\nb: 2Gi\n"),
        ("a:\nb: 1\n", "a", 2, "a: 2\nb: 1\n"),
        ("a: # none yet\n", "a", 2, "a: 2 # none yet\n"),
        ("a: ~\n", "a", 2, "a: 2\n"),
        ("{a: 1}", "a", 2, "{a: 2}"),
        ("{a: 1}", "a", "1Gi", "{a: 1Gi}"),
        ('{"a": 1}', "a", "1Gi", '{"a": "1Gi"}'),  # JSON stays JSON
        ('{"a": "1"}', "a", 2, '{"a": "2"}'),
        ("\U0001f600: 1\na: 1", "a", 2, "\U0001f600: 1\na: 2"),
        ("a: 1 \t# \t\n", "a", 2, "a: 2 \t# \t\n"),
    ],
)
def test_a_value_is_replaced_in_its_own_quotes(before: str, path: str, value: Value, after: str) -> None:
    assert changed(before, {path: value}) == after


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ("a:\n    b: 1  # one\n\n# end\n", {"a.c": 2}, "a:\n    b: 1  # one\n    c: 2\n\n# end\n"),
        ("a:\n    b: 1\n", {"a.c.d": 2}, "a:\n    b: 1\n    c:\n        d: 2\n"),  # as deep as the file goes
        ("a:\n  b: 1", {"a.c": 2}, "a:\n  b: 1\n  c: 2"),  # no newline at the end, before and after
        ("a: {b: 1}\n", {"a.c": 2}, "a: {b: 1, c: 2}\n"),
        ("a: {}\n", {"a.b": 2, "a.c": "x"}, "a: {b: 2, c: x}\n"),
        ("a:\nb: 1\n", {"a.c": 2}, "a:\n  c: 2\nb: 1\n"),
        ("a: null  # none\n", {"a.c.d": 2}, "a: {c: {d: 2}}  # none\n"),
        ('{"a": {"b": 1}}', {"a.c": "2Gi"}, '{"a": {"b": 1, "c": "2Gi"}}'),
        ('{"a": {}}', {"a.c": "2Gi"}, '{"a": {"c": "2Gi"}}'),
        ("a:\n- |\n  text\nb: 1\n", {"c": 2}, "a:\n- |\n  text\nb: 1\nc: 2\n"),
        ("b:\n  a: |\n    text\n", {"b.c": 2}, "b:\n  a: |\n    text\n  c: 2\n"),
        ("a:\r\n  b: 1\r\n", {"a.c": 2}, "a:\r\n  b: 1\r\n  c: 2\r\n"),
        ("a:\n  b: 1\n", {"a.c.d": 2, "a.c.e": 3}, "a:\n  b: 1\n  c:\n    d: 2\n    e: 3\n"),
    ],
)
def test_a_key_that_is_missing_comes_last_in_its_mapping(before: str, values: dict[str, Value], after: str) -> None:
    assert changed(before, values) == after


@pytest.mark.parametrize(
    ("before", "path", "told"),
    [
        ("a: &one {b: 1}\nc: *one\n", "c.b", r"c in line 2 is \*one, which other places share"),
        ("a: &one {b: 1}\nc: *one\n", "a.b", "c.b would change with it"),
        ("a: &one {b: {x: 1, y: 2}}\nc:\n  <<: *one\n", "c.b.x", "c.b comes by a merge key"),
        ("a: &one {b: 1}\nc:\n  <<: *one\nd: 1\n", "a.b", "c.b would change with it"),
        ("a:\n  b: 1\na:\n  b: 2\n", "a.b", "duplicate key a in lines 1 and 3"),
        ("a: 1\nz: {q: 1, q: 2}\n", "a", "duplicate key q in lines 2 and 2"),
        ("a: |\n  1\n", "a", "is not written as a plain value"),
        ("a: !!str 1\n", "a", "is not written as a plain value"),
        ("a: {b: 1}\n", "a", "is no single value"),
        ("a: [1]\n", "a.b", "a in line 1 is no mapping"),
        ("a: 1\n", "a.b", "a in line 1 is no mapping"),
        ("a: [{name: x}]\n", "a[name=y].b", "has no item with name y"),
        ("a: [{name: x}, {name: x}]\n", "a[name=x].b", "has 2 items with name x"),
        ("a: 1\n", "b[name=x].c", "is not there"),
        ("a: *gone\n", "a", r"line 1: \*gone has no anchor"),
        ("a: [1\n", "a", "line 2"),
    ],
)
def test_what_is_not_clear_is_refused_with_its_line(before: str, path: str, told: str) -> None:
    with pytest.raises(BadDataError, match=told):
        changed(before, {path: 2})


@pytest.mark.parametrize(
    "text", ["x", "1", "'1'", "on", "0755", "1e3", "'12:30'", "~", ".5", "!!str 1", "!!float 1", "", "1_000"]
)
def test_values_are_read_as_pyyaml_reads_them(text: str) -> None:
    text = f"a: &a {{b: {text}, c: [1, x]}}\nd: {{<<: *a, c: 2}}\ne: {{<<: [{{c: 1}}, *a]}}\n"
    (document,) = documents_in(text)
    assert value_of(document) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01",
        "2024-1-1",
        "2001-12-14t21:59:43.10-05:00",
        "2001-12-14 21:59:43",
        "1:30",
        "-1:30",
        "190:20:30",
        "190:20:30.15",
        "=",
        "<<",
    ],
)
def test_what_go_has_as_text_is_text(text: str) -> None:
    """go-yaml gives a timestamp as it is written where the type is open, and has no numbers of base 60."""
    (document,) = documents_in(f"a: {text}\nb: [{text}]\n{text.replace('<<', 'x')}: key\nc: '{text}'\n")
    found = value_of(document)
    assert (found["a"], found["b"], found["c"]) == (text, [text], text)
    assert found[text.replace("<<", "x")] == "key"


@pytest.mark.parametrize("text", ["!!int 1:30", "!!bool maybe", "!!float x", "!!int x"])
def test_a_value_that_is_none_of_its_tag_is_refused(text: str) -> None:
    (document,) = documents_in(f"a: {text}\n")
    with pytest.raises(BadDataError, match=r"line 1: .* cannot be read"):
        value_of(document)


@pytest.mark.parametrize("tagged", ["!!binary aGk=", "!mine {x: 1}", "!!set {x}", "!!omap [x: 1]", "!mine x"])
def test_a_strange_tag_closes_its_own_document_and_no_other(tagged: str) -> None:
    text = f"a: 1\n---\na: 1\nb: {tagged}\n---\na: 1\n"
    assert changed(text, {"a": 2}, document=2) == f"a: 1\n---\na: 1\nb: {tagged}\n---\na: 2\n"
    with pytest.raises(BadDataError, match=r"line 4: the tag .* is none of Kubernetes"):
        changed(text, {"a": 2}, document=1)


def test_a_deep_file_is_refused_and_ends_nothing_else() -> None:
    with pytest.raises(BadDataError, match="cannot be read"):
        documents_in("[" * 5000 + "]" * 5000)


@pytest.mark.parametrize("text", ["", "a.", "a[b]", ".a", "[x=1]", "a[x=1]b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        path_of(text)


def test_a_path_is_shown_as_it_is_read() -> None:
    text = "spec.metrics[resource.name=cpu].resource.target.averageUtilization"
    assert shown(path_of(text)) == text


keys = st.sampled_from(["a", "b", "c", "cpu", "memory"])
leaves = st.one_of(st.integers(0, 9000), st.sampled_from(["1Gi", "250m", "on", "1e3", "x y", "#", ""]))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(st.dictionaries(keys, inner, min_size=1, max_size=3), st.lists(inner, max_size=2)),
    max_leaves=12,
)


@given(tree=st.dictionaries(keys, trees, min_size=1), way=st.lists(keys, min_size=1, max_size=3), new=leaves)
def test_any_edit_says_what_was_asked_or_is_refused(tree: dict[str, object], way: list[str], new: Value) -> None:
    text = json.dumps(tree)
    try:
        after = edited(text, 0, {tuple(way): new})
    except BadDataError:
        return
    wanted = tree
    for key in way[:-1]:
        # null stands for a mapping that is not there, and is none in these trees
        wanted = wanted.setdefault(key, {})  # type: ignore[assignment]
    old = wanted.get(way[-1])
    wanted[way[-1]] = str(new) if isinstance(old, str) else new
    assert {**json.loads(after)} == tree
