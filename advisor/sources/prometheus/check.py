"""The doctor on Prometheus: whether it answers, and whether it sees the agents."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from advisor.clients.prometheus import PrometheusApi
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.ports.clock import Clock
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import load_templates
from advisor.sources.prometheus.instances import AgentInstances
from advisor.sources.server_clock import ServerTime, check_clock


def check_prometheus(settings: PrometheusSettings, clock: Clock) -> tuple[CheckLine, ...]:
    """Lines for the server and its clock, or why it cannot be used."""
    if settings.url is None:
        return (warning("prometheus", "not configured", "set prometheus.url or -p"),)

    def look() -> Iterator[CheckLine]:
        signals = len(load_templates(settings.presets))
        with PrometheusApi(settings) as api:
            yield ok("prometheus", f"version {api.version()}, {signals} signals from {', '.join(settings.presets)}")
            if line := check_clock("prometheus", lambda: _exactly(api.time()), clock):
                yield line

    return guarded("prometheus", look, is_connection=True)


def _exactly(at: datetime) -> ServerTime:
    return ServerTime(earliest=at, latest=at)


def check_agents(app: str, settings: PrometheusSettings, clock: Clock) -> tuple[CheckLine, ...]:
    """Whether the processes of an application are seen, and whether they reach the board they were given."""
    name = f"agents:{app}"
    if settings.url is None:
        return (warning(name, "cannot be seen without Prometheus", "set prometheus.url or -p"),)

    def look() -> Iterator[CheckLine]:
        with PrometheusApi(settings) as api:
            ages = AgentInstances(api, settings, clock).board_ages(app)
        yield _of_processes(name, app, ages, settings.stale_after_seconds)

    return guarded(name, look)


def _of_processes(name: str, app: str, ages: Mapping[str, float | None], longest_seconds: float) -> CheckLine:
    """A value counts as applied when every process shows it: each one that cannot read its board is told."""
    if all(age is None for age in ages.values()):
        fix = f"make an advisor_agents.Agent({app!r}, board) in it, and let Prometheus scrape it"
        seen = f"; {len(ages)} show themselves" if ages else ""
        return warning(name, f"no process shows advisor_agent_board_age_seconds with app={app!r}{seen}", fix)
    blind = sorted(process for process, age in ages.items() if age is not None and age > longest_seconds)
    if blind:
        fix = "compare the board that its Agent was given with `applications`"
        return warning(name, f"{len(blind)} of {len(ages)} processes do not reach their board: {blind[0]}", fix)
    silent = sorted(process for process, age in ages.items() if age is None)
    if silent:
        fix = "give the Agent of every process a board: a value counts as applied when all of them show it"
        shown = len(ages) - len(silent)
        return warning(name, f"{shown} of {len(ages)} processes show how old their board is, not {silent[0]}", fix)
    return ok(name, f"processes that read their board: {len(ages)}")
