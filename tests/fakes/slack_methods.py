"""Slack's methods as documented: the scope that each needs, how its arguments come, and how often it may be called."""

SCOPES = frozenset({"chat:write", "usergroups:read", "files:write", "channels:read"})
NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "usergroups.users.list": "usergroups:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.info": "files:read",
    "conversations.info": "channels:read",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "users.info": "users:read",
}
FORM_ONLY = frozenset(
    {
        "usergroups.users.list",
        "auth.teams.list",
        "chat.getPermalink",
        "files.getUploadURLExternal",
        "conversations.info",
    }
)
"""Arguments that come as JSON count as missing."""
PER_MINUTE = {
    "chat.postMessage": 60,
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.info": 50,
    "views.open": 100,
    "chat.postEphemeral": 100,
    "usergroups.users.list": 20,
    "apps.connections.open": 1,
}
BURST = {"chat.postMessage": 5}
"""So many at once; of the others a whole minute's."""
