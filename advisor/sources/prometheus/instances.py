"""What every live process of an application shows of one knob, read from Prometheus with the age of each sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.ports.clock import Clock
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import pairs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownValue:
    """One process: its live value, the change it took it from ("" when none), and how old the sample is.

    name: what its agent calls itself, "" when it does not say. scraped: the label `instance`, which workers share.
    """

    instance: str
    value: float
    change: str
    age_seconds: float
    name: str
    scraped: str


class AgentInstances:
    """Asks for the raw samples, as only these carry the time at which they were scraped."""

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings, clock: Clock) -> None:
        self._api = api
        self._matchers = settings.matchers
        self._seconds = settings.stale_after_seconds
        self._clock = clock

    def shown(self, app: str, knob: str) -> Sequence[ShownValue]:
        """One for each process with a sample that is fresh enough. Raises SourceUnavailableError, BadDataError."""
        now = self._clock.now()
        values = self._last("advisor_agent_knob_value", now, app=app, knob=knob)
        changes = self._last("advisor_agent_knob_change_info", now, app=app, knob=knob)
        names = self._names(app, now)
        in_force = {instance: shown.get("change", "") for instance, shown, _, flag in changes if flag == 1}
        return [
            ShownValue(
                instance=instance,
                value=value,
                change=in_force.get(instance, ""),
                age_seconds=max(0.0, now.timestamp() - at),
                name=names.get(instance, ""),
                scraped=series.get("instance", ""),
            )
            for instance, series, at, value in values
        ]

    def pools(self, app: str, knob: str) -> dict[str, str]:
        """The pool that the knob of this name moves, by process, as far as they say. Raises as shown."""
        shown = self._last("advisor_agent_pool_knob_info", self._clock.now(), app=app, knob=knob)
        return {process: labels.get("pool", "") for process, labels, _, _ in shown}

    def processes(self, app: str) -> Sequence[tuple[str, str]]:
        """(name, scraped) of each process that shows any knob, as in ShownValue. Raises as shown."""
        now = self._clock.now()
        names = self._names(app, now)
        values = self._last("advisor_agent_knob_value", now, app=app)
        scraped = {process: series.get("instance", "") for process, series, _, _ in values}
        return [(names.get(process, ""), where) for process, where in scraped.items()]

    def board_ages(self, app: str) -> dict[str, float | None]:
        """Seconds since each process last read its board; None of one that shows itself and no such age.

        Former agents of several workers show one age for all of an address, the greatest. Raises as shown.
        """
        now = self._clock.now()
        shown = self._last("advisor_agent_board_age_seconds", now, app=app)
        ages = {process: age for process, _, _, age in shown}
        seen = self._seen(app, now)
        addresses = set(seen.values()) - seen.keys()
        alone = {process: age for process, age in ages.items() if process not in addresses}
        return {process: ages.get(address) for process, address in seen.items()} | alone

    def _seen(self, app: str, now: datetime) -> dict[str, str]:
        """The address of each process that shows a name or a knob."""
        names = self._last("advisor_agent_info", now, app=app)
        knobs = self._last("advisor_agent_knob_value", now, app=app)
        own = [row for row in names if row[3] == 1]
        return {process: series.get("instance", "") for process, series, _, _ in (*own, *knobs)}

    def _names(self, app: str, now: datetime) -> dict[str, str]:
        """By process; of one that was replaced at its address, the later name. A forked one shows its parent's at 0."""
        shown = self._last("advisor_agent_info", now, app=app)
        ordered = sorted(shown, key=lambda row: row[2])
        return {process: labels.get("name", "") for process, labels, _, is_own in ordered if is_own == 1}

    def _last(self, metric: str, now: datetime, **labels: str) -> list[tuple[str, dict[str, str], float, float]]:
        """(process, labels, time, value) of the last sample of each series that is fresh enough."""
        selector = f"{metric}{{{','.join(pairs_of({**self._matchers, **labels}))}}}"
        answer = self._api.instant(f"{selector}[{round(self._seconds * 1000)}ms]", now)
        if answer.kind != "matrix":
            raise BadDataError(f"a {answer.kind} where a matrix is expected", where="prometheus")
        if answer.warnings:
            raise SourceUnavailableError("a partial answer: " + "; ".join(answer.warnings), where="prometheus")
        return [_last_sample(row) for row in answer.result]


def _last_sample(row: Any) -> tuple[str, dict[str, str], float, float]:
    try:
        labels = {str(name): str(value) for name, value in row["metric"].items()}
        at, value = row["values"][-1]
        process = "/".join(part for part in (labels.get("instance", ""), labels.get("pid", "")) if part)
        return process, labels, float(at), float(value)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise BadDataError(f"a series of an unknown shape: {type(error).__name__}", where="prometheus") from error
