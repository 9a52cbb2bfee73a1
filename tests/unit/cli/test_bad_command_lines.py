"""Bad command lines and environments: exit 2, what is wrong by its name, and no traceback."""

from pathlib import Path

import pytest

from advisor.settings.load import load_settings
from tests.fakes.command import advisor_within

HUGE = "9" * 400

LINES = [
    ("indexes --time-budget 0s", "--time-budget: '0s'"),
    ("indexes --time-budget 5", "--time-budget: '5' is not a duration"),
    ("indexes --time-budget -5s", "--time-budget: '-5s'"),
    (f"indexes --time-budget {HUGE}s", "--time-budget: is longer than ten years"),
    ("indexes --storage-budget 0MB", "--storage-budget: '0MB'"),
    ("indexes --storage-budget -1MB", "--storage-budget: '-1MB' is not a size"),
    ("indexes --storage-budget =", "--storage-budget: '=' is not a size"),
    (f"indexes --storage-budget {HUGE}GB", "--storage-budget: is more than"),
    ("indexes --planner oracle", "--planner: no planner 'oracle' (one of hypopg"),
    ("indexes --workload missing.sql", "missing.sql: cannot be read"),
    ("indexes --workload .", "cannot be read"),
    ("indexes --workload /dev/null", "/dev/null: there is no statement in it"),
    ("indexes --look 5", "--look: '5' is not a duration"),
    ("indexes", "postgres.dsn: no database is named (give --postgres-dsn)"),
    ("backtest", "'--from'"),
    ("backtest --from soon", "--from: 'soon' is not a time"),
    ("backtest --from -7", "--from: '-7' is not a time"),
    ("backtest --from 2026-02-30", "--from: '2026-02-30' is not a time"),
    ("backtest --from 0001-01-01T00:00+14:00", "--from: '0001-01-01T00:00+14:00' is not a time"),
    ("backtest --from 9999-12-31T23:59-14:00", "--from: '9999-12-31T23:59-14:00' is not a time"),
    ("backtest --from -99999999w", "--from: '-99999999w' is not a time"),
    ("backtest --from -1h --to 2999-01-01", "--to: '2999-01-01' lies in the future"),
    ("backtest --from -1h --to -2h", "--from: '-1h' is not before '-2h' (swap them)"),
    ("backtest --from -1h --step 0s", "--step: '0s'"),
    ("backtest --from -1h --step 1.5s", "--step: '1.5s'"),
    ("backtest --from -1h --step 5", "--step: '5' is not a duration"),
    ("backtest --from -1h --step 9999999999d", "--step: is longer than ten years"),
    ("backtest --from -3000d --step 1s", "--step: that is more than 50,000 snapshots"),
    ("backtest --from -1h --rule no-such", "--rule: there is no rule 'no-such'"),
    ("trial-check --from tomorrow", "--from: 'tomorrow' is not a time"),
    ("trial-check --from -1h --minimum-gain nan", "'--minimum-gain'"),
    ("trial-check --from -1h --minimum-gain 0", "'--minimum-gain'"),
    ("trial-check --from -1h --minimum-gain 1", "'--minimum-gain'"),
    ("trial-check --from -1h --trials 0", "'--trials'"),
    ("trial-check --from -1h --trials 1.5", "'--trials'"),
    ("changes list --limit 0", "'--limit'"),
    ("changes list --limit -1", "'--limit'"),
    ("changes list --limit 99999999", "'--limit'"),
    ("changes calibration --limit 1e3", "'--limit'"),
    ("changes show chg_x", "journal.url: there is no journal"),
    ("changes approve chg_x", "no change 'chg_x'"),
    ("changes frobnicate", "No such command 'frobnicate'"),
    ("report --look 5", "--look: '5' is not a duration"),
    ("report --look -5s", "--look: '-5s'"),
    ("report --look 2h", "--look: '2h' is longer than an hour"),
    ("report --statements --rule slow-query", "--rule: the list of statements asks no rule"),
    ("report --statements --fail-on info", "--fail-on: the list of statements asks no rule"),
    ("report -p localhost:9090", "command line: prometheus.url"),
    ("report -p http://", "command line: prometheus.url: names no host"),
    ("report -p http://h:99999", "command line: prometheus.url"),
    ("report --redis-url redis://h:port", "command line: redis.url"),
    ("report --redis-url http://h", "command line: redis.url"),
    ("report --postgres-dsn mysql://h/d", "command line: postgres.dsn"),
    ("report --postgres-dsn nonsense", "command line: postgres.dsn"),
    ("report --rule poolexhaustion", "--rule: there is no rule 'poolexhaustion' (did you mean 'pool-exhaustion'?)"),
    ("report --fail-on fatal", "'--fail-on'"),
    ("report -o xml", "'--output'"),
    ("report -n shop", "command line: -n or -A says nothing: no cluster is configured (give --context"),
    ("report -A", "command line: -n or -A says nothing: no cluster is configured"),
    ("report -l app=web", "command line: --selector says nothing: no cluster is configured"),
    ("report --manifests . -n shop -A", "-A: all namespaces and some"),
    ("report --manifests . -l app~web", "command line: kubernetes.selector: 'app~web' is no name of a label"),
    ("report --config missing.yaml", "missing.yaml: cannot be read"),
    ("report --config .", "cannot be read: Is a directory"),
    ("report --log-level loud", "'--log-level'"),
    ("report --log-format xml", "'--log-format'"),
    ("report --out-file /no/such/folder/x", "/no/such/folder/x: cannot be written"),
    ("run --once --rule nope", "--rule: there is no rule 'nope'"),
    ("run --once -p file:///etc/passwd", "command line: prometheus.url: the scheme 'file'"),
    ("check --fail-on fatal", "'--fail-on'"),
    ("check -p gopher://x", "command line: prometheus.url: the scheme 'gopher'"),
    ("rules show nope", "there is no rule 'nope'"),
    ("rules show", "'ID'"),
    ("demo --keep x", "unexpected extra argument"),
    ("resume --config missing.yaml", "missing.yaml: cannot be read"),
]


@pytest.mark.parametrize(("line", "said"), LINES, ids=lambda text: text[:60])
def test_a_bad_command_line_ends_with_2_and_says_what_is_wrong(tmp_path: Path, line: str, said: str) -> None:
    done = advisor_within(tmp_path, *line.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    ("flag", "value", "key"),
    [
        ("-p", "", "prometheus.url"),
        ("-p", "http://h\n:9090", "prometheus.url"),
        ("--postgres-dsn", "", "postgres.dsn"),
        ("--postgres-dsn", "host=h\ndbname=d", "postgres.dsn"),
        ("--redis-url", "", "redis.url"),
        ("--redis-url", "redis://h\n", "redis.url"),
    ],
)
def test_an_address_that_is_empty_or_broken_over_lines_is_refused(
    tmp_path: Path, flag: str, value: str, key: str
) -> None:
    done = advisor_within(tmp_path, "check", flag, value)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: command line: {key}: ")


@pytest.mark.parametrize("option", ["--context", "--kubeconfig"])
def test_a_cluster_that_is_named_and_switched_off_is_refused(tmp_path: Path, option: str) -> None:
    done = advisor_within(tmp_path, "report", option, "here", ADVISOR_KUBERNETES__ENABLED="false")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"command line: {option} says nothing while kubernetes.enabled is false" in done.stderr


def test_labels_of_workloads_are_not_known_to_prometheus_alone(tmp_path: Path) -> None:
    environ = {"ADVISOR_KUBERNETES__USAGE__ENABLED": "true"}
    done = advisor_within(tmp_path, "report", "-p", "http://127.0.0.1:1", "-l", "app=web", **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert "only Prometheus is read, which knows no labels of workloads" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADVISOR_PROMETHEUS__URL", "localhost:9090", "prometheus.url"),
        ("ADVISOR_PROMETHEUS__TIMEOUT_SECONDS", "0s", "prometheus.timeout_seconds"),
        ("ADVISOR_PROMETHEUS__TIMEOUT_SECONDS", "60s", "prometheus.deadline_seconds"),
        ("ADVISOR_REDIS__URL", "host", "redis.url"),
        ("ADVISOR_JOURNAL__URL", "advisor.db", "journal.url"),
        ("ADVISOR_WEB__LISTEN_ADDRESS", "0.0.0.0:80", "web.listen_address"),
        ("ADVISOR_DISABLED_RULES", '["nope"]', "disabled_rules.0"),
        ("ADVISOR_TRIAL__CONFIDENCE", ".nan", "finite"),
        ("ADVISOR_POSTGRES__DSN", "", "is empty"),
        ("ADVISOR_MODE", "go", "mode"),
    ],
)
def test_a_bad_variable_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    done = advisor_within(tmp_path, "rules", "list", **{name: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: environment variable {name}")
    assert said in done.stderr


def test_good_addresses_are_taken_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "advisor.yaml"
    file.write_text(
        "prometheus: {url: 'https://me:pw@host.example:443/prefix'}\nredis: {url: 'rediss://u:p@[::1]:6379/3?ssl_cert_reqs=none'}\n"
        "postgres: {dsn: 'postgresql://u:p%40@h1:5432,h2:5433/d?target_session_attrs=any'}\n"
        "journal: {url: 'postgresql+psycopg://u:p@h/d'}\nweb: {listen_address: '[::1]:0'}\n"
    )
    settings = load_settings(file, {}, {})
    assert settings.prometheus.url == "https://me:pw@host.example:443/prefix"
    assert settings.web.listen_address == "[::1]:0"


def test_check_ends_with_1_when_a_check_failed_though_a_source_was_reached(tmp_path: Path) -> None:
    """Nothing is configured but a journal that cannot be: no source failed, and yet something is wrong."""
    done = advisor_within(tmp_path, "check", ADVISOR_JOURNAL__URL="sqlite:////no/such/folder/journal.db")
    assert done.returncode == 1
    assert "failed" in done.stdout
    assert advisor_within(tmp_path, "check").returncode == 0
