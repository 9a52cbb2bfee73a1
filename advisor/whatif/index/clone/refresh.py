"""Brings a clone up to date by what has changed in its source since: sizes, statistics, single indexes, settings.

Whatever else changes (a column, a type, a constraint, an extension, one more table) takes a new clone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.sql.relations import TableName
from advisor.whatif.index.clone.build import apply_settings
from advisor.whatif.index.clone.database import TRIED, Clone, Leaves, place
from advisor.whatif.index.clone.extended_statistics import restore_extended
from advisor.whatif.index.clone.source import Blueprint, Row
from advisor.whatif.index.clone.statistics import clear_statistics, restore_sizes, restore_statistics, tree_heights

_SIZES = {"rows", "pages", "visible_pages", "blocks"}


def refresh(clone: Clone, known: Blueprint, wanted: Blueprint) -> bool:
    """Whether it could be done; False leaves the clone as it was. clone: by a connection that has planned nothing yet,
    for another one remembers how long files were."""
    dropped, added = _changed_indexes(known, wanted)
    if _shape(known) != _shape(wanted) or any(not _stands_alone(row) for row in [*dropped, *added]):
        return False
    _drop_tried(clone)
    for row in dropped:
        clone.try_to(f"DROP INDEX IF EXISTS {place(row['schema'], row['name'])}", f"index {row['name']}")
    for row in added:
        _on_empty_table(clone, row, wanted, row["definition"])
    regrown = _regrown(known, wanted)
    for row in regrown:
        # The server has the old meta page in memory; an index that is made anew has another file.
        _on_empty_table(clone, row, wanted, f"REINDEX INDEX {place(row['schema'], row['name'])}")
        clone.forget_files()
    restore_sizes(clone, wanted, _resized(known, wanted) | {row["oid"] for row in [*added, *regrown]})
    before = {_statistic(row): row for row in known.statistics}
    after = {_statistic(row): row for row in wanted.statistics}
    stale = [row for key, row in before.items() if after.get(key) != row]
    clear_statistics(clone, stale)
    restore_statistics(clone, [row for key, row in after.items() if before.get(key) != row], wanted.version)
    restore_extended(clone, wanted, known.extended_data)
    apply_settings(clone, wanted)
    return True


def _shape(blueprint: Blueprint) -> Sequence[Any]:
    """All that takes a new clone when it changes."""
    return (
        blueprint.version,
        blueprint.extensions,
        blueprint.views,
        blueprint.sorts_by_byte,
        blueprint.types,
        [_definition(row) for row in blueprint.relations],
        blueprint.columns,
        blueprint.constraints,
        blueprint.extended,
    )


def _definition(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _SIZES}


def _changed_indexes(known: Blueprint, wanted: Blueprint) -> tuple[list[Row], list[Row]]:
    """Those that are gone, and those that are new."""
    before = {row["oid"]: _definition(row) for row in known.indexes}
    after = {row["oid"]: _definition(row) for row in wanted.indexes}
    return (
        [row for oid, row in before.items() if after.get(oid) != row],
        [row for oid, row in after.items() if before.get(oid) != row],
    )


def _stands_alone(row: Row) -> bool:
    return not row["of_constraint"] and row["parent_oid"] is None and not row["is_partitioned"]


def _resized(known: Blueprint, wanted: Blueprint) -> set[int]:
    def sizes(blueprint: Blueprint) -> Mapping[int, Sequence[Any]]:
        rows = [*blueprint.relations, *blueprint.indexes]
        return {row["oid"]: [row.get(name) for name in sorted(_SIZES)] for row in rows}

    before = sizes(known)
    return {oid for oid, found in sizes(wanted).items() if before.get(oid) != found}


def _regrown(known: Blueprint, wanted: Blueprint) -> list[Row]:
    """B-trees that have more levels than before, or fewer."""
    before, after = tree_heights(known), tree_heights(wanted)
    return [row for row in wanted.indexes if row["oid"] in before and after.get(row["oid"]) != before[row["oid"]]]


def _statistic(row: Row) -> tuple[Any, ...]:
    return row["schemaname"], row["relname"], row["attname"], row["inherited"]


def _drop_tried(clone: Clone) -> None:
    """What an earlier search left."""
    found = clone.connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'i' AND starts_with(c.relname, %s)",
        (TRIED,),
    ).fetchall()
    if found:
        clone.connection.execute(f"DROP INDEX {', '.join(place(*name) for name in found)}".encode())


def _on_empty_table(clone: Clone, row: Row, wanted: Blueprint, text: str) -> None:
    """Make an index by `text`, which takes no time on a table without a page."""
    table = next(one for one in wanted.relations if one["oid"] == row["table_oid"])
    leaf = Leaves(clone, [TableName(table["schema"], table["name"])])
    leaf.empty()
    clone.try_to(text, f"index {row['name']}")
    leaf.fill()
