"""What the command's end tells a script."""

from enum import IntEnum
from typing import TYPE_CHECKING

from advisor.surfaces.choices import FailOnSeverity

if TYPE_CHECKING:
    from advisor.model.finding import Severity


class ExitCode(IntEnum):
    DONE = 0
    FINDINGS = 1
    USAGE = 2
    NO_SOURCE = 3
    DEMO_FAILED = 4
    INTERRUPTED = 130


def of_observation(*, reached: bool, worst: "Severity | None", fail_on: FailOnSeverity | None) -> ExitCode:
    """How a command that looks at the sources ends.

    reached: whether any source answered. worst: the severest thing found, None when nothing was.
    fail_on: what was given with `--fail-on`; without it findings are no failure.
    """
    if not reached:
        return ExitCode.NO_SOURCE
    from advisor.model.finding import Severity

    if fail_on is None or worst is None or worst.rank < Severity(fail_on).rank:
        return ExitCode.DONE
    return ExitCode.FINDINGS
