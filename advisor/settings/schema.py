"""All settings in one tree. Loaded by `advisor.settings.load`: flag > environment > file > default."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.connections import (
    ApplicationSettings,
    BreakerSettings,
    PostgresSettings,
    PrometheusSettings,
    RedisSettings,
)
from advisor.settings.guide import GuideSettings
from advisor.settings.policy import DaemonSettings, JournalSettings, Mode, PolicySettings, TrialSettings, WebSettings


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
