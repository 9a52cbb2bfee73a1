"""What the daemon serves over HTTP."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.address import ListenAddress


class WebSettings(BaseModel):
    """The daemon's HTTP endpoints."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen_address: ListenAddress = Field(
        "127.0.0.1:9595", description="host:port; loopback only, as long as no token is configured"
    )
