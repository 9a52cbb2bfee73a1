"""The agents inside the applications: their boards, the knobs that write there, and the instances that show them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from advisor.clients.prometheus import PrometheusApi
from advisor.knobs.agents.board import Board
from advisor.knobs.agents.file_board import FileBoard
from advisor.knobs.agents.knob import AgentBoardKnob
from advisor.knobs.agents.status import InstanceValue
from advisor.model.cohort import Instance
from advisor.model.knob import Carrier, Order, knob_kinds
from advisor.ports.changing import Knob
from advisor.ports.clock import Clock
from advisor.settings.applications import ApplicationSettings
from advisor.settings.schema import Settings
from advisor.sources.prometheus.instances import AgentInstances


def agent_knobs(
    settings: Settings, boards: Mapping[str, Board], fleet: "AgentFleet | None", clock: Clock
) -> dict[str, Knob]:
    """None of them where no application has a board, or nobody can tell what its instances show."""
    if fleet is None or not boards:
        return {}
    fresh = settings.prometheus.stale_after_seconds
    carried = [kind.name for kind in knob_kinds() if kind.carrier is Carrier.AGENTS]
    return dict.fromkeys(carried, AgentBoardKnob(boards, fleet, clock, stale_after_seconds=fresh))


def fleet_of(settings: Settings, prometheus: PrometheusApi | None, clock: Clock) -> "AgentFleet | None":
    """Who can tell the instances; None without a Prometheus."""
    return AgentFleet(AgentInstances(prometheus, settings.prometheus, clock)) if prometheus is not None else None


@contextmanager
def open_boards(settings: Settings) -> Iterator[Mapping[str, Board]]:
    """The board of every application that has one. Raises ConfigurationError."""
    with ExitStack() as stack:
        opened = {app.name: stack.enter_context(open_board(app, settings)) for app in settings.applications}
        yield {name: board for name, board in opened.items() if board is not None}


def has_board(app: ApplicationSettings, settings: Settings) -> bool:
    """Whether it lies in a file, or in a Redis that is configured."""
    return app.board != "redis" or settings.redis.url is not None


@contextmanager
def open_board(app: ApplicationSettings, settings: Settings) -> Iterator[Board | None]:
    """None where it lies in Redis, and there is none. Raises ConfigurationError."""
    if app.board != "redis":
        yield FileBoard(Path(app.board.removeprefix("file:")), app=app.name)
        return
    if settings.redis.url is None:
        yield None
        return
    from advisor.knobs.agents.redis_board import RedisBoard

    url, server = settings.redis.url.get_secret_value(), settings.redis.name
    with closing(RedisBoard(url, server=server, timeout_seconds=settings.redis.timeout_seconds)) as board:
        yield board


class AgentFleet:
    """Hands what Prometheus shows to the agents' knob and to the engine, in their own words."""

    def __init__(self, instances: AgentInstances) -> None:
        self._instances = instances

    def values(self, app: str, knob: str) -> Sequence[InstanceValue]:
        return [
            InstanceValue(
                instance=seen.instance,
                value=seen.value,
                change=seen.change,
                age_seconds=seen.age_seconds,
                name=seen.name,
            )
            for seen in self._instances.shown(app, knob)
        ]

    def pools(self, app: str, knob: str) -> Mapping[str, str]:
        return self._instances.pools(app, knob)

    def instances(self, order: Order) -> Sequence[Instance]:
        """Implements Fleet."""
        target = order.target
        found = (self._instances.shown(target.get("app"), name) for name in target.names)
        shown = next((seen for seen in found if seen), ())
        return [Instance(name=seen.name, scraped=seen.scraped) for seen in shown]

    def all_of(self, app: str) -> Sequence[Instance]:
        """Those that show any knob at all."""
        return [Instance(name=name, scraped=scraped) for name, scraped in self._instances.processes(app)]
