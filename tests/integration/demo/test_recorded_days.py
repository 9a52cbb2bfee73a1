"""The days that the demo puts on record: read from a real Prometheus, they lead to the change that it is to show."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.demo.cluster import workload
from advisor.demo.cluster.history import DAYS, recorded
from advisor.model.kubernetes.demand import WorkloadKey
from advisor.servers import prometheus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.looks import UsageLooks
from advisor.testing.asking import the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor.whatif.demand import PlayedDemand
from advisor_rules.kubernetes.hpa_target_too_high import HPA_TARGET_TOO_HIGH
from tests.fakes.manifests import cluster

NOW = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
"""Half an hour after midnight: the day that has just ended is one of the three."""


@pytest.fixture(params=[NOW, NOW + timedelta(hours=15)], ids=["after midnight", "in the afternoon"])
def reading(
    servers_wanted: None, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[PrometheusApi, datetime]]:
    text, now = tmp_path / "history.om", request.param
    text.write_text(recorded(now), encoding="utf-8")
    with prometheus.start({}, history=text) as server:
        settings = PrometheusSettings.model_validate({"url": server.url, "timeout_seconds": "60s"})
        with closing(PrometheusApi(settings)) as api:
            yield api, now


def test_a_lower_target_is_proposed_by_the_replay_of_the_recorded_days(
    reading: tuple[PrometheusApi, datetime],
) -> None:
    api, now = reading
    state = cluster(workload.deployment(), workload.autoscaler())
    settings = KubernetesSettings.model_validate({"usage": {"days": DAYS, "timeout_seconds": "60s"}})
    usage = UsageLooks(api, settings, {})(now, state)[0]
    demand = usage.demands[WorkloadKey(workload.NAMESPACE, "Deployment", workload.APP)]
    assert [day.step_seconds for day in demand.days] == [60] * DAYS
    models = PlayedDemand()
    context = a_context(autoscaler_model=models, load_classifier=models)
    proposal = the_proposal_of(HPA_TARGET_TOO_HIGH, a_snapshot(clusters=[state], usage=usage), context)
    assert proposal.current == workload.TARGET_PERCENT
    assert isinstance(proposal.proposed, int)
    assert proposal.proposed <= 70
