"""`advisor trial-check`: no-change trials over recorded history; writes nothing anywhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli.exit_code import ExitCode
from advisor.cli.flags import ConnectionFlags, GeneralFlags, OutputFlags, with_flags

if TYPE_CHECKING:
    from datetime import datetime

From = Annotated[str, typer.Option("--from", help="Where it begins: a date, a time, or -14d.", metavar="T")]
To = Annotated[str, typer.Option("--to", help="Where it ends: a date, a time, or now.", metavar="T")]
Signal = Annotated[
    str,
    typer.Option(
        "--signal",
        help="The goal's metric, less of which is better; NAME{pool=main} of one of several pools.",
        metavar="NAME",
    ),
]
Gain = Annotated[float, typer.Option("--minimum-gain", min=0.01, max=0.99, help="Asked of a change, as a share.")]
Trials = Annotated[int, typer.Option("--trials", min=1, max=10_000, help="Of each window, at most.")]


@with_flags
def trial_check(
    general: GeneralFlags,
    connections: ConnectionFlags,
    output: OutputFlags,
    start: From,
    end: To = "now",
    signal: Signal = "http.p95_seconds",
    gain: Gain = 0.1,
    trials: Trials = 50,
) -> int:
    """Play trials in which nothing changes over recorded history.

    How often they would be called a gain, how often gains of 5, 10, 20 and 50% would be kept, and which windows do.
    Exit code 3 when nothing could be played, as too little is on record.
    """
    from advisor.cli.output import show
    from advisor.cli.start import start as start_up
    from advisor.surfaces.documents.trial_check import trial_check_document
    from advisor.wiring.trial_check import check_of, goals_of, run_trial_check

    settings = start_up(general, connections.settings())
    first, last = _times(start, end)
    goals = goals_of(settings, signal, gain)
    checks = [check_of(goal, settings.trial, first, last, trials) for goal in goals]
    with _progress(sum(trials * len(check.windows) for check in checks), quiet=general.quiet) as tick:
        found = [run_trial_check(settings, check, tick) for check in checks]
    show(trial_check_document(found), output)
    return ExitCode.DONE if any(check.trials for check in found) else ExitCode.NO_SOURCE


def _times(start: str, end: str) -> "tuple[datetime, datetime]":
    """Raises ConfigurationError for what is no time or lies in the future."""
    from advisor.cli.moment import parse_moment
    from advisor.clock import SystemClock
    from advisor.model.errors import ConfigurationError

    now = SystemClock().now()
    first, last = parse_moment(start, now, where="--from"), parse_moment(end, now, where="--to")
    if last > now:
        raise ConfigurationError(f"{end!r} lies in the future", where="--to", fix='such as "now"')
    if first >= last:
        raise ConfigurationError(f"{start!r} is not before {end!r}", where="--from", fix="swap them")
    return first, last


@contextmanager
def _progress(count: int, *, quiet: bool) -> Iterator[Callable[[], None] | None]:
    """On a terminal only, on stderr."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=count, label="Playing", file=sys.stderr) as bar:
        yield lambda: bar.update(1)
