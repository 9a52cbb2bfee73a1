"""The applications that are tuned."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.name import Name

WorkloadName = Annotated[str, Field(max_length=320, pattern=r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9.-]*$")]
"""NAMESPACE/NAME."""


class ApplicationSettings(BaseModel):
    """One application with agents inside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="the `app` label of its agents' metrics")
    database: Name = Field("main", description="name of the database its pool connects to")
    board: str = Field(
        "redis", pattern="^(redis|file:.+)$", description='where its agents read knobs: "redis" or "file:PATH"'
    )
    replicas: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="pods or hosts there are; not given, or more are seen: counted from the agents' metrics",
    )
    max_replicas: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="most instances an autoscaler makes; not given: read from the cluster or kube-state-metrics",
    )
    workloads: tuple[WorkloadName, ...] = Field(
        (),
        description="NAMESPACE/NAME of the workloads that run it; not given: the only one that has its name",
    )
