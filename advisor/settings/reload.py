"""Settings that come into force while the daemon runs, and those that need a restart."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from advisor.settings.schema import Settings

_LIVE = ("mode", "policy", "trial", "guide", "disabled_rules", "rule_settings", "daemon.window_seconds")
"""What is asked anew in every cycle. Everything else has a connection, a file or a thread behind it."""


def brought_up_to_date(former: Settings, read: Settings) -> tuple[Settings, tuple[str, ...]]:
    """`former` with what may change while it runs as it is in `read`, and the names of what differs still.

    The environment stays: it says whose changes these are, and another one is another advisor's.
    """
    new: dict[str, Any] = {name: getattr(read, name) for name in _LIVE if "." not in name}
    new["policy"] = read.policy.model_copy(update={"environment": former.policy.environment})
    new["daemon"] = former.daemon.model_copy(update={"window_seconds": read.daemon.window_seconds})
    current = former.model_copy(update=new)
    return current, tuple(_differing(current, read, ""))


def _differing(one: BaseModel, other: BaseModel, prefix: str) -> list[str]:
    """Dotted names; a list counts as a whole."""
    names: list[str] = []
    for name in type(one).model_fields:
        left, right = getattr(one, name), getattr(other, name)
        if left == right:
            continue
        both_groups = isinstance(left, BaseModel) and type(left) is type(right)
        names += _differing(left, right, f"{prefix}{name}.") if both_groups else [f"{prefix}{name}"]
    return names


Stamp = Mapping[str, int]


def stamp_of(path: Path) -> Stamp:
    """What tells one state of a file from another; a link counts as what it leads to. Empty while it is not there."""
    try:
        found = path.stat()
    except OSError:
        return {}
    return {"inode": found.st_ino, "device": found.st_dev, "size": found.st_size, "changed": found.st_mtime_ns}
