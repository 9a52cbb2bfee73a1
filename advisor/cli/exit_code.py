"""What the command's end tells a script."""

from enum import IntEnum


class ExitCode(IntEnum):
    DONE = 0
    FINDINGS = 1
    USAGE = 2
    NO_SOURCE = 3
    DEMO_FAILED = 4
    INTERRUPTED = 130
