"""Hours in which nothing new is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from advisor.model.calendar import ChangeWindow
from advisor.model.change import ChangeRecord
from advisor.surfaces.slack.telling.steps import LOUD


@dataclass(frozen=True, slots=True)
class QuietHours:
    windows: Sequence[ChangeWindow] = ()

    def hold(self, now: datetime, record: ChangeRecord | None = None) -> bool:
        """Whether a new message must wait; one about a change that went wrong never must."""
        is_loud = record is not None and (record.state in LOUD or record.is_held)
        return not is_loud and any(window.contains(now) for window in self.windows)
