"""What the daemon serves over HTTP, and to whom."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.address import ListenAddress, NetworkAddress


class WebSettings(BaseModel):
    """The daemon's HTTP endpoints. Health and metrics are for everybody who can reach them, all else is guarded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen_address: ListenAddress = Field(
        "127.0.0.1:9595", description="host:port; beyond loopback only with token_files or a trusted proxy"
    )
    token_files: tuple[str, ...] = Field(
        (),
        description="files that hold one bearer token each, all of them valid; one that changes is read again. The "
        "journal names who decided by the file's name",
    )
    trusted_user_header: str | None = Field(
        None,
        pattern="^[A-Za-z][A-Za-z0-9-]{0,63}$",
        description="header in which a proxy that has signed the user in names them; believed of trusted_proxies only",
    )
    trusted_proxies: tuple[NetworkAddress, ...] = Field(
        (), description="addresses or networks of proxies that set trusted_user_header and let nobody else set it"
    )
