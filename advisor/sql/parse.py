"""Text to syntax tree, by Postgres' own grammar. The one place that knows the parser."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from advisor.model.errors import BadDataError

PLANNED = frozenset({"select_stmt", "update_stmt", "delete_stmt", "insert_stmt", "merge_stmt"})
"""Kinds of statements that EXPLAIN plans and does not run."""
READ = frozenset({"select_stmt", "update_stmt", "delete_stmt"})
"""Of these, the kinds that look rows up."""


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
    except (DecodeError, RecursionError) as error:  # 100 levels are as deep as the parser's trees can be read
        raise UnreadableStatementError("nests too deeply to be read", where=where) from error


@lru_cache(maxsize=512)
def parsed(text: str, kinds: frozenset[str] = PLANNED) -> Any:
    """The node of the one statement in `text`, such as a SelectStmt. Raises UnreadableStatementError.

    The node is shared: it must not be changed.
    """
    import postgast

    with reading():
        statements = postgast.parse(text).stmts
    if len(statements) != 1:
        raise UnreadableStatementError(f"{len(statements)} statements in one text", where="statement")
    kind = statements[0].stmt.WhichOneof("node")
    if kind not in kinds:
        raise UnreadableStatementError(f"a {kind} is not planned", where="statement")
    return getattr(statements[0].stmt, kind)


def tree(text: str) -> Any:
    """The whole of `text` as a tree of one's own, which may be changed. Raises UnreadableStatementError."""
    import postgast

    with reading():
        return postgast.parse(text)


def deparsed(statement: Any) -> str:
    """A `tree` as SQL. Raises UnreadableStatementError."""
    import postgast

    with reading():
        return str(postgast.deparse(statement))


def expression_text(node: Any) -> str:
    """An expression as SQL, its columns without the table's name before them."""
    import postgast

    result = postgast.parse("SELECT 1")
    target = result.stmts[0].stmt.select_stmt.target_list[0].res_target
    target.val.CopyFrom(node)
    for reference in nodes(target.val, "ColumnRef"):
        del reference.fields[:-1]
    return str(postgast.deparse(result)).removeprefix("SELECT ")


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


def statements(text: str) -> list[str]:
    """The statements of a file of SQL, without their semicolons; what does not parse is one of them all the same.

    Raises UnreadableStatementError when not even its words can be told apart (a quote that does not end).
    """
    import postgast

    with reading("workload file"):
        return [part.strip() for part in postgast.split(text, method="scanner") if part.strip()]


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
