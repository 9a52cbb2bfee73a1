"""Index advice over a family of databases that differ in what applications differ in. Run by indexes.py --family.

Named before anything was tuned by it: half is for tuning, half only for reporting, and what is found there changes no
code. On each database, one after the other on one server: ours with HypoPG, ours with the clone, Extend and DB2Advis,
at the same budget of sizes as a build makes them (half of the tables' size); then all that they found is built, and
every statement runs on all in turns: medians, cut off after 60 s. What is known of a database is told and handed on as
it ends, so that a run that is cut off still tells of the others; one that fails is named and ends no other.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import index_schemas
import psycopg
import tpch
from index_bench import HEADING, SLOWER, TIMEOUT_SECONDS, Bench, Line, build, database, numbered, passes

from advisor.model.database.index_design import IndexDesign
from advisor.model.errors import AdvisorError
from advisor.servers import postgres
from advisor.servers.installation import with_hypopg
from advisor.servers.postgres import PostgresServer
from advisor.sql.index_ddl import create_statement

OURS, THEIRS = ("ours, HypoPG", "ours, clone"), ("Extend", "DB2Advis")
MEAN_BAR, EACH_BAR, SEARCH_SHARE_BAR, SIZE_BAR = 0.95, 1.05, 1 / 3, 0.15
_TURNS, _SHORT_TURNS = 3, 5
_SHORTEST_SECONDS = 1e-3  # what runs for less is not slower or quicker, but noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One database. half: tuning or reporting. load: fills it at a scale."""

    name: str
    half: str
    load: Callable[[str, float], None]
    statements: Sequence[str]


def _tpch(name: str, half: str, *changes: str) -> Member:
    return Member(name=name, half=half, load=partial(tpch.load, changes=changes), statements=tpch.queries())


def _of(name: str, half: str, schema: index_schemas.Schema) -> Member:
    return Member(name=name, half=half, load=schema.load, statements=schema.statements)


def family() -> list[Member]:
    bigint = tpch.keys_as("bigint", "{}")
    uuid, text = tpch.keys_as("uuid", "md5({}::text)::uuid"), tpch.keys_as("text", "'K-' || {}")
    return [
        _tpch("tpch_bigint_varchar", "tuning", *bigint, *tpch.fixed_as_varchar()),
        _tpch("tpch_int_char", "tuning"),
        _tpch("tpch_int_primary", "tuning", *tpch.PRIMARY_KEYS),
        _of("star", "tuning", index_schemas.STAR),
        _of("tenants", "tuning", index_schemas.TENANTS),
        _of("documents", "tuning", index_schemas.DOCUMENTS),
        _tpch("tpch_uuid", "reporting", *uuid),
        _tpch("tpch_text_primary", "reporting", *text, *tpch.PRIMARY_KEYS),
        _tpch("tpch_skewed", "reporting", *bigint, *tpch.SKEWED),
        _of("social", "reporting", index_schemas.SOCIAL),
        _of("time_series", "reporting", index_schemas.TIME_SERIES),
        _of("orm", "reporting", index_schemas.ORM),
    ]


@dataclass(slots=True, kw_only=True)
class Result:
    """Of one database. chosen: by search. times: seconds of each statement by search, "none" for no index. built: bytes
    by search."""

    member: Member
    budget_bytes: int
    lines: Mapping[str, Line]
    chosen: Mapping[str, Sequence[IndexDesign]] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)
    built: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def geomean(self, name: str) -> float:
        """Of the times beside those without an index."""
        pairs = zip(self.times[name], self.times["none"], strict=True)
        return _geomean([max(new, _SHORTEST_SECONDS) / max(old, _SHORTEST_SECONDS) for new, old in pairs])

    def beside_the_better(self, name: str) -> float:
        """Measured, 1 for as quick as the better of both published searches."""
        return self.geomean(name) / min(self.geomean(other) for other in THEIRS)

    def as_json(self) -> dict[str, Any]:
        return {
            "database": self.member.name,
            "half": self.member.half,
            "budget_bytes": self.budget_bytes,
            "lines": [asdict(line) for line in self.lines.values()],
            "indexes": {name: [_words(one) for one in sorted(designs)] for name, designs in self.chosen.items()},
            "seconds": self.times,
            "built_bytes": self.built,
            "missed": [*self.missed, *self.bars()],
        }

    def bars(self) -> list[str]:
        found: list[str] = []
        extend = self.lines["Extend"].wall_seconds
        for name in OURS:
            line = self.lines[name]
            if line.wall_seconds > SEARCH_SHARE_BAR * extend:
                found.append(f"{name} searched {line.wall_seconds:.1f} s, Extend {extend:.1f} s")
            if name in self.times:
                found += self._measured_bars(name)
        return [f"{self.member.name}: {words}" for words in found]

    def _measured_bars(self, name: str) -> list[str]:
        found: list[str] = []
        beside = self.beside_the_better(name)
        if beside > EACH_BAR:
            found.append(f"{name} took {beside:.2f} of the better search's times")
        least = min(sum(self.times[other]) for other in THEIRS)
        if sum(self.times[name]) > least:
            found.append(f"{name} took {sum(self.times[name]):.2f} s a pass, the better search {least:.2f} s")
        if self.built[name] and abs(self.lines[name].megabytes * 1e6 / self.built[name] - 1) > SIZE_BAR:
            found.append(f"{name} foretold {self.lines[name].megabytes:.1f} MB, built {self.built[name] / 1e6:.1f} MB")
        columns = [self.times[other] for other in (name, "none", *THEIRS)]
        for number, (mine, none, *theirs) in enumerate(zip(*columns, strict=True), 1):
            if mine > max(SLOWER * none, _SHORTEST_SECONDS):
                found.append(f"{name}: statement {number} took {mine / none:.2f} of its time without indexes")
            if mine >= TIMEOUT_SECONDS > min(theirs):
                found.append(f"{name}: statement {number} did not end")
        return found


def run(wanted: str, scale: float, *, is_built: bool, ended: Callable[[list[Result]], None]) -> list[Result]:
    """wanted: tuning, reporting, or the name of one. A server of its own for all of them. ended: told after each, with
    all that there are so far."""
    members = [member for member in family() if wanted in (member.half, member.name)]
    if not members:
        names = ", ".join(member.name for member in family())
        raise SystemExit(f"--family: {wanted!r} is none of tuning, reporting, {names}")
    results: list[Result] = []
    failed: list[str] = []
    # Else a table is analysed again a minute after it was filled, and two searches see two samples of it.
    with postgres.start(with_hypopg(), {"autovacuum": "off"}) as server:
        for member in members:
            try:
                results.append(_one(server, member, scale, is_built=is_built))
            except (psycopg.Error, AdvisorError) as error:
                print(f"{member.name}: ended by {type(error).__name__}: {error}", flush=True)
                failed.append(member.name)
            else:
                print(_summary(results[-1]), flush=True)
                ended(results)
    if failed:
        raise SystemExit(f"not measured: {', '.join(failed)}")
    return results


def _summary(result: Result) -> str:
    """A database in one line: what each search's indexes did to the times of the statements (as planned where nothing
    was built), their bytes, and how long it searched."""
    parts = []
    for name, line in result.lines.items():
        mean = f"{result.geomean(name):.3f}" if name in result.times else f"{line.ratio:.3f} planned"
        built = result.built.get(name, line.megabytes * 1e6) / 1e6
        parts.append(f"{name} {mean}, {built:.1f} MB, {line.wall_seconds:.2f} s")
    return f"= {result.member.name}: {'; '.join(parts)}"


def _words(design: IndexDesign) -> str:
    return create_statement(design, concurrently=False).partition(" ON ")[2]


def misses(results: Sequence[Result]) -> list[str]:
    found = [words for result in results for words in (*result.missed, *result.bars())]
    measured = [result for result in results if result.times]
    for name in OURS if measured else ():
        mean = _geomean([result.beside_the_better(name) for result in measured])
        print(f"{name}: {mean:.3f} of the better search's times on {len(measured)} databases")
        found += [f"{name}: {mean:.3f} of the better search's times on average"] if mean > MEAN_BAR else []
    return found


def _one(server: PostgresServer, member: Member, scale: float, *, is_built: bool) -> Result:
    dsn = database(server, member.name)
    member.load(dsn, scale)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION hypopg; CREATE EXTENSION pg_trgm")
        found = connection.execute(
            "SELECT sum(pg_table_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        budget = int((found.fetchone() or [0])[0]) // 2
    missed: list[str] = []
    bench = Bench(dsn, numbered(member.statements), budget, missed)
    print(f"\n{member.name} ({member.half}), scale {scale}, budget {budget / 1e6:.0f} MB\n{HEADING}", flush=True)
    made: dict[str, tuple[Line, tuple[IndexDesign, ...]]] = {}
    for name, planner in zip((*OURS, *THEIRS), ("hypopg", "clone", "", ""), strict=True):
        made[name] = bench.ours(planner, name, 2) if planner else bench.reference(name)
        print(made[name][0], flush=True)
        print("  " + "; ".join(_words(design) for design in sorted(made[name][1])), flush=True)
    result = Result(
        member=member,
        budget_bytes=budget,
        lines={name: line for name, (line, _) in made.items()},
        chosen={name: designs for name, (_, designs) in made.items()},
        missed=missed,
    )
    if is_built:
        _measure(server, bench, result)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {member.name} WITH (FORCE)".encode())
    return result


def _measure(server: PostgresServer, bench: Bench, result: Result) -> None:
    """Equal sets are built once."""
    sets: dict[tuple[IndexDesign, ...], list[str]] = {(): ["none"]}
    for name, designs in result.chosen.items():
        sets.setdefault(tuple(sorted(designs)), []).append(name)
    member = result.member.name
    dsns = [database(server, f"{member}_{number}", member) for number in range(len(sets))]
    sizes = [build(dsn, designs) for dsn, designs in zip(dsns, sets, strict=True)]
    for names, size, times in zip(
        sets.values(), sizes, passes(dsns, bench.statements, _TURNS, _SHORT_TURNS), strict=True
    ):
        for name in names:
            result.times[name], result.built[name] = times, size
    for name, times in result.times.items():
        each = " ".join(f"{time:.3f}" for time in times)
        whole, mean, megabytes = sum(times), result.geomean(name), result.built[name] / 1e6
        print(f"{name:<14} {whole:8.2f} s a pass, {mean:.3f} of none, {megabytes:.1f} MB: {each}", flush=True)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        for number in range(len(sets)):
            connection.execute(f"DROP DATABASE {member}_{number} WITH (FORCE)".encode())


def _geomean(ratios: Sequence[float]) -> float:
    return math.exp(math.fsum(math.log(ratio) for ratio in ratios) / len(ratios))
