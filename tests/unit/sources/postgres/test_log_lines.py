"""Postgres' log in every shape it comes in, cut anywhere."""

import json
from datetime import UTC, datetime

import pytest

from advisor.sources.postgres.log_lines import LogFormat, complete_bytes, read_piece
from advisor.sources.postgres.log_message import LogEntry
from advisor.sources.postgres.slow_log import moment_of

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


NOW = datetime(2026, 11, 28, 16, 40, 17, 123000, tzinfo=UTC)
STAMP = "2026-11-28 16:40:17.123 UTC"
SINGLE = "duration: 201.123 ms  statement: SELECT id FROM orders WHERE customer_id = 1"
TABBED = 'duration: 302.123 ms  execute S_1: SELECT o.id,\n\t       "o"."note"\n\t  FROM orders o'
LINES = {
    "stderr, the distribution's prefix": f"{STAMP} [123] app@shop LOG:  {SINGLE}\n",
    "stderr with Windows' line ends": f"{STAMP} [123] app@shop LOG:  {SINGLE}\r\n",
    "no prefix": f"LOG:  {SINGLE}\n",
    "RDS": f"2026-11-28 16:40:17 UTC:10.0.0.5(51234):app@shop:[321]:LOG:  {SINGLE}\n",
    "RDS in CloudWatch": json.dumps(
        {"timestamp": 1795884017, "message": f"2026-11-28 16:40:17 UTC:10.0.0.5(1):app@shop:[321]:LOG:  {SINGLE}"}
    ),
    "Cloud SQL": json.dumps(
        {"textPayload": f"{STAMP} [123]: [3-1] db=shop,user=app LOG:  {SINGLE}", "timestamp": STAMP}
    ),
    "Azure": json.dumps(
        {
            "category": "PostgreSQLLogs",
            "properties": {
                "timestamp": STAMP,
                "errorLevel": "LOG",
                "message": f"2026-11-28 16:40:17 UTC-65f1a2b3.1f-LOG:  {SINGLE}",
            },
        }
    ),
    "CloudNativePG": json.dumps(
        {
            "level": "info",
            "logger": "postgres",
            "record": {"log_time": STAMP, "database_name": "shop", "error_severity": "LOG", "message": SINGLE},
        }
    ),
    "jsonlog": json.dumps({"timestamp": STAMP, "dbname": "shop", "error_severity": "LOG", "message": SINGLE}),
    "jsonlog as Docker keeps it": json.dumps({"log": f"{STAMP} [123] LOG:  {SINGLE}\n", "stream": "stderr"}),
    "verbose": f"{STAMP} [123] app@shop LOG:  00000: {SINGLE}\n{STAMP} [123] app@shop LOCATION:  exec, postgres.c:1\n",
    "user and host": f"{STAMP} [123] app@10.0.0.5 LOG:  {SINGLE}\n",
    "user, database and application": f"{STAMP} [123] app@shop/psql LOG:  {SINGLE}\n",
    "docker compose logs": f"db-1  | {STAMP} [123] app@shop LOG:  {SINGLE}\n",
    "kubectl logs --timestamps": f"2026-11-28T16:40:17.123456789Z {STAMP} [123] app@shop LOG:  {SINGLE}\n",
    "syslog without a process": f"Nov 28 16:00:01 db postgresql-11: [5-1] app@shop LOG:  {SINGLE}\n",
    "Heroku": (
        f'2026-11-28T16:40:17+00:00 app[postgres.1167]: [YELLOW] [13-1]  sql_error_code = 00000 time_ms = "{STAMP}" '
        f'pid="12" database="shop" user="u" application_name="psql" LOG:  {SINGLE}\n'
    ),
    "CloudWatch": f"2026-11-28T16:40:17.000Z 2026-11-28 16:40:17 UTC:10.0.0.5(5):app@shop:[3]:LOG:  {SINGLE}\n",
    "containers": f"2026-11-28T16:40:17.123456789Z stderr F {STAMP} [123] LOG:  {SINGLE}\n",
    "syslog": f"Nov 28 16:00:01 db postgres[99]: [5-1] app@shop LOG:  {SINGLE}\n",
    "syslog without numbers": f"Nov 28 16:00:01 db postgres[99]: app@shop LOG:  {SINGLE}\n",
    "syslog, RFC 5424": f"<134>1 2026-11-28T16:00:01Z db postgres 99 - - [5-1] app@shop LOG:  {SINGLE}\n",
}


def lines(text: str) -> list[LogEntry]:
    piece = read_piece(text, LogFormat.LINES)
    assert piece.not_understood == 0
    return list(piece.entries)


@pytest.mark.parametrize(
    ("text", "log_format", "expected"),
    [
        (CSV, LogFormat.CSV, 'SELECT "a",\n  b FROM t WHERE c = $1'),
        (JSON, LogFormat.LINES, 'SELECT "a",\n  b FROM t'),
        (PLAIN, LogFormat.LINES, "SELECT a,\n  b FROM t"),
    ],
)
def test_a_slow_statement_is_read_with_its_time(text: str, log_format: LogFormat, expected: str) -> None:
    (found,) = read_piece(text, log_format).entries
    assert found.text == expected
    assert found.seconds == 1.2505
    assert found.at == datetime(2026, 1, 1, 12, 0, 0, 250000, tzinfo=UTC)


@pytest.mark.parametrize("shape", LINES)
def test_a_line_is_understood_whatever_is_put_around_it(shape: str) -> None:
    (found,) = lines(LINES[shape])
    assert (found.text, found.seconds) == ("SELECT id FROM orders WHERE customer_id = 1", 0.201123)
    assert found.database in ("", "shop")
    assert found.at is None or abs((found.at - NOW).total_seconds()) < 1


SPOKEN = [
    ("LOG", "Dauer: 812.000 ms  Anweisung: {}", "Dauer: 3.100 ms  Binden S_1: {}"),
    ("LOG", "Dauer: 812.000 ms  Ausführen S_1/C_4: {}", "Dauer: 3.100 ms  Parsen S_1: {}"),
    ("LOG", "durée : 812.000 ms, instruction : {}", "durée : 3.100 ms, lien S_1 : {}"),
    ("LOG", "duración: 812.000 ms  sentencia: {}", "duración: 3.100 ms  parse: S_1: {}"),
    ("LOG", "durata: 812.000 ms  istruzione: {}", "durata: 3.100 ms  analisi di S_1: {}"),
    ("LOG", "期間: 812.000 ミリ秒  文: {}", "期間: 3.100 ミリ秒  パースS_1 : {}"),
    ("로그", "실행시간: 812.000 ms  명령 구문: {}", "실행시간: 3.100 ms  S_1 구문분석: {}"),
    ("СООБЩЕНИЕ", "продолжительность: 812.000 мс, оператор: {}", "продолжительность: 3.100 мс, разбор S_1: {}"),
    (
        "СООБЩЕНИЕ",
        "продолжительность: 812.000 мс  выполнение S_1: {}",
        "продолжительность: 3.100 мс, сообщение Bind S: {}",
    ),
    ("ЗАПИСУВАННЯ", "тривалість: 812.000 мс, оператор: {}", "тривалість: 3.100 мс, аналізування S_1: {}"),
    ("LOGG", "varaktighet: 812.000 ms  sats: {}", "varaktighet: 3.100 ms  bind S_1: {}"),
    ("日志", "执行时间: 812.000 ms 语句: {}", "执行时间: 3.100 ms  解析 S_1: {}"),
    ("ჟურნალი", "ხანგრძლივობა: 812.000 მწმ  გამოსახულება: {}", "ხანგრძლივობა: 3.100 მწმ  S_1-ის დამუშავება: {}"),
]


@pytest.mark.parametrize(("severity", "run", "prepared"), SPOKEN)
def test_a_server_of_any_language_is_understood_and_preparing_is_no_running(
    severity: str, run: str, prepared: str
) -> None:
    statement = "SELECT 'a: b' FROM orders"
    text = "".join(f"{STAMP} [123] app@shop {severity}:  {one.format(statement)}\n" for one in (run, prepared))
    (found,) = lines(text)
    assert (found.text, found.seconds) == (statement, 0.812)


def test_statements_of_several_lines_are_put_together_again() -> None:
    expected = 'SELECT o.id,\n       "o"."note"\n  FROM orders o'
    parts = TABBED.split("\n")
    stderr = f"{STAMP} [9] LOG:  {TABBED}\n{STAMP} [9] DETAIL:  parameters: $1 = '5'\n"
    head = "Nov 28 16:00:01 db postgres"
    syslog = [f"{head}[99]: [5-{n}] {text}" for n, text in enumerate(["app@shop LOG:  " + parts[0], *parts[1:]], 1)]
    syslog = [line.replace("\t", "#011") for line in syslog]
    syslog.insert(1, f"{head}[7]: [2-1] LOG:  checkpoint starting: time")
    syslog.insert(3, f"{head}[8]: [4-1] LOG:  duration: 9.100 ms  statement: SELECT 1")
    container = "".join(
        f"2026-11-28T16:00:00.1Z stderr F {line}\n" for line in (f"{STAMP} [9] LOG:  {TABBED}").split("\n")
    )
    cut = (
        "2026-11-28T16:00:00.1Z stderr P LOG:  duration: 5.100 ms  statement: SELECT \n"
        "2026-11-28T16:00:00.1Z stderr F 1\n"
    )
    assert [found.text for found in lines(stderr)] == [expected]
    assert sorted(found.text for found in lines("\n".join(syslog))) == sorted([expected, "SELECT 1"])
    assert [found.text for found in lines(container)] == [expected]
    assert [found.text for found in lines(cut)] == ["SELECT 1"]


def test_a_statement_of_several_lines_is_whole_whatever_is_put_around_each_of_them() -> None:
    expected = 'SELECT o.id,\n       "o"."note"\n  FROM orders o'
    told = f"{STAMP} [9] LOG:  {TABBED}".split("\n")
    docker = [json.dumps({"log": line + "\n", "stream": "stderr", "time": "2026-11-28T16:40:17.2Z"}) for line in told]
    assert [found.text for found in lines("\n".join(docker))] == [expected]
    assert [found.text for found in lines("\n".join(f"db-1  | {line}" for line in told))] == [expected]
    assert [found.text for found in lines("\n".join(f"2026-11-28T16:40:17.2Z {line}" for line in told))] == [expected]
    cut = [{"log": f"{STAMP} [9] LOG:  duration: 5.100 ms  statement: SELECT "}, {"log": "1\n"}]
    assert [found.text for found in lines("\n".join(map(json.dumps, cut)))] == ["SELECT 1"]


def test_heroku_wraps_long_lines_and_some_downloads_turn_tabs_into_blanks() -> None:
    head = "2026-01-05T14:44:37+00:00 app[postgres.{}]: [MAROON] [19-{}]{}"
    wrapped = [
        head.format(1140, 1, "  sql_error_code = 00000 LOG:  duration: 2521.724 ms  execute <unnamed>: SELECT 1, 12"),
        head.format(1150, 1, "  sql_error_code = 00000 LOG:  checkpoint starting: time"),
        head.format(1140, 2, " 34"),
        head.format(1140, 3, ""),
        head.format(1140, 4, " \tFROM a"),
        head.format(1140, 5, "  sql_error_code = 00000 DETAIL:  parameters: $1 = 'secret'"),
    ]
    assert [found.text for found in lines("\n".join(wrapped))] == ["SELECT 1, 1234\nFROM a"]
    blank = f"{STAMP} [9] LOG:  duration: 5.100 ms  statement:\n        UPDATE a\n          SET b = 1;\n"
    assert [found.text.split() for found in lines(blank)] == [["UPDATE", "a", "SET", "b", "=", "1;"]]


def test_the_parameters_that_syslog_tells_after_a_statement_are_no_part_of_it() -> None:
    """They are users' data, and told under the number of the statement's own message."""
    head = "Nov 24 16:38:58 db postgres[81]: [901-{}] user=app,db=shop {}:  {}"
    told = [head.format(1, "LOG", SINGLE), head.format(2, "DETAIL", "parameters: $1 = 'secret'")]
    (found,) = lines("\n".join(told))
    assert found.text == "SELECT id FROM orders WHERE customer_id = 1"


PLAN = "Query Text: SELECT id\n  FROM orders;\nSeq Scan on orders  (cost=0.00..4.00 rows=1 width=4)\n  Filter: (a = 1)"


@pytest.mark.parametrize("plan", [PLAN, json.dumps({"Query Text": "SELECT id\n  FROM orders;", "Plan": {}}, indent=1)])
def test_a_plan_of_auto_explain_tells_its_statement_and_counts_once(plan: str) -> None:
    tabbed = plan.replace("\n", "\n\t")
    planned = f"{STAMP} [9] LOG:  duration: 52.114 ms  plan:\n\t{tabbed}\n"
    (found,) = lines(planned)
    assert (found.text, found.seconds) == ("SELECT id\n  FROM orders;", 0.052114)
    logged = f"{STAMP} [9] LOG:  duration: 250.000 ms  statement: SELECT id\n\t  FROM orders;\n"
    (found,) = lines(planned + logged)
    assert found.seconds == 0.25


def test_durations_whose_statements_were_told_before_are_noticed() -> None:
    piece = read_piece(
        f"{STAMP} [9] LOG:  statement: SELECT 1\n{STAMP} [9] LOG:  duration: 2001.100 ms\n", LogFormat.LINES
    )
    assert (piece.entries, piece.longest_alone) == ((), 2.0011)


# What the console of a cloud and `gcloud logging read --format json` give: a list, laid out for people or in one line.
EXPORTED = [
    {
        "insertId": f"s={number}",
        "labels": {},
        "resource": {"labels": {"project_id": "shop", "zones": ["a", "b"]}, "type": "cloudsql_database"},
        "severity": "INFO",
        "textPayload": f"2026-01-01 12:00:00.250 UTC [7]: [{number}-1] db=shop,user=app LOG:  duration: 812.000 ms  "
        f'execute <unnamed>: SELECT "id"\n\tFROM "Order" WHERE note = \'[{{\' AND id = {number}',
        "timestamp": "2026-01-01T12:00:00.250Z",
    }
    for number in range(3)
]
DOWNLOADED = {
    "laid out by 2": json.dumps(EXPORTED, indent=2) + "\n",
    "laid out by 4": json.dumps(EXPORTED, indent=4) + "\n",
    "one object laid out": "".join(json.dumps(one, indent=1) + "\n" for one in EXPORTED),
    "one line": json.dumps(EXPORTED) + "\n",
    "one object a line": "[" + ",\n".join(map(json.dumps, EXPORTED)) + "]\n",
}


@pytest.mark.parametrize("shape", DOWNLOADED)
def test_a_log_that_was_downloaded_as_a_list_holds_its_statements_and_nothing_of_the_list(shape: str) -> None:
    piece = read_piece(DOWNLOADED[shape], LogFormat.LINES)
    wanted = [f'SELECT "id"\nFROM "Order" WHERE note = \'[{{\' AND id = {number}' for number in range(3)]
    assert [found.text for found in piece.entries] == wanted
    assert {found.database for found in piece.entries} == {"shop"}
    assert piece.not_understood == 0


@pytest.mark.parametrize("shape", ["laid out by 2", "laid out by 4"])
def test_a_download_may_be_read_from_the_middle_of_a_line(shape: str) -> None:
    text = DOWNLOADED[shape]
    piece = read_piece(text[text.index("duration: ") :], LogFormat.LINES, begins_anywhere=True)
    assert [found.text[-1] for found in piece.entries] == ["1", "2"]


def test_json_in_a_statement_is_no_list_of_a_download() -> None:
    text = f"{STAMP} [123] LOG:  {SINGLE}" + '\n\tAND doc = \'[\n\t  {\n\t    "message": "x LOG:  y"\n\t  }\n\t]\'\n'
    (found,) = lines(text)
    assert found.text.endswith('"message": "x LOG:  y"\n  }\n]\'')


def test_a_mark_of_the_byte_order_hides_no_record() -> None:
    assert len(read_piece("\ufeff" + CSV, LogFormat.CSV).entries) == 1
    assert len(lines("\ufeff" + PLAIN)) == 1


def test_rds_names_the_database_in_its_long_prefix_too() -> None:
    prefix = (
        "2026-01-01 12:00:00.250 UTC:10.0.1.2(5432):app@shop:[77]:5:00000:2026-01-01 11:00:00 UTC:3/12:0:63b3.4d:web:"
    )
    (found,) = lines(f"{prefix}LOG:  duration: 812.000 ms  statement: SELECT 1 FROM t\n")
    assert found.database == "shop"


def test_csv_and_json_name_the_database_and_the_application() -> None:
    for text, log_format in ((CSV, LogFormat.CSV), (JSON, LogFormat.LINES)):
        (found,) = read_piece(text, log_format).entries
        assert (found.database, found.application) == ("shop", "web")


def test_a_zone_by_name_is_that_of_the_server_and_one_by_number_is_itself() -> None:
    (found,) = lines(PLAIN.replace("UTC", "CET"))
    assert found.at == datetime(2026, 1, 1, 12, 0, 0, 250000)  # noqa: DTZ001  # the log does not tell which
    an_hour_later = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    assert moment_of(found, "Europe/Berlin", an_hour_later) == datetime(2026, 1, 1, 11, 0, 0, 250000, tzinfo=UTC)
    assert moment_of(found, "Nowhere/Atall", an_hour_later) == an_hour_later
    (found,) = lines(PLAIN.replace("UTC", "+0530"))
    assert found.at == datetime(2026, 1, 1, 6, 30, 0, 250000, tzinfo=UTC)


@pytest.mark.parametrize("cut", range(len(CSV)))
def test_a_csv_record_is_whole_or_waits(cut: int) -> None:
    data = (CSV + CSV[:cut]).encode()
    assert complete_bytes(data, LogFormat.CSV) == len(CSV)


MANY = {
    LogFormat.CSV: [CSV.replace("c = $1", f"c = {n}").replace("FROM t", f"FROM\n t{n} ") for n in range(3)],
    LogFormat.LINES: [f"{STAMP} [{n}] LOG:  {TABBED} WHERE id = {n}\n" for n in range(3)],
}


@pytest.mark.parametrize("log_format", LogFormat)
def test_reading_may_begin_anywhere_also_within_quotes(log_format: LogFormat) -> None:
    records = MANY[log_format]
    for cut in range(1, len(records[0])):
        piece = read_piece("".join(records)[cut:], log_format, begins_anywhere=True)
        assert [found.text[-1] for found in piece.entries][-2:] == ["1", "2"], cut
        assert piece.not_understood == 0, cut


@pytest.mark.parametrize("log_format", LogFormat)
def test_reading_in_two_pieces_finds_what_reading_at_once_finds(log_format: LogFormat) -> None:
    data = "".join(MANY[log_format]).encode()
    for cut in range(1, len(data)):
        whole = complete_bytes(data[:cut], log_format, more_follows=True)
        first = read_piece(data[:whole].decode(), log_format)
        second = read_piece(data[whole:].decode(), log_format)
        assert [found.text[-1] for found in (*first.entries, *second.entries)] == ["0", "1", "2"], cut
        assert first.not_understood + second.not_understood == 0, cut


def test_a_csv_statement_that_holds_a_line_like_a_record_is_one_statement() -> None:
    odd = CSV.replace("b FROM t", '2026-01-01 12:00:00.250 UTC,\n2026-01-01 12:00:00.250 UTC,""x""')
    (found,) = read_piece(odd + CSV.replace("duration: 1250.500 ms  execute s_1", "connection"), LogFormat.CSV).entries
    assert found.text.startswith('SELECT "a",\n  2026-01-01')


def test_what_is_no_log_of_postgres_is_counted() -> None:
    piece = read_piece('{not json\n[1, 2]\n{"msg": "hello"}\n10.0.0.1 - GET /\n' + JSON, LogFormat.LINES)
    assert (len(piece.entries), piece.understood, piece.not_understood) == (1, 1, 4)
    piece = read_piece("a,b,c\n", LogFormat.CSV)
    assert (piece.entries, piece.understood, piece.not_understood) == ((), 0, 1)


def test_a_record_of_json_keeps_the_odd_characters_that_end_a_line_elsewhere() -> None:
    (found,) = lines(JSON.replace("b FROM t", "b FROM \u2028t"))
    assert "\u2028" in found.text


def test_the_format_is_told_by_the_ending_or_by_what_is_in_it() -> None:
    assert LogFormat.of("postgresql.csv", b"") is LogFormat.CSV
    assert LogFormat.of("postgresql.log", CSV.encode()) is LogFormat.CSV
    assert LogFormat.of("postgresql.json", JSON.encode()) is LogFormat.LINES
    assert LogFormat.of("postgresql.log", PLAIN.encode()) is LogFormat.LINES
