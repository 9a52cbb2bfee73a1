"""The three formats of Postgres' log, cut anywhere."""

from datetime import UTC, datetime

import pytest

from advisor.sources.postgres.log_lines import LogFormat, complete_bytes, entries

CSV = (
    '2026-01-01 12:00:00.250 UTC,"app","shop",77,"10.0.0.1:5",6f,3,"SELECT",2026-01-01 11:00:00 UTC,3/5,0,LOG,00000,'
    '"duration: 1250.500 ms  execute s_1: SELECT ""a"",\n  b FROM t WHERE c = $1",,,,,,,,,"web","client backend",,0\n'
)
JSON = (
    '{"timestamp":"2026-01-01 12:00:00.250 UTC","user":"app","dbname":"shop","error_severity":"LOG",'
    '"message":"duration: 1250.500 ms  statement: SELECT \\"a\\",\\n  b FROM t","application_name":"web"}\n'
)
PLAIN = (
    "2026-01-01 12:00:00.250 UTC [77] LOG:  duration: 1250.500 ms  statement: SELECT a,\n\t  b FROM t\n"
    "2026-01-01 12:00:01.000 UTC [77] ERROR:  division by zero\n"
    "2026-01-01 12:00:01.000 UTC [77] LOG:  duration: 3.1 ms\n"
)


@pytest.mark.parametrize(
    ("text", "log_format", "expected"),
    [
        (CSV, LogFormat.CSV, 'SELECT "a",\n  b FROM t WHERE c = $1'),
        (JSON, LogFormat.JSON, 'SELECT "a",\n  b FROM t'),
        (PLAIN, LogFormat.PLAIN, "SELECT a,\n  b FROM t"),
    ],
)
def test_a_slow_statement_is_read_with_its_time(text: str, log_format: LogFormat, expected: str) -> None:
    (found,) = entries(text, log_format)
    assert found.text == expected
    assert found.seconds == 1.2505
    assert found.at == datetime(2026, 1, 1, 12, 0, 0, 250000, tzinfo=UTC)


def test_csv_and_json_name_the_database_and_the_application() -> None:
    for text, log_format in ((CSV, LogFormat.CSV), (JSON, LogFormat.JSON)):
        (found,) = entries(text, log_format)
        assert (found.database, found.application) == ("shop", "web")


def test_a_zone_that_is_not_utc_gives_no_time() -> None:
    (found,) = entries(PLAIN.replace("UTC", "CET"), LogFormat.PLAIN)
    assert found.at is None


@pytest.mark.parametrize("cut", range(len(CSV)))
def test_a_csv_record_is_whole_or_waits(cut: int) -> None:
    data = (CSV + CSV[:cut]).encode()
    assert complete_bytes(data, LogFormat.CSV) == len(CSV)


def test_a_record_that_makes_no_sense_is_passed_over() -> None:
    assert list(entries("{not json\n[1, 2]\n" + JSON, LogFormat.JSON)) == list(entries(JSON, LogFormat.JSON))
    assert list(entries("a,b,c\n", LogFormat.CSV)) == []
