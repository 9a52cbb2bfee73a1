"""The usual load is asked for only where a policy waits for quiet, and what cannot be read is not known."""

from datetime import datetime

from advisor.engine.quiet import usual_loads
from advisor.model.errors import SourceUnavailableError
from advisor.model.knob import knob_target
from advisor.model.proposal import Proposal
from advisor.settings.policy import KnobPolicy, PolicySettings
from advisor.testing.words import NOON, a_proposal


class FakeLoadHistory:
    """Knows the loads it was told; the application "lost" cannot be read."""

    def __init__(self, **loads: float) -> None:
        self.loads = loads
        self.asked: list[str] = []

    def usual(self, app: str, at: datetime) -> float | None:
        self.asked.append(app)
        if app == "lost":
            raise SourceUnavailableError("connection refused", where="prometheus")
        return self.loads.get(app)


def of(app: str, knob: str = "db.pool_size") -> Proposal:
    return a_proposal(app=app, target=knob_target(knob, app=app))


def test_nothing_is_asked_where_nobody_waits_for_quiet() -> None:
    history = FakeLoadHistory(shop=100.0)
    assert usual_loads([of("shop")], PolicySettings(), history, NOON) == {}
    assert history.asked == []


def test_each_application_is_asked_for_once_and_the_unknown_ones_are_missing() -> None:
    history = FakeLoadHistory(shop=100.0)
    wanted = [of("shop"), of("shop", "cache.l2.ttl"), of("young"), of("lost"), of("")]
    assert usual_loads(wanted, PolicySettings(quiet_load_ratio=0.5), history, NOON) == {"shop": 100.0}
    assert history.asked == ["lost", "shop", "young"]


def test_a_single_knob_may_wait_for_quiet() -> None:
    policy = PolicySettings(knobs={"cache.l2.ttl": KnobPolicy(quiet_load_ratio=0.5)})
    history = FakeLoadHistory(shop=100.0, other=50.0)
    assert usual_loads([of("shop"), of("other", "cache.l2.ttl")], policy, history, NOON) == {"other": 50.0}


def test_without_prometheus_no_load_is_usual() -> None:
    assert usual_loads([of("shop")], PolicySettings(quiet_load_ratio=0.5), None, NOON) == {}
