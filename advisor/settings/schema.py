"""All settings in one tree. Loaded by `advisor.settings.load`: flag > environment > file > default."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.applications import ApplicationSettings
from advisor.settings.breaker import BreakerSettings
from advisor.settings.daemon import DaemonSettings
from advisor.settings.guide import GuideSettings
from advisor.settings.journal import JournalSettings
from advisor.settings.policy import Mode, PolicySettings
from advisor.settings.postgres import PostgresSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.redis import RedisSettings
from advisor.settings.trial import TrialSettings
from advisor.settings.web import WebSettings


class Settings(BaseModel):
    """The whole configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field(
        Mode.PROPOSE, description="observe looks, propose also advises, apply also changes; trust comes first"
    )
    prometheus: PrometheusSettings = PrometheusSettings()
    postgres: PostgresSettings = PostgresSettings()
    redis: RedisSettings = RedisSettings()
    breaker: BreakerSettings = BreakerSettings()
    applications: tuple[ApplicationSettings, ...] = Field((), description="applications with agents inside")
    policy: PolicySettings = PolicySettings()
    trial: TrialSettings = TrialSettings()
    journal: JournalSettings = JournalSettings()
    daemon: DaemonSettings = DaemonSettings()
    web: WebSettings = WebSettings()
    guide: GuideSettings = GuideSettings()
    disabled_rules: tuple[str, ...] = Field((), description="ids of rules that are not run")
