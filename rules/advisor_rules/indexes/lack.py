"""Which table a statement reads more of than it needs, for want of an index, and what stands against one. Pure."""

from dataclasses import dataclass

from advisor.model.database.workload import DatabaseState, Index, Statement, Table
from advisor.model.database.writes import WriteRates
from advisor.settings.guide import QueryGuide
from advisor.sql.identifier import unquoted
from advisor.sql.shape import TableUse
from advisor.sql.statement_facts import facts_of

REPLICA = "this server is a replica: the index must be built on its primary"
_MANY_BLOCKS = 100
_BLOCKS_A_ROW = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What a statement reads too much of. summary: how much; cause: which index there is not, or does not do."""

    table: Table
    summary: str
    cause: str


def lack_of(statement: Statement, look: DatabaseState, guide: QueryGuide) -> Lack | None:
    """The first table of the statement that an index could make it read less of; None when there is none."""
    facts = facts_of(statement.text)
    if facts is None:
        return None
    for use in facts.uses:
        table = _table_of(use, look)
        if table is not None and rows_of(table) >= guide.smallest_table_rows:
            found = _read_whole(use, table, look, by_order=facts.has_limit and facts.is_read)
            found = found or _read_widely(use, table, statement, look)
            if found is not None:
                return found
    return None


def rows_of(table: Table) -> float:
    """The planner's estimate; of a table that was never analysed, what one sequential scan reads."""
    if table.rows >= 0 or table.sequential_scans == 0:
        return table.rows
    return table.sequential_rows_read / table.sequential_scans


def _table_of(use: TableUse, look: DatabaseState) -> Table | None:
    """The one table that may be meant."""
    named = [table for table in look.tables if table.name == use.table and use.schema in ("", table.schema)]
    return named[0] if len(named) == 1 else None


def _read_whole(use: TableUse, table: Table, look: DatabaseState, *, by_order: bool) -> Lack | None:
    """No index leads with what its rows are found by, or the few that are asked for are sorted by."""
    columns = {*use.equal, *use.ranges}
    what = "a column of its condition"
    if not columns and by_order:
        columns, what = set(use.sorted_by[:1]), "the column it sorts by"
    if not columns or table.sequential_scans == 0:
        return None
    leading = [index for index in look.indexes_of(table.schema, table.name) if _leads(index, columns)]
    if any(_serves_all(index) for index in leading):
        return None
    name = f"{table.schema}.{table.name}"
    if not leading:
        cause = f"no index of {name} leads with {what}"
    else:
        which = "is not valid" if not leading[0].is_valid else "holds some of the rows only"
        cause = f"of {name} only {leading[0].name} leads with {what}, and that {which}"
    return Lack(table=table, summary=f"reads {name} whole", cause=cause)


def _read_widely(use: TableUse, table: Table, statement: Statement, look: DatabaseState) -> Lack | None:
    """An index leads with one of several columns it is asked for, and still reads much for few rows."""
    if not reads_widely(statement):
        return None
    wanted = {*use.equal, *use.ranges}
    there = [index for index in look.indexes_of(table.schema, table.name) if _serves_all(index)]
    best = max(there, key=lambda index: _matched(index, use), default=None)
    if best is None or not 0 < _matched(best, use) < len(wanted):
        return None
    name = f"{table.schema}.{table.name}"
    unserved = ", ".join(column for column in (*use.equal, *use.ranges) if column not in _names(best))
    return Lack(
        table=table,
        summary=f"reads {_blocks_a_call(statement):.0f} blocks of {name} for {statement.rows_per_call:.3g} rows a call",
        cause=f"{best.name} finds its rows by {best.columns[0]} alone, not by {unserved or 'its other columns'}",
    )


def reads_widely(statement: Statement) -> bool:
    """Many blocks a call, and many for each row that it returns: others have little to gain by an index."""
    return reads_much(statement) and _blocks_a_call(statement) >= _BLOCKS_A_ROW * statement.rows_per_call


def reads_much(statement: Statement) -> bool:
    return _blocks_a_call(statement) >= _MANY_BLOCKS


def _blocks_a_call(statement: Statement) -> float:
    return (statement.shared_blocks_hit + statement.shared_blocks_read) / max(1, statement.calls)


def _leads(index: Index, columns: set[str]) -> bool:
    return bool(index.columns) and _names(index)[0] in columns


def _names(index: Index) -> tuple[str, ...]:
    return tuple(unquoted(column) for column in index.columns)


def _serves_all(index: Index) -> bool:
    """Whether an index helps whatever the condition's constants are: a partial one only helps some."""
    return index.is_valid and bool(index.columns) and " WHERE " not in index.definition


def _matched(index: Index, use: TableUse) -> int:
    """How many columns of the condition its leading keys find rows by: equal ones, then one range."""
    count = 0
    for name in _names(index):
        if name in use.equal:
            count += 1
        elif name in use.ranges:
            return count + 1
        else:
            break
    return count


def standing_against(table: Table) -> str:
    """Why no index is proposed all the same; "" when nothing is known to stand against it."""
    if table.rows < 0:
        return "the table was never analysed, so that no index can be priced: ANALYZE it first"
    return ""


def doubts_of(table: Table, look: DatabaseState, guide: QueryGuide) -> tuple[str, ...]:
    """What a person should weigh before the index is built."""
    doubts = [REPLICA] if look.is_in_recovery else []
    rates = look.write_rates
    if rates is None:
        totals = table.rates(look.window_seconds)
        if is_written_much(totals, table, guide):
            doubts.append(
                f"{table.writes} rows of it were written, some or all before the statements were counted: "
                "how much is written now is not known"
            )
    elif is_written_much(found := rates.get((table.schema, table.name), WriteRates()), table, guide):
        doubts.append(
            f"{found.written:.3g} rows of it are written a second, and it is scanned {found.scans:.3g} times: "
            "each index of it is paid for by its writers"
        )
    return tuple(doubts)


def is_written_much(rates: WriteRates, table: Table, guide: QueryGuide) -> bool:
    """Whether more is written than the guide's share of what is read; a scan of 10,000 rows counts once."""
    return rates.written > guide.heaviest_write_ratio * rates.scans * max(1.0, table.rows / 10_000)
