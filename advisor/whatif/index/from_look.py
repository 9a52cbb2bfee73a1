"""The workload of a look at a database: what the report, the daemon and `advisor indexes` all advise on. Pure."""

from collections import Counter
from collections.abc import Sequence

from advisor.model.database.index_advice import WorkloadStatement
from advisor.model.database.workload import DatabaseState, Statement


def workload_of(look: DatabaseState, statements: Sequence[Statement]) -> tuple[WorkloadStatement, ...]:
    """statements: those of `look` that are meant. A text that has several numbers may have run on the tables of several
    schemas: then the paths of the roles prove nothing."""
    numbers = Counter(one.text for one in look.statements)
    return tuple(
        WorkloadStatement(
            id=one.queryid,
            text=one.seen_text or one.text,
            calls=one.calls,
            rows_a_call=one.rows_per_call if one.calls > 0 else None,
            load=one.total_seconds / max(1.0, look.window_seconds),
            search_paths=one.search_paths if numbers[one.text] == 1 else (),
        )
        for one in statements
    )
