"""The indexes that the source has, made in the clone while its tables are empty."""

from advisor.sql.identifier import quoted
from advisor.whatif.index.clone.database import Clone, place
from advisor.whatif.index.clone.source import Blueprint, Row


def build_indexes(clone: Clone, blueprint: Blueprint) -> None:
    """Constraints with theirs first; then those that stand alone, those of a whole before those of its partitions."""
    tables = {row["oid"]: place(row["schema"], row["name"]) for row in blueprint.relations}
    for row in blueprint.constraints:
        # A foreign key would be checked by a query, and planning it would leave pages in memory that change later.
        unchecked = " NOT VALID" if row["kind"] == "f" and not row["definition"].endswith("NOT VALID") else ""
        text = f"ALTER TABLE {tables[row['oid']]} ADD CONSTRAINT {quoted(row['name'])} {row['definition']}{unchecked}"
        clone.try_to(text, f"constraint {row['name']}")
    by_constraint = {row["index_oid"] for row in blueprint.constraints if row["kind"] in "pu"}
    known = {row["oid"]: row for row in blueprint.indexes}
    for row in blueprint.indexes:
        if row["oid"] in by_constraint:
            continue
        parent = known.get(row["parent_oid"])
        if parent is not None and _came_along(clone, parent, row, tables[row["table_oid"]]):
            by_constraint.add(row["oid"])
        elif clone.try_to(row["definition"], f"index {row['name']}") and parent is not None:
            attached = f"ALTER INDEX {_of(parent)} ATTACH PARTITION {_of(row)}"
            clone.try_to(attached, f"index {row['name']} as a part of {parent['name']}")


def _came_along(clone: Clone, parent: Row, child: Row, table: str) -> bool:
    """What backs a constraint of the whole was made on each partition with it; here it gets the name it has."""
    found = clone.connection.execute(
        "SELECT n.nspname, c.relname FROM pg_inherits h JOIN pg_index i ON i.indexrelid = h.inhrelid"
        " JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE h.inhparent = to_regclass(%s) AND i.indrelid = to_regclass(%s)",
        (_of(parent), table),
    ).fetchone()
    if found is None:
        return False
    if found[1] != child["name"]:
        clone.try_to(f"ALTER INDEX {place(*found)} RENAME TO {quoted(child['name'])}", f"index {child['name']}")
    return True


def _of(row: Row) -> str:
    return place(row["schema"], row["name"])
