"""Whether pg_stat_statements leads to the indexes that a file of the same statements leads to, by versions 15 and 18.

    PYTHONPATH=. python benchmarks/index_sources.py [--only NAME] [--scale 0.02]

Over the whole family of index_family.py, by the planner that is taken where none is named. Every statement runs once,
to its end where that takes at most 20 s. What pg_stat_statements keeps of them, as text of parameters, is then advised
on twice: each statement as heavy as the others, as those of a file are, which tells of the texts alone; and by the load
that was measured, as `advisor indexes` does. Where the sets differ, the geometric mean of what the statements of the
file cost with one of them to what they cost with the file's tells how much that matters (by HypoPG, so not by 18).

What differs is either said in the advice on the texts or not. An index of the texts alone is said to differ if it rests
on constants that were drawn for a statement; one of the file alone, if for one of the statements that it is for the
advice names constants that decide on an index of its table, or an index of it that it cannot price. Ends with 1 where
something differs and is not said. How many indexes are the same and are said to rest on constants all the same is told,
too: who said it of every index would have said nothing.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import psycopg
from index_bench import Bench, Watch, database, numbered
from index_family import Member, family
from pydantic import SecretStr

from advisor.clock import SystemClock
from advisor.model.database.index_advice import IndexAdvice, WorkloadStatement
from advisor.model.database.index_design import IndexDesign
from advisor.servers import postgres
from advisor.servers.installation import Installation, embedded, with_hypopg
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.sources.postgres.source import PostgresSource
from advisor.sql.index_ddl import create_statement
from advisor.sql.statement_facts import fingerprint
from advisor.whatif.index.advice import Limits
from advisor.whatif.index.from_look import workload_of
from advisor.wiring.indexes import advise_on_indexes
from advisor.wiring.looks import Looks

VERSIONS: dict[str, Callable[[], Installation]] = {"the distribution's": with_hypopg, "18": embedded}
_SECONDS = 20
_LIMITS = Limits(seconds=1800.0)
"""Calls of the planner end every search: what else the machine does is not to decide on what is found, or said."""
_SAME, _SAID, _UNSAID = "the same", "differs, and said", "differs, and not all said"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", help="the name of one database")
    parser.add_argument("--scale", type=float, default=0.02)
    arguments = parser.parse_args()
    found: dict[str, list[str]] = {_SAME: [], _SAID: [], _UNSAID: []}
    for version, installation in VERSIONS.items():
        with postgres.start(installation()) as server:
            for member in family():
                if arguments.only in (None, member.name):
                    dsn = database(server, member.name)
                    found[_compared(version, member, dsn, arguments.scale)].append(f"{member.name} on {version}")
    print()
    for kind, names in found.items():
        print(f"{kind}: {len(names)}{' (' * bool(names)}{', '.join(names)}{')' * bool(names)}")
    return 1 if found[_UNSAID] else 0


def _compared(version: str, member: Member, dsn: str, scale: float) -> str:
    member.load(dsn, scale)
    statements = numbered(member.statements)
    ended = _run(dsn, statements)
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(dsn)))
    wanted = [one for one, has_ended in zip(statements, ended, strict=True) if has_ended]
    by_file = advise_on_indexes(settings, wanted, _LIMITS, None)
    by_load = advise_on_indexes(settings, None, _LIMITS, None, Looks(seconds=0.5, wait=lambda _: None))
    look = PostgresSource(settings.postgres, SystemClock()).read(0).databases[settings.postgres.name]
    texts = [replace(one, calls=0, load=0.0) for one in workload_of(look, look.statements)]
    by_text = advise_on_indexes(settings, texts, _LIMITS, None)
    bench = Bench(dsn, wanted, 0, [])
    unsaid = _unsaid(by_file, by_text)
    same = _designs(by_file) & _designs(by_text)
    resting = [one for one in by_text.indexes if one.design in same and one.rests_on]
    print(
        f"{member.name}, {version}: {sum(ended)} of {len(ended)} statements ended, {len(_designs(by_file))} indexes by "
        f"the file, {len(_designs(by_text))} by the texts, {len(same)} the same ({len(resting)} of them said to rest "
        f"on constants); by the texts {_difference(bench, by_file, by_text)}; "
        f"by their load {_difference(bench, by_file, by_load)}",
        flush=True,
    )
    for one in by_text.skipped:
        print(f"  skipped: {one.reason}: {one.text[:100]}")
    for note in by_text.planner_notes:
        print(f"  said: {note}")
    for design in sorted(_designs(by_file) ^ _designs(by_text)):
        source = "the file" if design in _designs(by_file) else "the texts"
        print(f"  by {source} alone, {'not ' * (design in unsaid)}said: {_words(frozenset({design}))}")
    return _SAME if _designs(by_file) == _designs(by_text) else _UNSAID if unsaid else _SAID


def _unsaid(by_file: IndexAdvice, by_text: IndexAdvice) -> set[IndexDesign]:
    """What differs, and of which the advice on the texts does not say so."""
    found = {one.design for one in by_text.indexes if not one.rests_on} - _designs(by_file)
    shapes = {one.id: fingerprint(one.text) for one in by_text.statements}
    shapes |= {one.id: fingerprint(one.text) for one in by_text.skipped}
    told = {(one.design.table, drawn.statement) for one in by_text.indexes for drawn in one.rests_on}
    told |= {(one.table, drawn.statement) for one in by_text.other for drawn in one.rests_on}
    told |= {(one.table, one.statement) for one in by_text.unpriced}
    said = {(table, shapes[statement]) for table, statement in told}
    for one in by_file.indexes:
        places = {(one.design.table, fingerprint(statement.text)) for statement in one.queries}
        if not places & said:
            found.add(one.design)
    return found - (_designs(by_file) & _designs(by_text))


def _run(dsn: str, statements: Sequence[WorkloadStatement]) -> list[bool]:
    """Which came to an end, and are therefore on record; what filled the tables is not."""
    ended = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements; CREATE EXTENSION pg_trgm")
        with suppress(psycopg.Error):
            connection.execute("CREATE EXTENSION hypopg")
        connection.execute(f"SET statement_timeout = '{_SECONDS}s'")
        connection.execute("SELECT pg_stat_reset(), pg_stat_statements_reset()")
        for statement in statements:
            try:
                connection.execute(statement.text.encode())
                ended.append(True)
            except psycopg.errors.QueryCanceled:
                ended.append(False)
    return ended


def _designs(advice: IndexAdvice) -> frozenset[IndexDesign]:
    return frozenset(one.design for one in advice.indexes)


def _difference(bench: Bench, by_file: IndexAdvice, other: IndexAdvice) -> str:
    lost, more = _designs(by_file) - _designs(other), _designs(other) - _designs(by_file)
    if not lost and not more:
        return "the same"
    return f"{_ratio(bench, by_file, other)} without {_words(lost)}, with {_words(more)}"


def _ratio(bench: Bench, by_file: IndexAdvice, other: IndexAdvice) -> str:
    with bench.connection() as connection:
        if not connection.execute("SELECT FROM pg_extension WHERE extname = 'hypopg'").fetchone():
            return ""
        watch = Watch(connection)
        first, second = (bench.line("", sorted(_designs(one)), watch, 0).ratio for one in (by_file, other))
    return f"({second / first:.2f})"


def _words(designs: frozenset[IndexDesign]) -> str:
    """As CREATE INDEX has them."""
    found = (create_statement(one, concurrently=False).partition(" ON ")[2] for one in sorted(designs))
    return "; ".join(found).replace('"', "").replace("public.", "").replace("USING btree ", "") or "nothing"


if __name__ == "__main__":
    sys.exit(main())
