"""Transactions that stay open, whatever they are doing."""

from typing import Any

import pytest

from advisor.model.finding import Severity
from advisor.testing.database_states import a_database_state, ask
from advisor_rules.maintenance.long_transaction import LONG_TRANSACTION
from tests.unit.rules.pool.test_connection_leak import a_transaction

REPORT: dict[str, Any] = {"state": "active", "open_seconds": 400.0, "state_seconds": 395.0, "application": "report"}


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        (REPORT, "smaller pieces"),
        ({**REPORT, "state": "idle in transaction"}, "pg_terminate_backend(7)"),
        ({**REPORT, "pid": 0, "state": "prepared", "statement": "o'clock"}, "COMMIT PREPARED 'o''clock'"),
    ],
)
def test_it_is_named_with_what_ends_it(changes: dict[str, Any], advice: str) -> None:
    findings, (proposal,) = ask(LONG_TRANSACTION, a_database_state(transactions=(a_transaction(**changes),)))
    assert findings[0].summary == "a transaction of report has been open for 6m40s"
    assert findings[0].severity is Severity.WARNING
    assert advice in str(proposal.proposed)


def test_an_hour_is_critical() -> None:
    findings, _ = ask(
        LONG_TRANSACTION, a_database_state(transactions=(a_transaction(**{**REPORT, "open_seconds": 3600.0}),))
    )
    assert findings[0].severity is Severity.CRITICAL


def test_its_statement_is_shown_without_anybodys_data() -> None:
    findings, _ = ask(LONG_TRANSACTION, a_database_state(transactions=(a_transaction(**REPORT),)))
    assert "4000-1234" not in findings[0].cause


def test_a_short_one_is_left_alone() -> None:
    assert ask(LONG_TRANSACTION, a_database_state(transactions=(a_transaction(),)))[0] == []
