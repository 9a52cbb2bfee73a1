"""Whether a trial is judged rightly on an application whose load has a day.

    PYTHONPATH=. python benchmarks/daily_cycle.py [--day-seconds 20] [--runs 3]

The example application on a real Postgres, Valkey and Prometheus, its load 40% above the mean at noon and as much below
at night, one day in 20 s; and the real daemon. A good change is ordered, then a harmful one, then one that does
nothing. Ends with 1 unless the first is kept, the second rolled back as soon as it is seen to be worse (for harm, or
because a gain is ruled out), and the third rolled back for want of a gain.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from advisor.model.change import ChangeRecord
from advisor.servers import postgres, valkey
from tests.acceptance.daily import BAD, GOOD, NULL, daily_world, settled, wrongs
from tests.acceptance.world import life


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--day-seconds", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    found = [fault for run in range(arguments.runs) for fault in walk(run, arguments.day_seconds)]
    print("as it should be" if not found else "\n".join(["WRONG:", *found]))
    return 1 if found else 0


def walk(run: int, day_seconds: float) -> list[str]:
    """What was judged wrongly in one run."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgres.start(settings={"max_connections": "60"}))
        cache = stack.enter_context(valkey.start())
        world = stack.enter_context(daily_world(folder, server.dsn, cache.url, day_seconds))
        world.start_advisor()
        records = [told(settled(world, proposal, day_seconds), began) for proposal in (GOOD, BAD, NULL)]
    faults = wrongs(*records)
    print(f"run {run + 1}: {time.monotonic() - began:.0f} s, {len(faults)} judged wrongly\n", flush=True)
    return [f"run {run + 1}: {fault}" for fault in faults]


def told(record: ChangeRecord, began: float) -> ChangeRecord:
    """The same, printed with its life and its numbers."""
    print(f"{record.proposal.rule} ({record.proposal.target} {record.proposal.current} -> {record.proposal.proposed}):")
    print(f"  {record.state} after {time.monotonic() - began:.0f} s")
    print("  " + life(record).replace("\n", "\n  "))
    for one in record.verdict.evidence if record.verdict else ():
        print(
            f"    {one.role:<9} {one.signal}: {one.before:.4g} -> {one.after:.4g},"
            f" ratio {one.ratio:.2f} ({one.ratio_low:.2f} to {one.ratio_high:.2f}),"
            f" independent points {one.effective_before:.1f} and {one.effective_after:.1f}"
        )
    sys.stdout.flush()
    return record


if __name__ == "__main__":
    sys.exit(main())
