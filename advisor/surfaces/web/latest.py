"""What the daemon's last cycle came to, kept for those who ask. Implements DiagnosisListener."""

from advisor.model.report import Diagnosis
from advisor.surfaces.views.report import ReportView, report_view


class LatestDiagnosis:
    """One reference that the walk's thread puts and others read; the view is made when somebody asks first."""

    def __init__(self) -> None:
        self._latest: Diagnosis | None = None
        self._made: tuple[Diagnosis, ReportView] | None = None

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        self._latest = diagnosis

    def report(self, mode: str) -> ReportView | None:
        """The report of the last cycle; None before the first has ended. mode: the one in force now."""
        latest, made = self._latest, self._made
        if latest is None:
            return None
        if made is None or made[0] is not latest or made[1].mode != mode:
            made = (latest, report_view(latest, mode=mode))
            self._made = made
        return made[1]
