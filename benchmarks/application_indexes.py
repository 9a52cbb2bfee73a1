"""Whether each index that is advised for applications earns its place once it is built, with every planner.

    PYTHONPATH=. python benchmarks/application_indexes.py [--only NAME] [--out FILE.json]

Three schemas of the shape of open-source applications (applications/), with their own keys and indexes, and 25
statements each. What each planner advises is built; then each index is taken away again, alone, in a transaction that
is rolled back, and the statements on its table run without it: the quickest of some runs, in turns. Ends with 1 where
an index saves less than a fifth of every statement and less than a thousandth of them all together, or where it begins
like one that the application has already (or has the same columns as one that begins with them).
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from applications.forge import FORGE
from applications.help_desk import HELP_DESK
from applications.schema import Application
from applications.web_shop import WEB_SHOP
from index_bench import Bench, build, database, numbered, one_run

from advisor.model.database.index_design import IndexDesign
from advisor.servers import postgres
from advisor.servers.installation import with_hypopg
from advisor.servers.postgres import PostgresServer

APPLICATIONS = (HELP_DESK, WEB_SHOP, FORGE)
PLANNERS = ("hypopg", "clone", "heuristic")
LEAST_OF_ONE, LEAST_OF_ALL = 0.2, 0.001
_TURNS = 7
_STORAGE_BYTES = 100_000_000
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What one index saves. of_one: the largest share of a statement; of_all: of all statements together. repeats: the
    index of the application's that it says again, "" for none."""

    index: str
    of_one: float
    of_all: float
    repeats: str

    @property
    def is_worth_it(self) -> bool:
        return (self.of_one >= LEAST_OF_ONE or self.of_all >= LEAST_OF_ALL) and not self.repeats


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", help="the name of one application")
    parser.add_argument("--out", type=Path, help="a file for the figures, as JSON")
    arguments = parser.parse_args()
    found: dict[str, dict[str, list[Worth]]] = {}
    with postgres.start(with_hypopg()) as server:
        for application in APPLICATIONS:
            if arguments.only in (None, application.name):
                found[application.name] = _of_application(server, application)
    missed = [
        f"{name}, {planner}: {one.index} saves {one.of_one:.0%} of one statement and {one.of_all:.2%} of all"
        + (f"; repeats {one.repeats}" if one.repeats else "")
        for name, planners in found.items()
        for planner, several in planners.items()
        for one in several
        if not one.is_worth_it
    ]
    print("\n".join(["", *missed] if missed else ["", "each is worth its place"]))
    if arguments.out:
        plain = {
            name: {planner: [asdict(one) for one in several] for planner, several in planners.items()}
            for name, planners in found.items()
        }
        arguments.out.write_text(json.dumps(plain, indent=1))
    return 1 if missed or not all(any(planners.values()) for planners in found.values()) else 0


def _of_application(server: PostgresServer, application: Application) -> dict[str, list[Worth]]:
    plain = f"{application.name.lower()}_plain"
    application.load(database(server, plain))
    with psycopg.connect(server.dsn_of(plain), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION hypopg; CREATE EXTENSION pg_trgm")
    tables, rows = len(application.tables), sum(table.rows for table in application.tables.values())
    print(f"\n{application.name}: {tables} tables, {rows} rows, {len(application.statements)} statements", flush=True)
    found = {}
    for planner in PLANNERS:
        bench = Bench(server.dsn_of(plain), numbered(application.statements), _STORAGE_BYTES, [])
        line, designs = bench.searched(planner, planner)
        dsn = database(server, f"{application.name.lower()}_{planner}", plain)
        megabytes = build(dsn, designs) / 1e6
        with psycopg.connect(dsn, autocommit=True) as connection:
            found[planner] = list(_worths(connection, designs, application.statements))
        print(
            f"  {planner}: {len(designs)} indexes, {megabytes:.1f} MB, searched {line.wall_seconds:.1f} s", flush=True
        )
        for one in found[planner]:
            print(f"    {one.of_one:6.1%} of one, {one.of_all:6.2%} of all  {one.index}", flush=True)
    return found


def _worths(connection: Connection, designs: Sequence[IndexDesign], statements: Sequence[str]) -> Iterator[Worth]:
    for design in sorted(designs):
        on_table = [one for one in statements if design.table in one]
        times = _with_and_without(connection, design, on_table)
        saved = sum(without - with_it for with_it, without in times)
        whole = saved + sum(_quickest(connection, statement) for statement in statements)
        yield Worth(
            index=f"{design.table} ({', '.join(key.text for key in design.keys)}) {design.access_method}",
            of_one=max((1 - with_it / without for with_it, without in times), default=0.0),
            of_all=saved / whole,
            repeats=_repeated(connection, design),
        )


def _with_and_without(
    connection: Connection, design: IndexDesign, statements: Sequence[str]
) -> list[tuple[float, float]]:
    """Seconds of each statement. A dropped index comes back with the transaction."""
    found: list[tuple[list[float], list[float]]] = [([], []) for _ in statements]
    for _ in range(_TURNS):
        for (with_it, _), statement in zip(found, statements, strict=True):
            with_it.append(_once(connection, statement))
        with connection.transaction(force_rollback=True):
            connection.execute(f'DROP INDEX "{design.schema}"."{design.name}"'.encode())
            for (_, without), statement in zip(found, statements, strict=True):
                without.append(_once(connection, statement))
    return [(min(with_it), min(without)) for with_it, without in found]


def _quickest(connection: Connection, statement: str) -> float:
    return min(_once(connection, statement) for _ in range(3))


def _once(connection: Connection, statement: str) -> float:
    """What a statement writes is not kept."""
    with connection.transaction(force_rollback=True):
        if statement.lstrip().upper().startswith(("UPDATE", "DELETE", "INSERT")):
            statement = f"WITH written AS ({statement} RETURNING 1) SELECT count(*) FROM written"
        return one_run(connection, statement)


def _repeated(connection: Connection, design: IndexDesign) -> str:
    """By the catalogue alone: another whole B-tree on the table whose columns begin with these."""
    if design.access_method != "btree" or design.predicate:
        return ""
    row = connection.execute(
        "SELECT o.indexrelid::regclass::text FROM pg_index m JOIN pg_index o ON o.indrelid = m.indrelid"
        " JOIN pg_class c ON c.oid = o.indexrelid JOIN pg_am a ON a.oid = c.relam"
        " WHERE m.indexrelid = %s::regclass AND o.indexrelid <> m.indexrelid AND a.amname = 'btree'"
        " AND o.indpred IS NULL AND m.indexprs IS NULL AND o.indexprs IS NULL AND m.indpred IS NULL"
        " AND o.indkey::text || ' ' LIKE m.indkey::text || ' %%'",
        (f'"{design.schema}"."{design.name}"',),
    ).fetchone()
    return str(row[0]) if row else ""


if __name__ == "__main__":
    sys.exit(main())
