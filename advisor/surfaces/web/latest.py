"""What the daemon's last cycle came to, kept for those who ask. Implements DiagnosisListener."""

from collections.abc import Callable

from advisor.model.report import Diagnosis
from advisor.surfaces.views.report import ReportView, report_view


class LatestDiagnosis:
    """One reference that the walk's thread puts and others read; the view is made when somebody asks first.

    mode: the mode in force, as a report names it.
    """

    def __init__(self, mode: Callable[[], str]) -> None:
        self._mode = mode
        self._latest: tuple[Diagnosis, str] | None = None
        self._made: tuple[Diagnosis, ReportView] | None = None

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        self._latest = (diagnosis, self._mode())

    def report(self) -> ReportView | None:
        """The report of the last cycle; None before the first has ended."""
        latest, made = self._latest, self._made
        if latest is None:
            return None
        diagnosis, mode = latest
        if made is None or made[0] is not diagnosis:
            made = (diagnosis, report_view(diagnosis, mode=mode))
            self._made = made
        return made[1]
