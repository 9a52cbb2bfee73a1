"""Autoscalers that take pods away and make them again within minutes."""

import math
from typing import Any

from advisor.model.proposal import NoProposal
from advisor.testing.asking import finding_of, the_finding, the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor.whatif.demand import PlayedDemand
from advisor_rules.kubernetes.hpa_flapping import HPA_FLAPPING
from tests.fakes.demand import a_demand, usage_with
from tests.fakes.manifests import autoscaler, cluster, container, deployment, patch_of

RULE = HPA_FLAPPING
PLAYED = PlayedDemand()
WEB = deployment("web", [container(requests={"cpu": "500m"})])
AT_ONCE = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}


def dips(_day: int, minute: int) -> float:
    """To the half for four minutes of every thirty."""
    return 1.75 if minute % 30 >= 26 else 3.5


def as_many_as_it_needs(day: int, minute: int) -> int:
    return math.ceil(dips(day, minute) / 0.35 - 1e-9)


def look(pods: Any = as_many_as_it_needs, cores: Any = dips, **behavior: Any) -> Any:
    state = cluster(WEB, autoscaler("web", "web", behavior={"scaleDown": AT_ONCE | behavior}, maxReplicas=20))
    return a_snapshot(clusters=[state], usage=usage_with(a_demand(cores, pods)))


def context() -> Any:
    return a_context(autoscaler_model=PLAYED, load_classifier=PLAYED)


def test_dips_that_are_over_before_the_window_cost_no_pod() -> None:
    """48 dips a day, the last of which does not end in its day; within the guide's five minutes none comes through."""
    seen = look()
    assert the_finding(RULE, seen, context()).summary == (
        "HorizontalPodAutoscaler shop/web takes pods away and makes them again 47 times a day"
    )
    proposal = the_proposal_of(RULE, seen, context())
    assert proposal.proposed == "window 300 s, 10% every 60 s"
    assert patch_of(proposal.undo)["spec"]["behavior"] == {"scaleDown": {**AT_ONCE, "selectPolicy": None}}
    assert proposal.prediction.expected < 5
    assert proposal.rationale.startswith("0 moves a day instead of 191, with 0 s of overload")  # 48 x 4, but for one


def test_pods_that_come_and_go_without_its_metric_get_no_window() -> None:
    """The demand is flat; somebody else doubles the pods and halves them."""
    seen = look(lambda _day, minute: 20 if minute % 30 >= 15 else 10, lambda *_: 3.5)
    answer = RULE.propose(the_finding(RULE, seen, context()), seen, context())
    assert isinstance(answer, NoProposal)
    assert answer.reason == "today's setting, played, has other pods than were seen: something else moves them too"


def test_a_day_that_falls_and_rises_slowly_and_a_closed_half_are_left_alone() -> None:
    def slowly(_day: int, minute: int) -> float:
        return 3 + 2 * math.sin(2 * math.pi * minute / 1440)

    pods = [lambda day, minute: math.ceil(slowly(day, minute) / 0.35)]
    assert finding_of(RULE, look(pods[0], slowly), context()) is None
    assert finding_of(RULE, look(selectPolicy="Disabled"), context()) is None
