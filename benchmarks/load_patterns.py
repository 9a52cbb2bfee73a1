"""Trains the classifier of load patterns, and says how far it can be trusted.

    .venv/bin/python benchmarks/load_patterns.py [--real DIR] [--write]

Half of the generated series (benchmarks/demand.py; even seeds) are learned from, the other half is reported on. DIR
holds recorded demand, one file a series: `PATTERN-anything.csv`, a value a minute in each line, whole days; they are
split in the same way.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from demand import KINDS, STEPS_A_DAY, series
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
    found: list[Example] = []
    for seed in seeds:
        for kind in KINDS:
            for grade in range(3):
                one = series(kind, grade, seed, _DAYS[seed // 2 % len(_DAYS)])
                seen = features(one.days.tolist())
                found.append(([seen[name] for name in NAMES], PATTERNS.get(kind) or LoadPattern(kind)))
    return found


def recorded(folder: Path) -> list[Example]:
    found: list[Example] = []
    for file in sorted(folder.glob("*.csv")):
        values = np.array([float(line) for line in file.read_text().split()])
        days = values[: len(values) // STEPS_A_DAY * STEPS_A_DAY].reshape(-1, STEPS_A_DAY)
        seen = features(days.tolist())
        found.append(([seen[name] for name in NAMES], LoadPattern(file.stem.split("-")[0])))
    return found


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--real", type=Path)
    arguments.add_argument("--seeds", type=int, default=60)
    arguments.add_argument("--write", action="store_true")
    chosen = arguments.parse_args()
    real = recorded(chosen.real) if chosen.real else []
    learned = [*generated(range(0, chosen.seeds, 2)), *real[::2]]
    held = [*generated(range(1, chosen.seeds, 2)), *real[1::2]]
    scaler = StandardScaler().fit([row for row, _ in learned])
    model = LogisticRegression(C=10.0, max_iter=2000)
    model.fit(scaler.transform([row for row, _ in learned]), [str(pattern) for _, pattern in learned])
    if chosen.write:
        _write(scaler, model)
    truth = [str(pattern) for _, pattern in held]
    guesses = model.predict(scaler.transform([row for row, _ in held]))
    counts = confusion_matrix(truth, guesses, labels=model.classes_)
    print(f"{'held out: truth / guess':<26}" + "".join(f"{name:>13}" for name in model.classes_))
    for name, row in zip(model.classes_, counts, strict=True):
        print(
            f"{name:<26}"
            + "".join(f"{count:13}" for count in row)
            + f"   {row[list(model.classes_).index(name)] / row.sum():.0%}"
        )
    print(f"in all: {counts.trace() / counts.sum():.1%} of {counts.sum()}")
    return 0


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
