"""`advisor indexes`: advice on indexes alone, for pg_stat_statements or for a file of SQL."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli.flags import ConnectionFlags, GeneralFlags, OutputFlags, with_flags
from advisor.cli.report import look_seconds

if TYPE_CHECKING:
    from advisor.whatif.index.advice import Limits

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
Look = Annotated[
    str,
    typer.Option(
        "--look",
        help="Seconds between two looks, which measure how much is written; 0s: one look. None with --workload.",
        metavar="DURATION",
    ),
]


def _refuse_nothing(limits: "Limits", storage_budget: str | None, time_budget: str) -> None:
    from advisor.model.errors import ConfigurationError

    if limits.seconds <= 0:
        raise ConfigurationError(f"{time_budget!r} is no time at all", where="--time-budget", fix='such as "60s"')
    if limits.storage_bytes is not None and limits.storage_bytes <= 0:
        what = f"{storage_budget!r} leaves no room for any index"
        raise ConfigurationError(what, where="--storage-budget", fix='such as "500MB"')


@with_flags
def indexes(
    general: GeneralFlags,
    connections: ConnectionFlags,
    output: OutputFlags,
    workload: Workload = None,
    storage_budget: StorageBudget = None,
    time_budget: TimeBudget = "60s",
    planner: Planner = None,
    look: Look = "10s",
) -> int:
    """Index advice for a whole workload; reads only, builds nothing."""
    from advisor.cli.exit_code import ExitCode
    from advisor.cli.output import show
    from advisor.cli.progress import wait
    from advisor.cli.start import start
    from advisor.model.units import parse_duration_seconds, parse_size_bytes
    from advisor.surfaces.documents.index import index_document
    from advisor.whatif.index.advice import Limits
    from advisor.wiring.indexes import advise_on_indexes, statements_of_file
    from advisor.wiring.looks import Looks

    settings = start(general, connections.settings())
    limits = Limits(
        storage_bytes=None if storage_budget is None else parse_size_bytes(storage_budget, where="--storage-budget"),
        seconds=parse_duration_seconds(time_budget, where="--time-budget"),
    )
    _refuse_nothing(limits, storage_budget, time_budget)
    statements = statements_of_file(workload) if workload is not None else None
    looks = Looks(seconds=look_seconds(look), wait=partial(wait, quiet=general.quiet))
    advice = advise_on_indexes(settings, statements, limits, planner, looks)
    show(index_document(advice), output)
    return ExitCode.DONE
