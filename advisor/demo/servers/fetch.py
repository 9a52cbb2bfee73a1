"""Set-up: fetch the programs that come from the distribution. Run as `python -m advisor.demo.servers.fetch`."""

import sys

from advisor.demo.servers import postgres, prometheus
from advisor.model.errors import AdvisorError


def main() -> int:
    """0 when all are there; else one line on stderr says what to install."""
    try:
        prometheus.program()
        postgres.with_hypopg()
    except AdvisorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
