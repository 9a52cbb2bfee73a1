"""A text inside a text: YAML in a literal block (`patch: |-`) of another YAML."""

from collections.abc import Callable
from itertools import accumulate

from advisor.manifests.nodes import Scalar
from advisor.manifests.span import Edit
from advisor.model.errors import BadDataError


def edit_inside(text: str, block: Scalar, change: Callable[[str], Edit]) -> Edit:
    """The edit of `text` that does to the block's content what `change` asks for.

    Raises BadDataError where the block is not literal, so that its lines are not those of its content.
    """
    if block.style != "|":
        raise BadDataError(f"the text in line {block.line} is no literal block (`|`)", fix="write it as one")
    return _Inside(text, block).translated(change)


class _Inside:
    """Where each line of the content stands in the text around it."""

    def __init__(self, text: str, block: Scalar) -> None:
        begin = text.index("\n", block.start) + 1
        lines = text[begin : block.end].splitlines(keepends=True)
        first = next((line for line in lines if line.strip()), "")
        self._indent = len(first) - len(first.lstrip(" "))
        self._line_end = "\r\n" if first.endswith("\r\n") else "\n"
        self._starts = [begin, *(begin + length for length in accumulate(map(len, lines)))]
        self._lines = [line[self._indent :].rstrip("\r\n") if line.strip() else "" for line in lines]
        self._end = block.end
        if "\n".join(self._lines).rstrip() != block.text.rstrip():
            raise BadDataError(f"the block in line {block.line} is indented in a way of its own", fix="edit it by hand")

    def translated(self, change: Callable[[str], Edit]) -> Edit:
        edit = change("\n".join([*self._lines, ""]))
        return Edit(start=self._outer(edit.start), end=self._outer(edit.end), text=self._text(edit))

    def _outer(self, at: int) -> int:
        for number, line in enumerate(self._lines):
            if at <= len(line):
                # A place at the beginning of a line is before its indentation only where whole lines go in.
                return self._starts[number] + (self._indent + at if at else 0)
            at -= len(line) + 1
        return self._end

    def _text(self, edit: Edit) -> str:
        if not edit.text.endswith("\n"):
            return edit.text
        lines = edit.text.splitlines()
        return "".join(" " * self._indent + line + self._line_end for line in lines)
