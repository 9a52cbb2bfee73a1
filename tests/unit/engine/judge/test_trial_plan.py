"""How a change will be judged follows from what it changes."""

import pytest

from advisor.engine.judge.plan.trial_plan import plan_trial
from advisor.model.knob import knob_target
from advisor.model.proposal import Proposal
from advisor.settings.trial import TrialSettings
from advisor.testing.words import a_proposal

TRIAL = TrialSettings.model_validate(
    {
        "warm_up_seconds": "120s",
        "trial_seconds": "900s",
        "longest_seconds": "2h",
        "apply_seconds": "60s",
        "build_seconds": "1h",
        "smallest_calls": 50,
        "smallest_effective_samples": 4,
        "largest_stretch": 2,
    }
)


def ttl(old: float, new: float) -> Proposal:
    return a_proposal(target=knob_target("cache.l2.ttl", app="shop", cache="dashboard"), current=old, proposed=new)


def test_a_pool_is_judged_by_the_settings_alone() -> None:
    plan = plan_trial(a_proposal(), TRIAL)
    assert (plan.warm_up_seconds, plan.trial_seconds, plan.longest_seconds) == (120, 900, 7200)
    assert plan.apply_seconds == 60
    assert [str(rail.signal) for rail in plan.guardrails] == [
        "http.error_ratio{app=shop}",
        "http.p95_seconds{app=shop}",
        "http.requests_per_second{app=shop}",
    ]


def test_without_an_application_nothing_can_be_guarded() -> None:
    plan = plan_trial(a_proposal(app=""), TRIAL)
    assert (plan.guardrails, plan.tripwires) == ((), ())


def test_on_a_cluster_fewer_instances_are_no_crash_and_a_rollout_takes_its_time() -> None:
    plans = [
        plan_trial(a_proposal(target=knob_target(name, name="web")), TRIAL) for name in ("k8s.hpa", "k8s.resources")
    ]
    assert not any(wire.signal.name == "pool.instances" for plan in plans for wire in plan.tripwires)
    assert [plan.apply_seconds for plan in plans] == [TRIAL.rollout_seconds] * 2


def test_sizes_are_taken_back_when_the_pods_themselves_go_wrong() -> None:
    web = {"cluster": "main", "namespace": "shop", "name": "web"}
    target = knob_target("k8s.resources", kind="deployment.apps", **web)
    exact = ("app cpu request 1; HPA web-hpa target 70%", "app cpu request 500m; HPA web-hpa target 100%")
    wires = plan_trial(a_proposal(target=target, exact=exact), TRIAL).tripwires
    assert [str(wire.signal) for wire in wires] == [
        "workload.oom_kills{kind=Deployment,namespace=shop,workload=web}",
        "workload.crash_loops{kind=Deployment,namespace=shop,workload=web}",
        "workload.evicted_pods{kind=Deployment,namespace=shop,workload=web}",
        "workload.unready_pods{kind=Deployment,namespace=shop,workload=web}",
        "workload.throttled_ratio{kind=Deployment,namespace=shop,workload=web}",
        "autoscaler.at_maximum{hpa=web-hpa,namespace=shop}",
    ]


@pytest.mark.parametrize(("part", "wired"), [("cpu", True), ("scaleUp", True), ("maxReplicas", False)])
def test_an_autoscaler_that_comes_to_its_maximum_ends_it_unless_that_is_what_moves(part: str, wired: bool) -> None:
    target = knob_target("k8s.hpa", cluster="main", namespace="shop", name="web", part=part)
    wires = plan_trial(a_proposal(target=target), TRIAL).tripwires
    assert [str(wire.signal) for wire in wires] == ["autoscaler.at_maximum{hpa=web,namespace=shop}"] * wired


@pytest.mark.parametrize(
    ("old", "new", "warm_up"),
    [
        (10.0, 60.0, 120),  # every entry of 60 s is gone within the usual 120 s
        (60.0, 600.0, 600),  # the first entry that lives for 600 s expires 600 s after the change
        (600.0, 60.0, 600),  # an entry written just before the change lives for 600 s still
        (3600.0, 86_400.0, 7200),  # never longer than the longest window
    ],
)
def test_a_ttl_is_judged_once_every_entry_from_before_is_gone(old: float, new: float, warm_up: float) -> None:
    assert plan_trial(ttl(old, new), TRIAL).warm_up_seconds == warm_up


@pytest.mark.parametrize(
    ("new", "stretch"),
    [
        (600.0, 1.0),  # 7200 s hold 12 lives, and 2 x 4 are enough
        (1200.0, 8 * 1200 / 7200),  # 8 lives of 1200 s are 9600 s
        (7200.0, 2.0),  # 8 would be wanted, twice is allowed
    ],
)
def test_a_ttl_is_watched_for_enough_lives_of_an_entry(new: float, stretch: float) -> None:
    plan = plan_trial(ttl(60.0, new), TRIAL)
    assert plan.trial_seconds == pytest.approx(900 * stretch)
    assert plan.longest_seconds == pytest.approx(7200 * stretch)


def test_a_number_of_entries_is_no_time_to_wait() -> None:
    target = knob_target("cache.l1.max_items", app="shop", cache="dashboard")
    assert plan_trial(a_proposal(target=target, current=500, proposed=5000), TRIAL).warm_up_seconds == 120


@pytest.mark.parametrize(
    ("calls_per_second", "stretch"),
    [
        (1.0, 1.0),  # 900 calls in the first window; 50 are enough
        (0.04, 50 / 36),  # 36 calls in 900 s
        (0.001, 2.0),  # 0.9 calls in 900 s: 56 times as long would be wanted, twice is allowed
        (None, 1.0),
    ],
)
def test_what_happens_rarely_is_watched_for_longer(calls_per_second: float | None, stretch: float) -> None:
    target = knob_target("postgres.index", database="main", index="orders_user_id_idx")
    plan = plan_trial(a_proposal(target=target, events_per_second=calls_per_second), TRIAL)
    assert plan.trial_seconds == pytest.approx(900 * stretch)
    assert plan.longest_seconds == pytest.approx(7200 * stretch)
    assert (plan.warm_up_seconds, plan.apply_seconds) == (120, 3600)


def test_a_pool_may_gain_late_and_an_index_gains_at_once() -> None:
    index = a_proposal(target=knob_target("postgres.index", database="main", table="message"))
    plans = [plan_trial(one, TRIAL.model_copy(update={"no_gain_seconds": 3600.0})) for one in (a_proposal(), index)]
    assert [plan.no_gain_seconds for plan in plans] == [3600, 0]


def test_a_knob_may_have_its_own_time_for_a_gain_to_begin_and_the_longest_window_bounds_it() -> None:
    own = TRIAL.model_copy(update={"no_gain_seconds_by_knob": {"db.pool_size": 86_400.0, "postgres.index": 600.0}})
    index = a_proposal(target=knob_target("postgres.index", database="main", table="message"))
    assert [plan_trial(one, own).no_gain_seconds for one in (a_proposal(), index)] == [7200, 600]
