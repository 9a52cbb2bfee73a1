"""Autoscalers on CPU while requests queue in idle pods: requests per second, from what a pod was seen to take."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.model.finding import Finding, Severity
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.hours import HOURS
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.settings.applications import ApplicationSettings
from advisor.testing.snapshots import Signals, a_context, a_snapshot, an_exhausted_pool, signals
from advisor_rules.kubernetes.hpa_custom_metric import HPA_CUSTOM_METRIC, _round_down
from advisor_rules.kubernetes.scaling.adapter import adapter_rule, counter_of
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment, patch_of
from tests.fakes.usage import a_day, cluster_usage, usage_of

RULE = HPA_CUSTOM_METRIC
PRESETS = Path(__file__).resolve().parents[4] / "config" / "presets"
TARGET = {"type": "AverageValue", "averageValue": "35"}
RATE = {"type": "Pods", "pods": {"metric": {"name": "http_requests_per_second"}, "target": TARGET}}


def web(*metrics: dict[str, Any], request: str = "2", **spec: Any) -> ClusterState:
    return cluster(
        deployment("web", [container(requests={"cpu": request, "memory": "1Gi"})]),
        autoscaler("web", "web", metrics=metrics, **spec),
    )


def shop(app: str = "web", **changes: float | None) -> Signals:
    """100 requests a second by 2 pods whose threads are all busy."""
    values = {"http.requests_per_second": 100, "app.thread_limit": 40, "app.threads_busy": 40, "http.p95_seconds": 2.5}
    return signals(values | {name.replace("__", "."): value for name, value in changes.items()}, app=app)


def look(
    state: ClusterState | None = None, *parts: Signals, usage: ContainerUsage | None = None, preset: str = "guide"
) -> Snapshot:
    """Half a core of 2 in use: 25% of a target of 70%."""
    seen = a_snapshot(*(parts or (shop(),)), clusters=[state or web()], usage=cluster_usage(usage or usage_of()))
    return replace(seen, presets={signal("http.requests_per_second", app="web"): preset})


def found(seen: Snapshot, *apps: ApplicationSettings) -> Sequence[Finding]:
    return RULE.diagnose(seen, a_context(applications=apps))


def offered(seen: Snapshot) -> Sequence[Proposal]:
    (finding,) = found(seen)
    return RULE.propose(finding, seen, a_context())


def the_proposal(seen: Snapshot) -> Proposal:
    (proposal,) = offered(seen)
    return proposal


def test_threads_that_are_all_busy_at_a_quarter_of_the_cpu_want_requests_per_second() -> None:
    """50 a second and pod are what full threads serve: 0.7 x 50 = 35; 2 x 50 / 35 = 2.9, so 3 pods."""
    (finding,) = found(look())
    assert finding.summary == "HorizontalPodAutoscaler shop/web adds no pod at 25% CPU, and requests of web queue"
    assert "100% of the worker threads are busy" in finding.cause
    assert finding.severity is Severity.WARNING
    told = {one.signal: one.value for one in finding.evidence}
    assert told["kubernetes.requests_per_pod"] == 50
    assert told["http.p95_seconds"] == 2.5
    proposal = the_proposal(look())
    assert proposal.proposed == "cpu 70%, http_requests_per_second 35 a pod"
    assert (proposal.prediction.low, proposal.prediction.high) == (35, 35)
    assert "3 pods instead of 2 now" in proposal.rationale
    assert not proposal.automatic


def test_the_adapters_rule_comes_first_and_the_undo_leaves_cpu() -> None:
    """96 a second by threads that are 96% busy: a pod takes 48 / 0.96 = 50, and 35 of them are the target."""
    proposal = the_proposal(look(None, shop(http__requests_per_second=96, app__threads_busy=38.4)))
    rule, _, command = proposal.apply.partition("# 2. then:\n")
    assert yaml.safe_load(rule) == {
        "rules": [
            {
                "seriesQuery": 'http_requests_total{namespace!="",pod!=""}',
                "resources": {"overrides": {"namespace": {"resource": "namespace"}, "pod": {"resource": "pod"}}},
                "name": {"matches": "^http_requests_total$", "as": "http_requests_per_second"},
                "metricsQuery": "sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)",
            }
        ]
    }
    assert patch_of(command) == {"spec": {"metrics": [cpu_target(70), RATE]}}
    assert patch_of(proposal.undo) == {"spec": {"metrics": [cpu_target(70)]}}


@pytest.mark.parametrize("preset", ["guide", "fastapi", "otel", "micrometer", "prom_client", "django"])
def test_the_counter_is_the_one_that_the_preset_itself_has(preset: str) -> None:
    counter = counter_of(preset)
    assert counter is not None
    text = yaml.safe_load((PRESETS / f"{preset}.yaml").read_text())["http.requests_per_second"]
    assert f"rate({counter}{{" in text
    assert f"^{counter}$" in adapter_rule(counter)


def test_every_preset_that_counts_requests_has_its_counter() -> None:
    counting = [
        one.stem for one in PRESETS.glob("*.yaml") if "http.requests_per_second" in yaml.safe_load(one.read_text())
    ]
    assert counting
    assert [preset for preset in counting if counter_of(preset) is None] == []


def test_a_preset_of_ones_own_leaves_the_counter_to_a_person() -> None:
    doubts = the_proposal(look(preset="/etc/shop.yaml")).doubts
    assert "http_requests_total is the guide's: put what counts your requests in its place" in doubts
    assert not any("in its place" in doubt for doubt in the_proposal(look()).doubts)


@pytest.mark.parametrize(
    ("value", "down"),
    [
        (34.9, Fraction(34)),
        (7.38, Fraction(73, 10)),
        (349, Fraction(340)),
        (1234, Fraction(1200)),
        (0.7, Fraction(7, 10)),
    ],
)
def test_two_digits_are_all_that_one_window_tells(value: float, down: Fraction) -> None:
    assert _round_down(value) == down


def test_callers_who_wait_for_connections_alone_are_told_and_no_pod_is_added() -> None:
    """More pods open more connections to the same database."""
    seen = look(None, shop(app__threads_busy=10), an_exhausted_pool("web"))
    (finding,) = found(seen)
    assert "callers wait 1 s (p95) for a connection of the pool" in finding.cause
    assert finding.severity is Severity.INFO
    answer = offered(seen)
    assert isinstance(answer, NoProposal)
    assert answer.reason.startswith("what holds the connections comes first (pool-exhaustion)")


def test_threads_and_connections_are_one_proposal_with_a_doubt() -> None:
    assert any(
        "connections-budget" in doubt for doubt in the_proposal(look(None, shop(), an_exhausted_pool("web"))).doubts
    )


def test_a_target_that_makes_the_maximum_too_small_is_not_proposed() -> None:
    answer = offered(look(web(minReplicas=1, maxReplicas=2)))
    assert isinstance(answer, NoProposal)
    assert answer.reason == (
        "at 35 requests a second and pod there would be 3 pods now, and the maximum is 2: raise it first"
    )


def test_a_slow_answer_alone_is_no_queue() -> None:
    """It may wait for somebody else, and more pods would wait as well."""
    assert found(look(None, shop(app__threads_busy=10))) == []
    assert found(look(None, shop(app__threads_busy=None, http__p95_seconds=20))) == []


@pytest.mark.parametrize(
    "usage",
    [
        usage_of(days=[a_day(1, cores=1.3), a_day(cores=1.3)]),  # 65% of 2 cores: within the tolerance of 70%
        usage_of(days=[a_day(1), a_day(cpu_hours=(0.5,) * (HOURS - 1) + (1.8,))]),  # busy in this hour
        usage_of(days=[a_day(1, throttled_hours=(0.6,) * HOURS), a_day(throttled_hours=(0.6,) * HOURS)]),
        usage_of(days=[a_day(memory_hours=(400.0 * 1024**2,) * 6 + (None,) * 18)]),
        usage_of(restarts=40, is_crash_looping=True),
    ],
    ids=["cpu busy", "busy now", "throttled", "few hours", "crash loop"],
)
def test_cpu_that_is_busy_cut_off_or_not_known_is_no_idle_cpu(usage: ContainerUsage) -> None:
    assert found(look(usage=usage)) == []


@pytest.mark.parametrize(
    "state",
    [
        web(RATE, cpu_target()),
        web(
            {
                "type": "Resource",
                "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}},
            }
        ),
        web(minReplicas=3, maxReplicas=3),
        cluster(deployment("other", [container(requests={"cpu": "2"})]), autoscaler("other", "other")),
    ],
    ids=["has it already", "not on cpu", "no room", "another workload"],
)
def test_autoscalers_that_it_does_not_speak_of(state: ClusterState) -> None:
    assert found(look(state)) == []


def test_the_settings_join_an_application_to_a_workload_of_another_name() -> None:
    named = look(None, shop("voiceassist"))
    assert found(named) == []
    assert len(found(named, ApplicationSettings(name="voiceassist", workloads=("shop/web",)))) == 1
    two = ApplicationSettings(name="voiceassist", workloads=("shop/web", "shop/worker"))
    both = replace(
        named,
        clusters={
            "manifests": cluster(
                deployment("web", [container(requests={"cpu": "2"})]),
                deployment("worker", [container(requests={"cpu": "2"})]),
                autoscaler("web", "web"),
            )
        },
    )
    assert found(both, two) == []  # whose requests they are is not known


def test_too_few_requests_say_nothing() -> None:
    assert found(look(None, shop(http__requests_per_second=1.5))) == []


def test_pods_beyond_those_of_the_cluster_share_the_rate() -> None:
    """100 a second by 4 pods that show a pool: 25 each, of which 0.7 are 17.5."""
    seen = look(None, shop(), signals({"pool.replicas": 4}, app="web"))
    assert the_proposal(seen).proposed == "cpu 70%, http_requests_per_second 17 a pod"
