"""Programs from the distribution's packages, unpacked into the project's cache: nothing is installed or started."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from advisor.demo.servers.errors import ServerUnavailableError
from advisor.demo.servers.folders import tools_folder


def unpacked(name: str, packages: Sequence[str]) -> Path:
    """The root of a tree with `packages` unpacked, `.cache/tools/<name>`; fetched when it is not there yet.

    Raises ServerUnavailableError, which says what to install, where apt-get cannot deliver.
    """
    target = tools_folder() / name
    if target.exists():
        return target
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise ServerUnavailableError(f"{name} is not there and {tool} is missing", fix=f"install {packages[0]}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=target.parent) as work:
        tree = Path(work) / "tree"
        for archive in _download(packages, Path(work)):
            _run(["dpkg-deb", "-x", str(archive), str(tree)], Path(work), packages)
        tree.chmod(0o755)
        try:
            tree.rename(target)
        except OSError as error:  # somebody else was quicker
            if not target.exists():
                raise ServerUnavailableError(f"cannot unpack into {target}: {error.strerror}") from error
    return target


def candidate(packages: Sequence[str]) -> str | None:
    """The first of `packages` that the package lists know, after refreshing them once where that is allowed."""
    if shutil.which("apt-cache") is None:
        return None
    for attempt in range(2):
        for package in packages:
            shown = subprocess.run(
                ["apt-cache", "show", "--no-all-versions", package], capture_output=True, timeout=60, check=False
            )
            if shown.returncode == 0 and shown.stdout:
                return package
        if attempt == 0:
            _refresh_lists()
    return None


def _download(packages: Sequence[str], folder: Path) -> list[Path]:
    if candidate([packages[0]]) is None:
        raise ServerUnavailableError(f"the package lists do not know {packages[0]}", fix=f"install {packages[0]}")
    _run(["apt-get", "download", "-q", *packages], folder, packages)
    return sorted(folder.glob("*.deb"))


def _refresh_lists() -> None:
    """A fresh machine has no package lists; only root may fetch them."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and shutil.which("sudo") is None:
        return
    subprocess.run([*sudo, "apt-get", "update", "-q"], capture_output=True, timeout=300, check=False)


def _run(command: list[str], folder: Path, packages: Sequence[str]) -> None:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if result.returncode != 0:
        raise ServerUnavailableError(
            f"{' '.join(command[:2])} failed: {result.stderr.strip()[-500:]}", fix=f"install {' '.join(packages)}"
        )
