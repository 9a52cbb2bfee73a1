"""One statement that got worse is seen under nine that got better; one that hangs, before it has ended once."""

from dataclasses import replace

from advisor.engine.judge.judge import judge
from advisor.engine.judge.statements import hanging, on_table, regressions
from advisor.model.database.workload import Statement, StatementWindow
from advisor.model.verdict import Outcome, VerdictReason
from advisor.settings.trial import TrialSettings
from tests.fakes.trials import a_trial

SETTINGS = TrialSettings()


def a_statement(name: str, mean: float, calls: int = 1000, spread: float = 0.5, table: str = "orders") -> Statement:
    """Calls around `mean` seconds with a standard deviation of `spread` of it."""
    return Statement(
        queryid=name,
        text=f"SELECT {name} FROM {table}",
        calls=calls,
        total_seconds=calls * mean,
        mean_seconds=mean,
        rows=calls,
        squared_seconds=calls * mean**2 * (1 + spread**2),
    )


def window(*statements: Statement, seconds: float = 600, longest: float = 0.5) -> StatementWindow:
    return StatementWindow(seconds=seconds, statements=statements, longest_running_seconds=longest)


def test_one_regression_is_seen_under_nine_gains() -> None:
    """Nine reads fall from 100 to 10 ms; the insert rises from 2 to 6 ms, and nobody asked about it."""
    before = window(*(a_statement(f"read{i}", 0.1) for i in range(9)), a_statement("insert", 0.002))
    after = window(*(a_statement(f"read{i}", 0.01) for i in range(9)), a_statement("insert", 0.006))
    found = regressions(before, after, SETTINGS, alpha=0.01)
    assert found == ("a statement went from 0.002 s to 0.006 s: SELECT insert FROM orders",)


def test_a_rise_within_the_bound_within_the_slack_or_within_the_noise_is_none() -> None:
    before = window(a_statement("a", 0.1), a_statement("b", 0.0001), a_statement("c", 0.1, calls=6, spread=3.0))
    after = window(a_statement("a", 0.14), a_statement("b", 0.0004), a_statement("c", 0.3, calls=6, spread=3.0))
    assert regressions(before, after, SETTINGS, alpha=0.01) == ()


def test_without_squares_or_calls_nothing_is_claimed() -> None:
    unknown = replace(a_statement("a", 0.1), squared_seconds=None)
    assert regressions(window(unknown), window(a_statement("a", 1.0)), SETTINGS, alpha=0.01) == ()
    few = window(a_statement("a", 0.1, calls=4))
    assert regressions(few, window(a_statement("a", 9.0)), SETTINGS, alpha=0.01) == ()


def test_calls_that_no_longer_end_are_seen_before_one_has() -> None:
    """1,000 calls of 100 ms in 600 s, and in 60 s not one has ended; something has been running for 50 s."""
    others = a_statement("other", 0.01, calls=6000)
    before = window(a_statement("hung", 0.1), others)
    after = window(replace(others, calls=600), seconds=60, longest=50)
    assert hanging(before, after, alpha=0.01) == ("a statement no longer comes to an end: SELECT hung FROM orders",)


def test_calls_that_are_not_made_any_more_do_not_hang() -> None:
    others = a_statement("other", 0.01, calls=6000)
    before = window(a_statement("idle", 0.1), others)
    assert hanging(before, window(replace(others, calls=600), seconds=60, longest=0.5), alpha=0.01) == ()
    asleep = window(replace(others, calls=1), seconds=60, longest=50)  # nobody calls anything: no wonder
    assert hanging(before, asleep, alpha=0.01) == ()


def test_only_what_names_the_table_is_watched() -> None:
    both = window(a_statement("a", 0.1), a_statement("b", 0.1, table="orders_archive"), a_statement("c", 1, table="x"))
    assert [one.queryid for one in on_table(both, "orders").statements] == ["a"]
    assert len(on_table(both, "").statements) == 3


def test_the_judge_rolls_back_for_a_statement_nobody_asked_about() -> None:
    before = window(a_statement("insert", 0.002))
    verdict = judge(a_trial(statements=(before, window(a_statement("insert", 0.02)))))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED)
    hung = judge(a_trial(statements=(before, window(seconds=60, longest=50)), elapsed_seconds=60))
    assert (hung.outcome, hung.reason) == (Outcome.ROLL_BACK, VerdictReason.STOPPED)
