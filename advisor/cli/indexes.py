"""`advisor indexes`: advice on indexes alone, for pg_stat_statements or for a file of SQL."""

from pathlib import Path
from typing import Annotated

import typer

from advisor.cli.flags import ConnectionFlags, GeneralFlags, OutputFlags, with_flags

Workload = Annotated[
    Path | None,
    typer.Option("--workload", help="File of SQL to advise on (else pg_stat_statements).", metavar="FILE"),
]
StorageBudget = Annotated[
    str | None,
    typer.Option(
        "--storage-budget",
        help="Most that new indexes may take (else half the tables).",
        metavar="SIZE",
    ),
]
TimeBudget = Annotated[str, typer.Option("--time-budget", help="Longest search.", metavar="DURATION")]
Planner = Annotated[
    str | None,
    typer.Option("--planner", help="hypopg, clone or heuristic (else the first that can be had).", metavar="NAME"),
]


@with_flags
def indexes(
    general: GeneralFlags,
    connections: ConnectionFlags,
    output: OutputFlags,
    workload: Workload = None,
    storage_budget: StorageBudget = None,
    time_budget: TimeBudget = "60s",
    planner: Planner = None,
) -> int:
    """Index advice for a whole workload; reads only, builds nothing."""
    from advisor.cli.exit_code import ExitCode
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.model.units import parse_duration_seconds, parse_size_bytes
    from advisor.surfaces.documents.index import index_document
    from advisor.whatif.index.advice import Limits
    from advisor.wiring.indexes import advise_on_indexes, statements_of_file

    settings = start(general, connections.settings())
    limits = Limits(
        storage_bytes=parse_size_bytes(storage_budget, where="--storage-budget") if storage_budget else None,
        seconds=parse_duration_seconds(time_budget, where="--time-budget"),
    )
    statements = statements_of_file(workload) if workload is not None else None
    advice = advise_on_indexes(settings, statements, limits, planner)
    show(index_document(advice), output)
    return ExitCode.DONE
