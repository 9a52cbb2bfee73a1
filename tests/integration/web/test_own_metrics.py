"""Every metric that the contract names, on the page that Prometheus scrapes."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from advisor.engine.decide.track_record import calibrate
from advisor.model.change import State
from advisor.model.errors import SourceUnavailableError
from advisor.model.snapshot import SourceReport, SourceStatus
from advisor.model.verdict import MetricComparison, Outcome, Verdict, VerdictReason
from advisor.resilience.breaker import Breaker
from advisor.servers import prometheus
from advisor.settings.breaker import BreakerSettings
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.testing.clock import FakeClock
from advisor.testing.words import WAIT, a_change
from tests.fakes.diagnoses import a_diagnosis

CONTRACT = {
    "advisor_cycles_total": {"outcome"},
    "advisor_cycle_stage_seconds_count": {"stage"},
    "advisor_source_up": {"source"},
    "advisor_findings": {"rule", "severity"},
    "advisor_changes_total": {"knob", "outcome"},
    "advisor_change_in_flight": set(),
    "advisor_prediction_error_ratio": {"knob"},
    "advisor_leader": set(),
    "advisor_paused": set(),
    "advisor_build_info": {"version"},
}


def page() -> AdvisorMetrics:
    """Metrics after one cycle with two findings and a change that was kept with half of the effect foretold."""
    metrics = AdvisorMetrics()
    metrics.stage_ended("observe", 0.2)
    kept = a_change(State.KEPT, verdict=verdict(before=0.100, after=0.052))
    diagnosis = a_diagnosis()
    metrics.diagnosed(replace(diagnosis, choice=replace(diagnosis.choice, record=calibrate([kept]))))
    metrics.cycle_ended("ok")
    metrics.cycle_was_well(datetime(2026, 1, 1, tzinfo=UTC))
    metrics.standing(open_change=True, paused=False)
    metrics.leading(True)
    metrics.change_moved(kept)
    return metrics


def verdict(before: float, after: float) -> Verdict:
    goal = MetricComparison(
        signal=str(WAIT),
        role="goal",
        before=before,
        after=after,
        ratio=after / before,
        ratio_low=0.5,
        ratio_high=0.6,
        confidence=0.95,
        samples_before=40,
        samples_after=40,
        effective_before=20,
        effective_after=20,
    )
    return Verdict(outcome=Outcome.KEEP, reason=VerdictReason.GAIN_PROVEN, explanation="less", evidence=(goal,))


def samples(metrics: AdvisorMetrics) -> dict[str, list[tuple[Mapping[str, str], float]]]:
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def test_every_metric_of_the_contract_is_there_with_its_labels() -> None:
    found = samples(page())
    assert {name: set(found[name][0][0]) for name in CONTRACT} == CONTRACT


def test_the_numbers_are_those_of_the_cycle() -> None:
    found = samples(page())
    assert found["advisor_cycles_total"] == [({"outcome": "ok"}, 1)]
    assert found["advisor_source_up"] == [({"source": "prometheus"}, 1), ({"source": "postgres:main"}, 0)]
    assert sorted(labels["rule"] for labels, value in found["advisor_findings"] if value == 1) == [
        "low-cache-hit-rate",
        "pool-exhaustion",
    ]
    assert found["advisor_changes_total"] == [({"knob": "db.pool_size", "outcome": "kept"}, 1)]
    assert found["advisor_change_in_flight"] == [({}, 1)]
    assert found["advisor_leader"] == [({}, 1)]
    # Foretold: from 0.100 to 0.004, -0.096; measured: -0.048. -0.048 / -0.096 - 1 = -0.5: half of it came.
    [(labels, error)] = found["advisor_prediction_error_ratio"]
    assert (labels, error) == ({"knob": "db.pool_size"}, pytest.approx(-0.5))


def test_findings_that_are_gone_are_no_longer_shown() -> None:
    metrics = page()
    metrics.diagnosed(replace(a_diagnosis(), findings=()))
    assert "advisor_findings" not in samples(metrics)


def test_a_source_that_is_degraded_is_up_and_one_that_is_off_is_not_shown() -> None:
    metrics = AdvisorMetrics()
    reports = (
        SourceReport(name="prometheus", status=SourceStatus.DEGRADED, detail="partial"),
        SourceReport(name="redis:main", status=SourceStatus.OFF),
    )
    diagnosis = a_diagnosis()
    metrics.diagnosed(replace(diagnosis, snapshot=replace(diagnosis.snapshot, sources=reports)))
    assert samples(metrics)["advisor_source_up"] == [({"source": "prometheus"}, 1)]


def test_a_change_is_counted_once_it_is_settled() -> None:
    metrics = AdvisorMetrics()
    for state in State:
        metrics.change_moved(a_change(state))
    outcomes = {labels["outcome"] for labels, _ in samples(metrics)["advisor_changes_total"]}
    assert {"kept", "rolled_back", "failed", "superseded", "stuck"} <= outcomes
    assert not {"proposed", "approved", "applying", "trial", "rolling_back"} & outcomes


def test_two_daemons_in_one_process_count_apart() -> None:
    page()
    assert "advisor_cycles_total" not in samples(AdvisorMetrics())


def test_prometheus_own_checker_finds_nothing_to_say() -> None:
    done = subprocess.run(
        [str(prometheus.program("promtool")), "check", "metrics"],
        input=page().text(),
        capture_output=True,
        timeout=30,
        check=False,
    )
    said = [line for line in done.stderr.decode().splitlines() if not re.match(r"advisor_\w+_created ", line)]
    assert (done.returncode, said) == (0, []), done.stderr


def test_a_source_that_is_left_alone_is_shown_as_such() -> None:
    clock, metrics = FakeClock(), AdvisorMetrics()
    breaker = Breaker(name="redis:main", settings=BreakerSettings(failures=1), clock=clock)
    metrics.watch_breaker("redis:main", breaker.is_open)
    assert b'advisor_source_breaker_open{source="redis:main"} 0.0' in metrics.text()
    with pytest.raises(SourceUnavailableError), breaker.guard():
        raise SourceUnavailableError("no answer")
    assert b'advisor_source_breaker_open{source="redis:main"} 1.0' in metrics.text()
