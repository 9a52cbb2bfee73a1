"""Logs: constant event names with bound fields, to stderr, as logfmt, JSON or for a person's eyes."""

import logging
import os
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from advisor.surfaces.choices import LogFormat, LogLevel
from advisor.surfaces.redaction import redact


def configure_logging(log_format: LogFormat, level: LogLevel, *, out: TextIO | None = None) -> None:
    """Send everything at or above `level` to `out`, stderr if not given.

    The standard library's loggers (the scheduler's, the HTTP server's) go through the same filter and renderer.
    """
    stream = out if out is not None else sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(log_format, stream)],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.value.upper(), force=True)
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of what it raises as well
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _rendering(log_format: LogFormat, stream: TextIO) -> list[Processor]:
    match log_format:
        case LogFormat.CONSOLE:
            colors = stream.isatty() and not os.environ.get("NO_COLOR")
            plain = structlog.dev.plain_traceback  # Rich's would print local variables, secrets among them
            renderer: Processor = structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)
        case LogFormat.JSON:
            renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        case LogFormat.LOGFMT:
            renderer = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)
    return [structlog.processors.format_exc_info, hide_secrets, renderer]


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Every text of an event without what looks like a credential, however it got there."""
    return {key: redact(value) if isinstance(value, str) else _inside(value) for key, value in event.items()}


def _inside(value: object) -> object:
    """Numbers and the like as they are; anything that a renderer would turn into text, as redacted text."""
    return value if isinstance(value, bool | int | float | None) else redact(str(value))
