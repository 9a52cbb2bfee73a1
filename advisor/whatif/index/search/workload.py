"""Makes a workload ready for the search: what is read, what is planned, which indexes might help. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from advisor.model.database.index_advice import SkippedStatement, WorkloadStatement
from advisor.model.database.index_design import IndexDesign
from advisor.sql.access import Access
from advisor.sql.generic import readable
from advisor.sql.parse import UnreadableStatementError
from advisor.sql.relations import Relations, TableName
from advisor.sql.statement import StatementShape, read_statement, with_schemas
from advisor.whatif.index.catalogue.tables import TableFacts
from advisor.whatif.index.search.designs import designs_for
from advisor.whatif.index.search.existing import is_found_by_key, is_hashed, is_there, without_virtual
from advisor.whatif.index.search.special import special_designs_for
from advisor.whatif.index.search.wide import hash_designs_for

_FEWEST_ROWS = 1000
_UNBUILDABLE = {"f": "a foreign table", "v": "a view"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    """A statement with its shape; text: as Postgres' own grammar takes it."""

    statement: WorkloadStatement
    text: str
    shape: StatementShape


def read_all(
    statements: Iterable[WorkloadStatement], relations: Relations
) -> tuple[list[ReadStatement], list[SkippedStatement]]:
    """Those that can be planned, and those that cannot with the reason."""
    read: list[ReadStatement] = []
    skipped: list[SkippedStatement] = []
    for statement in statements:
        try:
            text = readable(statement.text)
            shape = read_statement(text, relations, statement.search_paths)
            reason = _why_not(shape)
            text = with_schemas(text, shape.bare)
        except UnreadableStatementError as error:
            reason = error.what
        if reason:
            skipped.append(SkippedStatement(id=statement.id, text=statement.text, reason=reason))
        else:
            read.append(ReadStatement(statement=statement, text=text, shape=shape))
    return read, skipped


def shapes_of_writers(
    statements: Iterable[WorkloadStatement], relations: Relations
) -> Iterator[tuple[str, StatementShape]]:
    """Of those that write, also where they read nothing and are not planned, by the statement's id."""
    for statement in statements:
        try:
            shape = read_statement(readable(statement.text), relations, statement.search_paths)
        except UnreadableStatementError:
            continue
        if shape.inserts_into or shape.sets_columns:
            yield statement.id, shape


def _why_not(shape: StatementShape) -> str:
    for name, tables in shape.unclear:
        return f"which {name} it means is not known, as its session's search_path is not: {', '.join(map(str, tables))}"
    if shape.unknown:
        return f"{shape.unknown[0]} is no table or view on the search path"
    if not shape.accesses:
        return "it reads no table"
    return ""


def candidates_of(
    read: ReadStatement, tables: Mapping[TableName, TableFacts], extensions: Mapping[str, str]
) -> list[IndexDesign]:
    """Designs for every table of the statement that may have a new index."""
    found: dict[IndexDesign, None] = {}
    for access in read.shape.accesses:
        facts = tables.get(access.table)
        if facts is not None and not why_left_alone(facts):
            designs = [*designs_for(access, facts), *special_designs_for(access, facts, extensions)]
            designs += hash_designs_for(access, facts)
            buildable = [made for d in designs if (made := without_virtual(d, facts)) is not None]
            found.update(dict.fromkeys(d for d in buildable if not _is_served(d, access, facts)))
    return list(found)


def _is_served(design: IndexDesign, access: Access, facts: TableFacts) -> bool:
    return is_there(design, facts) or is_found_by_key(design, access, facts) or is_hashed(design, access, facts)


def why_left_alone(facts: TableFacts) -> str:
    """Why no index is advised for the table, "" when it may have one."""
    if facts.kind in _UNBUILDABLE:
        return f"{facts.name} is {_UNBUILDABLE[facts.kind]}: it can have no index of its own"
    if facts.rows < 0:
        return f"{facts.name} was never analysed: run ANALYZE first"
    if facts.rows < _FEWEST_ROWS:
        return f"{facts.name} has {facts.rows:.0f} rows: read whole in no time"
    return ""
