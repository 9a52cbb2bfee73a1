"""The doctor on signals: what each application has data for, from which preset, and what its rules then lack."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from advisor.clients.prometheus import PrometheusApi
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.ports.clock import Clock
from advisor.ports.rule import Rule
from advisor.settings.schema import Settings
from advisor.sources.prometheus.catalogue import catalogue
from advisor.sources.prometheus.coverage import Coverage, coverage
from advisor.wiring.rules.book import rules_of

_MOST_APPS = 10
_GUARDRAILS = ("http.error_ratio", "http.p95_seconds")


def check_signals(settings: Settings, clock: Clock) -> tuple[CheckLine, ...]:
    """Two lines for each application that Prometheus knows. Nothing without a Prometheus: that has been said."""
    if settings.prometheus.url is None:
        return ()

    def look() -> Iterator[CheckLine]:
        with PrometheusApi(settings.prometheus) as api:
            found = coverage(api, settings.prometheus, clock, settings.daemon.window_seconds)
        yield from signal_lines(found, rules_of(settings), settings.prometheus.presets)

    return guarded("signals", look)


def signal_lines(found: Coverage, rules: Sequence[Rule], presets: Sequence[str]) -> Iterator[CheckLine]:
    """What was found, in words. Pure."""
    if not found.by_app:
        yield warning("signals", f"no application has data for the presets {', '.join(presets)}", _fix(found))
    for app, by_preset in islice(found.by_app.items(), _MOST_APPS):
        shown = "; ".join(f"{', '.join(names)} from {preset}" for preset, names in by_preset.items())
        yield ok(f"signals:{app}", shown)
        lacks = tuple(_lacks(by_preset, rules))
        yield ok(f"rules:{app}", "; ".join(lacks) or "no rule lacks a signal")
    if len(found.by_app) > _MOST_APPS:
        yield ok("signals", f"{len(found.by_app)} applications have data; {_MOST_APPS} are shown")
    if found.by_app and found.addable:
        would = "; ".join(f"{preset} has data for {', '.join(names)}" for preset, names in found.addable.items())
        yield warning("presets", f"not configured: {would}", _fix(found))


def _lacks(by_preset: Mapping[str, Sequence[str]], rules: Sequence[Rule]) -> Iterator[str]:
    """What each rule that judges by signals lacks for one application."""
    there = {name for names in by_preset.values() for name in names}
    for rule in rules:
        needed = [need.name for need in rule.needs if need.name in catalogue()]
        missing = [name for name in needed if name not in there]
        if missing:
            yield f"{rule.id} is skipped, as it lacks {', '.join(missing)}"
        elif needed and (without := [name for name in rule.uses if name not in there]):
            yield f"{rule.id} judges without {', '.join(without)}"
    if without := [name for name in _GUARDRAILS if name not in there]:
        yield f"no trial keeps a change, as {' and '.join(without)} would have to be watched"


def _fix(found: Coverage) -> str:
    if found.addable:
        return f"add to prometheus.presets: {', '.join(found.addable)}"
    return "name the presets of your exporters in prometheus.presets, or write one: docs/signals.md"
