"""A Meter that remembers."""

from advisor.model.change import ChangeRecord, State
from advisor.model.report import Diagnosis


class FakeMeter:
    def __init__(self) -> None:
        self.stages: list[str] = []
        self.diagnoses: list[Diagnosis] = []
        self.states: list[State] = []
        self.outcomes: list[str] = []

    def stage_ended(self, stage: str, seconds: float) -> None:
        self.stages.append(stage)

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        self.diagnoses.append(diagnosis)

    def change_moved(self, record: ChangeRecord) -> None:
        self.states.append(record.state)

    def cycle_ended(self, outcome: str) -> None:
        self.outcomes.append(outcome)
