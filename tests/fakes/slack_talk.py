"""A conversation with the double of Slack's API, round by round and by a clock that a test moves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from advisor.clients.slack import SlackClient
from advisor.model.calendar import ChangeWindow
from advisor.model.change import ChangeRecord, Phase, State
from advisor.ports.observing import SampleReader
from advisor.settings.policy import Mode
from advisor.surfaces.slack.faults import Fault
from advisor.surfaces.slack.pace import Pace
from advisor.surfaces.slack.sender import Sender
from advisor.surfaces.slack.state import Memory
from advisor.surfaces.slack.telling.conversation import Conversation
from advisor.surfaces.slack.telling.live import LiveNumbers
from advisor.surfaces.slack.telling.mail import Mail
from advisor.surfaces.slack.telling.once import Once
from advisor.surfaces.slack.telling.pictures import Pictures
from advisor.surfaces.slack.telling.quiet_hours import QuietHours
from advisor.surfaces.slack.telling.recommendations import Recommendations
from advisor.surfaces.slack.telling.threads import ChangeThreads
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.notebook import InMemoryNotebook
from advisor.testing.words import a_change
from tests.fakes.slack_api import BOT_TOKEN, CHANNEL, Message, SlackApi


@dataclass(slots=True, kw_only=True)
class Talk:
    """What outlives a process: clock, journal, notebook, Slack. `conversation` is a process, and can be made anew."""

    slack: SlackApi
    token_file: Path
    clock: FakeClock
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    notebook: InMemoryNotebook = field(default_factory=InMemoryNotebook)
    mode: Mode = Mode.APPLY
    windows: Sequence[ChangeWindow] = ()
    samples: SampleReader | None = None
    is_leader: bool = True
    counted: list[Fault] = field(default_factory=list)

    def conversation(self, *, timeout_seconds: int = 5, channel: str = CHANNEL) -> Conversation:
        api = SlackClient(base_url=self.slack.api_url, token_file=str(self.token_file), timeout_seconds=timeout_seconds)
        pace = Pace(monotonic=self.clock.monotonic, spread=lambda: 1.0)
        sender = Sender(api=api, channel=channel, pace=pace, count=self.counted.append)
        memory, quiet = Memory(self.notebook), QuietHours(self.windows)
        once = Once(memory=memory, sender=sender, clock=self.clock)
        return Conversation(
            threads=ChangeThreads(
                journal=self.journal,
                memory=memory,
                sender=sender,
                once=once,
                live=LiveNumbers(),
                pictures=Pictures(sender=sender, samples=self.samples),
                clock=self.clock,
                environment="default",
                quiet=quiet,
            ),
            recommendations=Recommendations(memory=memory, once=once, clock=self.clock, quiet=quiet),
            mail=Mail(memory=memory, once=once, clock=self.clock, quiet=quiet),
            clock=self.clock,
            mode=self.mode,
            leads=lambda: self.is_leader,
            reports=("weekly", "monthly"),
        )

    def run(self, conversation: Conversation, seconds: float = 30.0) -> None:
        """As many rounds as there would be in so many seconds."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            self.clock.advance(max(0.01, min(conversation.round(), end - self.clock.monotonic())))

    def add(self, **changes: object) -> ChangeRecord:
        """A change that was just proposed."""
        now = self.clock.now()
        phases = (Phase(state=State.PROPOSED, at=now, reason="saves the most"),)
        return self.journal.add(a_change(**{"created_at": now, "phases": phases, **changes}))

    def move(self, record: ChangeRecord, state: State, reason: str, **changes: object) -> ChangeRecord:
        """What the walk does, in short."""
        phase = Phase(state=state, at=self.clock.now(), reason=reason)
        moved = replace(record, state=state, phases=(*record.phases, phase), **changes)  # type: ignore[arg-type]
        return self.journal.advance(moved)

    def heads(self) -> list[Message]:
        """Messages that stand in the channel by themselves."""
        return [message for message in self.slack.messages if not message.thread_ts]

    def replies(self) -> list[Message]:
        return [message for message in self.slack.messages if message.thread_ts]


@contextmanager
def a_talk(folder: Path, **changes: object) -> Iterator[Talk]:
    clock = FakeClock()
    token_file = folder / "bot-token"
    token_file.write_text(f"{BOT_TOKEN}\n")
    with SlackApi(now=lambda: clock.now().timestamp()).running() as slack:
        yield Talk(slack=slack, token_file=token_file, clock=clock, **changes)  # type: ignore[arg-type]
