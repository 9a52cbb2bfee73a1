"""How the usage of containers is read from Prometheus."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds
from advisor.settings.fields.label import LabelName


class UsageSettings(BaseModel):
    """A fixed number of grouped queries, whatever the number of workloads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool | None = Field(
        None,
        description="whether it is read; null: where Prometheus and a cluster are; true: without a cluster",
    )
    days: int = Field(7, ge=1, le=90, description="days that sizes are made from; a report reads what it can afford")
    step_seconds: Seconds = Field(300.0, ge=60, le=3600, description="one point of usage; at least five scrapes")
    startup_seconds: Seconds = Field(600.0, description="after a pod's first point; kept apart from running")
    half_life_seconds: Seconds = Field(172_800.0, description="a point counts half after so long: two days")
    most_points: int = Field(
        400_000, ge=1000, le=2_000_000, description="in one answer: about 14 MB; a longer range is asked for in parts"
    )
    most_samples: int = Field(
        40_000_000, ge=100_000, description="that one query may read; Prometheus refuses more than 50,000,000 at once"
    )
    most_autoscaled: int = Field(
        20, ge=0, le=1000, description="workloads, those with most pods first, whose demand is read minute by minute"
    )
    cluster_label: LabelName = Field("cluster", description="label that tells clusters apart behind one querier")
    refresh_seconds: Seconds = Field(900.0, description="the daemon asks for what is new this often")
    timeout_seconds: Seconds = Field(30.0, description="for one query")
    deadline_seconds: Seconds = Field(120.0, description="for all of them")
