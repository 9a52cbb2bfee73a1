"""A program as it finds itself in a pod: its account in the folder where the kubelet puts it, and replaces it."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_UNSHARE = ["unshare", "--mount", "--map-root-user"]
_MOUNT = f"""
set -e
mount -t tmpfs tmpfs "$(realpath /var/run)"
mkdir -p {ACCOUNT}
mount --bind "$1" {ACCOUNT}
shift
exec "$@"
"""


def within(folder: Path, command: Sequence[str]) -> list[str]:
    """The command in a mount namespace of its own, with `folder` as the account's. Skips where none can be made."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not there")
    wrapped = [*_UNSHARE, "sh", "-c", _MOUNT, "pod", str(folder)]
    tried = subprocess.run([*wrapped, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no mount namespace here: {tried.stderr.strip()}")
    return [*wrapped, *command]


class AccountFolder:
    """As a kubelet writes it: links to links, of which one is moved when the token is another."""

    def __init__(self, folder: Path, authority: Path, namespace: str) -> None:
        self.folder = folder
        self._number = 0
        self._rest = {"ca.crt": authority.read_text(), "namespace": namespace}

    def write(self, token: str) -> None:
        self._number += 1
        version = self.folder / f"..{self._number}"
        version.mkdir(parents=True)
        for name, text in {**self._rest, "token": token}.items():
            (version / name).write_text(text)
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(f"..data/{name}")
        draft = self.folder / "..data_tmp"
        draft.symlink_to(version.name)
        draft.replace(self.folder / "..data")
