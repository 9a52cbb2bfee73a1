"""Whose fault a failed call is, and so what may help."""

from enum import StrEnum

from advisor.clients.slack import SlackCallError


class Fault(StrEnum):
    """The classes that call for different answers."""

    PACE = "pace"
    """Too fast: wait as long as Slack says, for that method and channel only."""
    UNKNOWN = "unknown"
    """The connection broke: nobody knows whether the call was carried out."""
    SLACK = "slack"
    """Slack, or what stands between, is ill: later, with growing waits."""
    OURS = "ours"
    """What was sent is wrong: never again as it is."""
    CHANNEL = "channel"
    """The channel is wrong, or the bot is not in it: a person must mend it."""
    GONE = "gone"
    """The message is not there to be edited: a new one."""
    TOKEN = "token"  # noqa: S105
    """The token is wrong or lacks a scope: a person must mend it."""


_CODES = {
    Fault.PACE: ("ratelimited", "rate_limited", "message_limit_exceeded"),
    Fault.UNKNOWN: ("no_answer",),
    Fault.OURS: (
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_too_long",
        "msg_blocks_too_long",
        "no_text",
        "view_too_large",
        "metadata_too_large",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "invalid_arguments",
        "invalid_array_arg",
        "block_mismatch",
    ),
    Fault.CHANNEL: (
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "ekm_access_denied",
        "team_access_not_granted",
        "enterprise_is_restricted",
    ),
    Fault.GONE: (
        "message_not_found",
        "channel_left",
        "cant_update_message",
        "edit_window_closed",
        "thread_not_found",
        "cannot_reply_to_message",
    ),
    Fault.TOKEN: (
        "invalid_auth",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "not_authed",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
    ),
}
_BY_CODE = {code: fault for fault, codes in _CODES.items() for code in codes}

_FIXES = {
    "not_in_channel": "invite the app into the channel: /invite @NAME-OF-THE-APP",
    "channel_not_found": "check slack.channel, and invite the app: a private channel that it is not in looks like none",
    "is_archived": "unarchive the channel, or name another in slack.channel",
    "missing_scope": "add the scope under OAuth & Permissions, install the app again, and store the new token",
}


def fault_of(error: SlackCallError) -> Fault:
    """Errors that nobody knows, and every bare status and page of others, are taken for Slack's: later may work."""
    return _BY_CODE.get(error.code, Fault.SLACK)


def fix_of(error: SlackCallError) -> str:
    """What a person can do about it."""
    if error.code in _FIXES:
        return _FIXES[error.code]
    match fault_of(error):
        case Fault.CHANNEL:
            return "check slack.channel, and what the workspace allows apps to do there"
        case Fault.TOKEN:
            return "write a valid bot token into slack.bot_token_file; it is read again by itself"
        case _:
            return "nothing is lost; it is tried again"
