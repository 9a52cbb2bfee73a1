"""How Prometheus is reached."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from advisor.settings.duration import Seconds
from advisor.settings.fields.address import HttpAddress

LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
"""A label's name goes into queries as it is."""


class PrometheusSettings(BaseModel):
    """One Prometheus, or anything that answers its HTTP API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpAddress | None = Field(None, description="http(s) address; not given: the source is off")
    bearer_token: SecretStr | None = Field(None, description="sent as Authorization header")
    ca_file: str | None = Field(
        None, min_length=1, description="CA bundle that the server's certificate is checked against"
    )
    timeout_seconds: Seconds = Field(10.0, description="for one query")
    deadline_seconds: Seconds = Field(20.0, description="for one whole observation")
    stale_after_seconds: Seconds = Field(60.0, description="a last sample older than this is no evidence")
    step_seconds: Seconds = Field(
        15.0, description="distance of the points a trial is judged on; no less than the scrape interval"
    )
    rate_window_seconds: Seconds = Field(
        60.0, description="window of rate() for the points a trial is judged on; at least four scrapes"
    )
    presets: tuple[str, ...] = Field(
        ("agents", "guide"),
        min_length=1,
        description="names of metric presets, or files of one's own that end in .yaml; the first that has data wins",
    )
    matchers: dict[LabelName, str] = Field(
        {}, description="label = value pairs added to every selector, such as namespace"
    )
