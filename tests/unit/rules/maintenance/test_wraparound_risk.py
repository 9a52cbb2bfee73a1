"""How far the server is from running out of transaction ids."""

import pytest

from advisor.model.database.maintenance import DatabaseAge
from advisor.model.finding import Severity
from advisor.testing.database_states import a_database_state, a_table_maintenance, ask
from advisor_rules.maintenance.wraparound_risk import WRAPAROUND_RISK
from tests.unit.rules.pool.test_connection_leak import a_transaction


def an_age(transactions: int, multixacts: int = 0) -> DatabaseAge:
    return DatabaseAge(database="shop", transactions=transactions, multixacts=multixacts)


@pytest.mark.parametrize(
    ("age", "severity"),
    [
        (an_age(400_000_000), Severity.WARNING),  # twice the 200 million at which autovacuum freezes
        (an_age(1_100_000_000), Severity.WARNING),  # 51% of 2^31
        (an_age(0, 1_100_000_000), Severity.WARNING),
        (an_age(1_700_000_000), Severity.CRITICAL),  # 79%: past vacuum_failsafe_age
    ],
)
def test_an_old_database_is_a_risk(age: DatabaseAge, severity: Severity) -> None:
    maintenance = (
        a_table_maintenance("young", transaction_age=5),
        a_table_maintenance("old", transaction_age=400_000_000),
    )
    findings, (proposal,) = ask(WRAPAROUND_RISK, a_database_state(ages=(age,), maintenance=maintenance))
    assert findings[0].severity is severity
    assert 'VACUUM (FREEZE) "public"."old"; VACUUM (FREEZE) "public"."young";' in str(proposal.proposed)


def test_what_holds_freezing_back_is_named() -> None:
    holder = a_transaction(open_seconds=900.0)
    findings, _ = ask(WRAPAROUND_RISK, a_database_state(ages=(an_age(400_000_000),), transactions=(holder,)))
    assert "a transaction of web (pid 7) holds it back" in findings[0].cause


def test_a_young_database_is_left_alone() -> None:
    assert ask(WRAPAROUND_RISK, a_database_state(ages=(an_age(399_999_999, 999_999_999),)))[0] == []
