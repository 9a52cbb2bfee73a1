"""Everything the doctor looks at, put together."""

from collections.abc import Iterable, Iterator

from advisor.clients.prometheus import PrometheusApi
from advisor.clock import SystemClock
from advisor.engine.rollout.canary_check import check_canary
from advisor.journal.check import check_journal
from advisor.knobs.agents.check import check_board
from advisor.knobs.postgres.check import check_builder
from advisor.model.check import CheckLine, CheckStatus, guarded
from advisor.model.errors import AdvisorError
from advisor.settings.applications import ApplicationSettings
from advisor.settings.schema import Settings
from advisor.sources.postgres.check import check_postgres
from advisor.sources.prometheus.check import check_agents, check_prometheus
from advisor.sources.prometheus.check_workloads import check_workloads
from advisor.sources.prometheus.instances import AgentInstances
from advisor.sources.prometheus.source import PrometheusSamples
from advisor.sources.redis.check import check_redis
from advisor.wiring.agents import AgentFleet, has_board, open_board
from advisor.wiring.check_signals import check_signals
from advisor.wiring.kubernetes.clusters import check_kubernetes
from advisor.wiring.secrets import check_secrets


def check(settings: Settings) -> tuple[CheckLine, ...]:
    """The doctor's lines for every source, for every knob and for the journal. Writes nothing anywhere."""
    prometheus = check_prometheus(settings.prometheus, SystemClock())
    return (
        *prometheus,
        *(check_signals(settings, SystemClock()) if _answers(prometheus) else ()),
        *check_postgres(settings.postgres),
        *check_redis(settings.redis),
        *check_kubernetes(settings, SystemClock()),
        *(_check_tripwires(settings) if _answers(prometheus) else ()),
        *check_builder(settings.postgres),
        *(line for app in settings.applications for line in _check_application(app, settings)),
        *check_journal(settings.journal.url, settings.policy.environment),
        *check_secrets(settings),
        *(guarded("slack", lambda: _check_slack(settings)) if settings.slack.channel is not None else ()),
    )


def _answers(lines: Iterable[CheckLine]) -> bool:
    return all(line.status is CheckStatus.OK for line in lines if line.is_connection)


def _check_tripwires(settings: Settings) -> tuple[CheckLine, ...]:
    """Where a cluster is changed, and so on trial."""
    is_changed = settings.kubernetes.writes or settings.kubernetes.gitops.repository is not None
    if not is_changed or settings.prometheus.url is None:
        return ()
    return check_workloads(settings.prometheus, SystemClock())


def _check_slack(settings: Settings) -> Iterator[CheckLine]:
    from advisor.surfaces.slack.telling.check import check_slack
    from advisor.wiring.slack import slack_client

    yield from check_slack(settings.slack, slack_client(settings))


def _check_application(app: ApplicationSettings, settings: Settings) -> Iterator[CheckLine]:
    def board() -> Iterator[CheckLine]:
        with open_board(app, settings) as opened:
            yield from check_board(app, opened)

    yield from guarded(f"board:{app.name}", board)
    yield from check_agents(app.name, settings.prometheus, SystemClock())
    if has_board(app, settings) and settings.prometheus.url is not None and settings.trial.canary.shares:
        yield from _check_canary(app.name, settings)


def _check_canary(app: str, settings: Settings) -> Iterator[CheckLine]:
    """Nothing where no agent is seen, or Prometheus does not answer: that has been said by then."""
    clock = SystemClock()
    with PrometheusApi(settings.prometheus) as api:
        try:
            instances = AgentFleet(AgentInstances(api, settings.prometheus, clock)).all_of(app)
        except AdvisorError:
            return
        if instances:
            samples = PrometheusSamples(api, settings.prometheus)
            yield check_canary(app, instances, samples, settings.trial, clock.now())
