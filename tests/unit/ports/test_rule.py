"""Needs: what is missing is named, and is never taken for healthy."""

from advisor.engine.diagnose import diagnose
from advisor.model.report import RuleResult, RuleStatus
from advisor.model.signal import Partial, Stale
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, needs
from advisor.settings.applications import ApplicationSettings
from advisor.testing.snapshots import (
    a_cache,
    a_calm_pool,
    a_context,
    a_database_state,
    a_snapshot,
    a_tier,
    an_exhausted_pool,
    signals,
)
from advisor.testing.words import NOON
from advisor_rules import ALL_RULES
from advisor_rules.cache.low_cache_hit_rate import LOW_CACHE_HIT_RATE
from advisor_rules.indexes.missing_index import MISSING_INDEX
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION
from tests.fakes.demand import a_demand, usage_with
from tests.fakes.manifests import autoscaler, cluster, container, deployment

STALE = Stale(value=4, at=NOON, age_seconds=90)


def result(rule: Rule, snapshot: Snapshot) -> RuleResult:
    (found,), _ = diagnose(snapshot, [rule], a_context())
    return found


def test_with_nothing_observed_every_rule_is_skipped_and_says_what_it_needs() -> None:
    results, findings = diagnose(a_snapshot(), ALL_RULES, a_context())
    assert not findings
    assert {one.status for one in results} == {RuleStatus.SKIPPED}
    reasons = {one.rule: one.reason for one in results}
    assert reasons["pool-exhaustion"] == "no source delivers pool.size; no source delivers pool.checked_out"
    assert reasons["missing-index"] == "no Postgres was read"


def test_readings_that_are_no_evidence_skip_the_rule() -> None:
    found = result(
        POOL_EXHAUSTION, a_snapshot(a_calm_pool(size=STALE, checked_out=Partial(warnings=("one store down",))))
    )
    assert found.status is RuleStatus.SKIPPED
    assert "pool.size{app=shop}: stale by 90 s" in found.reason
    assert "pool.checked_out{app=shop}: partial answer: one store down" in found.reason


def test_a_rule_that_could_judge_only_some_says_which_it_could_not() -> None:
    found = result(POOL_EXHAUSTION, a_snapshot(a_calm_pool("shop"), an_exhausted_pool("harness", size=STALE)))
    assert found.status is RuleStatus.HEALTHY
    assert found.reason == "not judged: pool.size{app=harness}: stale by 90 s"


def test_a_cache_without_its_load_is_skipped() -> None:
    found = result(LOW_CACHE_HIT_RATE, a_snapshot(a_tier(requests_per_second=None), a_cache()))
    assert found == RuleResult(
        rule="low-cache-hit-rate", status=RuleStatus.SKIPPED, reason="no source delivers cache.requests_per_second"
    )


def test_statements_that_may_not_be_read_skip_the_index_rule() -> None:
    found = result(MISSING_INDEX, a_snapshot(databases=[a_database_state(has_statements=False)]))
    assert found.status is RuleStatus.SKIPPED
    assert found.reason == "pg_stat_statements is not installed or cannot be read"


def test_one_database_without_statements_is_named() -> None:
    found = result(
        MISSING_INDEX, a_snapshot(databases=[a_database_state("main"), a_database_state("books", has_statements=False)])
    )
    assert found.status is RuleStatus.HEALTHY
    assert found.reason == "not judged: database books: pg_stat_statements is not installed or cannot be read"


def test_findings_come_the_costliest_first() -> None:
    snapshot = a_snapshot(an_exhausted_pool("harness", waiting=3), an_exhausted_pool("shop", waiting=60))
    _, findings = diagnose(snapshot, [POOL_EXHAUSTION], a_context())
    assert [finding.key for finding in findings] == ["shop", "harness"]


def test_a_configured_application_has_its_own_database_and_no_other() -> None:
    context = a_context(applications=[ApplicationSettings(name="shop", database="orders")])
    books, orders = a_database_state("books"), a_database_state("orders")
    assert context.database_of("shop", a_snapshot(databases=[books, orders])) is orders
    assert context.database_of("shop", a_snapshot(databases=[books])) is None
    assert context.database_of("harness", a_snapshot(databases=[books])) is books
    assert context.database_of("harness", a_snapshot(databases=[books, orders])) is None


def test_without_configuration_the_only_application_seen_is_the_one_to_watch() -> None:
    shop, harness = (signals({"http.requests_per_second": 1}, app=app) for app in ("shop", "harness"))
    assert a_context().app_of("main", a_snapshot(shop)) == "shop"
    assert a_context().app_of("main", a_snapshot(shop, harness)) == ""
    assert a_context().app_of("main", a_snapshot()) == ""


def test_autoscaled_workloads_without_demand_are_told_beside_those_that_have_it() -> None:
    scaled = cluster(
        *(deployment(name, [container()]) for name in ("web", "api")),
        autoscaler("web", "web"),
        autoscaler("api", "api"),
    )
    seen = a_snapshot(clusters=[scaled], usage=usage_with(a_demand(lambda *_: 1.0, lambda *_: 2)))
    (need,) = needs("demand")
    assert need.missing(seen) == ""
    assert list(need.gaps(seen)) == ["no whole day of demand of Deployment shop/api"]
    assert need.missing(a_snapshot(clusters=[scaled])) == "the demand of no autoscaled workload was read"
