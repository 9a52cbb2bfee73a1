"""Databases with one index too many."""

from advisor.model.database.workload import DatabaseState, Index
from advisor.testing.snapshots import a_database_state

MONTH_SECONDS = 31 * 86_400.0


def an_existing_index(name: str, keys: str, **changes: object) -> Index:
    """A B-tree of 50 MB on public.messages, read often, as far as it was counted, and not for a month."""
    given: dict[str, object] = {
        "schema": "public",
        "table": "messages",
        "name": name,
        "definition": f"CREATE INDEX {name} ON public.messages USING btree {keys}",
        "columns": tuple(keys.strip("()").split(", ")),
        "size_bytes": 50_000_000,
        "scans": 9,
        "is_valid": True,
        "is_unique": False,
        "backs_constraint": False,
        "idle_seconds": MONTH_SECONDS,
    }
    return Index(**{**given, **changes})  # type: ignore[arg-type]


def with_indexes(*indexes: Index) -> DatabaseState:
    return a_database_state(indexes=indexes)
