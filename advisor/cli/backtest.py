"""`advisor backtest`: replays the rules over recorded history; writes nothing anywhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli.exit_code import ExitCode
from advisor.cli.flags import ConnectionFlags, GeneralFlags, OutputFlags, RuleFlags, with_flags

if TYPE_CHECKING:
    from advisor.engine.replay.backtest import Span

_MOST_SNAPSHOTS = 50_000

From = Annotated[str, typer.Option("--from", help="Where it begins: a date, a time, or -7d.", metavar="T")]
To = Annotated[str, typer.Option("--to", help="Where it ends: a date, a time, or now.", metavar="T")]
Step = Annotated[str, typer.Option("--step", help="From one snapshot to the next.", metavar="DURATION")]


@with_flags
def backtest(
    general: GeneralFlags,
    connections: ConnectionFlags,
    rules: RuleFlags,
    output: OutputFlags,
    start: From,
    end: To = "now",
    step: Step = "5m",
) -> int:
    """Replay the rules over recorded history.

    What they would have found and done, and what the metrics then did.
    """
    from advisor.cli.output import show
    from advisor.cli.start import start as start_up
    from advisor.surfaces.documents.backtest import backtest_document
    from advisor.surfaces.views.backtest import backtest_view
    from advisor.wiring.backtest import run_backtest
    from advisor.wiring.rules.book import chosen_rules, with_only

    settings = start_up(general, connections.settings())
    settings = with_only(chosen_rules(rules.rule, settings), settings)
    span = _span(start, end, step, settings.daemon.window_seconds)
    with _progress(span.count, quiet=general.quiet) as tick:
        done = run_backtest(settings, span, tick)
    show(backtest_document(backtest_view(done, settings.policy.environment)), output)
    return ExitCode.DONE


@contextmanager
def _progress(count: int, *, quiet: bool) -> Iterator[Callable[[], None] | None]:
    """On a terminal only, on stderr."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=count, label="Replaying", file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def _span(start: str, end: str, step: str, window_seconds: float) -> "Span":
    """Raises ConfigurationError for what is no time, lies in the future, or comes to too many snapshots."""
    from advisor.cli.moment import parse_moment
    from advisor.clock import SystemClock
    from advisor.engine.replay.backtest import Span
    from advisor.model.errors import ConfigurationError
    from advisor.model.units import format_duration, parse_duration_seconds

    now = SystemClock().now()
    first, last = parse_moment(start, now, where="--from"), parse_moment(end, now, where="--to")
    seconds = parse_duration_seconds(step, where="--step")
    if seconds < 1 or seconds != round(seconds):
        raise ConfigurationError(f"{step!r} is no whole number of seconds", where="--step", fix='such as "5m"')
    if last > now:
        raise ConfigurationError(f"{end!r} lies in the future", where="--to", fix='such as "now"')
    if first >= last:
        raise ConfigurationError(f"{start!r} is not before {end!r}", where="--from", fix="swap them")
    span = Span(start=first, end=last, step_seconds=seconds, window_seconds=window_seconds)
    if span.count > _MOST_SNAPSHOTS:
        smallest = format_duration((last - first).total_seconds() // _MOST_SNAPSHOTS + 1)
        raise ConfigurationError(
            f"that is more than {_MOST_SNAPSHOTS:,} snapshots", where="--step", fix=f"use steps of at least {smallest}"
        )
    return span
