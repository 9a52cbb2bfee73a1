"""Gives the clone's relations the sizes and the statistics of the source's."""

from collections.abc import Collection, Iterable
from contextlib import suppress

import psycopg

from advisor.whatif.index.clone_database import Clone, set_size
from advisor.whatif.index.clone_source import Blueprint, Row
from advisor.whatif.index.index_size import levels_above

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


def restore_sizes(clone: Clone, blueprint: Blueprint, only: Collection[int] | None = None) -> None:
    """only: these tables and indexes, by the source's oid; all of them if not given."""
    widths = {
        (row["schemaname"], row["relname"], row["attname"]): float(row["avg_width"]) for row in blueprint.statistics
    }
    tables = {row["oid"]: row["name"] for row in blueprint.relations}
    for row in blueprint.relations:
        if only is None or row["oid"] in only:
            _restore_size(clone, row)
    for row in blueprint.indexes:
        if only is not None and row["oid"] not in only:
            continue
        table = tables[row["table_oid"]]
        keys = [
            widths.get((row["schema"], row["name"], key)) or widths.get((row["schema"], table, key), _UNKNOWN_WIDTH)
            for key in row["keys"]
        ]
        _restore_size(clone, row, sum(keys) if row["access_method"] == "btree" else None)


def _restore_size(clone: Clone, row: Row, key_bytes: float | None = None) -> None:
    """key_bytes: of an entry of a B-tree, None for anything else."""
    oid = clone.oid_of(row["schema"], row["name"])
    if not oid:
        return
    set_size(clone, oid, rows=row["rows"], pages=row["pages"], visible_pages=row.get("visible_pages", 0))
    blocks = row["blocks"]
    if key_bytes is not None and blocks > 1:
        clone.file_of(oid).become_btree(blocks, levels_above(blocks - 1, key_bytes))
    elif blocks:
        clone.file_of(oid).lengthen(blocks)


def clear_statistics(clone: Clone, rows: Iterable[Row]) -> None:
    """What is restored over older statistics leaves those that are not given as they were."""
    text = "SELECT pg_clear_attribute_stats(%(schemaname)s, %(relname)s, %(attname)s, %(inherited)s)"
    for row in rows:
        with suppress(psycopg.Error):  # of an index that is gone
            clone.connection.execute(text.encode(), row)


def restore_statistics(clone: Clone, rows: Iterable[Row], version: int) -> None:
    """version: of the server that they are of."""
    for row in rows:
        given = [(name, kind) for name, kind in _STATISTICS if row.get(name) is not None]
        pairs = "".join(f", '{name}', %({name})s::{kind}" for name, kind in given)
        text = (
            "SELECT pg_restore_attribute_stats('schemaname', %(schemaname)s::text, 'relname', %(relname)s::text,"
            f" 'attname', %(attname)s::text, 'inherited', %(inherited)s::bool, 'version', {version}{pairs})"
        )
        try:
            clone.connection.execute(text.encode(), row)
        except psycopg.Error:
            clone.missing.append(f"statistics of {row['relname']}.{row['attname']}")
