"""The compiled first look of a comparison: neighbours vote for minutia pairs, pairs that fit each other form a graph,
and its largest group comes out.

Steps (own scheme; no cylinder codes):
1. every minutia knows its nearest neighbours by distance, by bearing seen from its own direction, and by
their turn; 2. the likeness of a minutia pair is how many of their neighbours agree; 3. the likeliest
pairs are nodes of a graph, joined as far as distance, bearing and turn between their minutiae agree; 4.
power iteration finds the largest group of nodes that all fit together (spectral matching); 5. one-to-one
pairs are taken in that order while they fit those taken before. overlay.py then looks again at all minutiae,
laid over each other by that group. Lengths are pixels at 500 dpi, angles radians.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled

FloatRows = NDArray[np.float32]
Counts = NDArray[np.int32]

_TWO_PI = 2 * math.pi
#: Neighbours kept per minutia, and how near or far they may be.
NEIGHBOURS = 10
_NEAREST_PX = 4.0
_FARTHEST_PX = 130.0
#: Two impressions are turned against each other by at most 70 degrees or so; the rest is for the error of two
#: directions.
_MOST_TURN = 1.4
#: How far two neighbours may differ: distance grows with itself (skin stretches), then bearing and turn.
_REACH_PX, _REACH_SHARE = 6.0, 0.07
_REACH_BEARING, _REACH_TURN = 0.25, 0.35
#: The same for two pairs of the graph, over longer distances.
_FIT_PX, _FIT_SHARE = 7.0, 0.05
_FIT_TURN = 0.35
_FIT_BEARING, _FIT_BEARING_PX = 0.18, 6.0
_CUTOFF = 2.0
_LEAST_LIKENESS = 0.6
#: Minutiae whose nearest neighbours agree in nothing are not looked at further: most pairs, at half the cost.
_FIRST_LOOK, _LEAST_AT_FIRST_LOOK = 5, 0.05
#: Neighbours are compared in rows of this many, the last ones empty.
_LANES = 16
_NOWHERE_PX = 1e6
_TURNS_PER_RADIAN = 1 / _TWO_PI
_REACHES_PER_TURN_OF_BEARING, _REACHES_PER_TURN = _TWO_PI / _REACH_BEARING, _TWO_PI / _REACH_TURN
_PAIRS_PER_MINUTIA = 2
_MOST_PAIRS = 60
_ITERATIONS = 6
_OWN_WEIGHT = 0.3
_LEAST_FIT = 0.25
_LEAST_PAIRS = 3


@compiled
def _wrapped(angle: float) -> float:
    return angle - _TWO_PI * math.floor(angle / _TWO_PI + 0.5)


@compiled
def _apart(one: float, two: float) -> float:
    """The angle between two directions that are less than two turns apart, 0..pi."""
    turn = abs(one - two)
    if turn > _TWO_PI:
        turn -= _TWO_PI
    return _TWO_PI - turn if turn > math.pi else turn


@compiled
def _closeness(squares: float) -> float:
    """1 at 0, 0 from 4 on; follows exp(-squares) closely at a fraction of its cost."""
    left = 1.0 - 0.25 * squares
    if left <= 0:
        return 0.0
    left *= left
    return left * left


@compiled
def describe_neighbours(x: FloatRows, y: FloatRows, angle: FloatRows) -> tuple[FloatRows, Counts]:
    """Per minutia its nearest neighbours as rows (distance, bearing, turn), nearest first, and their
    number."""
    count = x.size
    rows = np.zeros((count, NEIGHBOURS, 3), np.float32)
    counts = np.zeros(count, np.int32)
    nearest = np.empty(NEIGHBOURS, np.int32)
    squares = np.empty(NEIGHBOURS, np.float32)
    for i in range(count):
        kept = 0
        for j in range(count):
            dx, dy = x[j] - x[i], y[j] - y[i]
            apart = dx * dx + dy * dy
            if apart < _NEAREST_PX * _NEAREST_PX or apart > _FARTHEST_PX * _FARTHEST_PX:
                continue
            if kept == NEIGHBOURS and apart >= squares[kept - 1]:
                continue
            place = min(kept, NEIGHBOURS - 1)
            while place > 0 and squares[place - 1] > apart:
                squares[place], nearest[place] = squares[place - 1], nearest[place - 1]
                place -= 1
            squares[place], nearest[place] = apart, j
            kept = min(kept + 1, NEIGHBOURS)
        for place in range(kept):
            j = nearest[place]
            rows[i, place, 0] = math.sqrt(squares[place])
            rows[i, place, 1] = _wrapped(math.atan2(y[j] - y[i], x[j] - x[i]) - angle[i])
            rows[i, place, 2] = _wrapped(angle[j] - angle[i])
        counts[i] = kept
    return rows, counts


@compiled
def _in_lanes(rows: FloatRows, counts: Counts) -> FloatRows:
    """Per minutia its neighbours' distances, bearings and turns, each in one row of lanes; angles in whole turns.

    Empty lanes are so far away that they agree with nothing.
    """
    lanes = np.full((rows.shape[0], 3, _LANES), _NOWHERE_PX, np.float32)
    for i in range(rows.shape[0]):
        for p in range(counts[i]):
            lanes[i, 0, p] = rows[i, p, 0]
            lanes[i, 1, p] = rows[i, p, 1] * _TURNS_PER_RADIAN
            lanes[i, 2, p] = rows[i, p, 2] * _TURNS_PER_RADIAN
    return lanes


@compiled
def _likeness(one: FloatRows, ones: int, other: FloatRows, agreement: FloatRows) -> float:
    """How many neighbours of two minutiae agree, softly, each used once; agreement is room to work in.

    All lanes of the other are looked at without a branch, which the processor does eight or sixteen at a time.
    """
    total, used = np.float32(0.0), 0
    nothing, quarter, whole = np.float32(0.0), np.float32(0.25), np.float32(1.0)
    by_bearing, by_turn = np.float32(_REACHES_PER_TURN_OF_BEARING), np.float32(_REACHES_PER_TURN)
    for p in range(ones):
        if p == _FIRST_LOOK and total < _LEAST_AT_FIRST_LOOK:
            return 0.0
        distance, bearing, turn = one[0, p], one[1, p], one[2, p]
        by_distance = whole / (np.float32(_REACH_PX) + np.float32(_REACH_SHARE) * distance)
        any_left = np.float32(0.0)
        for q in range(_LANES):
            off = (other[0, q] - distance) * by_distance
            off_bearing = abs(other[1, q] - bearing)
            off_bearing = min(off_bearing, abs(whole - off_bearing)) * by_bearing
            off_turn = abs(other[2, q] - turn)
            off_turn = min(off_turn, abs(whole - off_turn)) * by_turn
            left = max(nothing, whole - quarter * (off * off + off_bearing * off_bearing + off_turn * off_turn))
            agreement[q] = left
            any_left += left
        if any_left <= 0:
            continue
        best, best_q = np.float32(0.0), -1
        for q in range(_LANES):
            if agreement[q] > best and (used >> q & 1) == 0:
                best, best_q = agreement[q], q
        if best_q >= 0:
            best *= best
            total += best * best
            used |= 1 << best_q
    return float(total)


@compiled
def _likeliest_pairs(
    angle_a: FloatRows,
    rows_a: FloatRows,
    counts_a: Counts,
    angle_b: FloatRows,
    rows_b: FloatRows,
    counts_b: Counts,
) -> tuple[Counts, Counts, FloatRows]:
    """The pairs whose neighbours agree best, each minutia in a few of them at most."""
    na, nb = angle_a.size, angle_b.size
    likeness = np.zeros(na * nb, np.float32)
    lanes_a, lanes_b = _in_lanes(rows_a, counts_a), _in_lanes(rows_b, counts_b)
    room = np.empty(_LANES, np.float32)
    for i in range(na):
        for j in range(nb):
            if _apart(angle_a[i], angle_b[j]) <= _MOST_TURN:
                likeness[i * nb + j] = _likeness(lanes_a[i], counts_a[i], lanes_b[j], room)
    limit = min(_MOST_PAIRS, 2 * min(na, nb))
    first, second = np.empty(limit, np.int32), np.empty(limit, np.int32)
    values = np.empty(limit, np.float32)
    uses_a, uses_b = np.zeros(na, np.int32), np.zeros(nb, np.int32)
    good = np.nonzero(likeness >= _LEAST_LIKENESS)[0]
    order = good[np.argsort(-likeness[good])]
    count = 0
    for place in order:
        i, j = place // nb, place % nb
        if count == limit:
            break
        if uses_a[i] >= _PAIRS_PER_MINUTIA or uses_b[j] >= _PAIRS_PER_MINUTIA:
            continue
        uses_a[i] += 1
        uses_b[j] += 1
        first[count], second[count], values[count] = i, j, likeness[place]
        count += 1
    return first[:count], second[:count], values[:count]


@compiled
def _fits(
    xa: FloatRows,
    ya: FloatRows,
    ta: FloatRows,
    xb: FloatRows,
    yb: FloatRows,
    tb: FloatRows,
    first: Counts,
    second: Counts,
) -> FloatRows:
    """How well each two pairs fit each other, 0..1."""
    count = first.size
    fit = np.zeros((count, count), np.float32)
    for p in range(count):
        i, j = first[p], second[p]
        cosine, sine = math.cos(tb[j] - ta[i]), math.sin(tb[j] - ta[i])
        for q in range(p):
            k, m = first[q], second[q]
            if i == k or j == m:
                continue
            turn = _apart(tb[j] - ta[i], tb[m] - ta[k]) / _FIT_TURN
            if turn > _CUTOFF:
                continue
            ax, ay, bx, by = xa[k] - xa[i], ya[k] - ya[i], xb[m] - xb[j], yb[m] - yb[j]
            length_a, length_b = math.sqrt(ax * ax + ay * ay), math.sqrt(bx * bx + by * by)
            off = (length_a - length_b) / (_FIT_PX + _FIT_SHARE * length_a)
            if abs(off) > _CUTOFF:
                continue
            # The way to the other minutia as i sees it, turned as j is turned, against the way that j sees.
            px, py = cosine * ax - sine * ay, sine * ax + cosine * ay
            if px * bx + py * by <= 0:
                continue
            bearing = (px * by - py * bx) / (length_a * length_b + 1e-6)
            bearing /= _FIT_BEARING + _FIT_BEARING_PX / max(length_a, 10.0)
            fit[p, q] = fit[q, p] = _closeness(off * off + turn * turn + bearing * bearing)
    return fit


@compiled
def _strength(fit: FloatRows, likeness: FloatRows) -> FloatRows:
    """The leading direction of the graph.

    How strongly each pair belongs to the largest group that fits together.
    """
    count = likeness.size
    strength = likeness.copy()
    for _ in range(_ITERATIONS):
        following = np.empty(count, np.float32)
        strongest = 0.0
        for p in range(count):
            total = _OWN_WEIGHT * strength[p]
            for q in range(count):
                total += fit[p, q] * strength[q]
            following[p] = total
            strongest = max(strongest, total)
        if strongest <= 0:
            return following
        for p in range(count):
            strength[p] = following[p] / strongest
    return strength


@compiled
def find_group(
    xa: FloatRows,
    ya: FloatRows,
    ta: FloatRows,
    rows_a: FloatRows,
    counts_a: Counts,
    xb: FloatRows,
    yb: FloatRows,
    tb: FloatRows,
    rows_b: FloatRows,
    counts_b: Counts,
) -> tuple[Counts, Counts, float]:
    """The largest group of minutia pairs that all fit together, as the minutiae of either template, and its support.

    Empty where fewer than three pairs do.
    """
    nobody, nothing = np.empty(0, np.int32), 0.0
    na, nb = xa.size, xb.size
    if na < _LEAST_PAIRS or nb < _LEAST_PAIRS:
        return nobody, nobody, nothing
    first, second, likeness = _likeliest_pairs(ta, rows_a, counts_a, tb, rows_b, counts_b)
    if first.size < _LEAST_PAIRS:
        return nobody, nobody, nothing
    fit = _fits(xa, ya, ta, xb, yb, tb, first, second)
    kept = np.empty(first.size, np.int32)
    used_a, used_b = np.zeros(na, np.uint8), np.zeros(nb, np.uint8)
    count, total = 0, 0.0
    for p in np.argsort(-_strength(fit, likeness)):
        if used_a[first[p]] or used_b[second[p]]:
            continue
        support = 0.0
        for k in range(count):
            support += fit[p, kept[k]]
        if count and support < _LEAST_FIT * count:
            continue
        used_a[first[p]] = used_b[second[p]] = 1
        kept[count] = p
        if count:
            total += support / count * (1 + 0.5 * likeness[p])
        count += 1
    if count < _LEAST_PAIRS:
        return nobody, nobody, nothing
    return first[kept[:count]], second[kept[:count]], total
