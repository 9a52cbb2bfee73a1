"""Days of changes by a fake clock: a real journal in a file, and a pool that is made larger and smaller for ever."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import structlog

from advisor.engine.cycle import advance
from advisor.engine.rollout.apply import open_change
from advisor.journal.repository import open_journal
from advisor.model.report import Choice
from advisor.testing.words import a_proposal
from tests.fakes.harness import CYCLE_SECONDS, RolloutHarness

_REST_CYCLES = 240
_CYCLES_A_POINT = 200


def walk_for(days: float) -> Iterator[int]:
    """Walk, and tell the number of cycles so far every now and then."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    harness = RolloutHarness()
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_journal(f"sqlite:///{Path(folder)}/journal.db")) as journal,
    ):
        rollout = replace(
            harness.rollout, journal=journal, epochs=journal, kill_switch=journal, epoch=journal.take("soak")
        )
        cycles = rested = 0
        while cycles * CYCLE_SECONDS < days * 86_400:
            cycles += 1
            harness.clock.advance(CYCLE_SECONDS)
            harness.knob.calls.clear()  # the doubles remember everything; the daemon must not
            harness.listener.states.clear()
            rested = rested + 1 if advance(rollout) is None else 0
            if rested > _REST_CYCLES:
                live = int(harness.size())
                proposal = a_proposal(current=live, proposed=12 if live == 5 else 5)
                open_change(Choice(proposal=proposal, reason="soak"), rollout)
                rested = 0
            if cycles % _CYCLES_A_POINT == 0:
                yield cycles
