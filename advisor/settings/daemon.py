"""The daemon's clockwork."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds


class DaemonSettings(BaseModel):
    """The daemon's clockwork."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    interval_seconds: Seconds = Field(15.0, description="from one cycle to the next")
    window_seconds: Seconds = Field(300.0, description="rates in a snapshot are over this long")
    lease_seconds: Seconds = Field(15.0, description="a leader that is silent for this long has lost the lead")
