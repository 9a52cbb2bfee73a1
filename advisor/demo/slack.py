"""What Slack would be sent, on the terminal, with a question in place of the buttons. Nothing leaves this machine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from getpass import getuser

from advisor.engine.approvals import Approvals
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import AdvisorError
from advisor.surfaces.slack.messages import change_message
from advisor.surfaces.slack.state import content_of
from advisor.surfaces.slack.telling.preview import as_text

_INDENT = "    # "


@dataclass(slots=True, kw_only=True)
class Preview:
    """say: prints a line. ask: puts a question and gives the answer. says_yes: nobody is asked, all is approved."""

    approvals: Approvals
    say: Callable[[str], None]
    ask: Callable[[str], str]
    says_yes: bool
    _shown: dict[str, str] = field(default_factory=dict)
    _lines: dict[str, frozenset[str]] = field(default_factory=dict)

    def follow(self, history: Sequence[ChangeRecord]) -> None:
        """Show every change whose message would be another one now, and ask about what waits for approval."""
        for record in reversed(history):
            message = change_message(record)
            content = content_of(message)
            if self._shown.get(record.id) == content:
                continue
            self._show(record, as_text(message))
            self._shown[record.id] = content
            if record.state is State.PROPOSED:
                self._decide(record)

    def _show(self, record: ChangeRecord, lines: Sequence[str]) -> None:
        """Of a message that was shown, only the lines that are others now."""
        known = self._lines.get(record.id)
        self.say(f"Slack, {'new message' if known is None else 'message edited'}:")
        for line in lines:
            if known is None or line not in known:
                self.say(f"{_INDENT}{line}")
        self._lines[record.id] = frozenset(lines)

    def _decide(self, record: ChangeRecord) -> None:
        answer = "y" if self.says_yes else self.ask("Approve? [y/n] ")
        who = f"{getuser()} (demo)"
        try:
            if answer.strip().lower() in ("y", "yes"):
                self.approvals.approve(record.id, who, plan=record.plan_hash)
            else:
                self.approvals.reject(record.id, who, "answered no on the terminal")
        except AdvisorError as error:  # it has expired, or the walk was quicker: the next look shows it
            self.say(f"{_INDENT}{error}")
