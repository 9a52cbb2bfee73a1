"""Where people and other programs meet the daemon: HTTP, alerts, Slack, notices."""
