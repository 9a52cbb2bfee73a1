"""What is no YAML between two separators leaves out nothing beside it, and moves no place."""

import re

import pytest

from advisor.manifests.nodes import Mapping, Node, Scalar
from advisor.manifests.reading import Unreadable, documents_in, readable_in

BROKEN = [
    "a: [1\nb: 2\n",
    "a: 'open\nb: 2\n",
    'a: "\\q"\n',
    "a: b: c\n",
    "a:\n\t- b\n",
    "a: 1\n  b: 2\n",
    "{a: 1}\n]\n",
    "a: *gone\n",
    "a: @x\n",
    "a: \x01\n",
    "a: " + "[" * 5000 + "]" * 5000 + "\n",
    "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [" + f"*a{n - 1}," * 10 + "]\n" for n in range(1, 9)),
]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("broken", BROKEN)
def test_what_stands_before_and_after_it_is_read_in_its_place(broken: str, line_end: str) -> None:
    text = f"# \U0001f600\none: 1\n---\n{broken}--- # third\nthree: &x 3\nalso: *x\n---\nfour: |\n  --- no separator\n"
    text = text.replace("\n", line_end)
    one, lost, three, four = readable_in(text)
    assert isinstance(lost, Unreadable)
    assert (lost.line, lost.text.startswith("---")) == (3, True)
    assert re.match(r"line ([3-9]|10): ", lost.fault.what)
    for document, key in ((one, "one"), (three, "three"), (four, "four")):
        assert isinstance(document, Mapping)
        (at, _), *_ = document.entries
        assert isinstance(at, Scalar)
        assert (text[at.start : at.end], at.line) == (key, text[: at.start].count("\n") + 1)


def test_the_line_of_the_fault_is_that_of_the_whole_text() -> None:
    lost = [
        one for one in readable_in("a: 1\n---\nb: 1\nc: d: e\n---\nf: 1\n---\n\ng: [\n") if isinstance(one, Unreadable)
    ]
    assert [(one.line, one.fault.what.partition(":")[0]) for one in lost] == [(2, "line 4"), (7, "line 10")]


@pytest.mark.parametrize("first", ["a: 1\n", "", "# nothing\n", "---\n", "%YAML 1.1\n---\na: 1\n", "--- {a: 1}\n...\n"])
def test_apart_from_what_is_lost_it_is_read_as_at_once(first: str) -> None:
    rest = "---\nb: {c: [1, 'x']}\n---\n- &d e\n- *d\n"
    wanted: list[Node | Unreadable] = list(documents_in(first + rest))
    assert [one for one in readable_in(f"{first}{rest}---\n]\n") if not isinstance(one, Unreadable)] == wanted
