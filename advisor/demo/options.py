"""What the demo can be asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """keep: leave the servers running at the end. with_bad_change: also try a harmful change and see it rolled back.

    slack: show what Slack would be sent, and ask before each change. yes: do not ask, approve all.
    """

    keep: bool = False
    with_bad_change: bool = False
    slack: bool = False
    yes: bool = False
