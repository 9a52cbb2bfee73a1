"""Gives the clone's relations the sizes and the statistics of the source's."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

import psycopg

from advisor.whatif.index.clone.database import Clone, Size, set_sizes
from advisor.whatif.index.clone.source import Blueprint, Row
from advisor.whatif.index.pricing.btree_size import StoredColumn
from advisor.whatif.index.pricing.index_size import levels_above

_PLACE = (("schemaname", "text"), ("relname", "text"), ("attname", "text"), ("inherited", "boolean"))
_STATISTICS = (
    ("null_frac", "real"),
    ("avg_width", "integer"),
    ("n_distinct", "real"),
    ("most_common_vals", "text"),
    ("most_common_freqs", "real[]"),
    ("histogram_bounds", "text"),
    ("correlation", "real"),
    ("most_common_elems", "text"),
    ("most_common_elem_freqs", "real[]"),
    ("elem_count_histogram", "real[]"),
    ("range_length_histogram", "text"),
    ("range_empty_frac", "real"),
    ("range_bounds_histogram", "text"),
)
_UNKNOWN_WIDTH = 16.0
_SMALLEST_TREE = 2  # pages: one that tells of the tree, and its root


def tree_heights(blueprint: Blueprint) -> Mapping[int, int]:
    """Of every B-tree with entries, by its oid: what its size and the width of its keys allow."""
    widths = {
        (row["schemaname"], row["relname"], row["attname"]): float(row["avg_width"]) for row in blueprint.statistics
    }
    tables = {row["oid"]: row["name"] for row in blueprint.relations}
    found: dict[int, int] = {}
    for row in blueprint.indexes:
        if row["access_method"] != "btree" or row["blocks"] < _SMALLEST_TREE:
            continue
        places = ((row["schema"], row["name"]), (row["schema"], tables[row["table_oid"]]))
        known = [[widths[(*place, key)] for place in places if (*place, key) in widths] for key in row["keys"]]
        key_bytes = sum(width[0] if width else _UNKNOWN_WIDTH for width in known)
        found[row["oid"]] = levels_above(row["blocks"] - 1, (StoredColumn(width_bytes=key_bytes),))
    return found


def restore_sizes(clone: Clone, blueprint: Blueprint, only: Collection[int] | None = None) -> None:
    """only: these tables and indexes, by the source's oid; all of them if not given."""
    heights = tree_heights(blueprint)
    rows = [row for row in (*blueprint.relations, *blueprint.indexes) if only is None or row["oid"] in only]
    for batch in clone.batches(rows):
        found = clone.oids_of([(row["schema"], row["name"]) for row in batch])
        there = [(oid, row) for oid, row in zip(found, batch, strict=True) if oid]
        set_sizes(clone, [Size(oid, row["rows"], row["pages"], row.get("visible_pages", 0)) for oid, row in there])
        for oid, row in there:
            if row["oid"] in heights:
                clone.file_of(oid).become_btree(row["blocks"], heights[row["oid"]])
            elif row["blocks"]:
                clone.file_of(oid).lengthen(row["blocks"])


def clear_statistics(clone: Clone, rows: Iterable[Row]) -> None:
    """What is restored over older statistics leaves those that are not given as they were."""
    text = "SELECT pg_clear_attribute_stats(%(schemaname)s, %(relname)s, %(attname)s, %(inherited)s)"
    for row in rows:
        with suppress(psycopg.Error):  # of an index that is gone
            clone.connection.execute(text.encode(), row)


def restore_statistics(clone: Clone, rows: Iterable[Row], version: int) -> None:
    """version: of the server that they are of."""
    columns = ", ".join(f"{name} {kind}" for name, kind in (*_PLACE, *_STATISTICS))
    pairs = ", ".join(f"'{name}', r.{name}" for name, _ in (*_PLACE, *_STATISTICS))
    call = f"pg_restore_attribute_stats({pairs}, 'version', {version})"
    text = f"SELECT {call} FROM jsonb_to_recordset(%s::jsonb) r ({columns})"  # noqa: S608 - names of our own
    for batch in clone.batches(list(rows)):
        try:
            clone.connection.execute(text.encode(), (_as_json(batch),))
        except psycopg.Error:
            _restore_one_by_one(clone, text, batch)


def _restore_one_by_one(clone: Clone, text: str, rows: Iterable[Row]) -> None:
    for row in rows:
        try:
            clone.connection.execute(text.encode(), (_as_json([row]),))
        except psycopg.Error:
            if clone.oids_of([(row["schemaname"], row["relname"])])[0]:  # else it was said that it did not come along
                clone.missing.append(f"statistics of {row['relname']}.{row['attname']}")


def _as_json(rows: Sequence[Row]) -> str:
    names = [name for name, _ in (*_PLACE, *_STATISTICS)]
    return json.dumps([{name: row.get(name) for name in names} for row in rows], ensure_ascii=False)
