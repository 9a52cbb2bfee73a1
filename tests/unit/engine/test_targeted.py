"""A look because of an alert: only its rules, only its application."""

from advisor.engine.targeted import concerns, look
from advisor.model.alert import Focus, TargetedLook
from advisor.model.report import RuleStatus
from advisor.settings.applications import ApplicationSettings
from advisor.testing.snapshots import a_calm_pool, a_context, a_database_state, a_snapshot, an_exhausted_pool
from advisor.testing.words import a_proposal
from advisor_rules import ALL_RULES

POOLS = frozenset({"pool-exhaustion"})
BOTH = a_snapshot(an_exhausted_pool("shop"), an_exhausted_pool("crane"))


def seen(focus: Focus, snapshot: object = BOTH, **context: object) -> TargetedLook:
    return look(focus, snapshot, ALL_RULES, a_context(**context))  # type: ignore[arg-type]


def test_only_its_rules_are_asked_and_only_its_application_is_found() -> None:
    found = seen(Focus(rules=POOLS, applications=("crane", "quay")))
    assert found.application == "crane"
    assert [finding.id for finding in found.diagnosis.findings] == ["pool-exhaustion/crane"]
    assert [rule.rule for rule in found.diagnosis.rules] == ["pool-exhaustion"]
    assert {proposal.app for proposal in found.diagnosis.proposals} <= {"crane"}
    assert found.diagnosis.choice.proposal is None


def test_a_rule_that_fires_for_others_is_healthy_here() -> None:
    found = seen(Focus(rules=POOLS, applications=("crane",)), a_snapshot(an_exhausted_pool(), a_calm_pool("crane")))
    assert found.diagnosis.findings == ()
    assert [rule.status for rule in found.diagnosis.rules] == [RuleStatus.HEALTHY]


def test_the_first_name_that_is_known_counts() -> None:
    assert seen(Focus(rules=POOLS, applications=("nobody", "crane", "shop"))).application == "crane"


def test_a_name_that_nobody_knows_is_not_everybody() -> None:
    found = seen(Focus(rules=POOLS, applications=("crane|.*",)))
    assert (found.application, found.diagnosis.findings) == ("", ())
    (rule,) = found.diagnosis.rules
    assert (rule.status, rule.reason) == (RuleStatus.SKIPPED, "no such application is known: crane|.*")


def test_an_alert_that_names_nobody_is_about_everybody() -> None:
    found = seen(Focus(rules=POOLS))
    assert {finding.key for finding in found.diagnosis.findings} == {"shop", "crane"}


def test_what_is_summed_over_all_applications_stays_whole() -> None:
    """Two applications of 2 hosts x 10 x 40 connections: neither alone is over the 87 that are left, both are.

    2 x 20 x 1 + releases: each may open 2 x 30 = 60 at most, and 120 together are too many for 100 - 3 - 10 = 87.
    """
    two = a_snapshot(
        a_calm_pool("shop", size=20, max_overflow=0, instances=3, replicas=3),
        a_calm_pool("crane", size=20, max_overflow=0, instances=3, replicas=3),
        databases=[a_database_state()],
    )
    found = seen(Focus(rules=frozenset({"connections-budget"}), applications=("crane",)), two)
    assert [finding.rule for finding in found.diagnosis.findings] == ["connections-budget"]


def test_a_database_is_looked_at_by_its_name_and_as_an_applications() -> None:
    snapshot = a_snapshot(a_calm_pool("crane"), databases=[a_database_state("main"), a_database_state("other")])
    assert seen(Focus(rules=POOLS, databases=("other",)), snapshot).application == "other"
    apps = [ApplicationSettings(name="crane", database="other")]
    assert seen(Focus(rules=POOLS, applications=("crane",)), snapshot, applications=apps).application == "crane"


def test_a_change_came_of_an_alert_that_shares_its_rule_and_its_application() -> None:
    ours = Focus(rules=POOLS, applications=("shop",))
    assert concerns(a_proposal(), ours)
    assert concerns(a_proposal(), Focus(rules=POOLS))
    assert not concerns(a_proposal(), Focus(rules=POOLS, applications=("crane",)))
    assert not concerns(a_proposal(), Focus(rules=frozenset({"missing-index"}), applications=("shop",)))
