"""Programs from the distribution's packages, unpacked into the project's cache: nothing is installed or started."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from advisor.servers.errors import ServerUnavailableError
from advisor.servers.folders import cache_folder, tools_folder

_MISSING_LIBRARY = re.compile(r"^Inst ((?:lib|zlib)\S+) \(", re.MULTILINE)


def unpacked(name: str, choices: Sequence[Sequence[str]], unneeded: Sequence[str] = ()) -> Path:
    """The root of a tree in `.cache/tools/<name>`; fetched when it is not there yet.

    choices: the first of these sets of packages that the distribution knows is unpacked, together with the shared
    libraries that this machine lacks for it. unneeded: libraries that are not fetched, by how their names begin, and
    files that are removed, as glob patterns with a slash. Raises ServerUnavailableError, which says what to install.
    """
    target = tools_folder() / name
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _alone(target.with_name(f"{name}.lock")):
            if not target.exists():
                _unpack(choices, unneeded, target)
    except ServerUnavailableError as error:
        what = f"{name} is missing and cannot be fetched: {error.what}"
        raise ServerUnavailableError(what, fix=f"install {' '.join(choices[0])}") from error
    return target


@contextmanager
def _alone(lock_path: Path) -> Iterator[None]:
    """Of several processes one fetches and the others wait."""
    with lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpack(choices: Sequence[Sequence[str]], unneeded: Sequence[str], target: Path) -> None:
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was interrupted
    partial.mkdir()
    for archive in _download(choices, unneeded, partial):
        _run(["dpkg-deb", "-x", str(archive), str(partial / "tree")], partial)
    for pattern in (pattern for pattern in unneeded if "/" in pattern):
        for path in (partial / "tree").glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (partial / "tree").rename(target)
    shutil.rmtree(partial)


@dataclass(frozen=True, slots=True)
class PackageLists:
    """What apt knows. options: which lists it reads; none means the system's."""

    options: Sequence[str] = ()

    @classmethod
    def of_our_own(cls) -> "PackageLists":
        """Fresh lists in the cache, for a machine whose own are missing or old: needs no root, changes no system file.

        Raises ServerUnavailableError.
        """
        folder = cache_folder() / "apt"
        (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
        (folder / "archives/partial").mkdir(parents=True, exist_ok=True)
        lists = cls(("-o", f"Dir::State::lists={folder / 'lists'}", "-o", f"Dir::Cache={folder}"))
        _run([*lists.command("apt-get"), "update", "-q"], folder)
        return lists

    def command(self, tool: str) -> list[str]:
        # As root apt would change to a user who may not be able to enter the project's folder.
        sandbox = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
        return [tool, *sandbox, *self.options]

    def knows(self, packages: Sequence[str], folder: Path) -> bool:
        """Whether all of them can be downloaded."""
        try:
            shown = _run([*self.command("apt-cache"), "show", "--no-all-versions", *packages], folder)
        except ServerUnavailableError:  # how apt-cache says that it knows none of them
            return False
        return {f"Package: {package}" for package in packages} <= set(shown.splitlines())

    def missing_libraries(self, packages: Sequence[str], folder: Path) -> list[str]:
        """Shared libraries that apt would install with `packages`, had it been asked to install them."""
        simulation = [*self.command("apt-get"), "-s", "install", "--no-install-recommends", *packages]
        return _MISSING_LIBRARY.findall(_run(simulation, folder))


def _download(choices: Sequence[Sequence[str]], unneeded: Sequence[str], folder: Path) -> list[Path]:
    try:
        return _download_by(PackageLists(), choices, unneeded, folder)
    except ServerUnavailableError:
        return _download_by(PackageLists.of_our_own(), choices, unneeded, folder)


def _download_by(
    lists: PackageLists, choices: Sequence[Sequence[str]], unneeded: Sequence[str], folder: Path
) -> list[Path]:
    wanted = next((packages for packages in choices if lists.knows(packages, folder)), None)
    if wanted is None:
        raise ServerUnavailableError(f"apt does not know {' '.join(choices[0])}")
    libraries = lists.missing_libraries(wanted, folder)
    packages = [*wanted, *(library for library in libraries if not library.startswith(tuple(unneeded)))]
    _run([*lists.command("apt-get"), "download", "-q", *dict.fromkeys(packages)], folder)
    return sorted(folder.glob("*.deb"))


def _run(command: list[str], folder: Path) -> str:
    """The tool's output. Raises ServerUnavailableError with its last words."""
    tool = Path(command[0]).name
    if shutil.which(tool) is None:
        raise ServerUnavailableError(f"there is no {tool}")
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired as error:
        raise ServerUnavailableError(f"{tool} took over 10 minutes") from error
    if result.returncode != 0:
        raise ServerUnavailableError(f"{tool} failed: {' '.join(result.stderr.split())[-500:]}")
    return result.stdout
