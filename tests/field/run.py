"""A stranger's application, by hand: `python -m tests.field.run --trouble pool|index|ttl|none|all --trials N`.

Each trial sets the application up anew, with one trouble, all three or none, and goes the way of a new user. With
`--defaults` the windows are longer and a verdict asks for what it asks for by default. The last line counts.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.field.trial import Trial, run_trial, told
from tests.field.troubles import TROUBLES, Trouble
from tests.field.world import servers

_ONE_SECONDS = 420.0
_DEFAULTS_FACTOR = 4
"""With --defaults: baseline, warm-up and window are three to four times as long."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when at least nine of ten true troubles were kept, and nothing of no trouble."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trouble", choices=[*TROUBLES, "all", "none"], default="all")
    parser.add_argument("--trials", type=int, default=1)
    parser.add_argument("--defaults", action="store_true", help="default statistics, with longer windows")
    options = parser.parse_args(arguments)
    troubles = _troubles(options.trouble)
    seconds = _ONE_SECONDS * max(1, len(troubles)) * (_DEFAULTS_FACTOR if options.defaults else 1)
    kept = 0
    with servers() as shared:
        for number in range(1, options.trials + 1):
            _say(f"trial {number} of {options.trials}: {options.trouble}")
            trial = run_trial(shared, troubles, apply_seconds=seconds, with_defaults=options.defaults)
            _tell(trial)
            kept += len(trial.kept())
    of = options.trials * max(1, len(troubles))
    _say(f"kept {kept} of {of}")
    return 0 if (kept >= 0.9 * of if troubles else kept == 0) else 1


def _troubles(name: str) -> tuple[Trouble, ...]:
    if name == "all":
        return tuple(TROUBLES.values())
    return (TROUBLES[name],) if name != "none" else ()


def _tell(trial: Trial) -> None:
    for check in trial.checks:
        _say(f"  check      {check}")
    _say(f"  found      {', '.join(sorted(trial.found)) or 'nothing'}")
    _say(f"  proposed   {'; '.join(f'{rule}: {target}' for rule, target in trial.proposed) or 'nothing'}")
    for record in reversed(trial.changes):
        _say(told(record))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
