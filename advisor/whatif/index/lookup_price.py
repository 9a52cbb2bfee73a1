"""What one look-up of an index costs when a plan makes many of them. Pure; in the planner's units.

Two prices, and the dearer holds.

Cold, as Postgres' own formula has it (costsize.c, index_pages_fetched: L. F. Mackert, G. M. Lohman, "Index Scans Using
a Finite LRU Buffer: A Validated I/O Model", TODS 14(3), 1989): each page that is read costs random_page_cost, and
effective_cache_size says how many stay; but over the look-ups that are really made.

Warm, where the operating system has every page: what shared_buffers cannot hold is read again and again, by the same
formula. Measured on PostgreSQL 15 with 128 MB of shared_buffers and a table of 276 MB, by CPU time of one process: 3,000,
12,000 and 60,000 look-ups of 30 scattered rows each read 51,832, 193,043 and 945,071 pages (the formula: 51,464, 190,198
and 930,600), at 4.2 microseconds a page; one found in shared_buffers took 0.25; a unit of a sequential scan 3.5.
"""

from dataclasses import dataclass

from advisor.whatif.index.catalogue import Memory

_NEAR, _FAR, _READ = 0.07, 0.27, 0.67
_PROCESSOR_PAGES = 1024.0
_ROW = 0.01 + 0.005 + 0.0025  # cpu_tuple_cost, cpu_index_tuple_cost and cpu_operator_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """times: how often it is made, by all processes together, 1 at least. rows: that one finds by the index, filtered
    or not. heap_visits and leaf_visits: pages that one visits. levels: of the tree above the leaves."""

    times: float
    rows: float
    heap_visits: float
    leaf_visits: float
    table_pages: float
    index_pages: float
    levels: int = 2


def share_in_memory(pages: float, memory: Memory) -> float:
    """Of all that a plan reads, what the operating system has."""
    return min(1.0, memory.cache_pages / max(1.0, pages))


def price(lookup: Lookup, memory: Memory) -> float:
    """Of one, on average."""
    total = max(1.0, lookup.table_pages + lookup.index_pages)
    cached = share_in_memory(total, memory)
    read = cached * _READ + (1 - cached) * max(_READ, memory.random_page_cost)
    cost = _NEAR * lookup.levels + _ROW * lookup.rows
    for visits, pages in ((lookup.heap_visits, lookup.table_pages), (lookup.leaf_visits, lookup.index_pages)):
        # Each file has the share of a room that it is of the two, as Postgres reckons.
        share, made = pages / total, visits * lookup.times
        far = pages_fetched(made, max(1.0, pages), _PROCESSOR_PAGES * share)
        reads = pages_fetched(made, max(1.0, pages), memory.buffer_pages * share)
        cost += _NEAR * visits + (_FAR * far + read * reads) / lookup.times
    return cost


def pages_fetched(visits: float, pages: float, room: float) -> float:
    """Mackert and Lohman: reads for so many visits to a file of `pages`, of which `room` stay in memory."""
    reads = 2 * pages * visits / (2 * pages + visits)
    if pages <= room:
        return min(reads, pages)
    room = max(1.0, room)
    limit = 2 * pages * room / (2 * pages - room)
    return reads if visits <= limit else room + (visits - limit) * (pages - room) / pages
