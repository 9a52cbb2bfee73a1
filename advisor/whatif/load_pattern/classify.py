"""The pattern of a demand: a logistic regression on `features`, trained by `benchmarks/load_patterns.py`."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from advisor.model.kubernetes.load_pattern import LoadPattern, PatternGuess
from advisor.whatif.load_pattern.features import features, inputs

_MODEL = Path(__file__).with_name("model.json")


class Coefficients(BaseModel):
    """mean, scale: of each feature in training; weights: a row a pattern; offsets: one a pattern."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    features: tuple[str, ...]
    patterns: tuple[LoadPattern, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]
    offsets: tuple[float, ...]


def classify(days: Sequence[Sequence[float]]) -> PatternGuess:
    """days: as for `features`, which says what it raises."""
    found, model = features(days), _model()
    values = np.array(inputs(found, model.features))
    scores = np.array(model.weights) @ ((values - model.mean) / model.scale) + model.offsets
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    return PatternGuess(pattern=model.patterns[best], confidence=float(chances[best]), features=dict(found))


@lru_cache(maxsize=1)
def _model() -> Coefficients:
    return Coefficients.model_validate(json.loads(_MODEL.read_text()))
