"""Who else is told what becomes of changes; nobody can answer there."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.address import WebhookAddress


class NotifySettings(BaseModel):
    """Notices that go out: a signed webhook of your own, and Microsoft Teams."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook_url: WebhookAddress | None = Field(None, description="is sent every step of a change as JSON; null: off")
    webhook_secret_file: str | None = Field(None, description="file with the secret that signs it, HMAC-SHA256")
    teams_url: WebhookAddress | None = Field(None, description="a Teams workflow's webhook, for cards; null: off")
