"""The forms a log line can take; apart from the set-up, so that naming one loads no logging library."""

from enum import StrEnum


class LogFormat(StrEnum):
    LOGFMT = "logfmt"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
