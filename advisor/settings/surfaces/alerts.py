"""The webhook for alerts of others."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds


class AlertSettings(BaseModel):
    """What is done with notifications of Alertmanager and Grafana."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="whether POST /api/v1/alerts is there, and starts targeted looks")
    queue_size: int = Field(
        100, ge=1, le=10_000, description="different things to look at that may wait; beyond it Alertmanager gets a 503"
    )
    pause_seconds: Seconds = Field(10.0, description="from the end of a targeted look to the next one's beginning")
