"""Why dead rows pile up, and which of the table's parameters help."""

from typing import Any

import pytest

from advisor.model.database.maintenance import OpenTransaction, VacuumSettings
from advisor.testing.database_states import a_database_state, a_table_maintenance, ask
from advisor_rules.maintenance.autovacuum_behind import AUTOVACUUM_BEHIND

# Autovacuum is due at 50 + 0.2 x 100,000 = 20,050 dead rows, and behind at twice that.
OVERDUE: dict[str, Any] = {"dead_rows": 41_000}
HOLDER = OpenTransaction(
    pid=7,
    role="app",
    application="report",
    client="local",
    state="idle in transaction",
    open_seconds=900,
    state_seconds=900,
    statement="SELECT",
    horizon_age=50,
)


def test_a_vacuum_that_is_overdue_gets_more_room_and_comes_sooner() -> None:
    findings, (proposal,) = ask(
        AUTOVACUUM_BEHIND, a_database_state(maintenance=(a_table_maintenance("orders", **OVERDUE),))
    )
    assert "does not get through" in findings[0].summary
    assert proposal.current == "autovacuum_vacuum_cost_limit=default, autovacuum_vacuum_scale_factor=default"
    assert proposal.proposed == "autovacuum_vacuum_cost_limit=2000, autovacuum_vacuum_scale_factor=0.02"
    assert "RESET (autovacuum_vacuum_cost_limit, autovacuum_vacuum_scale_factor)" in proposal.undo


def test_a_large_table_need_not_wait_for_a_fifth_of_its_rows() -> None:
    maintenance = a_table_maintenance("orders", live_rows=2_000_000, dead_rows=300_000)  # 13% dead; due at 400,050
    findings, (proposal,) = ask(AUTOVACUUM_BEHIND, a_database_state(maintenance=(maintenance,)))
    assert "waits for too many rows" in findings[0].summary
    assert proposal.proposed == "autovacuum_vacuum_scale_factor=0.02"


def test_a_table_that_switched_it_off_gets_it_back() -> None:
    maintenance = a_table_maintenance("orders", **OVERDUE, options={"autovacuum_enabled": "false"})
    _, (proposal,) = ask(AUTOVACUUM_BEHIND, a_database_state(maintenance=(maintenance,)))
    assert (proposal.current, proposal.proposed) == ("autovacuum_enabled=false", "autovacuum_enabled=default")
    assert proposal.undo == 'ALTER TABLE "public"."orders" SET (autovacuum_enabled = false);'


def test_on_a_server_without_autovacuum_it_is_advice() -> None:
    look = a_database_state(maintenance=(a_table_maintenance("orders", **OVERDUE),), vacuum=VacuumSettings(is_on=False))
    _, (proposal,) = ask(AUTOVACUUM_BEHIND, look)
    assert not proposal.automatic
    assert "ALTER SYSTEM SET autovacuum = on" in str(proposal.proposed)


def test_while_a_transaction_holds_everything_back_no_parameter_helps() -> None:
    look = a_database_state(maintenance=(a_table_maintenance("orders", **OVERDUE),), transactions=(HOLDER,))
    findings, proposals = ask(AUTOVACUUM_BEHIND, look)
    assert "report (pid 7)" in findings[0].cause
    assert proposals == []


def test_a_table_that_has_these_parameters_already_is_not_given_them_again() -> None:
    options = {"autovacuum_vacuum_cost_limit": "2000", "autovacuum_vacuum_scale_factor": "0.02"}
    assert (
        ask(
            AUTOVACUUM_BEHIND,
            a_database_state(maintenance=(a_table_maintenance("orders", **OVERDUE, options=options),)),
        )[1]
        == []
    )


@pytest.mark.parametrize(
    "maintenance",
    [
        a_table_maintenance("orders"),
        a_table_maintenance("orders", dead_rows=40_000),  # not yet twice the 20,050
        a_table_maintenance("orders", live_rows=900, dead_rows=9_000),
        a_table_maintenance("orders", live_rows=2_000_000, dead_rows=100_000),  # 5%
    ],
)
def test_where_autovacuum_keeps_up_nothing_is_said(maintenance: object) -> None:
    assert ask(AUTOVACUUM_BEHIND, a_database_state(maintenance=(maintenance,)))[0] == []


def test_a_table_of_its_own_threshold_is_judged_by_that() -> None:
    own = a_table_maintenance("orders", dead_rows=41_000, options={"autovacuum_vacuum_threshold": "30000"})
    # Due at 30,000 + 20,000 = 50,000: it is not even due.
    assert ask(AUTOVACUUM_BEHIND, a_database_state(maintenance=(own,)))[0] == []
