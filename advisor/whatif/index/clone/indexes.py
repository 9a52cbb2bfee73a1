"""The indexes that the source has, made in the clone while its tables are empty."""

from collections.abc import Iterator, Mapping, Sequence

from advisor.sql.identifier import quoted
from advisor.whatif.index.clone.database import Clone, place
from advisor.whatif.index.clone.source import Blueprint, Row


def build_indexes(clone: Clone, blueprint: Blueprint) -> None:
    """Constraints with theirs first; then those that stand alone, those of a whole before those of its partitions."""
    tables = {row["oid"]: place(row["schema"], row["name"]) for row in blueprint.relations}
    constraints = []
    for row in blueprint.constraints:
        # A foreign key would be checked by a query, and planning it would leave pages in memory that change later.
        unchecked = " NOT VALID" if row["kind"] == "f" and not row["definition"].endswith("NOT VALID") else ""
        text = f"ALTER TABLE {tables[row['oid']]} ADD CONSTRAINT {quoted(row['name'])} {row['definition']}{unchecked}"
        constraints.append((text, f"constraint {row['name']}"))
    clone.try_all(constraints)
    by_constraint = {row["index_oid"] for row in blueprint.constraints if row["kind"] in "pu"}
    known = {row["oid"]: row for row in blueprint.indexes}
    left = [row for row in blueprint.indexes if row["oid"] not in by_constraint]
    while left:
        waiting = {row["oid"] for row in left}
        clone.try_all(list(_steps(clone, [row for row in left if row["parent_oid"] not in waiting], known, tables)))
        left = [row for row in left if row["parent_oid"] in waiting]


def _steps(
    clone: Clone, rows: Sequence[Row], known: Mapping[int, Row], tables: Mapping[int, str]
) -> Iterator[tuple[str, str]]:
    """How each is made once those of the whole are there, and what it is."""
    there = _children(clone)
    for row in rows:
        parent = known.get(row["parent_oid"])
        if parent is None:
            yield row["definition"], f"index {row['name']}"
        elif (child := there.get((_of(parent), tables[row["table_oid"]]))) is None:
            attached = f"ALTER INDEX {_of(parent)} ATTACH PARTITION {_of(row)}"
            yield f"{row['definition']}; {attached}", f"index {row['name']} as a part of {parent['name']}"
        elif child[1] != row["name"]:
            yield f"ALTER INDEX {place(*child)} RENAME TO {quoted(row['name'])}", f"index {row['name']}"


def _children(clone: Clone) -> Mapping[tuple[str, str], tuple[str, str]]:
    """What backs a constraint of the whole was made on each partition with it: by the whole's index and the
    partition."""
    found = clone.connection.execute(
        "SELECT pn.nspname, p.relname, tn.nspname, t.relname, n.nspname, c.relname FROM pg_inherits h"
        " JOIN pg_index i ON i.indexrelid = h.inhrelid JOIN pg_class c ON c.oid = h.inhrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class p ON p.oid = h.inhparent"
        " JOIN pg_namespace pn ON pn.oid = p.relnamespace JOIN pg_class t ON t.oid = i.indrelid"
        " JOIN pg_namespace tn ON tn.oid = t.relnamespace"
    ).fetchall()
    return {(place(*row[:2]), place(*row[2:4])): (row[4], row[5]) for row in found}


def _of(row: Row) -> str:
    return place(row["schema"], row["name"])
