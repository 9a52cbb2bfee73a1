"""What `advisor trial-check --signal` asks for."""

from advisor.settings.schema import Settings
from advisor.testing.words import NOON
from advisor.wiring.trial_check import check_of, goals_of

SETTINGS = Settings.model_validate({"applications": [{"name": "shop"}, {"name": "two"}]})


def test_a_signal_is_that_of_every_application_and_may_name_one_of_several_pools() -> None:
    plain = [str(goal.signal) for goal in goals_of(SETTINGS, "pool.wait_mean_seconds", 0.1)]
    assert plain == ["pool.wait_mean_seconds{app=shop}", "pool.wait_mean_seconds{app=two}"]
    shop, _ = goals_of(SETTINGS, "pool.wait_mean_seconds{pool=reports}", 0.1)
    assert str(shop.signal) == "pool.wait_mean_seconds{app=shop,pool=reports}"
    [watched] = check_of(shop, SETTINGS.trial, NOON, NOON, 3).plan.tripwires
    assert str(watched.signal) == "pool.instances{app=shop,pool=reports}"
