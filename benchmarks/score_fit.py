"""Fits the weights of the score and writes biometrics/score_weights.py.   --images DIR [--images DIR …]

Pairs of fingers that are not held out, of both engines, as they are and made worse. A logistic regression on the four
measures of evidence.py; every picture set and way of making worse has the same say, and pairs near the score that one
impostor in two hundred reaches count most.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.fingerprint_sets import Degradation, find_impressions
from benchmarks.fingerprints import HELD_OUT, Enrolled, enrol_all
from biometrics.engine import Engine
from biometrics.leader.model_file import ensure_model, models_folder
from biometrics.matcher import find_evidence, prepare

Floats = NDArray[np.float64]
Facts = NDArray[np.bool_]

_TARGET = Path(__file__).parents[1] / "biometrics" / "score_weights.py"
_WAYS = tuple(
    Degradation(way)
    for way in ("none", "zfm", "turned", "stretched", "partial", "dry", "wet", "noisy", "field", "worst")
)
_PENALTY, _STEPS, _LONGEST_STEP, _STEEPEST = 1.0, 40, 2.0, 30.0
#: Pairs count less by e for each so many log odds away from the score that this share of impostors reaches.
_FOCUS_RATE, _FOCUS_ODDS, _FOCUS_FARTHEST, _ROUNDS = 0.005, 2.0, 6.0, 2
#: The evidence that one impostor in ten reaches becomes about this score.
_SCORE_AT_ONE_IN_TEN = 1.0
_BODY = '''"""How much each measure of evidence.py weighs. Made by a benchmark, never by hand.

    python -m benchmarks.score_fit --images DIR [--images DIR ...]

{genuine} genuine and {impostor} impostor pairs in which the first look found something, both engines, of the sets
{sets} without fingers {held_out}:
{ways}.
"""

from __future__ import annotations

SUPPORT, CLOSENESS, OVERLAP, SHARE = {weights}
#: The weighed evidence at which a score begins.
BEGINNING = {beginning}
'''


@dataclass(frozen=True, slots=True)
class Pairs:
    """Measures of pairs (rows), whether each is genuine, and how much each counts."""

    measures: Floats
    is_genuine: Facts
    weight: Floats

    @staticmethod
    def joined(parts: Sequence[Pairs]) -> Pairs:
        """All of them."""
        return Pairs(
            np.concatenate([p.measures for p in parts]),
            np.concatenate([p.is_genuine for p in parts]),
            np.concatenate([p.weight for p in parts]),
        )


def pairs_of(enrolled: Sequence[Enrolled]) -> Pairs:
    """All pairs of one set in which anything was found; genuine and impostor ones weigh the same on the whole."""
    prepared = [(each.impression.finger, prepare(each.template)) for each in enrolled]
    rows, genuine = [], []
    for (finger, one), (other_finger, other) in itertools.combinations(prepared, 2):
        evidence = find_evidence(one, other)
        if evidence.pairs:
            rows.append(evidence.measures)
            genuine.append(finger == other_finger)
    is_genuine = np.array(genuine, np.bool_)
    weight = np.where(is_genuine, 1 / max(1, is_genuine.sum()), 1 / max(1, (~is_genuine).sum()))
    return Pairs(np.array(rows, np.float64), is_genuine, weight)


def fit(pairs: Pairs) -> tuple[Floats, float]:
    """Weights of the measures, and the weighed evidence at which a score begins."""
    weights = _regression(pairs, pairs.weight)
    for _ in range(_ROUNDS):
        odds = pairs.measures @ weights
        working = np.quantile(odds[~pairs.is_genuine], 1 - _FOCUS_RATE)
        away = np.minimum(np.abs(odds - working), _FOCUS_FARTHEST)
        weights = _regression(pairs, pairs.weight * np.exp(-away / _FOCUS_ODDS))
    one_in_ten = float(np.quantile((pairs.measures @ weights)[~pairs.is_genuine], 0.9))
    return weights, one_in_ten - _SCORE_AT_ONE_IN_TEN


def _regression(pairs: Pairs, weight: Floats) -> Floats:
    """Newton's steps of a ridge-penalised logistic regression on standardised measures."""
    mean, deviation = pairs.measures.mean(axis=0), pairs.measures.std(axis=0)
    rows = np.column_stack([(pairs.measures - mean) / deviation, np.ones(len(pairs.measures))])
    counted, penalty = weight / weight.mean(), np.full(rows.shape[1], _PENALTY)
    penalty[-1] = 0
    found = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -_STEEPEST, _STEEPEST)))
        slope = rows.T @ (counted * (pairs.is_genuine - chance)) - penalty * found
        bend = (rows * (counted * chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty + 1e-6)
        found += np.clip(np.linalg.solve(bend, slope), -_LONGEST_STEP, _LONGEST_STEP)
    return np.asarray(found[:-1] / deviation, np.float64)


def _measured(folders: Sequence[Path]) -> Iterator[Pairs]:
    for engine, way, folder in itertools.product(Engine, _WAYS, folders):
        impressions = [each for each in find_impressions(folder) if each.finger not in HELD_OUT]
        yield pairs_of(enrol_all(impressions, way, engine, lambda _text: None))
        _say(f"{engine.value} {way.value} {folder.name}")


def main() -> int:
    """Measure, fit and write; 0 when it was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", action="append", type=Path, required=True, metavar="DIR")
    folders = [folder.resolve() for folder in parser.parse_args().images]
    if ensure_model(models_folder()) is None:
        _say("no model of LEADER can be made: is the package pyfing installed?")
        return 2
    pairs = Pairs.joined(list(_measured(folders)))
    weights, beginning = fit(pairs)
    text = _BODY.format(
        genuine=int(pairs.is_genuine.sum()),
        impostor=int((~pairs.is_genuine).sum()),
        sets=", ".join(folder.name for folder in folders),
        held_out=" and ".join(HELD_OUT),
        ways=", ".join(way.value for way in _WAYS),
        weights=", ".join(f"{weight:.3f}" for weight in weights),
        beginning=f"{beginning:.3f}",
    )
    _TARGET.write_text(text)
    print(text)
    return 0


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
