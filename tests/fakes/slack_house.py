"""The advisor and Slack from end to end: wired as the daemon is, on a real journal and real HTTP, by a clock that a
test moves. A replica is a process: it can be started anew, and there can be two."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from advisor.engine.rollout.apply import open_change
from advisor.journal.repository import open_journal
from advisor.model.change import ChangeRecord
from advisor.model.report import Choice
from advisor.settings.schema import Settings
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.surfaces.slack.hearing.route import PATH
from advisor.testing.clock import FakeClock
from advisor.testing.words import a_proposal
from advisor.wiring.slack import open_slack
from advisor.wiring.slack_in import House, open_hearing
from tests.fakes.asgi import routes_served
from tests.fakes.harness import RolloutHarness
from tests.fakes.slack_api import APP, BOT_TOKEN, CHANNEL, GROUP, TEAM, Message, SlackApi
from tests.fakes.slack_people import SIGNING_SECRET, Person

MARA, KIM = "U0APPROVER", "U0COLLEAGUE"


class Replica:
    """One process of the advisor."""

    def __init__(self, settings: Settings, clock: FakeClock) -> None:
        self.settings, self.clock = settings, clock
        self.is_leader = True
        self.metrics = AdvisorMetrics()
        self._stack = ExitStack()
        self.journal = self._stack.enter_context(closing(open_journal(settings.journal.url)))
        pressed = self._stack.enter_context(closing(open_journal(settings.journal.url)))
        self.conversation = open_slack(settings, self.journal, self.metrics, None, clock, lambda: self.is_leader)
        house = House(
            current=lambda: self.settings,
            journal=pressed,
            listeners=(self.metrics, self.conversation),
            clock=clock,
            count=self.metrics.slack_interaction,
            patience_seconds=20,
        )
        self.hearing = open_hearing(house)
        for surface in self.hearing.surfaces:
            surface.start()
            self._stack.callback(surface.stop)
        self.address = self._stack.enter_context(routes_served(*self.hearing.open_routers)) + PATH

    def close(self) -> None:
        self._stack.close()

    def round(self) -> float:
        """One round of what goes out; how long until the next."""
        return self.conversation.round()


@dataclass(kw_only=True)
class SlackHouse:
    """A workspace, its people, one or more replicas, and the walk, which `replicas[0]` carries out."""

    slack: SlackApi
    clock: FakeClock
    settings: Settings
    replicas: list[Replica] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start()
        self.walk = RolloutHarness(clock=self.clock, journal=self.replicas[0].journal)  # type: ignore[arg-type]

    def start(self) -> Replica:
        """One process more."""
        self.replicas.append(Replica(self.settings, self.clock))
        return self.replicas[-1]

    def restart(self) -> None:
        """The first process ends and comes again; what only it knew is gone."""
        self.replicas[0].close()
        self.replicas[0] = Replica(self.settings, self.clock)
        self.walk.journal = self.replicas[0].journal  # type: ignore[assignment]
        self.walk.rollout = self.walk.take_term("a:2")

    def close(self) -> None:
        for replica in self.replicas:
            replica.close()

    def person(self, user: str = MARA, replica: int = 0, **changes: Any) -> Person:
        """Somebody whose presses arrive at this replica."""
        name = {MARA: "mara", KIM: "kim"}.get(user, "stranger")
        return Person(slack=self.slack, address=self.replicas[replica].address, id=user, name=name, **changes)

    def propose(self, **changes: Any) -> ChangeRecord:
        """A change that waits for a person."""
        choice = Choice(proposal=a_proposal(**changes), reason="saves most", needs_approval=True)
        record = open_change(choice, self.walk.rollout)
        assert record is not None
        return record

    def talk(self, seconds: float = 30.0) -> None:
        """Let so much time pass, in which all replicas say what they have to say."""
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 0:
            wait = min(replica.round() for replica in self.replicas)
            self.clock.advance(max(0.01, min(wait, left)))

    def record(self) -> ChangeRecord:
        """The latest change, whole."""
        return self.walk.latest()

    def shown(self) -> Message:
        """The message in which the change is shown now."""
        heads = [one for one in self.slack.messages if one.metadata and not one.thread_ts]
        assert len(heads) == 1, heads
        return heads[0]

    def buttons(self) -> list[str]:
        """What can be pressed there."""
        return [str(one["action_id"]) for one in self.shown().buttons()]

    def whispers(self) -> list[str]:
        """What single people were told."""
        return [str(one.get("text")) for one in self.slack.responses] + [
            one.text for one in self.slack.messages if one.to
        ]

    def told(self, part: str) -> None:
        """Wait until somebody was told this."""
        self.slack.wait_for(lambda _: any(part in one for one in self.whispers()))


def settings_of(folder: Path, slack: SlackApi, **changes: Any) -> Settings:
    """Slack by signed requests, on a journal in `folder`; mara and the members of a group may decide."""
    files = {"bot_token_file": BOT_TOKEN, "signing_secret_file": SIGNING_SECRET}
    for name, secret in files.items():
        (folder / name).write_text(f"{secret}\n")
    own = {
        "channel": CHANNEL,
        "team": TEAM,
        "app_id": APP,
        "approvers": [MARA, GROUP],
        "api_base_url": slack.api_url,
        **{name: str(folder / name) for name in files},
    }
    return Settings.model_validate(
        {"mode": "apply", "journal": {"url": f"sqlite:///{folder / 'journal.db'}"}, "slack": own, **changes}
    )


@contextmanager
def a_house(folder: Path, **changes: Any) -> Iterator[SlackHouse]:
    """Noon of 2026-01-01. changes: groups of settings beside those of Slack."""
    clock = FakeClock()
    with SlackApi(lambda: clock.now().timestamp()).running() as slack:
        house = SlackHouse(slack=slack, clock=clock, settings=settings_of(folder, slack, **changes))
        try:
            yield house
        finally:
            house.close()


def with_policy(house: SlackHouse, **policy: Any) -> None:
    """From now on by another policy, as after a settings file that was read again."""
    for replica in house.replicas:
        new = replica.settings.policy.model_copy(update=policy)
        replica.settings = replica.settings.model_copy(update={"policy": new})
    house.walk.rollout = replace(house.walk.rollout, policy=house.replicas[0].settings.policy)
