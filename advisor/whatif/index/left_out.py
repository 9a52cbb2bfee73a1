"""What the advice leaves out, and says so. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from advisor.model.database.index_advice import SkippedStatement, UnpricedIndex
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import TableFacts
from advisor.whatif.index.search.candidate_pool import CandidatePool
from advisor.whatif.index.search.unpriced import unpriced_for
from advisor.whatif.index.search.workload import ReadStatement

_NO_WRITES = (
    "how much is written: the tables' counters began at no known time or before the statements', so that no index is "
    "charged for its writes; a second look measures them"
)


def unpriced_of(
    read: Sequence[ReadStatement],
    tables: Mapping[TableName, TableFacts],
    pool: CandidatePool,
    costs: Mapping[str, float],
) -> tuple[UnpricedIndex, ...]:
    """costs: of the statements by their id, with all that is advised."""
    refused = {design: why for design, why in pool.refused.items() if design not in pool.untried}
    return tuple(found for one in read for found in unpriced_for(one, tables, refused, costs[one.statement.id]))


def as_skipped(read: Sequence[ReadStatement], unpriced: Sequence[UnpricedIndex]) -> Iterator[SkippedStatement]:
    """Their statements, each with its reason."""
    texts = {one.statement.id: one.statement.text for one in read}
    for index in unpriced:
        reason = f"{index.reason}: {index.ddl}" if index.ddl else index.reason
        yield SkippedStatement(id=index.statement, text=texts[index.statement], reason=reason)


def constants_untold(statements: Sequence[str]) -> str:
    """statements: whose constants were drawn."""
    return (
        "which indexes rest on constants that were drawn: there was no time to search with others; give a longer"
        f" --time-budget: statements {', '.join(statements)}"
    )


def notes(
    drawn: int, generic: Sequence[str], pool: CandidatePool, writers: Sequence[str], *, knows_writes: bool
) -> tuple[str, ...]:
    """drawn: how many statements were planned with constants from the statistics. generic: those that were planned
    whatever their parameters. writers: those of a file that write, which nobody counted. knows_writes: or counts none.
    """
    found = []
    if drawn:
        found.append(
            f"the constants of {drawn} statements, whose texts are on record without them: typical ones stand for them,"
            " from the statistics of the columns, and no partial index can follow from them"
        )
    if writers:
        found.append(
            "how often each statement of a file runs: each is taken to run as often as any other, and those that write"
            f" to write one row each: statements {', '.join(writers)}"
        )
    if generic:
        found.append(f"constants in place of $n: planned whatever the parameters were statements {', '.join(generic)}")
    if pool.untried:
        many = len(pool.untried) + len(pool.designs)
        found.append(f"time to try {len(pool.untried)} of {many} indexes: give a longer --time-budget")
    if not knows_writes:
        found.append(_NO_WRITES)
    return tuple(found)
