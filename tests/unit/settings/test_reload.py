"""The settings file while the daemon runs: what comes into force, what needs a restart, and what is refused."""

import os
from pathlib import Path

import pytest

from advisor.reload import SettingsFile
from advisor.settings.load import load_settings
from advisor.settings.policy import Mode
from advisor.settings.reload import brought_up_to_date
from advisor.settings.schema import Settings


def read(**environ: str) -> Settings:
    return load_settings(None, {}, {f"ADVISOR_{name}": value for name, value in environ.items()})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MODE", "observe"),
        ("TRIAL__CONFIDENCE", "0.9"),
        ("GUIDE__POOL__EXHAUSTED_RATIO", "0.7"),
        ("DISABLED_RULES", '["slow-query"]'),
        ("DAEMON__WINDOW_SECONDS", "60s"),
        ("POLICY__SETTLE_SECONDS", "7s"),
    ],
)
def test_what_is_asked_in_every_cycle_comes_into_force(variable: str, value: str) -> None:
    new = read(**{variable: value})
    assert brought_up_to_date(read(), new) == (new, ())


def test_what_has_a_connection_or_a_thread_behind_it_stays_and_is_named() -> None:
    former = read()
    new = read(
        PROMETHEUS__URL="http://other", DAEMON__INTERVAL_SECONDS="1s", POLICY__ENVIRONMENT="staging", MODE="apply"
    )
    current, waiting = brought_up_to_date(former, new)
    assert (current.mode, current.prometheus, current.policy) == (Mode.APPLY, former.prometheus, former.policy)
    assert waiting == ("prometheus.url", "policy.environment", "daemon.interval_seconds")


def a_file(folder: Path) -> tuple[Path, SettingsFile]:
    path = folder / "advisor.yaml"
    path.write_text("mode: propose\n")
    return path, SettingsFile(path, lambda: load_settings(path, {}, {}))


def age(path: Path, by_seconds: float = 60) -> None:
    """As if it had been written a while ago."""
    changed = path.stat().st_mtime - by_seconds
    os.utime(path, (changed, changed))


def test_a_file_is_due_once_it_has_changed_or_somebody_asks(tmp_path: Path) -> None:
    path, file = a_file(tmp_path)
    assert not file.is_due()
    path.write_text("mode: observe\n")
    age(path)
    assert file.is_due()
    current = file.reread(Settings())
    assert current is not None
    assert (current.mode, file.is_due()) == (Mode.OBSERVE, False)
    file.ask()
    assert file.is_due()


def test_a_mounted_file_that_is_swapped_by_its_link_counts_as_changed(tmp_path: Path) -> None:
    """As Kubernetes replaces a ConfigMap: the file is a link into a folder, and the folder's link is moved."""
    for name, mode in (("one", "propose"), ("two", "observe")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "advisor.yaml").write_text(f"mode: {mode}\n")
    (tmp_path / "data").symlink_to("one")
    link = tmp_path / "advisor.yaml"
    link.symlink_to("data/advisor.yaml")
    file = SettingsFile(link, lambda: load_settings(link, {}, {}))
    (tmp_path / "new").symlink_to("two")
    os.replace(tmp_path / "new", tmp_path / "data")  # noqa: PTH105  # as the kubelet does
    age(link)
    assert file.is_due()


def test_a_file_that_is_still_written_to_is_waited_for_and_half_of_it_never_comes_into_force(tmp_path: Path) -> None:
    path, file = a_file(tmp_path)
    path.write_text("mode: apply\n")  # the guards that follow are not there yet
    assert not file.is_due()
    path.write_text("mode: apply\npolicy: {daily_changes: 1}\n")
    assert not file.is_due()
    assert file.is_due(), "nothing came any more"


def test_a_file_that_was_emptied_is_refused_rather_than_taken_for_every_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, file = a_file(tmp_path)
    path.write_text("")
    age(path)
    assert file.is_due()
    assert file.reread(Settings()) is None
    assert "is empty" in capsys.readouterr().out


def test_a_file_that_is_gone_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    path, file = a_file(tmp_path)
    path.unlink()
    assert not file.is_due()


def test_a_file_with_a_fault_is_refused_and_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, file = a_file(tmp_path)
    path.write_text("mode: obsrve\n")
    assert file.reread(Settings()) is None
    assert not file.is_due()
    assert f"{path}:1" in capsys.readouterr().out
