"""Extended statistics (CREATE STATISTICS) in the clone.

PostgreSQL 18 has no function that restores them, and the types' own input refuses every value. Underneath they are
bytes, and the clone is ours: its superuser makes a cast from bytes and writes the catalogue.
"""

from collections.abc import Iterable, Sequence

import psycopg

from advisor.whatif.index.clone.database import Clone, place
from advisor.whatif.index.clone.source import Blueprint, Row

# Of pg_statistic_ext.stxkind, the catalogue's column, and its type.
_KINDS = {
    "d": ("n_distinct", "pg_ndistinct", "distinct values"),
    "f": ("dependencies", "pg_dependencies", "dependencies"),
    "m": ("common", "pg_mcv_list", "common values"),
}


def build_extended(clone: Clone, blueprint: Blueprint) -> None:
    """The objects, still without data."""
    if blueprint.extended:
        for _, type_name, _ in _KINDS.values():
            clone.try_to(f"CREATE CAST (bytea AS {type_name}) WITHOUT FUNCTION", f"statistics of type {type_name}")
    for row in blueprint.extended:
        clone.try_to(row["definition"], f"extended statistics {row['name']}")


def restore_extended(clone: Clone, blueprint: Blueprint, known: Sequence[Row] = ()) -> None:
    """Their data. known: what the clone has already."""
    before = {(row["oid"], row["inherited"]): row for row in known}
    by_oid: dict[int, list[Row]] = {}
    for data in blueprint.extended_data:
        by_oid.setdefault(data["oid"], []).append(data)
    for row in blueprint.extended:
        found = by_oid.get(row["oid"], [])
        changed = [data for data in found if before.get((data["oid"], data["inherited"])) != data]
        if changed:
            _restore(clone, row, changed)
        if not known:
            clone.missing += _missing(row, found)


def _restore(clone: Clone, row: Row, data: Iterable[Row]) -> None:
    name = place(row["schema"], row["name"])
    own = clone.connection.execute(
        "SELECT s.oid::bigint, s.stxkeys::text FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace"
        " WHERE n.nspname = %s AND s.stxname = %s",
        (row["schema"], row["name"]),
    ).fetchone()
    if own is None:
        return
    if own[1] != row["keys"]:  # a partition that was attached with its columns in another order
        clone.missing.append(f"extended statistics {name}: its columns have other numbers here")
        return
    for one in data:
        values = {**one, "oid": own[0]}
        try:
            clone.connection.execute(
                "DELETE FROM pg_statistic_ext_data WHERE stxoid = %(oid)s::oid AND stxdinherit = %(inherited)s", values
            )
            clone.connection.execute(
                "INSERT INTO pg_statistic_ext_data"
                " (stxoid, stxdinherit, stxdndistinct, stxddependencies, stxdmcv) VALUES (%(oid)s::oid, %(inherited)s,"
                " %(n_distinct)s::bytea::pg_ndistinct, %(dependencies)s::bytea::pg_dependencies,"
                " %(common)s::bytea::pg_mcv_list)",
                values,
            )
        except psycopg.Error:
            clone.missing.append(f"extended statistics {name}")


def _missing(row: Row, data: Sequence[Row]) -> Iterable[str]:
    """What this server does not tell, or the clone cannot be told."""
    if "e" in row["kinds"]:
        yield f"extended statistics {row['name']}: those of expressions"
    if not row["is_readable"] and (not data or "m" in row["kinds"]):
        what = "common values, which" if data else "only its owner and"
        yield f"extended statistics {row['name']}: {what} pg_read_all_data may read"
