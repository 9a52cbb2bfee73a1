"""How the advisor speaks in Slack, and whose word counts there."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.address import HttpAddress
from advisor.settings.fields.calendar import Window
from advisor.settings.fields.name import Name
from advisor.settings.fields.time_of_day import DailyAt, TimeOfDay

Approver = Annotated[str, Field(pattern=r"^(?:[TE][A-Z0-9]{1,30}/)?[UWS][A-Z0-9]{1,30}$")]
"""A user (U..., W...) or a user group (S...), behind its team and a slash where several teams reach the channel."""


class SlackSettings(BaseModel):
    """One app in one workspace, and one channel. Secrets are files, read again when Slack refuses what was in them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Name | None = Field(None, description="the channel's id (C...) or name; null: Slack is off")
    bot_token_file: str | None = Field(None, description="file with the bot token (xoxb-...)")
    signing_secret_file: str | None = Field(None, description="file with the signing secret, for buttons over HTTP")
    app_token_file: str | None = Field(None, description="file with the app token (xapp-...), for Socket Mode")
    team: Annotated[str, Field(pattern=r"^[TE][A-Z0-9]{1,30}$")] | None = Field(
        None, description="the workspace (T...) or organisation (E...) whose people count; null: the bot token's own"
    )
    app_id: Annotated[str, Field(pattern=r"^A[A-Z0-9]{1,30}$")] | None = Field(
        None, description="the app (A...) whose buttons count; null: any that signs with the secret"
    )
    approvers: tuple[Approver, ...] = Field((), description="users and user groups who may decide; none: nobody may")
    api_base_url: HttpAddress = Field("https://slack.com/api/", description="where Slack's Web API is")
    digest: DailyAt | None = Field(
        TimeOfDay(hour=9, minute=0), description="when the daily digest is sent: 09:00 Europe/Berlin; null: never"
    )
    reports: tuple[Literal["weekly", "monthly"], ...] = Field(
        ("weekly", "monthly"), description="reports beside it: on Mondays over seven days, on the first over the month"
    )
    quiet_hours: tuple[Window, ...] = Field(
        (), description="parts of the week in which nothing new is sent but what cannot wait"
    )
