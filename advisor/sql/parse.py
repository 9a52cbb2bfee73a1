"""Text to syntax tree, by Postgres' own grammar. The one place that knows the parser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from advisor.model.errors import BadDataError

PLANNED = frozenset({"select_stmt", "update_stmt", "delete_stmt", "insert_stmt", "merge_stmt"})
"""Kinds of statements that EXPLAIN plans and does not run."""
READ = frozenset({"select_stmt", "update_stmt", "delete_stmt"})
"""Of these, the kinds that look rows up."""
_SEMICOLON, _COMMENTS = 59, (275, 276)  # Token of libpg_query


class UnreadableStatementError(BadDataError):
    """The statement does not parse, was cut short, nests too deeply, or is of a kind that is not planned."""


@contextmanager
def reading(where: str = "statement") -> Iterator[None]:
    """Whatever the parser raises for a text, or the walk through a tree that nests deeply, ends that text alone.

    Raises UnreadableStatementError.
    """
    import postgast
    from google.protobuf.message import DecodeError

    try:
        yield
    except postgast.PgQueryError as error:
        raise UnreadableStatementError(f"does not parse: {error}", where=where) from error
    except UnicodeEncodeError as error:
        raise UnreadableStatementError("holds bytes that are no text", where=where) from error
    except (DecodeError, RecursionError) as error:  # 100 levels are as deep as the parser's trees can be read
        raise UnreadableStatementError("nests too deeply to be read", where=where) from error


@lru_cache(maxsize=512)
def parsed(text: str, kinds: frozenset[str] = PLANNED) -> Any:
    """The node of the one statement in `text`, such as a SelectStmt. Raises UnreadableStatementError.

    The node is shared: it must not be changed.
    """
    statements = tree(text).stmts
    if len(statements) != 1:
        raise UnreadableStatementError(f"{len(statements)} statements in one text", where="statement")
    kind = statements[0].stmt.WhichOneof("node")
    if kind not in kinds:
        raise UnreadableStatementError(f"a {kind} is not planned", where="statement")
    return getattr(statements[0].stmt, kind)


def tree(text: str) -> Any:
    """The whole of `text` as a tree of one's own, which may be changed. Raises UnreadableStatementError."""
    import postgast

    if "\0" in text:  # where the parser would stop, and say nothing
        raise UnreadableStatementError("holds a zero byte", where="statement")
    with reading():
        return postgast.parse(text)


def deparsed(statement: Any) -> str:
    """A `tree` as SQL. Raises UnreadableStatementError."""
    import postgast

    with reading():
        return str(postgast.deparse(statement))


def expression_text(node: Any) -> str:
    """An expression as SQL, its columns without the table's name before them."""
    result = tree("SELECT 1")
    target = result.stmts[0].stmt.select_stmt.target_list[0].res_target
    target.val.CopyFrom(node)
    for reference in nodes(target.val, "ColumnRef"):
        del reference.fields[:-1]
    return deparsed(result).removeprefix("SELECT ")


def nodes(node: Any, name: str) -> list[Any]:
    """Every node of the kind `name`, such as "ColumnRef", in `node` and below it."""
    found = [node] if node.DESCRIPTOR.name == name else []
    for descriptor, value in node.ListFields():
        if descriptor.message_type is not None:
            for child in value if descriptor.is_repeated else (value,):
                found.extend(nodes(child, name))
    return found


def every_node(node: Any) -> Iterator[Any]:
    """Every `Node` in it, itself included, outer ones first: what may be put in another's place."""
    if node.DESCRIPTOR.name == "Node":
        yield node
    for descriptor, value in node.ListFields():
        if descriptor.message_type is not None:
            for child in value if descriptor.is_repeated else (value,):
                yield from every_node(child)


def numbers_in(node: Any) -> tuple[int, ...]:
    """Of the parameters in an expression, in order of their places."""
    return tuple(reference.number for reference in nodes(node, "ParamRef"))


def inner(node: Any) -> Any:
    """What a `Node` holds; the node itself when it is none."""
    kind = node.WhichOneof("node") if node.DESCRIPTOR.name == "Node" else None
    return getattr(node, kind) if kind else node


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a text, up to a semicolon or to the end. end: where it ends, in letters. has_words: that are no comment."""

    end: int
    has_words: bool


def pieces(text: str) -> tuple[list[Piece], int | None]:
    """The pieces of `text`, and the place of what is no word, such as a quote that does not end: there the last one
    ends; None where there is none."""
    import postgast

    fault = None
    try:
        tokens = postgast.scan(text).tokens
    except postgast.PgQueryError as error:
        fault = max(0, error.cursorpos - 1)
        tokens = postgast.scan(text[:fault]).tokens
    data, found, has_words, done, end = text.encode(), [], False, 0, 0
    for token in tokens:
        if token.token == _SEMICOLON:
            end += len(data[done : token.start].decode())
            done = token.start
            found.append(Piece(end, has_words))
            has_words = False
        else:
            has_words = has_words or token.token not in _COMMENTS
    return [*found, Piece(len(text) if fault is None else fault, has_words)], fault


def normalized(text: str) -> str:
    """`text` with $n for every constant. Raises UnreadableStatementError."""
    import postgast

    with reading():
        return str(postgast.normalize(text))


def hashed(text: str) -> str:
    """The same for texts that differ in constants or parameters only. Raises UnreadableStatementError."""
    import postgast

    with reading():
        return str(postgast.fingerprint(text).hex)
