"""Connections taken and not given back, by who took them."""

from typing import Any

import pytest

from advisor.model.database.maintenance import OpenTransaction
from advisor.model.finding import Severity
from advisor.testing.database_states import a_database_state, ask
from advisor_rules.pool.connection_leak import CONNECTION_LEAK


def a_transaction(**changes: Any) -> OpenTransaction:
    """The web application left one open two minutes ago."""
    facts: dict[str, Any] = {
        "pid": 7,
        "role": "app",
        "application": "web",
        "client": "10.0.0.7",
        "state": "idle in transaction",
        "open_seconds": 130.0,
        "state_seconds": 120.0,
        "statement": "SELECT * FROM cards WHERE number = '4000-1234'",
        "horizon_age": 3,
    }
    return OpenTransaction(**{**facts, **changes})


def test_who_since_when_and_what_are_named_without_anybodys_data() -> None:
    findings, (proposal,) = ask(CONNECTION_LEAK, a_database_state(transactions=(a_transaction(),)))
    assert findings[0].cause == "pid 7 (app@10.0.0.7) idle for 2m after: SELECT * FROM cards WHERE number = $1"
    assert findings[0].severity is Severity.WARNING
    assert "pg_terminate_backend(7)" in str(proposal.proposed)
    assert "idle_in_transaction_session_timeout = '1m'" in proposal.rationale
    assert not proposal.automatic


def test_each_application_is_found_on_its_own_and_the_longest_leads() -> None:
    look = a_database_state(
        transactions=(
            a_transaction(pid=1),
            a_transaction(pid=2, state_seconds=600.0),
            a_transaction(pid=3, application="batch"),
        )
    )
    findings, _ = ask(CONNECTION_LEAK, look)
    assert [(f.subject.name, f.evidence[1].value) for f in findings] == [("web", 2), ("batch", 1)]
    assert findings[0].cause.startswith("pid 2")


def test_a_fifth_of_all_connections_is_critical() -> None:
    leaked = tuple(a_transaction(pid=pid) for pid in range(20))  # of 100
    assert ask(CONNECTION_LEAK, a_database_state(transactions=leaked))[0][0].severity is Severity.CRITICAL


@pytest.mark.parametrize("changes", [{"state_seconds": 59.0}, {"state": "active"}, {"state": "prepared"}])
def test_a_short_pause_and_work_in_progress_are_no_leak(changes: dict[str, Any]) -> None:
    assert ask(CONNECTION_LEAK, a_database_state(transactions=(a_transaction(**changes),)))[0] == []
