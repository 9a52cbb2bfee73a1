"""The advisor's own metrics; their names are public. Implements Meter and ChangeListener."""

import threading
from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from advisor import __version__
from advisor.model.change import ChangeRecord, State
from advisor.model.report import Diagnosis
from advisor.model.snapshot import SourceStatus
from advisor.model.track_record import TrackRecord

_SETTLED = {State.KEPT, State.ROLLED_BACK, State.FAILED, State.SUPERSEDED, State.EXPIRED, State.REJECTED, State.STUCK}


class AdvisorMetrics:
    """Owns a registry, so that two daemons in one process do not share counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self._cycles = Counter("advisor_cycles", "Cycles by outcome.", ["outcome"], registry=own)
        self._stages = Histogram(
            "advisor_cycle_stage_seconds",
            "Time a stage of a cycle took.",
            ["stage"],
            buckets=(0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 120, 600),
            registry=own,
        )
        self._sources = Gauge("advisor_source_up", "1 while the source answers.", ["source"], registry=own)
        self._breakers = Gauge(
            "advisor_source_breaker_open", "1 while a source that failed is left alone.", ["source"], registry=own
        )
        self._findings = Gauge("advisor_findings", "Findings of the last cycle.", ["rule", "severity"], registry=own)
        self._changes = Counter("advisor_changes", "Changes by how they ended.", ["knob", "outcome"], registry=own)
        self._leader = Gauge("advisor_leader", "1 while this process leads, 0 while it only reads.", registry=own)
        self._in_flight = Gauge("advisor_change_in_flight", "1 while a change is open.", registry=own)
        self._paused = Gauge("advisor_paused", "1 while the kill switch is on.", registry=own)
        self._error = Gauge(
            "advisor_prediction_error_ratio",
            "Measured over predicted effect less 1, of the last change of this knob.",
            ["knob"],
            registry=own,
        )
        self._coverage = Gauge(
            "advisor_prediction_coverage_ratio",
            "Share of a model's predictions that came true.",
            ["model"],
            registry=own,
        )
        self._bias = Gauge(
            "advisor_prediction_bias_ratio", "Measured over predicted value, geometric mean.", ["model"], registry=own
        )
        self._measured = Gauge("advisor_predictions_measured", "Measured predictions.", ["model"], registry=own)
        self._last_cycle = Gauge("advisor_last_cycle_timestamp_seconds", "When a cycle last ended well.", registry=own)
        self._missed = Counter("advisor_schedule_missed", "Runs left out, as time had passed.", ["job"], registry=own)
        self._failed = Counter("advisor_schedule_failed", "Runs that ended in an error.", ["job"], registry=own)
        self._alerts = Counter(
            "advisor_alerts", "Alerts received, by what became of them.", ["sender", "outcome"], registry=own
        )
        self._alerts_waiting = Gauge("advisor_alert_looks_waiting", "Targeted looks that wait.", registry=own)
        self._slack = Counter(
            "advisor_slack_interactions", "What was pressed in Slack, by what became of it.", ["outcome"], registry=own
        )
        self._notices = Counter(
            "advisor_notices_failed",
            "Calls of Slack, Teams and webhooks that failed.",
            ["destination", "reason"],
            registry=own,
        )
        self._reload = Gauge(
            "advisor_settings_last_reload_successful",
            "0 while the settings file as it is now is refused.",
            registry=own,
        )
        self._reload.set(1)
        info = Gauge("advisor_build_info", "1, with the version.", ["version"], registry=own)
        info.labels(version=__version__).set(1)
        self._lock = threading.Lock()

    def stage_ended(self, stage: str, seconds: float) -> None:
        self._stages.labels(stage=stage).observe(seconds)

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        for report in diagnosis.snapshot.sources:
            if report.status is not SourceStatus.OFF:
                self._sources.labels(source=report.name).set(report.status is not SourceStatus.UNAVAILABLE)
        with self._lock:
            self._findings.clear()
            for finding in diagnosis.findings:
                self._findings.labels(rule=finding.rule, severity=finding.severity.value).inc()

        self._calibrated(diagnosis.choice.record)

    def _calibrated(self, record: TrackRecord) -> None:
        """From the journal's history, so that a restart forgets nothing."""
        for knob in record.knobs:
            if knob.latest_error is not None:
                self._error.labels(knob=knob.knob).set(knob.latest_error)
        for model in record.models:
            self._coverage.labels(model=model.model).set(model.coverage)
            self._measured.labels(model=model.model).set(model.count)
            if model.bias_ratio is not None:
                self._bias.labels(model=model.model).set(model.bias_ratio)

    def change_moved(self, record: ChangeRecord) -> None:
        if record.state in _SETTLED:
            self._changes.labels(knob=record.proposal.target.knob, outcome=record.state.value).inc()

    def change_noted(self, record: ChangeRecord) -> None:
        """Nothing to count."""

    def cycle_ended(self, outcome: str) -> None:
        self._cycles.labels(outcome=outcome).inc()

    def cycle_was_well(self, at: datetime) -> None:
        """A cycle ended without error at `at`."""
        self._last_cycle.set(at.timestamp())

    def watch_breaker(self, source: str, is_open: Callable[[], bool]) -> None:
        """`is_open` is asked at every scrape."""
        self._breakers.labels(source=source).set_function(is_open)

    def schedule_missed(self, job: str) -> None:
        """The scheduler had to leave a run of `job` out."""
        self._missed.labels(job=job).inc()

    def schedule_failed(self, job: str) -> None:
        """A run of `job` ended in an error."""
        self._failed.labels(job=job).inc()

    def alerts_came(self, sender: str, outcome: str, count: int) -> None:
        """So many alerts, or bodies that could not be read, came to this end. Both labels are words of ours."""
        self._alerts.labels(sender=sender, outcome=outcome).inc(count)

    def watch_alerts(self, waiting: Callable[[], int]) -> None:
        """`waiting` is asked at every scrape."""
        self._alerts_waiting.set_function(waiting)

    def slack_interaction(self, outcome: str) -> None:
        """Something was pressed in Slack, or pretended to be: decided, or refused and why."""
        self._slack.labels(outcome=outcome).inc()

    def notice_failed(self, destination: str, reason: str) -> None:
        """A message to people was refused, or could not be sent now."""
        self._notices.labels(destination=destination, reason=reason).inc()

    def settings_reread(self, *, is_well: bool) -> None:
        """The settings file was read again while running."""
        self._reload.set(is_well)

    def leading(self, is_leader: bool) -> None:
        """Whether this process may act."""
        self._leader.set(is_leader)

    def standing(self, *, open_change: bool, paused: bool) -> None:
        """What the journal says now."""
        self._in_flight.set(open_change)
        self._paused.set(paused)

    def text(self) -> bytes:
        """The page that Prometheus scrapes."""
        with self._lock:
            return generate_latest(self.registry)
