"""How Prometheus is reached."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from advisor.settings.fields.address import HttpAddress
from advisor.settings.fields.duration import Seconds, SecondsOrZero
from advisor.settings.fields.label import LabelName

HeaderName = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]


class BasicAuth(BaseModel):
    """A user and his password, sent with every query."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str = Field(description="name of the user")
    password: SecretStr = Field(description="his password")


class SigV4(BaseModel):
    """Signatures that Amazon Managed Service for Prometheus asks for. Keys that are not given come from botocore."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: str = Field(min_length=1, description="of the workspace, such as eu-central-1")
    access_key: SecretStr | None = Field(None, description="id of a key; null: what botocore finds for this account")
    secret_key: SecretStr | None = Field(None, description="the key itself")
    session_token: SecretStr | None = Field(None, description="of a key that is lent for a time")

    @model_validator(mode="after")
    def _check_pair(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key go together")
        return self


class PrometheusSettings(BaseModel):
    """One Prometheus, or anything that answers its HTTP API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpAddress | None = Field(None, description="http(s) address; not given: the source is off")
    bearer_token: SecretStr | None = Field(None, description="sent as Authorization header")
    basic_auth: BasicAuth | None = Field(None, description="user and password, where there is no bearer_token")
    sigv4: SigV4 | None = Field(
        None, description="signatures for Amazon's service, in place of both; needs the extra `aws`"
    )
    headers: dict[HeaderName, SecretStr] = Field(
        {}, description="sent with every query, such as X-Scope-OrgID for the tenant; values are secret"
    )
    cert_file: str | None = Field(None, description="PEM file with the certificate that the server asks for (mTLS)")
    key_file: str | None = Field(None, description="PEM file with its key, where cert_file does not hold it")
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
    max_source_resolution_seconds: SecondsOrZero | None = Field(
        None, description="coarsest downsampled data that Thanos may answer from; 0s: raw data alone; null: not sent"
    )
    presets: tuple[str, ...] = Field(
        ("agents", "guide"),
        min_length=1,
        description="names of metric presets, or files of one's own ending in .yaml; of an application the first wins",
    )
    matchers: dict[LabelName, str] = Field(
        {}, description="label = value pairs added to every selector, such as namespace"
    )

    @model_validator(mode="after")
    def _check_access(self) -> Self:
        """Refused before anything is sent, and without the secret."""
        ways = {"basic_auth": self.basic_auth, "bearer_token": self.bearer_token, "sigv4": self.sigv4}
        given = [name for name, way in ways.items() if way is not None]
        if len(given) > 1:
            raise ValueError(f"set one of {', '.join(given)}")
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("key_file needs cert_file")
        for name, value in self.headers.items():
            if not value.get_secret_value().isprintable():
                raise ValueError(f"headers: the value of {name} holds a line break or control character")
        return self
