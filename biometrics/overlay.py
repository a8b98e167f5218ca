"""The compiled second look of a comparison: two fingers laid over each other by the pairs found so far, then all
minutiae asked again.

Skin stretches and turns from place to place, so one finger follows the other softly: a turn and shift for the whole,
and beside it what the pairs nearby still differ by. Where the minutiae then lie on each other they are pairs, the old
ones included, and the laying over is done again with these. What counts in the end is how close the pairs lie, how many
they are, and how many there could have been in the part that both fingers show. Lengths are pixels at 500 dpi, angles
radians.
"""

from __future__ import annotations

import math

import numpy as np

from biometrics.compiled import compiled
from biometrics.pair_graph import Counts, FloatRows

_TWO_PI = 2 * math.pi
#: Each laying over brings more pairs; from the fourth on hardly any.
_PASSES = 4
_LEAST_PAIRS = 3
#: A turn of the direction says as much about the whole finger's turn as a pair 30 pixels from its middle.
_TURN_LEVER_PX2 = 900.0
#: How far the pairs around are followed, and how much the finger as a whole is held to.
_FOLLOWED_PX, _WHOLE_WEIGHT = 35.0, 0.15
#: Distance and turn at which a pair is worth little more than half; at twice as much it is none.
_NEAR_PX, _NEAR_TURN = 9.0, 0.35
_MOST_MATES = 4
#: Both fingers show a place when it lies in the frame of the other's minutiae and one of them is so near.
_SHOWN_PX = 45.0


@compiled
def _wrapped(angle: float) -> float:
    return angle - _TWO_PI * math.floor(angle / _TWO_PI + 0.5)


@compiled
def _laid_over(
    xa: FloatRows, ya: FloatRows, ta: FloatRows, xb: FloatRows, yb: FloatRows, tb: FloatRows, mates: Counts
) -> tuple[float, float, float, float, float, float]:
    """Cosine and sine of the turn from a to b that fits all pairs best, and the middle of the pairs in a and in b."""
    count, ax, ay, bx, by = 0, 0.0, 0.0, 0.0, 0.0
    for i in range(xa.size):
        j = mates[i]
        if j >= 0:
            ax, ay, bx, by, count = ax + xa[i], ay + ya[i], bx + xb[j], by + yb[j], count + 1
    ax, ay, bx, by = ax / count, ay / count, bx / count, by / count
    cosine, sine = 0.0, 0.0
    for i in range(xa.size):
        j = mates[i]
        if j >= 0:
            px, py, qx, qy = xa[i] - ax, ya[i] - ay, xb[j] - bx, yb[j] - by
            turn = tb[j] - ta[i]
            cosine += px * qx + py * qy + _TURN_LEVER_PX2 * math.cos(turn)
            sine += px * qy - py * qx + _TURN_LEVER_PX2 * math.sin(turn)
    length = math.hypot(cosine, sine) + 1e-9
    return cosine / length, sine / length, ax, ay, bx, by


@compiled
def _moved(
    x: FloatRows, y: FloatRows, cosine: float, sine: float, from_x: float, from_y: float, to_x: float, to_y: float
) -> tuple[FloatRows, FloatRows]:
    """Places turned about a middle that moves along."""
    dx, dy = x - np.float32(from_x), y - np.float32(from_y)
    c, s = np.float32(cosine), np.float32(sine)
    return c * dx - s * dy + np.float32(to_x), s * dx + c * dy + np.float32(to_y)


@compiled
def _followed(
    xa: FloatRows,
    ya: FloatRows,
    ta: FloatRows,
    xb: FloatRows,
    yb: FloatRows,
    tb: FloatRows,
    mates: Counts,
) -> tuple[FloatRows, FloatRows, FloatRows]:
    """Where each minutia of a should lie in b, and its direction there; its own mate has no say in it."""
    cosine, sine, ax, ay, bx, by = _laid_over(xa, ya, ta, xb, yb, tb, mates)
    x, y = _moved(xa, ya, cosine, sine, ax, ay, bx, by)
    turn = np.float32(math.atan2(sine, cosine))
    paired = np.nonzero(mates >= 0)[0]
    off_x, off_y = xb[mates[paired]] - x[paired], yb[mates[paired]] - y[paired]
    off_t = tb[mates[paired]] - ta[paired] - turn
    for k in range(paired.size):
        off_t[k] = _wrapped(off_t[k])
    to_x, to_y, to_t = x.copy(), y.copy(), ta + turn
    for i in range(xa.size):
        weights, sum_x, sum_y, sum_t = _WHOLE_WEIGHT, 0.0, 0.0, 0.0
        for k in range(paired.size):
            m = paired[k]
            if m == i:
                continue
            dx, dy = xa[i] - xa[m], ya[i] - ya[m]
            weight = 1.0 / (1.0 + (dx * dx + dy * dy) / (_FOLLOWED_PX * _FOLLOWED_PX))
            weight *= weight
            weights += weight
            sum_x += weight * off_x[k]
            sum_y += weight * off_y[k]
            sum_t += weight * off_t[k]
        to_x[i] += sum_x / weights
        to_y[i] += sum_y / weights
        to_t[i] += sum_t / weights
    return to_x, to_y, to_t


@compiled
def _mated_anew(
    x: FloatRows, y: FloatRows, angle: FloatRows, xb: FloatRows, yb: FloatRows, tb: FloatRows, mates: Counts
) -> float:
    """Fills mates by what lies closest, each minutia once; how close all of them lie, 1 a pair at most."""
    limit = _MOST_MATES * x.size
    apart = np.empty(limit, np.float32)
    first, second = np.empty(limit, np.int32), np.empty(limit, np.int32)
    count = 0
    for i in range(x.size):
        for j in range(xb.size):
            dx, dy = (xb[j] - x[i]) / _NEAR_PX, (yb[j] - y[i]) / _NEAR_PX
            squares = dx * dx + dy * dy
            if squares >= 4.0:
                continue
            turn = _wrapped(tb[j] - angle[i]) / _NEAR_TURN
            squares += turn * turn
            if squares < 4.0 and count < limit:
                apart[count], first[count], second[count] = squares, i, j
                count += 1
    mates[:] = -1
    used = np.zeros(xb.size, np.uint8)
    closeness = 0.0
    for place in np.argsort(apart[:count]):
        i, j = first[place], second[place]
        if mates[i] < 0 and not used[j]:
            mates[i] = j
            used[j] = 1
            left = 1.0 - 0.25 * apart[place]
            closeness += left * left
    return closeness


@compiled
def _shown(x: FloatRows, y: FloatRows, other_x: FloatRows, other_y: FloatRows, is_paired: Counts) -> int:
    """How many of these places the other finger shows; paired ones always."""
    left, right, low, high = other_x.min(), other_x.max(), other_y.min(), other_y.max()
    count = 0
    for i in range(x.size):
        is_shown = is_paired[i] > 0
        if not is_shown and left <= x[i] <= right and low <= y[i] <= high:
            for j in range(other_x.size):
                dx, dy = x[i] - other_x[j], y[i] - other_y[j]
                if dx * dx + dy * dy < _SHOWN_PX * _SHOWN_PX:
                    is_shown = True
                    break
        count += is_shown
    return count


@compiled
def look_again(
    xa: FloatRows,
    ya: FloatRows,
    ta: FloatRows,
    xb: FloatRows,
    yb: FloatRows,
    tb: FloatRows,
    first: Counts,
    second: Counts,
) -> tuple[int, float, float]:
    """From the pairs found first: how many pairs there are, how close they lie in sum, and the overlap's size.

    The overlap is in minutiae, the geometric mean of what either finger shows of the other. 0 pairs where the first
    ones fell apart.
    """
    mates = np.full(xa.size, -1, np.int32)
    for k in range(first.size):
        mates[first[k]] = second[k]
    closeness, pairs = 0.0, first.size
    for _ in range(_PASSES):
        x, y, angle = _followed(xa, ya, ta, xb, yb, tb, mates)
        closeness = _mated_anew(x, y, angle, xb, yb, tb, mates)
        pairs = int((mates >= 0).sum())
        if pairs < _LEAST_PAIRS:
            return 0, 0.0, 0.0
    x, y, _ = _followed(xa, ya, ta, xb, yb, tb, mates)
    cosine, sine, ax, ay, bx, by = _laid_over(xa, ya, ta, xb, yb, tb, mates)
    back_x, back_y = _moved(xb, yb, cosine, -sine, bx, by, ax, ay)
    paired_a, paired_b = np.zeros(xa.size, np.int32), np.zeros(xb.size, np.int32)
    for i in range(xa.size):
        if mates[i] >= 0:
            paired_a[i] = paired_b[mates[i]] = 1
    overlap = math.sqrt(float(_shown(x, y, xb, yb, paired_a)) * float(_shown(back_x, back_y, xa, ya, paired_b)))
    return pairs, closeness, overlap
