"""Where changes are recorded."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from advisor.settings.fields.address import JournalAddress


class JournalSettings(BaseModel):
    """Where changes are recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: JournalAddress = Field(
        SecretStr("sqlite:///advisor.db"),
        description="SQLAlchemy URL: a SQLite file, or postgresql+psycopg:// in a cluster",
    )
