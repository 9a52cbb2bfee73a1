"""Set-up: fetch the programs that come from the distribution. Run as `python -m advisor.servers.fetch`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from advisor.model.errors import AdvisorError
from advisor.servers import alertmanager, pgbouncer, prometheus
from advisor.servers.installation import with_hypopg
from advisor.servers.process import run_tool


def main() -> int:
    """0 when all are there and run; else one line on stderr says what to install."""
    try:
        for name in ("prometheus", "promtool"):
            run_tool([str(prometheus.program(name)), "--version"], what=name)
        with TemporaryDirectory() as folder:
            run_tool([str(alertmanager.program(Path(folder))), "--version"], what="alertmanager")
        pooler, libraries = pgbouncer.program()
        run_tool([str(pooler), "--version"], what="pgbouncer", environment={"LD_LIBRARY_PATH": libraries})
        postgres = with_hypopg()
        for name in ("postgres", "initdb"):
            run_tool([str(postgres.bin / name), "--version"], what=name, environment=postgres.environment)
    except AdvisorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
