"""What two impressions of one finger share: how many minutiae are found again, and how far out of place.

An alignment of its own, not the matcher's, so that a new matcher changes nothing here.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.minutia_statistics import Fingers
from biometrics.template import Template

Rows = NDArray[np.float64]

_DPI = 500
_REACH_PX, _REACH_RAD = 14.0, 0.45
_BIN_PX, _BIN_RAD = 12.0, 0.15
_ROUNDS = 4
_LEAST_MATES = 8
_HULL_MARGIN_PX = 6.0


@dataclass(frozen=True, slots=True)
class MatedStatistics:
    """Over the pairs of impressions that could be laid upon each other."""

    pairs: int
    aligned_share: float
    """Pairs with enough mates to be laid upon each other."""
    found_again: float
    """Of the minutiae inside the area that both impressions show, the share that the other has too."""
    overlap: float
    """Minutiae of an impression that lie inside the other's area."""
    out_of_place_px: float
    """Median distance of mates after turning and shifting, which leaves what skin was stretched."""
    out_of_way_rad: float
    same_kind: float


def mated_statistics(fingers: Fingers, most_pairs: int = 240) -> MatedStatistics:
    """Over the first pairs of each finger's impressions, as many of each."""
    most_a_finger = max(1, most_pairs // max(1, len(fingers)))
    found = []
    pairs = 0
    for row in fingers:
        for one, other in itertools.islice(itertools.combinations(row, 2), most_a_finger):
            pairs += 1
            shared = _shared(one.template, other.template)
            if shared is not None:
                found.append(shared)
    if not found:
        return MatedStatistics(pairs, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    columns = np.array(found)
    again, overlap, apart, turned, same = (float(np.mean(column)) for column in columns.T)
    return MatedStatistics(pairs, len(found) / max(1, pairs), again, overlap, apart, turned, same)


def _rows(template: Template) -> Rows:
    scale = _DPI / template.dpi
    return np.array(
        [(scale * m.x_px, -scale * m.y_px, m.angle_256 * np.pi / 128, int(m.kind)) for m in template.minutiae],
        np.float64,
    ).reshape(-1, 4)


def _shared(one: Template, other: Template) -> tuple[float, float, float, float, float] | None:
    a, b = _rows(one), _rows(other)
    if min(len(a), len(b)) < _LEAST_MATES:
        return None
    mates, moved = _aligned(a, b)
    if len(mates) < _LEAST_MATES:
        return None
    i, j = mates[:, 0], mates[:, 1]
    inside_b, inside_a = _inside(moved, b), _inside(b, moved)
    again = (inside_b[i].sum() + inside_a[j].sum()) / max(1, inside_b.sum() + inside_a.sum())
    overlap = (inside_b.sum() + inside_a.sum()) / (len(a) + len(b))
    apart = np.median(np.hypot(*(moved[i, :2] - b[j, :2]).T))
    turned = np.median(np.abs(_wrapped(moved[i, 2] - b[j, 2])))
    return float(again), float(overlap), float(apart), float(turned), float((a[i, 3] == b[j, 3]).mean())


def _aligned(a: Rows, b: Rows) -> tuple[NDArray[np.int64], Rows]:
    """Mates as rows of two numbers, and the first impression laid upon the second."""
    turn, shift = _vote(a, b)
    moved = _laid(a, turn, shift)
    mates = _mates(moved, b)
    for _ in range(_ROUNDS):
        if len(mates) < 3:
            break
        turn, shift = _fit(a[mates[:, 0]], b[mates[:, 1]])
        moved = _laid(a, turn, shift)
        mates = _mates(moved, b)
    return mates, moved


def _vote(a: Rows, b: Rows) -> tuple[float, Rows]:
    """The turn and shift that most pairs of minutiae speak for."""
    turns = _wrapped(b[None, :, 2] - a[:, None, 2]).ravel()
    cosine, sine = np.cos(turns), np.sin(turns)
    ax, ay = (np.repeat(a[:, k], len(b)) for k in (0, 1))
    bx, by = (np.tile(b[:, k], len(a)) for k in (0, 1))
    dx, dy = bx - (cosine * ax - sine * ay), by - (sine * ax + cosine * ay)
    votes = np.stack([turns / _BIN_RAD, dx / _BIN_PX, dy / _BIN_PX], axis=1)
    near = np.array([(np.abs(votes - vote).max(axis=1) < 1).sum() for vote in votes])
    best = np.abs(votes - votes[near.argmax()]).max(axis=1) < 1
    return float(np.median(turns[best])), np.array([np.median(dx[best]), np.median(dy[best])])


def _laid(a: Rows, turn: float, shift: Rows) -> Rows:
    cosine, sine = np.cos(turn), np.sin(turn)
    moved = a.copy()
    moved[:, 0] = cosine * a[:, 0] - sine * a[:, 1] + shift[0]
    moved[:, 1] = sine * a[:, 0] + cosine * a[:, 1] + shift[1]
    moved[:, 2] = a[:, 2] + turn
    return moved


def _fit(a: Rows, b: Rows) -> tuple[float, Rows]:
    middle_a, middle_b = a[:, :2].mean(axis=0), b[:, :2].mean(axis=0)
    one, other = a[:, :2] - middle_a, b[:, :2] - middle_b
    turn = float(np.arctan2((one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]).sum(), (one * other).sum()))
    cosine, sine = np.cos(turn), np.sin(turn)
    return turn, middle_b - np.array([[cosine, -sine], [sine, cosine]]) @ middle_a


def _mates(moved: Rows, b: Rows) -> NDArray[np.int64]:
    """One to one, nearest first."""
    apart = np.hypot(*(moved[:, None, :2] - b[None, :, :2]).transpose(2, 0, 1))
    turned = np.abs(_wrapped(moved[:, None, 2] - b[None, :, 2]))
    may = np.argwhere((apart < _REACH_PX) & (turned < _REACH_RAD))
    order = np.argsort(apart[may[:, 0], may[:, 1]])
    used_a: set[int] = set()
    used_b: set[int] = set()
    mates = []
    for i, j in may[order].tolist():
        if i not in used_a and j not in used_b:
            used_a.add(i)
            used_b.add(j)
            mates.append((i, j))
    return np.array(mates, np.int64).reshape(-1, 2)


def _inside(rows: Rows, area: Rows) -> NDArray[np.bool_]:
    hull = cv2.convexHull(area[:, :2].astype(np.float32))
    places: Sequence[tuple[float, float]] = [(float(x), float(y)) for x, y in rows[:, :2]]
    return np.array([cv2.pointPolygonTest(hull, place, True) >= -_HULL_MARGIN_PX for place in places])


def _wrapped(angle: Rows) -> Rows:
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)
