"""What the index files a finger under: pairs of neighbours of a minutia, as the minutia itself sees them.

A minutia with two of its nearest neighbours makes one key: for both neighbours the distance, the bearing and the
turn, seen from the minutia's own direction, each put into bins. Turning or moving the finger changes nothing of it.
A neighbour has one of 896 codes; a key is an unordered pair of codes. The reference is filed under its keys as they
are; the probe asks also the next bin where a value lies near a border, with fewer votes. A key with the eighth of a
turn in which its minutia points makes a mark: two impressions of a finger are turned against each other by one angle,
so votes that agree on it weigh more. Own scheme, geometric hashing in kind; no cylinder codes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.index.packed_template import MinutiaRows

Keys = NDArray[np.uint32]
#: key * DIRECTIONS + direction
Marks = NDArray[np.uint32]
Votes = NDArray[np.uint8]

_TWO_PI = 2 * math.pi
_WORKING_DPI = 500.0
#: Neighbours of a minutia that make keys, and the strongest minutiae that are looked at.
NEIGHBOURS = 6
MOST_MINUTIAE = 90
_DISTANCE_BINS, _BEARING_BINS, _TURN_BINS = 7, 16, 8
#: Borders of the distance bins in pixels at 500 dpi: about equally many neighbours fall between each two.
_EDGES_PX = np.array([8, 16, 24, 33, 43, 55, 70, 140], np.float64)
CODES = _DISTANCE_BINS * _BEARING_BINS * _TURN_BINS
#: Keys are 0 … KEY_COUNT - 1.
KEY_COUNT = CODES * (CODES + 1) // 2
#: Directions of a minutia that a mark tells apart.
DIRECTIONS = 8
#: Nearer than this share of a bin to its border, the probe asks the next bin too.
_BORDER_SHARE = 0.2
_MOST_CODES = 4


@compiled
def _wrapped(angle: float) -> float:
    return angle - _TWO_PI * math.floor(angle / _TWO_PI + 0.5)


@compiled
def _nearest(
    x: NDArray[np.float64], y: NDArray[np.float64], i: int, nearest: NDArray[np.int64], square: NDArray[np.float64]
) -> int:
    """The nearest neighbours of a minutia and their squared distances, by distance, equals by number; how many."""
    least, most = _EDGES_PX[0] ** 2, _EDGES_PX[_DISTANCE_BINS] ** 2
    kept = 0
    for j in range(x.size):
        apart = (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2
        if j == i or apart < least or apart >= most or (kept == NEIGHBOURS and apart >= square[kept - 1]):
            continue
        place = kept if kept < NEIGHBOURS else NEIGHBOURS - 1
        while place > 0 and square[place - 1] > apart:
            square[place], nearest[place] = square[place - 1], nearest[place - 1]
            place -= 1
        square[place], nearest[place] = apart, j
        kept = min(kept + 1, NEIGHBOURS)
    return kept


@compiled
def _neighbour_rows(rows: MinutiaRows, dpi: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Per minutia its nearest neighbours as places on the axes of the bins (whole part: the bin), their number, and
    the minutia's direction."""
    strength = -(rows[:, 2] & 0xFF).astype(np.int64)
    chosen = rows[np.argsort(strength, kind="mergesort")[:MOST_MINUTIAE]]
    scale = _WORKING_DPI / dpi
    x = (chosen[:, 0] & 0x3FFF).astype(np.float64) * scale
    y = chosen[:, 1].astype(np.float64) * -scale
    angle = (chosen[:, 2] >> 8).astype(np.float64) * (_TWO_PI / 256)
    count = x.size
    places = np.zeros((count, NEIGHBOURS, 3), np.float64)
    counts = np.zeros(count, np.int64)
    directions = (chosen[:, 2] >> 8).astype(np.int64) * DIRECTIONS >> 8
    nearest = np.empty(NEIGHBOURS, np.int64)
    square = np.empty(NEIGHBOURS, np.float64)
    for i in range(count):
        counts[i] = _nearest(x, y, i, nearest, square)
        for kept in range(counts[i]):
            j, distance = nearest[kept], math.sqrt(square[kept])
            low = 0
            while low < _DISTANCE_BINS - 1 and distance >= _EDGES_PX[low + 1]:
                low += 1
            bearing = _wrapped(math.atan2(y[j] - y[i], x[j] - x[i]) - angle[i])
            turn = _wrapped(angle[j] - angle[i])
            places[i, kept, 0] = low + (distance - _EDGES_PX[low]) / (_EDGES_PX[low + 1] - _EDGES_PX[low])
            places[i, kept, 1] = (bearing / _TWO_PI + 0.5) * _BEARING_BINS
            places[i, kept, 2] = (turn / _TWO_PI + 0.5) * _TURN_BINS
    return places, counts, directions


@compiled
def _codes(place: NDArray[np.float64], is_probe: bool, codes: NDArray[np.int64]) -> int:
    """The neighbour's own code first, then, for a probe, those just over a near border; returns how many."""
    near = min(int(place[0]), _DISTANCE_BINS - 1)
    bearing, turn = int(place[1]) % _BEARING_BINS, int(place[2]) % _TURN_BINS
    codes[0] = (near * _BEARING_BINS + bearing) * _TURN_BINS + turn
    count = 1
    if not is_probe:
        return count
    for axis in range(3):
        share = place[axis] - math.floor(place[axis])
        step = -1 if share < 0.5 else 1
        if min(share, 1.0 - share) >= _BORDER_SHARE:
            continue
        other = (near, bearing, turn)
        if axis == 0:
            if not 0 <= near + step < _DISTANCE_BINS:
                continue
            other = (near + step, bearing, turn)
        elif axis == 1:
            other = (near, (bearing + step) % _BEARING_BINS, turn)
        else:
            other = (near, bearing, (turn + step) % _TURN_BINS)
        codes[count] = (other[0] * _BEARING_BINS + other[1]) * _TURN_BINS + other[2]
        count += 1
    return count


@compiled
def _key(one: int, other: int) -> int:
    high, low = max(one, other), min(one, other)
    return high * (high + 1) // 2 + low


@compiled
def reference_marks(rows: MinutiaRows, dpi: int) -> Marks:
    """The distinct marks a finger is filed under, rising."""
    places, counts, directions = _neighbour_rows(rows, dpi)
    marks = np.empty(places.shape[0] * NEIGHBOURS * (NEIGHBOURS - 1) // 2, np.uint32)
    one, other = np.empty(_MOST_CODES, np.int64), np.empty(_MOST_CODES, np.int64)
    count = 0
    for i in range(places.shape[0]):
        for p in range(counts[i]):
            _codes(places[i, p], False, one)
            for q in range(p):
                _codes(places[i, q], False, other)
                marks[count] = DIRECTIONS * _key(one[0], other[0]) + directions[i]
                count += 1
    ordered = np.sort(marks[:count])
    kept = 0
    for place in range(count):
        if kept == 0 or ordered[kept - 1] != ordered[place]:
            ordered[kept] = ordered[place]
            kept += 1
    return ordered[:kept].copy()


@compiled
def probe_marks(rows: MinutiaRows, dpi: int) -> tuple[Marks, Votes]:
    """The distinct marks to ask, rising, and for each how many of its neighbours lie over a border: 0, 1 or 2."""
    places, counts, directions = _neighbour_rows(rows, dpi)
    # Sorting mark and borders together leaves the fewest borders of a mark first.
    size = places.shape[0] * NEIGHBOURS * (NEIGHBOURS - 1) // 2 * _MOST_CODES * _MOST_CODES
    found = np.empty(size, np.uint32)
    one, other = np.empty(_MOST_CODES, np.int64), np.empty(_MOST_CODES, np.int64)
    count = 0
    for i in range(places.shape[0]):
        for p in range(counts[i]):
            ones = _codes(places[i, p], True, one)
            for q in range(p):
                others = _codes(places[i, q], True, other)
                for u in range(ones):
                    for v in range(others):
                        mark = DIRECTIONS * _key(one[u], other[v]) + directions[i]
                        found[count] = 4 * mark + min(u, 1) + min(v, 1)
                        count += 1
    ordered = np.sort(found[:count])
    marks, borders = np.empty(count, np.uint32), np.empty(count, np.uint8)
    kept = 0
    for place in range(count):
        mark = ordered[place] >> 2
        if kept == 0 or marks[kept - 1] != mark:
            marks[kept], borders[kept] = mark, ordered[place] & 3
            kept += 1
    return marks[:kept].copy(), borders[:kept].copy()


@compiled
def marks_of_slots(
    minutiae: MinutiaRows, minutia_starts: NDArray[np.int64], dpis: NDArray[np.uint16]
) -> tuple[Marks, NDArray[np.int64]]:
    """The marks of many fingers, one after the other, and where each finger's begin (one more at the end)."""
    slots = dpis.size
    pairs = NEIGHBOURS * (NEIGHBOURS - 1) // 2
    room = 0
    for slot in range(slots):
        room += min(minutia_starts[slot + 1] - minutia_starts[slot], MOST_MINUTIAE) * pairs
    marks = np.empty(room, np.uint32)
    starts = np.zeros(slots + 1, np.int64)
    for slot in range(slots):
        own = reference_marks(minutiae[minutia_starts[slot] : minutia_starts[slot + 1]], dpis[slot])
        starts[slot + 1] = starts[slot] + own.size
        marks[starts[slot] : starts[slot + 1]] = own
    return marks[: starts[slots]].copy(), starts
