"""Trains the classifier of load patterns, and says how far it can be trusted.

    .venv/bin/python benchmarks/load_patterns.py [--real DIR] [--write]

Half of the generated series (benchmarks/demand.py; even seeds) are learned from, the other half is reported on. DIR
holds recorded demand, one file a series: `KIND-SOURCE.PART.csv`, a value a minute in each line, whole days. They are
learned from, too, and told apart: all of them are guessed once by what was learned from generated ones alone, and
once, source by source, by what was learned from generated ones and from the other sources.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from demand import KINDS, Series, recorded, series
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.preprocessing import StandardScaler

from advisor.model.kubernetes.load_pattern import LoadPattern
from advisor.whatif.load_pattern.features import NAMES, features, inputs

MODEL = Path(__file__).parent.parent / "advisor" / "whatif" / "load_pattern" / "model.json"
PATTERNS = {"flash": LoadPattern.FLASH_CROWD}
_DAYS = (3, 7, 14)

_REAL_WEIGHT = 2.0
"""Of one recorded series beside a generated one: they are few."""

Example = tuple[Sequence[float], LoadPattern]
Trained = tuple[StandardScaler, LogisticRegression]


def generated(seeds: range) -> list[Example]:
    return [
        _example(series(kind, grade, seed, _DAYS[seed // 2 % len(_DAYS)]))
        for seed in seeds
        for kind in KINDS
        for grade in range(3)
    ]


def _example(one: Series) -> Example:
    return inputs(features(one.days.tolist())), PATTERNS.get(one.kind) or LoadPattern(one.kind)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--real", type=Path)
    arguments.add_argument("--seeds", type=int, default=60)
    arguments.add_argument("--write", action="store_true")
    chosen = arguments.parse_args()
    real = [(_source(one), _example(one)) for one in recorded(chosen.real)] if chosen.real else []
    learned, held = generated(range(0, chosen.seeds, 2)), generated(range(1, chosen.seeds, 2))
    all_real = [example for _, example in real]
    model = _trained(learned, all_real)
    _report("generated, held out", [(truth, _guess(model, row)) for row, truth in held])
    if real:
        blind = _trained(learned, [])
        _report("recorded, none learned", [(truth, _guess(blind, row)) for row, truth in all_real])
        _report("recorded, other sources learned", list(_by_source(learned, real)))
    if chosen.write:
        _write(*model)
    return 0


def _source(one: Series) -> str:
    return one.name.split("-", 1)[1].split(".")[0]


def _by_source(learned: Sequence[Example], real: Sequence[tuple[str, Example]]) -> Iterator[tuple[str, str]]:
    """Truth and guess, each source by a model that has seen the others alone."""
    for held in sorted({source for source, _ in real}):
        model = _trained(learned, [example for source, example in real if source != held])
        yield from ((truth, _guess(model, row)) for source, (row, truth) in real if source == held)


def _trained(generated: Sequence[Example], real: Sequence[Example]) -> Trained:
    examples = [*generated, *real]
    weights = [1.0] * len(generated) + [_REAL_WEIGHT] * len(real)
    scaler = StandardScaler().fit([row for row, _ in examples])
    model = LogisticRegression(C=30.0, max_iter=3000)
    rows = scaler.transform([row for row, _ in examples])
    return scaler, model.fit(rows, [str(pattern) for _, pattern in examples], sample_weight=weights)


def _guess(trained: Trained, row: Sequence[float]) -> str:
    scaler, model = trained
    return str(model.predict(scaler.transform([row]))[0])


def _report(told: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Counts by truth (rows) and guess (columns), with each row's share of right ones."""
    names = sorted(map(str, LoadPattern))
    counts = confusion_matrix([str(truth) for truth, _ in pairs], [guess for _, guess in pairs], labels=names)
    print(f"{told + ': truth / guess':<50}" + "".join(f"{name:>13}" for name in names))
    for at, (name, row) in enumerate(zip(names, counts, strict=True)):
        if row.sum():
            print(f"{name:<50}" + "".join(f"{count:13}" for count in row) + f"   {row[at] / row.sum():.0%}")
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
