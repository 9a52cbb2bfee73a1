"""What the doctor says of Slack: token, scopes, channel."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from advisor.clients.slack import SlackCallError
from advisor.model.check import CheckLine, failed, ok, warning
from advisor.settings.extras import install
from advisor.settings.surfaces.slack import SlackSettings
from advisor.surfaces.slack.faults import fix_of
from advisor.surfaces.slack.telling.chart import is_drawable

_ADD = "add {} under OAuth & Permissions, and install the app again"
_MAY_SEE_CHANNELS = frozenset({"channels:read", "groups:read"})


class Asked(Protocol):
    """What is needed of the client. Both methods raise SlackCallError."""

    def scopes(self) -> tuple[Mapping[str, Any], frozenset[str]]: ...

    def call_form(self, method: str, arguments: Mapping[str, object]) -> Mapping[str, Any]: ...


def check_slack(slack: SlackSettings, client: Asked) -> Iterator[CheckLine]:
    """Sends no message."""
    try:
        about, scopes = client.scopes()
    except SlackCallError as error:
        yield failed("slack", str(error), fix_of(error))
        return
    team = str(about.get("team_id") or "")
    yield ok("slack", f"{about.get('user')} in {about.get('team')} ({team})")
    own = {team, str(about.get("enterprise_id") or "")}
    if slack.team is not None and slack.team not in own:
        yield failed("slack:team", f"slack.team is {slack.team}, and the token is of {team}", "write the token's team")
    yield from _scopes(slack, scopes)
    yield from _people(slack)
    if scopes & _MAY_SEE_CHANNELS:
        yield from _channel(slack.channel or "", client, str(about.get("user") or "advisor"))
    else:
        yield warning("slack:channel", "not looked at for want of a scope", _ADD.format("channels:read, groups:read"))


def _scopes(slack: SlackSettings, scopes: frozenset[str]) -> Iterator[CheckLine]:
    if "chat:write" not in scopes:
        yield failed("slack:scopes", "chat:write is missing: nothing can be sent", _ADD.format("chat:write"))
    groups = [one for one in slack.approvers if one.rpartition("/")[2].startswith("S")]
    if groups and "usergroups:read" not in scopes:
        what = "usergroups:read is missing: nobody is let in by group"
        yield failed("slack:scopes", what, _ADD.format("usergroups:read"))
    if not is_drawable():
        yield warning("slack:pictures", "matplotlib is not installed: threads have no pictures", install("charts"))
    elif "files:write" not in scopes:
        what = "files:write is missing: threads have no pictures"
        yield warning("slack:scopes", what, _ADD.format("files:write"))
    if {"chat:write", "files:write"} <= scopes:
        yield ok("slack:scopes", ", ".join(sorted(scopes)))


def _people(slack: SlackSettings) -> Iterator[CheckLine]:
    has_ear = slack.signing_secret_file is not None or slack.app_token_file is not None
    if slack.approvers and not has_ear:
        fix = "set slack.signing_secret_file for HTTP, or slack.app_token_file for Socket Mode"
        yield warning("slack:approvers", "no press arrives: buttons do nothing", fix)
    if has_ear and not slack.approvers:
        yield warning("slack:approvers", "nobody may decide in Slack", "name users or groups in slack.approvers")


def _channel(channel: str, client: Asked, user: str) -> Iterator[CheckLine]:
    name = f"slack:{channel}"
    if not channel.isalnum() or not channel.isupper():
        yield warning(name, "a channel's name cannot be looked up", "write its id (C...), at the end of About")
        return
    try:
        found = client.call_form("conversations.info", {"channel": channel}).get("channel") or {}
    except SlackCallError as error:
        yield failed(name, str(error), fix_of(error))
        return
    if found.get("is_archived"):
        yield failed(name, "the channel is archived", "unarchive it, or name another in slack.channel")
    elif not found.get("is_member"):
        yield failed(name, "the app is not in the channel", f"in the channel: /invite @{user}")
    else:
        yield ok(name, f"#{found.get('name')}")
    if found.get("is_ext_shared"):
        what = "the channel is shared with another company, who read all that is told there"
        yield warning(name, what, "name a channel of your own; approvers count by team all the same")
