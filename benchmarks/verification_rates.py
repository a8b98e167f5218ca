"""Error rates from genuine and impostor scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

FMR_TARGETS = (1e-2, 1e-3, 1e-4)
_RESAMPLES = 200
_COUNTED_EXACTLY, _HALVINGS = 100, 50
_INTERVAL_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Scores, and for each the finger (genuine) or the two fingers (impostor) it came from, as running numbers."""

    genuine: Scores
    genuine_fingers: NDArray[np.int64]
    impostor: Scores
    impostor_fingers: NDArray[np.int64]

    @staticmethod
    def pooled(parts: Sequence[Comparisons]) -> Comparisons:
        """All sets judged together; a finger of one set is another one than that of the next."""
        offset, genuine_fingers, impostor_fingers = 0, [], []
        for part in parts:
            genuine_fingers.append(part.genuine_fingers + offset)
            impostor_fingers.append(part.impostor_fingers + offset)
            offset += part.fingers
        return Comparisons(
            np.concatenate([part.genuine for part in parts]),
            np.concatenate(genuine_fingers),
            np.concatenate([part.impostor for part in parts]),
            np.concatenate(impostor_fingers),
        )

    @property
    def fingers(self) -> int:
        """How many different fingers there are."""
        return int(max(self.genuine_fingers.max(initial=-1), self.impostor_fingers.max(initial=-1))) + 1


@dataclass(frozen=True, slots=True)
class DetCurve:
    """False non-match and false match rate at every threshold, thresholds rising."""

    thresholds: Scores
    fnmr: Scores
    fmr: Scores

    @staticmethod
    def of(genuine: Scores, impostor: Scores) -> DetCurve:
        """The curve over all scores that occur."""
        thresholds = np.unique(np.concatenate([genuine, impostor, [0.0]]))
        thresholds = np.append(thresholds, thresholds[-1] + 1)
        fnmr = np.searchsorted(np.sort(genuine), thresholds, "left") / max(1, genuine.size)
        fmr = (impostor.size - np.searchsorted(np.sort(impostor), thresholds, "left")) / max(1, impostor.size)
        return DetCurve(thresholds, fnmr, fmr)

    @property
    def eer(self) -> float:
        """Where both rates are equal, as a share."""
        nearest = int(np.argmin(np.abs(self.fnmr - self.fmr)))
        return float(self.fnmr[nearest] + self.fmr[nearest]) / 2

    def fnmr_at(self, fmr: float) -> float:
        """The false non-match rate at the lowest threshold whose false match rate is at most fmr."""
        return float(self.fnmr[int(np.argmax(self.fmr <= fmr))])


def rates_of(genuine: Scores, impostor: Scores) -> dict[str, float]:
    """EER, FNMR at the usual false match rates, and at no false match at all; as shares."""
    curve = DetCurve.of(genuine, impostor)
    rates = {"eer": curve.eer}
    rates |= {f"fnmr_at_fmr_1e{round(np.log10(target))}": curve.fnmr_at(target) for target in FMR_TARGETS}
    return rates | {"fnmr_at_zero_fmr": curve.fnmr_at(0.0)}


def upper_bound(seen: int, of: int, confidence: float = 0.95) -> float:
    """The share that is at least as high as the true one with that confidence, when so many of so many were seen.

    Clopper and Pearson's one-sided bound in Poisson's form; with none seen it is the rule of three. Holds for
    independent pairs: pairs that share fingers are not, and say somewhat less.
    """
    if seen < _COUNTED_EXACTLY:
        low, high = float(seen), 10 + 2.0 * seen + 10 * math.sqrt(seen)
        for _ in range(_HALVINGS):
            mean = (low + high) / 2
            low, high = (mean, high) if _poisson_at_most(seen, mean) > 1 - confidence else (low, mean)
    else:  # Wilson and Hilferty: right to a millionth here
        shape, deviations = seen + 1.0, NormalDist().inv_cdf(confidence)
        high = shape * (1 - 1 / (9 * shape) + deviations / (3 * math.sqrt(shape))) ** 3
    return min(1.0, high / max(1, of))


def _poisson_at_most(seen: int, mean: float) -> float:
    return sum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(seen + 1))


def intervals_of(comparisons: Comparisons, seed: int = 1) -> Mapping[str, tuple[float, float]]:
    """95 % intervals of the rates, by drawing fingers with replacement: impressions of a finger are not independent."""
    rng = np.random.default_rng(seed)
    drawn = [_rates_of_drawn(comparisons, rng) for _ in range(_RESAMPLES)]
    intervals = {}
    for name in drawn[0]:
        low, high = np.percentile([rates[name] for rates in drawn], _INTERVAL_PERCENTILES)
        intervals[name] = (float(low), float(high))
    return intervals


def _rates_of_drawn(comparisons: Comparisons, rng: np.random.Generator) -> dict[str, float]:
    pairs = comparisons.impostor_fingers
    while True:
        drawn = rng.integers(0, comparisons.fingers, comparisons.fingers)
        times = np.bincount(drawn, minlength=comparisons.fingers)
        impostor = np.repeat(comparisons.impostor, times[pairs[:, 0]] * times[pairs[:, 1]])
        if impostor.size or not pairs.size:  # of very few fingers a drawing may hold no two that were compared
            break
    genuine = np.repeat(comparisons.genuine, times[comparisons.genuine_fingers])
    return rates_of(genuine, impostor)
