"""Every rule is asked; one whose needs are not met is skipped and says why, never healthy."""

from advisor.engine.diagnose import diagnose
from advisor.model.report import RuleStatus
from advisor.model.signal import Measured, signal
from advisor.model.snapshot import Snapshot
from advisor.testing.rules import a_context, a_rule
from advisor.testing.words import NOON, a_finding

SEEN = Snapshot(
    taken_at=NOON, window_seconds=300, signals={signal("pool.size", app="shop"): Measured(value=5, at=NOON)}
)
NOTHING = Snapshot(taken_at=NOON, window_seconds=300)


def test_a_rule_fires_or_is_healthy() -> None:
    fired, healthy = a_rule("pool-exhaustion", finds=[a_finding()]), a_rule("missing-index")
    results, findings = diagnose(SEEN, [fired, healthy], a_context())
    assert [(result.rule, result.status) for result in results] == [
        ("pool-exhaustion", RuleStatus.FIRED),
        ("missing-index", RuleStatus.HEALTHY),
    ]
    assert findings == (a_finding(),)


def test_an_unmet_need_skips_the_rule_and_names_every_one_of_them() -> None:
    rule = a_rule("pool-exhaustion", needs=("pool.size", "database", "cache.hit_ratio"), finds=[a_finding()])
    results, findings = diagnose(SEEN, [rule], a_context())
    assert results[0].status is RuleStatus.SKIPPED
    assert results[0].reason == "no Postgres was read; no source delivers cache.hit_ratio"
    assert findings == ()


def test_no_source_at_all_is_no_health() -> None:
    results, _ = diagnose(NOTHING, [a_rule("pool-exhaustion", needs=("pool.size",))], a_context())
    assert {result.status for result in results} == {RuleStatus.SKIPPED}


def test_findings_come_in_the_order_of_what_they_cost_and_equals_by_name() -> None:
    cheap = a_finding(key="b", waste_seconds_per_second=0.1)
    dear = a_finding(key="c", waste_seconds_per_second=3.0)
    equal = a_finding(key="a", waste_seconds_per_second=0.1)
    _, findings = diagnose(SEEN, [a_rule("pool-exhaustion", finds=[cheap, dear, equal])], a_context())
    assert [finding.key for finding in findings] == ["c", "a", "b"]
