"""Trains the classifier of load patterns, and says how far it can be trusted.

    .venv/bin/python benchmarks/load_patterns.py [--real DIR] [--write]

Half of the generated series (benchmarks/demand.py; even seeds) are learned from, the other half is reported on. DIR
holds recorded demand, one file a series: `KIND-anything.csv`, a value a minute in each line, whole days. The recorded
ones are told apart: first all of them are guessed by what was learned from generated ones alone, then every second
one is learned from, too, and the others are guessed.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from demand import KINDS, Series, recorded, series
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.preprocessing import StandardScaler

from advisor.model.kubernetes.load_pattern import LoadPattern
from advisor.whatif.load_pattern.features import NAMES, features

MODEL = Path(__file__).parent.parent / "advisor" / "whatif" / "load_pattern" / "model.json"
PATTERNS = {"flash": LoadPattern.FLASH_CROWD}
_DAYS = (3, 7, 14)

Example = tuple[Sequence[float], LoadPattern]


def generated(seeds: range) -> list[Example]:
    return [
        _example(series(kind, grade, seed, _DAYS[seed // 2 % len(_DAYS)]))
        for seed in seeds
        for kind in KINDS
        for grade in range(3)
    ]


def _example(one: Series) -> Example:
    seen = features(one.days.tolist())
    return [seen[name] for name in NAMES], PATTERNS.get(one.kind) or LoadPattern(one.kind)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--real", type=Path)
    arguments.add_argument("--seeds", type=int, default=60)
    arguments.add_argument("--write", action="store_true")
    chosen = arguments.parse_args()
    real = [_example(one) for one in recorded(chosen.real)] if chosen.real else []
    learned = generated(range(0, chosen.seeds, 2))
    scaler, model = _trained(learned)
    _report("generated, held out", scaler, model, generated(range(1, chosen.seeds, 2)))
    if real:
        _report("recorded, none learned", scaler, model, real)
        scaler, model = _trained([*learned, *real[::2]])
        _report("recorded, others learned", scaler, model, real[1::2])
    if chosen.write:
        _write(scaler, model)
    return 0


def _trained(examples: Sequence[Example]) -> tuple[StandardScaler, LogisticRegression]:
    scaler = StandardScaler().fit([row for row, _ in examples])
    model = LogisticRegression(C=10.0, max_iter=2000)
    model.fit(scaler.transform([row for row, _ in examples]), [str(pattern) for _, pattern in examples])
    return scaler, model


def _report(told: str, scaler: StandardScaler, model: LogisticRegression, examples: Sequence[Example]) -> None:
    """Counts by truth (rows) and guess (columns), with each row's share of right ones."""
    guesses = model.predict(scaler.transform([row for row, _ in examples]))
    names = list(model.classes_)
    counts = confusion_matrix([str(pattern) for _, pattern in examples], guesses, labels=names)
    print(f"{told + ': truth / guess':<42}" + "".join(f"{name:>13}" for name in names))
    for at, (name, row) in enumerate(zip(names, counts, strict=True)):
        if row.sum():
            print(f"{name:<42}" + "".join(f"{count:13}" for count in row) + f"   {row[at] / row.sum():.0%}")
    print(f"in all: {counts.trace() / counts.sum():.1%} of {counts.sum()}\n")


def _write(scaler: StandardScaler, model: LogisticRegression) -> None:
    def rounded(values: Sequence[float]) -> list[float]:
        return [round(float(value), 6) for value in values]

    found = {
        "features": list(NAMES),
        "patterns": [str(name) for name in model.classes_],
        "mean": rounded(scaler.mean_),
        "scale": rounded(scaler.scale_),
        "weights": [rounded(row) for row in model.coef_],
        "offsets": rounded(model.intercept_),
    }
    MODEL.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
