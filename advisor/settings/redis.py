"""How a Redis-compatible server is reached."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.address import RedisAddress
from advisor.settings.fields.duration import Seconds
from advisor.settings.fields.name import Name


class RedisSettings(BaseModel):
    """One Redis-compatible server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: RedisAddress | None = Field(None, description="redis:// or rediss:// address")
    name: Name = Field("main", description="what findings call this server")
    timeout_seconds: Seconds = Field(2.0, description="for one command")
    deadline_seconds: Seconds = Field(10.0, description="for one whole observation")
