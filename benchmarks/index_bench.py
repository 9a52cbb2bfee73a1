"""What the benchmarks of index advice share: one database and one workload, searched, priced, built and run."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
import reference_searches

from advisor.model.database.index_advice import WorkloadStatement
from advisor.model.database.index_design import IndexDesign
from advisor.servers.postgres import PostgresServer
from advisor.sql.index_ddl import create_statement
from advisor.sql.shape import is_plannable
from advisor.whatif.index.advice import IndexAdviser, Limits
from advisor.whatif.index.catalogue.combinations import with_combinations
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.catalogue.tables import Catalogue
from advisor.whatif.index.planners import PlannerChoice
from advisor.whatif.index.pricing.hypopg import HypopgPricing
from advisor.whatif.index.pricing.planner_port import Pricing
from advisor.whatif.index.search.costs import WorkloadQuery
from advisor.whatif.index.search.ways import query_of
from advisor.whatif.index.search.workload import ReadStatement, read_all
from advisor.wiring.clone import clone_server

TIMEOUT_SECONDS = 60
SLOWER = 1.1
_TURNS, _SHORT_TURNS, _SHORT_SECONDS = 5, 15, 1.0
_SEARCHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one search found, and what that took."""

    search: str
    ratio: float
    largest_ratio: float
    total_cut: float
    indexes: int
    megabytes: float
    wall_seconds: float
    cpu_seconds: float
    what_if_calls: int

    def __str__(self) -> str:
        return (
            f"{self.search:<22} {self.ratio:7.3f} {self.largest_ratio:7.3f} {self.total_cut:8.2%} {self.indexes:4d}"
            f" {self.megabytes:7.1f} {self.wall_seconds:7.2f} {self.cpu_seconds:7.2f} {self.what_if_calls:6d}"
        )


HEADING = (
    f"{'search':<22} {'ratio':>7} {'worst':>7} {'cut':>8} {'n':>4} {'MB':>7} {'wall s':>7} {'cpu s':>7} {'calls':>6}"
)


@dataclass(slots=True)
class Bench:
    """One database and one workload. missed: takes up, in words, what went wrong."""

    dsn: str
    statements: Sequence[WorkloadStatement]
    storage_bytes: int
    missed: list[str]

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.dsn, autocommit=True, prepare_threshold=None) as connection:
            yield connection

    def ours(self, planner: str, name: str, searches: int = _SEARCHES) -> tuple[Line, tuple[IndexDesign, ...]]:
        """Of some searches the one of middle duration, of two the longer."""
        found = sorted((self.searched(planner, name) for _ in range(searches)), key=lambda one: one[0].wall_seconds)
        if len({designs for _, designs in found}) > 1:
            self.missed.append(f"{name}: not the same answer every time")
        return found[searches // 2]

    def searched(self, planner: str, name: str) -> tuple[Line, tuple[IndexDesign, ...]]:
        is_plannable("SELECT")  # what a process does once, to load the parser, is no part of a search
        with ExitStack() as stack:
            connection = stack.enter_context(self.connection())
            choice = PlannerChoice(connection, stack, planner, clone_server)
            watch = Watch(connection)
            limits = Limits(storage_bytes=self.storage_bytes)
            advice = IndexAdviser(connection, time.monotonic, choice.pricing, limits).advise(self.statements)
            watch.stop()
        designs = tuple(suggestion.design for suggestion in advice.indexes)
        return self.line(name, designs, watch, advice.what_if_calls), designs

    def reference(self, name: str, seconds: float = 0.0) -> tuple[Line, tuple[IndexDesign, ...]]:
        """Extend or DB2Advis, reading included as in ours."""
        with self.connection() as connection:
            watch = Watch(connection)
            catalogue, read = self.read(connection)
            queries = [query_of(one, catalogue.tables) for one in read]
            rows = {name: facts.rows for name, facts in catalogue.tables.items()}
            wanted = {one.statement.id: reference_searches.candidates(one.shape.accesses, rows) for one in read}
            costs = reference_searches.CachedCosts(HypopgPricing(connection, catalogue, charges_descents=False))
            if name == "Extend":
                every = list(dict.fromkeys(design for designs in wanted.values() for design in designs))
                chosen = reference_searches.extend(queries, every, costs, self.storage_bytes)
            else:
                chosen = reference_searches.db2advis(queries, wanted, costs, self.storage_bytes, seconds)
            watch.stop()
        designs = tuple(sorted(chosen))
        return self.line(f"{name} {seconds:.0f} s" if seconds else name, designs, watch, costs.calls), designs

    def read(self, connection: psycopg.Connection[Any]) -> tuple[Catalogue, list[ReadStatement]]:
        names = read_relations(connection)
        read, _ = read_all(self.statements, names.relations)
        tables = read_tables(connection, {name for one in read for name in one.shape.tables})
        tables = with_combinations(tables, [one.shape for one in read])
        return replace(names, tables=tables), read

    def line(self, name: str, designs: Sequence[IndexDesign], watch: "Watch", calls: int) -> Line:
        """Priced anew, by HypoPG, whatever the search itself believed; by a clone where HypoPG knows no such index."""
        with ExitStack() as stack:
            connection = stack.enter_context(self.connection())
            catalogue, read = self.read(connection)
            pricing: Pricing = HypopgPricing(connection, catalogue, charges_descents=False)  # as published figures are
            if pricing.offer(designs):
                pricing = PlannerChoice(connection, stack, "clone", clone_server).pricing(catalogue, {})
                pricing.offer(designs)
            queries: list[WorkloadQuery] = [query_of(one, catalogue.tables) for one in read]
            before = [pricing.plan(query.text, frozenset(), query.tables).cost for query in queries]
            after = [pricing.plan(query.text, frozenset(designs), query.tables).cost for query in queries]
            size = sum(pricing.size_bytes(design) for design in designs)
        ratios = [new / old for new, old in zip(after, before, strict=True)]
        return Line(
            search=name,
            ratio=math.exp(math.fsum(math.log(ratio) for ratio in ratios) / len(ratios)),
            largest_ratio=max(ratios),
            total_cut=1 - sum(after) / sum(before),
            indexes=len(designs),
            megabytes=size / 1e6,
            wall_seconds=watch.wall,
            cpu_seconds=watch.cpu,
            what_if_calls=calls,
        )


class Watch:
    """Wall and CPU time from now on, the backend's CPU time included (the server runs on this machine)."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._backend = connection.info.backend_pid
        self._wall, self._cpu = time.monotonic(), self._spent()
        self.wall = self.cpu = 0.0

    def stop(self) -> None:
        self.wall, self.cpu = time.monotonic() - self._wall, self._spent() - self._cpu

    def _spent(self) -> float:
        fields = Path(f"/proc/{self._backend}/stat").read_text().rpartition(") ")[2].split()
        return time.process_time() + (int(fields[11]) + int(fields[12])) / 100


def passes(
    dsns: Sequence[str], statements: Sequence[WorkloadStatement], turns: int = _TURNS, short_turns: int = _SHORT_TURNS
) -> list[list[float]]:
    """The median of some runs of each statement on each database.

    In turns, so that what else the machine does falls on all of them. The databases share one server's buffers: a
    short statement runs twice in a row in each turn, and the second counts, as it finds what it needs like in a
    database that is in use; and in more turns, as noise is a larger share of it. The quickest run would not do: of a
    statement with parallel workers it is the one in which they happened to find a processor each. How many turns there
    are is fixed by one run before, on the first database. What is cut off counts its time-out, and is not tried again.
    """
    found: list[list[float]] = [[] for _ in dsns]
    with ExitStack() as stack:
        connections = [stack.enter_context(psycopg.connect(dsn, autocommit=True)) for dsn in dsns]
        for connection in connections:
            connection.execute(f"SET statement_timeout = '{TIMEOUT_SECONDS}s'")
        for statement in statements:
            first = one_run(connections[0], statement.text)
            is_short, is_cut_off = first < _SHORT_SECONDS, first >= TIMEOUT_SECONDS
            times: list[list[float]] = [[first] if is_cut_off and not number else [] for number in range(len(dsns))]
            for _ in range(short_turns if is_short else turns):
                for runs, connection in zip(times, connections, strict=True):
                    if TIMEOUT_SECONDS in runs:
                        continue
                    if is_short:
                        one_run(connection, statement.text)
                    runs.append(one_run(connection, statement.text))
            for medians, runs in zip(found, times, strict=True):
                medians.append(median(runs))
    return found


def one_run(connection: psycopg.Connection[Any], text: str) -> float:
    began = time.monotonic()
    try:
        connection.execute(text.encode()).fetchall()
    except psycopg.errors.QueryCanceled:
        return float(TIMEOUT_SECONDS)
    return time.monotonic() - began


def build(dsn: str, designs: Sequence[IndexDesign]) -> int:
    """Build them for real; their bytes. The statistics stay as they were, so that no other sample decides between two
    sets, but for tables with an index on an expression, which only ANALYZE learns about."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for design in designs:
            connection.execute(create_statement(design, concurrently=False).encode())
        connection.execute("VACUUM")
        for table in sorted({one.table for one in designs if any(key.is_expression for key in one.keys)}):
            connection.execute(f'ANALYZE "{table}"'.encode())
        names = [design.name for design in designs]
        found = connection.execute(  # of a partitioned table, the index of each part
            "SELECT sum(pg_relation_size(coalesce(p.relid, n::regclass))) FROM unnest(%s::text[]) n"
            " LEFT JOIN pg_partition_tree(n::regclass) p ON true",
            (names,),
        )
        return int((found.fetchone() or [0])[0] or 0)


def database(server: PostgresServer, name: str, template: str = "template0") -> str:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return server.dsn_of(name)


def numbered(texts: Sequence[str]) -> list[WorkloadStatement]:
    return [WorkloadStatement(id=str(number), text=text) for number, text in enumerate(texts, 1)]
