"""Index advice for TPC-H without any key or index, ours beside two published searches, in one run on one database.

    python benchmarks/indexes.py [--scale 0.3] [--latency] [--out FILE.json]
    python benchmarks/indexes.py --family tuning|reporting|NAME [--scale 0.1] [--unbuilt] [--out FILE.json]

Every line is priced with HypoPG, sizes too: the geometric mean over the statements of cost after to cost before, and
the largest ratio. CPU seconds are ours and those of the database's backend; wall seconds depend on what else the
machine does, so ours are searched three times and the run with the middle time counts; each has to give the same
answer. Ends with 1 when a bar is missed, and names it (the bars are for scale 0.3 on an idle machine).

With --family it goes over databases of many kinds (index_family.py), builds what each search found and runs it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import index_family
import index_workloads
import psycopg
import tpch
from index_bench import HEADING, SLOWER, TIMEOUT_SECONDS, Bench, Line, build, database, numbered, passes

from advisor.model.database.index_design import IndexDesign
from advisor.servers import postgres
from advisor.servers.installation import with_hypopg
from advisor.servers.postgres import PostgresServer

RATIO_BAR, SECONDS_BAR = 0.215, 3.0
SHOP_CUT_BAR, SHOP_SECONDS_BAR, SHOP_BUDGET_BYTES = 0.956, 0.5, 299_000_000
_DEARER = 1.001


def run(arguments: argparse.Namespace) -> tuple[list[Line], list[str]]:
    missed: list[str] = []
    with postgres.start(with_hypopg()) as server:
        dsn = database(server, "tpch")
        tpch.load(dsn, arguments.scale)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION hypopg")
            pages = connection.execute(
                "SELECT sum(relpages) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
            storage_bytes = (pages.fetchone() or [0])[0] * 8192 // 2
        print(f"TPC-H at scale {arguments.scale}, budget {storage_bytes / 1e6:.0f} MB\n{HEADING}")
        bench = Bench(dsn, numbered(tpch.queries()), storage_bytes, missed)
        lines, found = searches(bench)
        mine = lines[0]
        missed += [*misses(mine, storage_bytes), *misses(lines[1], storage_bytes)]
        many = replace(bench, statements=numbered([*tpch.queries(), *index_workloads.more_over_tpch(77)]))
        large, _ = many.ours("hypopg", "ours, 99 statements")
        print(large)
        growth, most = large.cpu_seconds / mine.cpu_seconds, (99 / 22) ** 2
        print(f"from 22 to 99 statements {growth:.1f} times the CPU time (quadratic: {most:.1f})")
        missed += [f"time grew {growth:.1f} times"] if growth > most else []
        missed += shop(server, lines)
        if arguments.latency:
            missed += latency(server, bench, found)
        return [*lines, large], missed


def misses(line: Line, storage_bytes: int) -> list[str]:
    """The bars, in words, that this search of ours misses."""
    held = {
        f"ratio {line.ratio:.3f} over {RATIO_BAR}": line.ratio <= RATIO_BAR,
        f"{line.megabytes:.1f} MB over the budget of {storage_bytes / 1e6:.1f}": line.megabytes * 1e6 <= storage_bytes,
        f"a statement {line.largest_ratio:.3f} times as dear": line.largest_ratio <= _DEARER,
        f"{line.wall_seconds:.1f} s over {SECONDS_BAR}": line.wall_seconds <= SECONDS_BAR,
    }
    return [f"{line.search}: {words}" for words, holds in held.items() if not holds]


def searches(bench: Bench) -> tuple[list[Line], list[tuple[IndexDesign, ...]]]:
    made = [
        bench.ours("hypopg", "ours, HypoPG"),
        bench.ours("clone", "ours, clone"),
        bench.reference("Extend"),
        bench.reference("DB2Advis"),
        bench.reference("DB2Advis", 10.0),
    ]
    for line, _ in made:
        print(line)
    return [line for line, _ in made], [designs for _, designs in made]


def shop(server: PostgresServer, lines: list[Line]) -> list[str]:
    dsn = database(server, "shop")
    index_workloads.load_shop(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION hypopg")
    missed: list[str] = []
    bench = Bench(dsn, numbered(index_workloads.SHOP_QUERIES), SHOP_BUDGET_BYTES, missed)
    print(f"\nshop, 5 tables, 3 million rows, 10 statements, budget {SHOP_BUDGET_BYTES / 1e6:.0f} MB\n{HEADING}")
    mine, _ = bench.ours("hypopg", "ours, shop")
    other, _ = bench.reference("Extend")
    print(f"{mine}\n{other}")
    lines += [mine, replace(other, search="Extend, shop")]
    missed += [f"shop: cut {mine.total_cut:.1%} under {SHOP_CUT_BAR:.1%}"] if mine.total_cut < SHOP_CUT_BAR else []
    return missed + ([f"shop: {mine.cpu_seconds:.2f} s"] if mine.cpu_seconds > SHOP_SECONDS_BAR else [])


def latency(server: PostgresServer, bench: Bench, found: Sequence[tuple[IndexDesign, ...]]) -> list[str]:
    """Without an index, with ours and with Extend's, really built."""
    names = ("none", "ours", "extend")
    designs = ((), found[0], found[2])
    dsns = [database(server, f"built_{name}", "tpch") for name in names]
    sizes = [build(dsn, chosen) for dsn, chosen in zip(dsns, designs, strict=True)]
    before, *after = passes(dsns, bench.statements)
    print(f"\nno index: {sum(before):.1f} s for one pass (cut off after {TIMEOUT_SECONDS} s each)")
    slower: dict[str, dict[str, str]] = {}
    for name, times, size in zip(names[1:], after, sizes[1:], strict=True):
        ratios = {s.id: new / old for s, old, new in zip(bench.statements, before, times, strict=True)}
        slower[name] = {known: f"{ratio:.2f}" for known, ratio in ratios.items() if ratio > SLOWER}
        print(f"{name}: {sum(times):.1f} s for one pass, {size / 1e6:.0f} MB built; over {SLOWER}: {slower[name]}")
    return [f"slower with the indexes built: {slower['ours']}"] if slower["ours"] else []


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=float, help="scale factor, 0.3 if not given, of the family 0.1")
    parser.add_argument("--latency", action="store_true", help="also build the indexes and run the statements")
    parser.add_argument("--family", help="tuning, reporting, or one of its databases")
    parser.add_argument("--unbuilt", action="store_true", help="of the family: price only")
    parser.add_argument("--out", type=Path, help="write the lines here as JSON")
    arguments = parser.parse_args()
    if arguments.family:
        out: Path | None = arguments.out

        def ended(results: Sequence[index_family.Result]) -> None:
            if out:
                out.write_text(json.dumps([result.as_json() for result in results], indent=1))

        scale, is_built = arguments.scale or 0.1, not arguments.unbuilt
        found = index_family.run(arguments.family, scale, is_built=is_built, ended=ended)
        document, missed = [result.as_json() for result in found], index_family.misses(found)
    else:
        arguments.scale = arguments.scale or 0.3
        lines, missed = run(arguments)
        document = [asdict(line) for line in lines]
    if arguments.out:
        arguments.out.write_text(json.dumps(document, indent=1))
    print("\n" + ("missed: " + "; ".join(missed) if missed else "all bars are reached"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
