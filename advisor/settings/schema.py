"""All settings in one tree. Loaded by `advisor.settings.load`: flag > environment > file > default."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from advisor.settings.applications import ApplicationSettings
from advisor.settings.breaker import BreakerSettings
from advisor.settings.daemon import DaemonSettings
from advisor.settings.guide import GuideSettings
from advisor.settings.journal import JournalSettings
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.policy import Mode, PolicySettings
from advisor.settings.postgres import PostgresSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.redis import RedisSettings
from advisor.settings.rule_packs import BUILTIN, PackSettings, RuleSettings
from advisor.settings.surfaces.alerts import AlertSettings
from advisor.settings.surfaces.notify import NotifySettings
from advisor.settings.surfaces.slack import SlackSettings
from advisor.settings.surfaces.web import WebSettings
from advisor.settings.trial import TrialSettings


class Settings(BaseModel):
    """The whole configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field(
        Mode.PROPOSE, description="observe looks, propose also advises, apply also changes; trust comes first"
    )
    prometheus: PrometheusSettings = PrometheusSettings()
    postgres: PostgresSettings = PostgresSettings()
    redis: RedisSettings = RedisSettings()
    kubernetes: KubernetesSettings = KubernetesSettings()
    breaker: BreakerSettings = BreakerSettings()
    applications: tuple[ApplicationSettings, ...] = Field((), description="applications with agents inside")
    policy: PolicySettings = PolicySettings()
    trial: TrialSettings = TrialSettings()
    journal: JournalSettings = JournalSettings()
    daemon: DaemonSettings = DaemonSettings()
    web: WebSettings = WebSettings()
    alerts: AlertSettings = AlertSettings()
    slack: SlackSettings = SlackSettings()
    notify: NotifySettings = NotifySettings()
    guide: GuideSettings = GuideSettings()
    rule_packs: tuple[str, ...] = Field(
        (BUILTIN,), description="names of the rule packs that are on; one that is installed is off until it is named"
    )
    rule_settings: RuleSettings = RuleSettings()
    disabled_rules: tuple[str, ...] = Field((), description="ids of rules that are not run")

    @property
    def trial_in_force(self) -> TrialSettings:
        """Where a change is a commit, a rollout is as long in coming as its review."""
        gitops = self.kubernetes.gitops
        if gitops.repository is None:
            return self.trial
        return self.trial.model_copy(update={"rollout_seconds": gitops.merge_seconds})


def settings_with(groups: Mapping[str, type[PackSettings]]) -> type[Settings]:
    """The whole configuration with a group of settings in `rule_settings` for each of these packs, by its name."""
    if not groups:
        return Settings
    fields: dict[str, Any] = {name: (group, Field(default_factory=group)) for name, group in groups.items()}
    rule_settings = create_model("RuleSettings", __base__=RuleSettings, **fields)
    return create_model(
        "Settings", __base__=Settings, rule_settings=(rule_settings, Field(default_factory=rule_settings))
    )
