"""A statement as people know it: by its text, its tables and its share of the database's time."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.snapshot import Snapshot
from advisor.sql.identifier import is_reserved
from advisor.sql.statement_facts import facts_of, fingerprint

_LONGEST_TEXT = 2000
_SELECTED = re.compile(r"\bselect (?:distinct )?(.{12,}?) from ", re.IGNORECASE)
_IN_LIST = re.compile(r"\(\s*(?:\$\d+|\?)(?:\s*,\s*(?:\$\d+|\?)|\s*/\*, \.\.\. \*/)+\s*\)")
# Not the pieces of a name that holds a quote itself: it is written twice there.
_QUOTED_NAME = re.compile(r'(?<!")"([a-z_][a-z0-9_]*)"(?!")')


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """share: of the time that statements took in its database over `seconds`, 0 to 1. shape: alike for statements that
    differ in constants, or in the length of a list, only."""

    database: str
    queryid: str
    text: str
    tables: tuple[str, ...]
    shape: str
    share: float
    calls: int
    calls_per_second: float
    mean_seconds: float
    seconds: float


def statement_views(snapshot: Snapshot) -> Mapping[str, StatementView]:
    """By "database/queryid", as findings name them."""
    return {
        f"{look.name}/{statement.queryid}": statement_view(statement, look, whole)
        for look in snapshot.databases.values()
        for whole in [sum(one.total_seconds for one in look.statements)]
        for statement in look.statements
    }


def statement_view(statement: Statement, look: DatabaseState, whole_seconds: float) -> StatementView:
    """whole_seconds: what all statements of the look took together."""
    facts = facts_of(statement.text)
    tables = facts.tables if facts is not None else ()
    return StatementView(
        database=look.name,
        queryid=statement.queryid,
        text=statement.text[:_LONGEST_TEXT],
        tables=tuple(f"{schema}.{name}" if schema else name for schema, name in tables),
        shape=fingerprint(statement.text),
        share=statement.total_seconds / whole_seconds if whole_seconds > 0 else 0.0,
        calls=statement.calls,
        calls_per_second=statement.calls_per_second(look.window_seconds),
        mean_seconds=statement.mean_seconds,
        seconds=look.window_seconds,
    )


def short_sql(text: str, letters: int) -> str:
    """The statement in one line of at most so many letters: what it selects, and long lists, become dots first."""
    line = _QUOTED_NAME.sub(lambda name: name[0] if is_reserved(name[1]) else name[1], " ".join(text.split()))
    line = _IN_LIST.sub("(…)", line)
    if len(line) > letters:
        line = _SELECTED.sub("SELECT … FROM ", line)
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


def folded(statements: Iterable[StatementView]) -> tuple[StatementView, ...]:
    """The first of each shape, in their order."""
    return tuple({one.shape: one for one in reversed(list(statements))}.values())[::-1]
