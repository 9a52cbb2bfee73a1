"""The one tree of errors. Every message names what is wrong, where, and the fix."""

from collections.abc import Sequence


class AdvisorError(Exception):
    """Something went wrong that a person or the retry policy must act on.

    what:  the fault in one sentence, without secrets.
    where: the setting, file and line, server or object concerned.
    fix:   what the reader can do about it.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} ({self.fix})" if self.fix else head


class TransientError(AdvisorError):
    """May go away by itself: a server is slow, restarting or out of reach. Retrying makes sense."""


class PermanentError(AdvisorError):
    """Will not go away by itself: the request or the data is wrong. Retrying makes no sense."""


class ConfigurationError(PermanentError):
    """The user's configuration or command line is wrong; exit code 2."""


class SeveralFaultsError(ConfigurationError):
    """More than one thing is wrong with the configuration; each is told on a line of its own.

    left_out: how many more there are than `faults` holds.
    """

    def __init__(self, faults: Sequence[ConfigurationError], *, left_out: int = 0) -> None:
        self.faults = tuple(faults)
        self.left_out = left_out
        super().__init__("\n".join(str(fault) for fault in faults))


class SourceUnavailableError(TransientError):
    """A source could not be reached or did not answer before its deadline."""


class SourceBusyError(SourceUnavailableError):
    """It refused for the moment, or hung up: the same question may be answered a moment later."""


class CircuitOpenError(SourceUnavailableError):
    """It was not asked at all, as it has failed too often in a row; see `breaker` in the settings."""


class BadDataError(PermanentError):
    """A source answered with something that cannot be used as evidence."""


class KnobError(PermanentError):
    """A knob could not be read or written, and a retry would fail the same way."""


class NoCanaryError(KnobError):
    """This value cannot be given to some instances only; all of them take it at once, or none."""


class KnobBusyError(TransientError):
    """A knob could not be written now (a lock, a build under way); later may work."""


class JournalError(AdvisorError):
    """The journal refused or could not be reached. Without the journal nothing may be changed."""


class ChangeAlreadyOpenError(JournalError):
    """Another change is open in this environment; one at a time."""


class StaleEpochError(JournalError):
    """Somebody with a newer epoch has taken over; this process must stop writing."""


class ConflictError(JournalError):
    """The record was changed by somebody else since it was read; read again and decide again."""


class AmbiguousIdError(JournalError):
    """Several changes start with what was given as an id."""


class PlanChangedError(AdvisorError):
    """What is to be approved is not what was shown."""


class IllegalTransitionError(AdvisorError):
    """An event that the state of a change does not allow."""
