"""Log lines: three forms, one filter."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from advisor.surfaces.choices import LogFormat, LogLevel
from advisor.surfaces.log_setup import configure_logging
from advisor.surfaces.redaction import redact


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("connect postgresql://u:geheim@h/d failed", "connect postgresql://***@h/d failed"),
        ("redis://:ge@heim@h:6379", "redis://***@h:6379"),
        ("host=h password=geheim dbname=d", "host=h password=*** dbname=d"),
        ("password='ge heim' host=h", "password=*** host=h"),
        ('{"bearer_token": "geheim"}', '{"bearer_token": ***}'),
        ("Authorization: Bearer geheim", "Authorization: Bearer ***"),
        ("https://example.org/path?x=1", "https://example.org/path?x=1"),
    ],
)
def test_what_looks_like_a_credential_is_blotted_out(text: str, safe: str) -> None:
    assert redact(text) == safe


def test_json_lines_carry_event_level_time_and_bound_fields() -> None:
    out = io.StringIO()
    configure_logging(LogFormat.JSON, LogLevel.INFO, out=out)
    structlog.get_logger().info("change_rolled_back", change_id="chg_1", seconds=1.5)
    line = json.loads(out.getvalue())
    assert (line["event"], line["level"], line["change_id"], line["seconds"]) == (
        "change_rolled_back", "info", "chg_1", 1.5,
    )  # fmt: skip
    assert line["timestamp"].endswith("Z")


def test_logfmt_is_one_line_even_for_an_exception() -> None:
    out = io.StringIO()
    configure_logging(LogFormat.LOGFMT, LogLevel.INFO, out=out)
    try:
        raise ValueError("postgresql://u:geheim@h")
    except ValueError:
        structlog.get_logger().exception("cycle_failed")
    assert out.getvalue().count("\n") == 1
    assert " event=cycle_failed " in out.getvalue()
    assert "geheim" not in out.getvalue()


def test_less_than_the_level_is_not_written() -> None:
    out = io.StringIO()
    configure_logging(LogFormat.LOGFMT, LogLevel.WARNING, out=out)
    structlog.get_logger().info("quiet")
    logging.getLogger("apscheduler").info("quiet")
    assert out.getvalue() == ""


def test_other_libraries_lines_have_the_same_form_and_filter() -> None:
    out = io.StringIO()
    configure_logging(LogFormat.JSON, LogLevel.INFO, out=out)
    logging.getLogger("apscheduler").warning("no answer from %s", "redis://:geheim@h")
    line = json.loads(out.getvalue())
    assert (line["event"], line["logger"]) == ("no answer from redis://***@h", "apscheduler")


def test_what_the_database_library_raises_it_need_not_log_as_well() -> None:
    out = io.StringIO()
    configure_logging(LogFormat.LOGFMT, LogLevel.INFO, out=out)
    logging.getLogger("psycopg").warning("error ignored terminating a pipeline")
    assert out.getvalue() == ""


def test_the_console_form_has_no_colours_outside_a_terminal_and_no_local_variables() -> None:
    out = io.StringIO()
    configure_logging(LogFormat.CONSOLE, LogLevel.INFO, out=out)
    secret = "geheim" * 2
    try:
        raise ValueError(len(secret))
    except ValueError:
        structlog.get_logger().exception("cycle_failed")
    assert "\x1b" not in out.getvalue()
    assert secret not in out.getvalue()
