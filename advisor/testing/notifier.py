"""A notifier that remembers what it was told."""

from advisor.model.alert import AlertAnswer
from advisor.model.change import ChangeRecord
from advisor.model.report import Diagnosis
from advisor.settings.policy import Mode
from advisor.testing.surface import FakeSurface


class FakeNotifier(FakeSurface):
    """Implements Notifier. problem: may be set."""

    def __init__(self) -> None:
        super().__init__()
        self.mode = Mode.PROPOSE
        self.problem = ""
        self.told: list[ChangeRecord | Diagnosis | AlertAnswer] = []
        self.days = 0

    def change_moved(self, record: ChangeRecord) -> None:
        self.told.append(record)

    def change_noted(self, record: ChangeRecord) -> None:
        self.told.append(record)

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        self.told.append(diagnosis)

    def answered(self, answer: AlertAnswer) -> None:
        self.told.append(answer)

    def day_begins(self) -> None:
        self.days += 1
