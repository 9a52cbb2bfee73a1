"""Steady traffic for the order tracking: `python -m tests.field.load URL FILE`, sent when due, for an hour."""

import asyncio
import sys
from pathlib import Path

from advisor.demo.load import Recorder, Route, generate, plan

ROUTES = (
    Route(name="customers", method="GET", path="/customers/{}", per_second=4, subjects=5_000),
    Route(name="orders", method="POST", path="/orders/{}", per_second=20, subjects=20_000),
    Route(name="parcels", method="GET", path="/parcels/{}", per_second=16, subjects=150),
)
_SECONDS = 3600.0


def main() -> None:
    url, results = sys.argv[1], Path(sys.argv[2])
    asyncio.run(generate([url], Recorder(results), plan(ROUTES, seed=11), _SECONDS))


if __name__ == "__main__":
    main()
