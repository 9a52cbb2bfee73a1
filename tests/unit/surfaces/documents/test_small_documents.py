"""The doctor, the kill switch and the rule book."""

import json

from advisor.model.change import Pause, State
from advisor.model.check import CheckLine, CheckStatus
from advisor.ports.rule import Rule, needs
from advisor.ports.rule_pack import RulePack
from advisor.surfaces.documents.check import check_document
from advisor.surfaces.documents.pause import pause_document
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.documents.rule import rule_book_document, rule_document
from advisor.surfaces.formats.render import to_json
from advisor.surfaces.formats.text import to_text
from advisor.surfaces.views.check import check_view
from advisor.surfaces.views.pause import pause_view
from advisor.surfaces.views.rule import rule_book_view, rule_entry, rule_view
from advisor.testing.words import NOON, a_change

A_RULE = Rule(
    id="pool-exhaustion",
    title="Pool exhausted",
    guide="4. Connection Pool Tuning",
    needs=needs("pool.size", "pool.waiting"),
    diagnose=lambda snapshot, context: [],
    propose=lambda finding, snapshot, context: [],
)


def test_a_check_is_as_bad_as_its_worst_line_and_shows_the_fix() -> None:
    grant = "GRANT pg_monitor TO reader"
    lines = [
        CheckLine(name="prometheus", status=CheckStatus.OK, detail="3.0", is_connection=True),
        CheckLine(name="privileges", status=CheckStatus.FAILED, detail="no pg_monitor", fix=grant),
        CheckLine(name="hypopg", status=CheckStatus.WARNING, detail="not installed"),
    ]
    document = check_document(check_view(lines))
    assert json.loads(to_json(document))["status"] == "failed"
    assert grant in to_text(document, wide=False)
    assert check_view([]).status is CheckStatus.OK


def test_a_freeze_names_the_value_it_leaves_changed() -> None:
    view = pause_view(Pause(reason="incident", since=NOON, freeze=True), a_change(State.TRIAL))
    text = to_text(pause_document(view), wide=False)
    assert "db.pool_size[app=shop] may stand at 12 connections, was 5 connections" in text
    assert "held back too" in text


def test_a_pause_before_anything_was_applied_leaves_nothing_changed() -> None:
    view = pause_view(Pause(reason="incident", since=NOON, freeze=False), a_change(State.APPROVED))
    assert view.left_changed is None
    assert json.loads(to_json(pause_document(pause_view(None, None))))["paused"] is False


def test_the_rule_book_says_what_a_rule_needs_and_whether_it_is_run() -> None:
    pack = RulePack(name="queues", rules=(A_RULE,))
    book = json.loads(to_json(rule_book_document(rule_book_view([pack], {"pool-exhaustion"}))))
    assert book["rules"] == [
        {
            "id": "pool-exhaustion",
            "title": "Pool exhausted",
            "guide": "4. Connection Pool Tuning",
            "needs": ["pool.size", "pool.waiting"],
            "enabled": False,
            "pack": "queues",
        }
    ]
    shown = json.loads(to_json(rule_document(rule_view(A_RULE, rule_entry(A_RULE, pack, ()), "# Pool exhausted"))))
    assert (shown["schema"], shown["enabled"]) == ("advisor/rule/v1", True)
    assert "The doctor" in shown["about"]  # what the module that holds the rule says of itself
    assert (shown["pack"], shown["page"]) == ("queues", "# Pool exhausted")


def test_numbers_are_written_as_people_read_them() -> None:
    assert quantity(0.25, "seconds") == "250ms"
    assert quantity(0.314, "ratio") == "31.4%"
    assert quantity(1_500_000, "bytes") == "1.5 MB"
    assert quantity(10_000, "rows") == "10,000 rows"
    assert quantity(None, "seconds") == "unknown"
    assert quantity(float("inf"), "s") == "unbounded"
    assert quantity(float("nan"), "s") == "unknown"
