"""Scores of pairs of different fingers, by engine and kind of picture, each with the two fingers it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.fingerprint_sets import Degradation, find_impressions
from benchmarks.measured_fingers import DrawnSkin, MeasuredFingers, say
from benchmarks.template_cache import SeenFingers
from benchmarks.verification_rates import Scores
from biometrics.engine import Engine
from biometrics.matcher import compare_prepared, prepare

#: Of drawn fingers there are as many as one likes: two impressions of many say more than four of few.
_DRAWN_IMPRESSIONS = 2
_PROGRESS_EVERY = 50


@dataclass(frozen=True, slots=True)
class ImpostorScores:
    """One group of pairs; ``fingers`` holds two running numbers a pair."""

    engines: str
    pictures: str
    scores: Scores
    fingers: NDArray[np.int32]

    @property
    def name(self) -> str:
        """What was compared, in words."""
        return f"{self.engines}, {self.pictures}"

    @property
    def is_real(self) -> bool:
        """Whether the pictures are no drawings of ours."""
        return self.pictures != _DRAWN

    def of_half(self, half: int) -> ImpostorScores:
        """The pairs whose fingers both have an even (0) or an odd (1) number."""
        inside = (self.fingers % 2 == half).all(axis=1)
        return ImpostorScores(self.engines, self.pictures, self.scores[inside], self.fingers[inside])


_WHOLE, _SMALL, _DRAWN = "real, whole", "real, as the small sensor sees", "synthetic"


def impostor_groups(source: MeasuredFingers, folders: Sequence[Path], drawn: int) -> Iterator[ImpostorScores]:
    """Every engine against itself and both against each other, on real pictures whole and small, and on drawn ones."""
    for pictures in (_WHOLE, _SMALL, _DRAWN):
        read = {engine: _read(source, folders, drawn, pictures, engine) for engine in Engine}
        for engine in Engine:
            yield from _by_sensor(_compare_all(engine.value, pictures, read[engine], read[engine]), folders)
        yield from _by_sensor(_compare_all("one of each", pictures, *(read[engine] for engine in Engine)), folders)


def _by_sensor(group: ImpostorScores, folders: Sequence[Path]) -> Iterator[ImpostorScores]:
    """Real pairs of one sensor apart from those of two: at a desk both impressions are mostly taken by the same."""
    if not group.is_real or len(folders) < 2:
        yield group
        return
    counts = [len({i.finger for i in find_impressions(folder)}) for folder in folders]
    sensors = np.repeat(np.arange(len(folders)), counts)[group.fingers]
    is_same = sensors[:, 0] == sensors[:, 1]
    for name, chosen in (("one sensor", is_same), ("two sensors", ~is_same)):
        pictures = f"{group.pictures}, {name}"
        yield ImpostorScores(group.engines, pictures, group.scores[chosen], group.fingers[chosen])


def _read(source: MeasuredFingers, folders: Sequence[Path], drawn: int, pictures: str, engine: Engine) -> SeenFingers:
    if pictures == _DRAWN:
        rows = [row for skin in DrawnSkin for row in source.drawn(drawn, skin, engine)]
        return [row[:_DRAWN_IMPRESSIONS] for row in rows]
    degradation = Degradation.NONE if pictures == _WHOLE else Degradation.ZFM
    return [row for folder in folders for row in source.real(folder, degradation, engine)]


def _compare_all(engines: str, pictures: str, ones: SeenFingers, others: SeenFingers) -> ImpostorScores:
    """Every impression of a finger against every impression of each later one."""
    prepared_ones = [[prepare(seen.template) for seen in row] for row in ones]
    prepared_others = [[prepare(seen.template) for seen in row] for row in others]
    scores: list[float] = []
    fingers: list[tuple[int, int]] = []
    for f, one in enumerate(prepared_ones):
        if f % _PROGRESS_EVERY == 0:
            say(f"{engines}, {pictures}: finger {f} of {len(ones)}")
        for g in range(f + 1, len(prepared_others)):
            found = [compare_prepared(a, b) for a in one for b in prepared_others[g]]
            scores += found
            fingers += [(f, g)] * len(found)
    return ImpostorScores(engines, pictures, np.array(scores), np.array(fingers, np.int32))
