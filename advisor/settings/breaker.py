"""When a source that does not answer is left alone."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds


class BreakerSettings(BaseModel):
    """When a source that does not answer is left alone, instead of being waited for in every cycle."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failures: int = Field(3, ge=1, le=100, description="calls in a row without an answer, after which it is left alone")
    pause_seconds: Seconds = Field(60.0, description="from then to the one call that tries it again")
