"""The servers of a cluster: in KUBEBUILDER_ASSETS, else in .cache/cluster, where `make cluster-assets` builds them."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from advisor.model.errors import AdvisorError
from advisor.servers.debian import unpacked
from advisor.servers.errors import ServerUnavailableError
from advisor.servers.folders import cache_folder
from advisor.servers.process import run_tool

BUILT = ("kube-apiserver", "kube-controller-manager", "kwok")
_FIX = "`make cluster-assets` builds it, once Go is installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """stages: what kwok does with nodes and pods, one file each."""

    etcd: Path
    api_server: Path
    controller_manager: Path
    kwok: Path
    openssl: Path
    stages: tuple[Path, ...]

    @classmethod
    def found(cls) -> "Programs":
        """Raises ServerUnavailableError, which says how to get the one that is missing."""
        api_server, controller_manager, kwok = (built(name) for name in BUILT)
        openssl = shutil.which("openssl")
        if openssl is None:
            raise ServerUnavailableError("openssl is missing", fix="install the package openssl")
        stages = tuple(sorted(built("stages").glob("*.yaml")))
        return cls(
            etcd=_etcd(),
            api_server=api_server,
            controller_manager=controller_manager,
            kwok=kwok,
            openssl=Path(openssl),
            stages=stages,
        )


def _places() -> list[Path]:
    given = os.environ.get("KUBEBUILDER_ASSETS")
    return [*([Path(given)] if given else []), cache_folder() / "cluster"]


def built(name: str) -> Path:
    """A program, or the folder `stages`. Raises ServerUnavailableError."""
    found = next((place / name for place in _places() if (place / name).exists()), None)
    if found is None:
        raise ServerUnavailableError(f"there is no {name} in KUBEBUILDER_ASSETS or .cache/cluster", fix=_FIX)
    return found


def _etcd() -> Path:
    """One that is given or installed, else the distribution's package, unpacked. It needs libc alone."""
    given = next((place / "etcd" for place in _places() if (place / "etcd").exists()), None)
    on_path = given or shutil.which("etcd")
    return Path(on_path) if on_path else unpacked("etcd", [["etcd-server"]], unneeded=["lib"]) / "usr/bin/etcd"


def main() -> int:
    """0 when all are there and run; else one line on stderr says what is missing."""
    try:
        programs = Programs.found()
        for program in (programs.etcd, programs.api_server, programs.controller_manager, programs.kwok):
            run_tool([str(program), "--version"], what=program.name)
    except AdvisorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
