"""The demo's preview of Slack: what would be sent, and a question in place of the buttons."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from advisor.demo.slack import Preview
from advisor.engine.approvals import Approvals
from advisor.model.change import Phase, State
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.words import NOON, a_change, a_proposal
from tests.fakes.command import advisor_within


@dataclass
class Terminal:
    answer: str = "y"
    lines: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return self.answer


def preview(journal: InMemoryJournal, terminal: Terminal, *, says_yes: bool = False) -> Preview:
    approvals = Approvals(journal=journal, listeners=(), clock=FakeClock())
    return Preview(approvals=approvals, say=terminal.lines.append, ask=terminal.ask, says_yes=says_yes)


def test_a_proposal_is_shown_as_in_slack_and_approved_on_the_terminal() -> None:
    journal, terminal = InMemoryJournal(), Terminal()
    journal.add(a_change(proposal=a_proposal(rationale="40/s & more <!channel>")))
    shown = preview(journal, terminal)
    shown.follow(journal.history("default"))
    shown.follow(journal.history("default"))
    text = "\n".join(terminal.lines)
    assert "== Proposed: db.pool_size (app shop) 5 connections -> 12 connections ==" in text
    assert "[Approve] [Reject] [Snooze the rule: 4 hours / 1 day / 1 week / 30 days]" in text
    assert "40/s & more <!channel>" in text
    assert "until 2026-01-02 12:00 UTC" in text
    assert terminal.asked == ["Approve? [y/n] "]
    assert [record.state for record in journal.history("default")] == [State.APPROVED]
    edited = terminal.lines[terminal.lines.index("Slack, message edited:") :]
    assert edited[1].endswith("== Approved: db.pool_size (app shop) 5 connections -> 12 connections ==")
    assert "Expected" not in "".join(edited), "what stays is not shown again"


def test_anything_but_yes_rejects() -> None:
    journal, terminal = InMemoryJournal(), Terminal(answer="")
    journal.add(a_change())
    preview(journal, terminal).follow(journal.history("default"))
    (record,) = journal.history("default")
    assert (record.state, record.why.endswith("answered no on the terminal")) == (State.REJECTED, True)


def test_with_yes_nobody_is_asked_and_what_is_late_is_told() -> None:
    journal, terminal = InMemoryJournal(), Terminal()
    record = journal.add(a_change())
    late = replace(record, state=State.EXPIRED, phases=(Phase(state=State.EXPIRED, at=NOON, reason="nobody decided"),))
    shown = preview(journal, terminal, says_yes=True)
    journal.advance(late)
    shown.follow([record])
    assert terminal.asked == []
    assert "approved is not possible while it is expired" in terminal.lines[-1]


def test_without_a_terminal_it_says_so_before_anything_is_started(tmp_path: Path) -> None:
    done = advisor_within(tmp_path, "demo", "--slack")
    assert (done.returncode, "add --yes" in done.stderr) == (2, True)
    done = advisor_within(tmp_path, "demo", "--yes")
    assert (done.returncode, "add --slack" in done.stderr) == (2, True)
