"""CPU targets that keep more pods than the load needs, by the replay."""

import math
from dataclasses import replace
from typing import Any

from advisor.model.kubernetes.demand import WorkloadDemand
from advisor.model.proposal import NoProposal
from advisor.testing.asking import finding_of, the_finding, the_proposal_of
from advisor.testing.models import FakeAutoscalerModel
from advisor.testing.snapshots import a_context, a_snapshot
from advisor.whatif.demand import PlayedDemand
from advisor_rules.kubernetes.hpa_target_too_high import HPA_TARGET_TOO_HIGH
from advisor_rules.kubernetes.hpa_target_too_low import HPA_TARGET_TOO_LOW
from tests.fakes.demand import a_demand, usage_with
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment, patch_of

RULE = HPA_TARGET_TOO_LOW
WEB = deployment("web", [container(requests={"cpu": "500m"})])


def with_the_sun(_day: int, minute: int) -> float:
    return 3 + 2 * math.sin(2 * math.pi * minute / 1440)


def as_many_as_it_needs(day: int, minute: int) -> int:
    """At a target of 50% of 0.5 cores, as of five minutes ago where that is more."""
    return math.ceil(max(with_the_sun(day, minute), with_the_sun(day, minute - 5)) / 0.25)


def look(demand: WorkloadDemand, *metrics: dict[str, Any]) -> Any:
    scaler = autoscaler("web", "web", metrics=metrics or [cpu_target(50)], maxReplicas=30)
    return a_snapshot(clusters=[cluster(WEB, scaler)], usage=usage_with(demand))


def test_a_day_that_rises_slowly_needs_fewer_pods_as_its_replay_shows() -> None:
    """The mean of 3 cores at 80% of 0.5 a pod is 7.5 pods, 180 pod-hours; at 50% it is 12, 288."""
    models = PlayedDemand()
    context = a_context(autoscaler_model=models, load_classifier=models)
    seen = look(a_demand(with_the_sun, as_many_as_it_needs))
    assert "keeps more pods than its load needs: at 50% of CPU 0 s" in the_finding(RULE, seen, context).summary
    proposal = the_proposal_of(RULE, seen, context)
    assert proposal.current == 50
    assert isinstance(proposal.proposed, int)
    assert 70 <= proposal.proposed <= 80
    assert 170 <= proposal.prediction.expected <= 230
    assert patch_of(proposal.undo)["spec"]["metrics"] == [cpu_target(50)]
    # At most 5 cores: 20 pods at 50% of half a core, 13 at 80%, and a few more within the tolerance.
    (plot,) = proposal.plots
    today, proposed = plot.lines
    assert (plot.unit, today.name, proposed.name) == ("pods", "today", "proposed")
    assert max(filter(None, today.values)) in range(18, 22)
    assert max(filter(None, proposed.values)) in range(11, 16)
    assert finding_of(HPA_TARGET_TOO_HIGH, seen, context) is None


def test_another_metric_may_hold_the_pods() -> None:
    memory = {
        "type": "Resource",
        "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    one_pod = a_demand(lambda *_: 0.9, lambda *_: 1)
    context = a_context(autoscaler_model=FakeAutoscalerModel({80: (0.0, 12.0)}))
    assert finding_of(RULE, look(one_pod), context) is not None
    assert finding_of(RULE, look(one_pod, cpu_target(50), memory), context) is None


def test_less_than_a_tenth_saved_and_days_that_differ_are_no_reason() -> None:
    one_pod = a_demand(lambda *_: 0.9, lambda *_: 1)
    little = a_context(autoscaler_model=FakeAutoscalerModel({80: (0.0, 22.0)}))  # 22 of 24: 8%
    assert finding_of(RULE, look(one_pod), little) is None

    class Unsure(FakeAutoscalerModel):
        def choose(self, question: Any) -> Any:
            return replace(super().choose(question), certainty=0.9)

    assert finding_of(RULE, look(one_pod), a_context(autoscaler_model=Unsure({80: (0.0, 12.0)}))) is None


def test_what_kube_state_metrics_cannot_tell_is_not_written_over() -> None:
    """Its series of a metric of one container may look as one of the whole pod's: a patch would make it that."""
    seen = look(a_demand(lambda *_: 0.9, lambda *_: 1))
    context = a_context(autoscaler_model=FakeAutoscalerModel({80: (0.0, 12.0)}))
    (state,) = seen.clusters.values()
    vague = replace(state, hpas=tuple(replace(one, tells_kinds=False, written_metrics=()) for one in state.hpas))
    seen = replace(seen, clusters={state.name: vague})
    refused = RULE.propose(the_finding(RULE, seen, context), seen, context)
    assert isinstance(refused, NoProposal)
    assert "of the whole pod or of one container" in refused.reason
