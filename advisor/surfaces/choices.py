"""What a user can choose among. Apart from what serves the choice, so that naming one loads no library."""

from enum import StrEnum


class OutputFormat(StrEnum):
    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"


class FailOnSeverity(StrEnum):
    """The severities of `advisor.model.finding`."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class ChangeEnd(StrEnum):
    """States of `advisor.model.change` that one may wait for."""

    APPROVED = "approved"
    TRIAL = "trial"
    STUCK = "stuck"
    KEPT = "kept"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class LogFormat(StrEnum):
    LOGFMT = "logfmt"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
