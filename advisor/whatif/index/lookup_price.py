"""What one look-up of an index costs when a plan makes many of them and memory has what they read. Pure.

In units of the planner, of which one took 3.5 microseconds of CPU time in a sequential scan. How many pages are fetched
anew, though they were visited before, is Postgres' own formula (costsize.c, index_pages_fetched: L. F. Mackert, G. M.
Lohman, "Index Scans Using a Finite LRU Buffer: A Validated I/O Model", TODS 14(3), 1989), but over the look-ups that
the plan makes, and asked of three rooms: the processor's cache, shared_buffers, and effective_cache_size.

Measured on PostgreSQL 15 in one process, 128 MB of shared_buffers, a table of 276 MB on 33,744 pages in memory: 3,000,
12,000 and 60,000 look-ups of 30 scattered rows each read 51,832, 193,043 and 945,071 pages, index included (the formula
says for the table alone: 51,530, 190,080 and 931,329), and took 2.4 microseconds a row; 450,000 look-ups in a table of
134 pages 0.73 each; look-ups of four rows side by side 4.5 to 6.3 each, 0.65 pages read anew. That comes to a quarter
of a microsecond for any page visited, one more where the processor's cache has lost it, 2.35 more where shared_buffers
have. Against measured plans of TPC-H whole costs so found were between 40% too low and 25% too high.
"""

from dataclasses import dataclass

from advisor.whatif.index.catalogue import Memory

_UNIT_MICROSECONDS = 3.5
_NEAR, _FAR, _READ = 0.25 / _UNIT_MICROSECONDS, 0.95 / _UNIT_MICROSECONDS, 2.35 / _UNIT_MICROSECONDS
_PROCESSOR_PAGES = 1024.0  # 8 MB, a small share of a server's last-level cache
_ROW = 0.01 + 0.005 + 0.0025  # cpu_tuple_cost, cpu_index_tuple_cost and cpu_operator_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What is looked up.

    times: how often, by all processes together, 1 at least. rows: that one look-up finds by the index, filtered or not.
    heap_visits and leaf_visits: pages that one visits. levels: of the tree above its leaves.
    """

    times: float
    rows: float
    heap_visits: float
    leaf_visits: float
    table_pages: float
    index_pages: float
    levels: int = 2


def price(lookup: Lookup, memory: Memory) -> float:
    """Of one, on average; what effective_cache_size has no room for costs random_page_cost."""
    total = max(1.0, lookup.table_pages + lookup.index_pages)
    cached = min(1.0, memory.cache_pages / total)
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
