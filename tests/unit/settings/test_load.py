"""Settings: who wins, and what a person is told who got one wrong."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from advisor.model.errors import ConfigurationError, SeveralFaultsError
from advisor.settings.load import load_settings
from advisor.settings.location import config_folder
from advisor.settings.policy import Mode, Permission
from advisor.settings.schema import Settings
from advisor.settings.strict_yaml import read_yaml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "advisor.yaml"


def refusal(file: Path, text: str, environ: Mapping[str, str] | None = None) -> str:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file, {}, environ or {})
    return str(caught.value)


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(file: Path) -> None:
    file.write_text(
        "prometheus: {url: 'http://file', timeout_seconds: 3s}\nredis: {url: 'redis://file'}\nmode: apply\n"
    )
    environ = {"ADVISOR_PROMETHEUS__URL": "http://environment", "ADVISOR_REDIS__URL": "redis://environment"}

    settings = load_settings(file, {"prometheus.url": "http://flag", "redis.url": None}, environ)

    assert settings.prometheus.url == "http://flag"
    assert settings.redis.url is not None
    assert settings.redis.url.get_secret_value() == "redis://environment"
    assert settings.prometheus.timeout_seconds == 3.0
    assert settings.mode is Mode.APPLY
    assert settings.prometheus.deadline_seconds == 20.0


def test_the_file_is_the_given_one_else_that_of_the_environment_else_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("given", "environment", "config/advisor"):
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"postgres: {{name: {path.stem}}}")
    monkeypatch.chdir(tmp_path)
    environ = {"ADVISOR_CONFIG": str(tmp_path / "environment.yaml")}

    assert load_settings(tmp_path / "given.yaml", {}, environ).postgres.name == "given"
    assert load_settings(None, {}, environ).postgres.name == "environment"
    assert load_settings(None, {}, {}).postgres.name == "advisor"


def test_without_any_file_all_is_at_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, {}, {}) == Settings()


def test_the_shipped_file_says_every_setting_and_says_its_default() -> None:
    shipped = config_folder() / "advisor.yaml"

    read = load_settings(shipped, {}, {})
    assert read.journal.url.get_secret_value() == f"sqlite:///{shipped.parent}/../advisor.db"  # as in a checkout
    assert read.model_copy(update={"journal": Settings().journal}) == Settings()
    lines = read_yaml(shipped).lines
    assert [name for name in _names(Settings) if name not in lines] == []


def _names(group: type[BaseModel], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    names: list[tuple[str, ...]] = []
    for name, field in group.model_fields.items():
        kind = field.annotation
        inner = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        names.extend(_names(inner, (*above, name)) if inner is not None else [(*above, name)])
    return names


def test_a_group_whose_settings_are_all_commented_out_is_at_its_defaults(file: Path) -> None:
    file.write_text("postgres:\n  # dsn: none yet\nmode: observe\n")
    assert load_settings(file, {}, {}).postgres == Settings().postgres


def test_policy_of_a_knob_is_read_by_its_name(file: Path) -> None:
    file.write_text("policy:\n  knobs:\n    db.pool_size: {permission: automatic, maximum: 40, cooldown_seconds: 5m}\n")
    policy = load_settings(file, {}, {}).policy.for_knob("db.pool_size")
    assert (policy.permission, policy.maximum, policy.cooldown_seconds) == (Permission.AUTOMATIC, 40.0, 300.0)


def test_windows_and_quiet_of_one_knob_stand_in_for_those_of_all(file: Path) -> None:
    file.write_text(
        "policy:\n  change_windows: [Mon-Fri 09:00-17:00]\n  quiet_load_ratio: 0.5\n"
        "  knobs:\n    postgres.index: {change_windows: [], quiet_load_ratio: 0.2}\n"
    )
    policy = load_settings(file, {}, {}).policy
    assert [window.text for window in policy.windows_for("db.pool_size")] == ["Mon-Fri 09:00-17:00"]
    assert policy.windows_for("postgres.index") == ()
    assert (policy.quiet_ratio_for("db.pool_size"), policy.quiet_ratio_for("postgres.index")) == (0.5, 0.2)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("postgres:\n  dns: x\n", 2, "unknown setting 'postgres.dns' (did you mean 'dsn'?"),
        ("mode: propose\nmod: apply\n", 2, "unknown setting 'mod' (did you mean 'mode'?"),
        ("policy: {knobs: {db.pool_size: {\n permision: never}}}\n", 2, "did you mean 'permission'?"),
        ("mode: apply\nmode: observe\n", 2, "key 'mode' is given twice, first in line 1"),
        ("trial:\n  warm_up_seconds: 5\n", 2, "5 has no unit"),
        ("trial:\n  warm_up_seconds: soon\n", 2, "'soon' is not a duration"),
        ("mode: aply\n", 1, "should be 'observe', 'propose' or 'apply'"),
        ("trial:\n\n  restore_attempts: true\n", 3, "trial.restore_attempts: Input should be a valid integer"),
        ("trial:\n  restore_attempts: 2.5\n", 2, "valid integer"),
        ("trial:\n  restore_attempts: '5'\n", 2, "valid integer"),
        ("guide: {pool: {exhausted_ratio: .nan}}\n", 1, "a number must be finite"),
        ("guide: {pool: {exhausted_ratio: 1e999}}\n", 1, "a number must be finite"),
        ("trial: 5\n", 1, "trial: Input should be an object"),
        ("applications:\n  - name: a\n  - database: main\n", 3, "applications.1.name: Field required"),
        ("policy:\n  knobs:\n    db.pool_szie: {}\n", 3, "did you mean 'db.pool_size'?"),
        ("policy:\n  knobs:\n    db.pool_size: {minimum: 9, maximum: 2}\n", 3, "minimum is above maximum; swap them"),
        ("policy:\n  knobs:\n    db.pool_size:\n      largest_step_ratio: 1\n", 4, "greater than 1"),
        (
            "policy:\n  knobs:\n    db.pool_size:\n      change_windows: [nights]\n",
            4,
            "'nights' is not a change window",
        ),
        ("policy:\n  change_windows:\n    - Mon 09:00-17:00\n    - Mon-Fry 09:00-17:00\n", 4, "no day of the week"),
        ("policy:\n  freezes: [2027-01-03 to 2026-12-20]\n", 2, "ends before it starts (swap its two dates)"),
        ("policy:\n  daily_changes: 0\n", 2, "greater than or equal to 1"),
        ("policy:\n  evidence_tolerance: 1.5\n", 2, "less than 1"),
        ("policy:\n  blast_radius:\n    largest_table_bytes: 10\n", 3, '10 has no unit; write it as "500MB"'),
        ("policy:\n  trust: {smallest_coverage: 2}\n", 2, "less than or equal to 1"),
        ("policy:\n  autonomy: {may_raise: yes}\n", 2, "valid boolean"),
        ("alerts:\n  queue_size: 0\n", 2, "greater than or equal to 1"),
        ("alerts:\n  queue_size: many\n", 2, "valid integer"),
        ("alerts:\n  pause_seconds: 0s\n", 2, "no time at all"),
        ("alerts: {queue: 5}\n", 1, "unknown setting 'alerts.queue' (did you mean 'queue_size'?"),
        ("guide: {alerts: {error_ratio: 5}}\n", 1, "less than 1"),
        ("- mode\n", 1, "must hold keys and values"),
        ("mode: [\n", 2, "expected the node content"),
        ("a: 1\n---\nb: 1\n", 2, "found another document"),
        ("mode: !!python/object/apply:os.system [id]\n", 1, "tags are refused"),
        ("a: &x [1, 1]\nb: &y [*x, *x]\nc: [*y, *y]\n", 1, "anchors and aliases are refused"),
        ("a: " + "[" * 30 + "]" * 30, 1, "nested over 20 deep"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line_the_key_and_the_fix(
    file: Path, text: str, line: int, said: str
) -> None:
    message = refusal(file, text)
    assert message.startswith(f"{file}:{line}: ")
    assert said in message


def test_all_faults_of_a_file_are_told_one_a_line_and_twenty_at_most(file: Path) -> None:
    told = refusal(file, "a: 1\nb: 2\nmode: no\n").splitlines()
    assert [line.removeprefix(f"{file}:")[0] for line in told] == ["1", "2", "3"]
    file.write_text("".join(f"unknown_{number}: 1\n" for number in range(25)))
    with pytest.raises(SeveralFaultsError) as caught:
        load_settings(file, {}, {})
    assert (len(caught.value.faults), caught.value.left_out) == (20, 5)


def test_paths_in_a_file_are_relative_to_it_and_those_of_the_environment_to_the_working_directory(file: Path) -> None:
    file.write_text(
        "prometheus: {ca_file: ca.pem, presets: [agents, own.yaml]}\npostgres: {slow_log: 'file:logs/slow.csv'}\n"
        "applications: [{name: a, board: 'file:board.json'}, {name: b, board: 'file:/run/board.json'}]\n"
        "journal: {url: 'sqlite:///journal.db'}\n"
    )
    settings = load_settings(file, {}, {})
    here = file.parent
    assert settings.prometheus.ca_file == f"{here}/ca.pem"
    assert settings.prometheus.presets == ("agents", f"{here}/own.yaml")
    assert settings.postgres.slow_log == f"file:{here}/logs/slow.csv"
    assert [app.board for app in settings.applications] == [f"file:{here}/board.json", "file:/run/board.json"]
    assert settings.journal.url.get_secret_value() == f"sqlite:///{here}/journal.db"

    environ = {"ADVISOR_JOURNAL__URL": "sqlite:///own.db", "ADVISOR_PROMETHEUS__CA_FILE": "own.pem"}
    settings = load_settings(file, {}, environ)
    assert settings.journal.url.get_secret_value() == "sqlite:///own.db"
    assert settings.prometheus.ca_file == "own.pem"


def test_a_journal_that_lies_where_the_advisor_is_started_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "advisor.yaml").write_text("journal: {url: 'sqlite:///advisor.db'}\n")
    (tmp_path / "advisor.db").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"advisor\.yaml:1: journal\.url: .* is not there, but advisor\.db is"):
        load_settings(None, {}, {})
    (tmp_path / "config" / "advisor.db").touch()
    assert load_settings(None, {}, {}).journal.url.get_secret_value() == "sqlite:///config/advisor.db"


def test_a_refusal_never_shows_the_value_as_it_may_be_a_secret(file: Path) -> None:
    assert "geheim" not in refusal(file, "postgres:\n  dns: postgresql://u:geheim@h/d\n")
    assert "geheim" not in refusal(file, "redis: {url: [redis://:geheim@h]}\n")
    assert "geheim" not in refusal(file, "", {"ADVISOR_POSTGRES__DNS": "postgresql://u:geheim@h/d"})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADVISOR_POSTGRES__DNS", "x", "did you mean 'dsn'?"),
        ("ADVISOR_MDOE", "apply", "did you mean 'mode'?"),
        ("ADVISOR_TRIAL__CONFIDENCE", "high", "valid number"),
        ("ADVISOR_DISABLED_RULES", "a,b", "valid array"),
        ("ADVISOR_POSTGRES__DSN", "", "is empty"),
    ],
)
def test_a_faulty_environment_variable_is_named(file: Path, name: str, value: str, said: str) -> None:
    message = refusal(file, "", {name: value})
    assert message.startswith(f"environment variable {name}")
    assert said in message


def test_numbers_and_lists_are_read_from_the_environment_and_addresses_are_left_as_they_are(file: Path) -> None:
    file.write_text("")
    environ = {
        "ADVISOR_TRIAL__CONFIDENCE": "0.9",
        "ADVISOR_TRIAL__WARM_UP_SECONDS": "1m30s",
        "ADVISOR_DISABLED_RULES": '["missing-index"]',
        "ADVISOR_POSTGRES__NAME": "007",
        "ADVISOR_APPLICATIONS": '[{"name": "voiceassist", "replicas": 3}]',
    }
    settings = load_settings(file, {}, environ)
    assert (settings.trial.confidence, settings.trial.warm_up_seconds) == (0.9, 90.0)
    assert settings.disabled_rules == ("missing-index",)
    assert settings.postgres.name == "007"
    assert (settings.applications[0].name, settings.applications[0].replicas) == ("voiceassist", 3)


def test_what_kubernetes_tells_a_pod_about_a_service_called_advisor_is_no_setting(file: Path) -> None:
    file.write_text("")
    environ = {
        "ADVISOR_SERVICE_HOST": "10.0.0.1",
        "ADVISOR_SERVICE_PORT": "9595",
        "ADVISOR_SERVICE_PORT_WEB": "9595",
        "ADVISOR_PORT": "tcp://10.0.0.1:9595",
        "ADVISOR_PORT_9595_TCP_ADDR": "10.0.0.1",
    }
    assert load_settings(file, {}, environ) == Settings()


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing\.yaml: cannot be read: No such file"):
        load_settings(tmp_path / "missing.yaml", {}, {})


def test_a_file_over_the_limit_or_not_utf8_is_refused(file: Path) -> None:
    file.write_bytes(b"# " + b"x" * (1024 * 1024))
    with pytest.raises(ConfigurationError, match="over 1 MiB"):
        load_settings(file, {}, {})
    file.write_bytes(b"mode: \xff")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_settings(file, {}, {})
