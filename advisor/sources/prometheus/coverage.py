"""Which signals each application has data for, from which preset, and which preset would add some."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from advisor.clients.prometheus import PrometheusApi
from advisor.ports.clock import Clock
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import Template, load_preset, pairs_of, shipped_presets
from advisor.sources.prometheus.source import PrometheusSource

_METRIC = re.compile(r"\b([a-zA-Z_:][a-zA-Z0-9_:]*)\{")
_EVERYWHERE = frozenset({"process_start_time_seconds"})
"""Shown by every client library, so it tells no preset from another."""
_OF_EVERY_JOB = frozenset({"app.median_age_seconds"})
"""A scraped job that shows this alone is no application that anything is known of."""
_UNRELATED = frozenset({"cadvisor", "kube_state_metrics"})
"""Presets about the cluster: what they show says nothing of an application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """by_app: the signals of each application, by the preset that delivers them.

    addable: what presets that are not configured would deliver and no configured one does: its metrics exist.
    """

    by_app: Mapping[str, Mapping[str, tuple[str, ...]]]
    addable: Mapping[str, tuple[str, ...]]


def coverage(api: PrometheusApi, settings: PrometheusSettings, clock: Clock, window_seconds: float) -> Coverage:
    """Asks every configured preset once, and which metrics of the others there are. Raises as PrometheusSource.read."""
    seen = PrometheusSource(api, settings, clock).read(window_seconds)
    delivered = {key.name for key in seen.presets}
    by_app: dict[str, dict[str, set[str]]] = {}
    for key in seen.signals:
        if app := key.label("app"):
            by_app.setdefault(app, {}).setdefault(seen.presets[key], set()).add(key.name)
    others = {
        preset: [template for template in load_preset(preset) if template.signal not in delivered]
        for preset in shipped_presets()
        if preset not in settings.presets and preset not in _UNRELATED
    }
    asked = {name for templates in others.values() for one in templates for name in metrics_of(one)}
    existing = _existing(asked, api, settings, clock)
    return Coverage(
        by_app={
            app: {preset: tuple(sorted(names)) for preset, names in by_preset.items()}
            for app, by_preset in sorted(by_app.items())
            if not set().union(*by_preset.values()) <= _OF_EVERY_JOB
        },
        addable={preset: names for preset, one in others.items() if (names := tuple(_deliverable(one, existing)))},
    )


def metrics_of(template: Template) -> frozenset[str]:
    """The metrics that it asks for."""
    return frozenset(_METRIC.findall(template.text))


def _deliverable(templates: list[Template], existing: frozenset[str]) -> Iterator[str]:
    for template in templates:
        metrics = metrics_of(template)
        if metrics <= existing and not metrics <= _EVERYWHERE:
            yield template.signal


def _existing(names: set[str], api: PrometheusApi, settings: PrometheusSettings, clock: Clock) -> frozenset[str]:
    selector = ",".join([f'__name__=~"{"|".join(sorted(names))}"', *pairs_of(settings.matchers)])
    answer = api.instant(f"count by (__name__) ({{{selector}}})", clock.now())
    rows = (row.get("metric") for row in answer.result if isinstance(row, dict))
    return frozenset(str(metric.get("__name__", "")) for metric in rows if isinstance(metric, dict))
