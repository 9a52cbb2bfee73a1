"""The daemon's clockwork."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds
from advisor.settings.fields.name import Name


class DaemonSettings(BaseModel):
    """The daemon's clockwork."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    interval_seconds: Seconds = Field(15.0, description="from one cycle to the next")
    window_seconds: Seconds = Field(300.0, description="rates in a snapshot are over this long")
    lease: Name | None = Field(
        None,
        description="name of a Lease in the pod's namespace by which one of several leads; null: the journal's lock",
    )
    lease_seconds: Seconds = Field(15.0, description="a leader that is silent for this long has lost the lead")
