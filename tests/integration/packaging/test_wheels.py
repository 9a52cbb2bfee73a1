"""The wheels, away from the checkout: what a user installs, not what a developer sees."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels by distribution, built from the checkout without any network."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(ROOT), str(ROOT / "agents")], check=True, timeout=110, capture_output=True)
    return {file.name.partition("-")[0]: file for file in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def site(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both wheels unpacked, as an installation would."""
    folder = tmp_path_factory.mktemp("site")
    for wheel in wheels.values():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder


def installed(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`advisor` from the wheels, in an empty folder. -P and the order of the path keep the checkout out."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    code = "import sys; from advisor.cli.main import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_both_wheels_carry_their_licence(wheels: dict[str, Path]) -> None:
    assert sorted(wheels) == ["advisor_agents", "tuning_advisor"]
    for wheel in wheels.values():
        names = zipfile.ZipFile(wheel).namelist()
        assert any(name.endswith("licenses/LICENSE") for name in names)
        assert not any(name.startswith(("tests/", "benchmarks/")) for name in names)


def test_everything_that_is_no_code_is_in_the_wheel(wheels: dict[str, Path]) -> None:
    names = set(zipfile.ZipFile(wheels["tuning_advisor"]).namelist())
    beside_code = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "advisor").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    configuration = {f"advisor/{path.relative_to(ROOT)}" for path in (ROOT / "config").rglob("*.yaml")}
    assert beside_code
    assert configuration
    assert beside_code | configuration <= names


def test_commands_run_and_find_the_configuration_and_the_presets(site: Path, tmp_path: Path) -> None:
    assert installed(site, tmp_path, "--help").returncode == 0
    assert "pool-exhaustion" in installed(site, tmp_path, "rules", "list").stdout

    checked = installed(site, tmp_path, "check", "-p", "http://127.0.0.1:1")
    assert "no preset" not in checked.stdout + checked.stderr
    assert checked.returncode == 3  # nobody answers on port 1

    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("prometheus: {url: 'http://127.0.0.1:1', presets: [agnets]}\n")
    said = installed(site, tmp_path, "report", "--config", str(wrong)).stderr
    assert "agents" in said  # the nearest of the presets that lie in the wheel


def test_the_code_that_ran_was_the_wheels(site: Path, tmp_path: Path) -> None:
    code = "import advisor, advisor_agents; print(advisor.__file__, advisor_agents.__file__)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert all(place.startswith(str(site)) for place in done.stdout.split())


def test_a_journal_is_made_by_the_wheels_own_migrations(site: Path, tmp_path: Path) -> None:
    done = installed(site, tmp_path, "pause", "--reason", "release")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "advisor.db").exists()


def test_the_demos_extra_brings_what_its_application_needs_to_start(site: Path) -> None:
    """SQLAlchemy's asyncio half needs greenlet, which a checkout has for its tests anyway."""
    metadata = next(site.glob("tuning_advisor-*.dist-info/METADATA")).read_text()
    assert "Requires-Dist: sqlalchemy[asyncio]; extra == 'demo'" in metadata


def test_the_rule_book_comes_with_it_and_takes_no_other_name(site: Path, tmp_path: Path) -> None:
    """`rules` is somebody else's name on the index of packages."""
    code = (
        "import importlib.util, advisor_rules;"
        "print(advisor_rules.__file__); print(importlib.util.find_spec('rules')); print(len(advisor_rules.ALL_RULES))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", f"import sys; sys.path.extend({[*map(str, _libraries())]!r}); {code}"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    place, other, count = done.stdout.split()
    assert place.startswith(str(site))
    assert other == "None"
    assert int(count) > 0


def _libraries() -> list[Path]:
    """Where the installed packages lie, without the checkout that an editable installation adds."""
    return [Path(place) for place in sys.path if place.endswith("site-packages")]


def test_the_source_distribution_builds_the_same_wheel(wheels: dict[str, Path], tmp_path: Path) -> None:
    source = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path / "sdist")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert source.returncode == 0, source.stderr
    (archive,) = (tmp_path / "sdist").glob("*.tar.gz")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*command, str(archive)], check=True, timeout=110, capture_output=True)
    (again,) = tmp_path.glob("*.whl")

    def contents(wheel: Path) -> dict[str, int]:
        return {
            one.filename: one.CRC for one in zipfile.ZipFile(wheel).infolist() if not one.filename.endswith("RECORD")
        }

    assert contents(again) == contents(wheels["tuning_advisor"])
