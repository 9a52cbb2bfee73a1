"""A Meter and a ChangeListener that remember."""

from advisor.model.alert import AlertAnswer
from advisor.model.change import ChangeRecord, State
from advisor.model.report import Diagnosis


class FakeMeter:
    def __init__(self) -> None:
        self.stages: list[str] = []
        self.diagnoses: list[Diagnosis] = []
        self.outcomes: list[str] = []

    def stage_ended(self, stage: str, seconds: float) -> None:
        self.stages.append(stage)

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        self.diagnoses.append(diagnosis)

    def cycle_ended(self, outcome: str) -> None:
        self.outcomes.append(outcome)


class FakeListener:
    def __init__(self) -> None:
        self.states: list[State] = []
        self.notes: list[str] = []

    def change_moved(self, record: ChangeRecord) -> None:
        self.states.append(record.state)

    def change_noted(self, record: ChangeRecord) -> None:
        self.notes.append(record.phases[-1].reason)


class FakeDiagnosisListener:
    def __init__(self) -> None:
        self.diagnoses: list[Diagnosis] = []

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        self.diagnoses.append(diagnosis)


class FakeAlertListener:
    def __init__(self) -> None:
        self.answers: list[AlertAnswer] = []

    def answered(self, answer: AlertAnswer) -> None:
        self.answers.append(answer)
