"""A finger's minutiae without a picture: scattered along its flow, for towns too large to be drawn.

NOT taken from any picture. The flow (pattern class, cores, deltas, slant) is that of the finger's master print. The
minutiae on it are thrown at random with the density, the least distances and the share of opposite neighbours that
our engines find on real pictures; where the ridges fan out more of them begin than end, as on every finger of that
pattern: without it, different fingers are less alike than real ones. A finger's templates match each other and not its
pictures.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from biometrics.engine import Engine
from biometrics.template import Template
from hardware_sim.fingers.finger import Finger
from hardware_sim.fingers.master import MASTER_HEIGHT_PX, MASTER_WIDTH_PX
from hardware_sim.fingers.master import VERSION as MASTER_VERSION
from hardware_sim.fingers.noise import Field, seeded
from hardware_sim.fingers.orientation import flow
from hardware_sim.fingers.pattern import draw_pattern
from hardware_sim.town.seen_minutiae import Points, see_minutiae

VERSION = 2  # part of the seed: raise it whenever the same finger shall have other minutiae
CELL_PX = 8
ADULT_PERIOD_PX = 9.0
MEAN_PER_FINGER, SPREAD_PER_FINGER = 95.0, 20.0
FEWEST, MOST = 45, 180
THROWS_PER_MINUTIA = 8
LEAST_APART_PX, USUALLY_APART_PX = 8.0, 18.0
SAME_WAY_CHANCE = 0.2
ENDING_SHARE = 0.70
DIRECTION_SPREAD_RAD = 0.03
#: Ridges that fan out by this much a pixel nearly always begin there, never end.
FANNING_A_PX = 0.005
LEAST_WELCOME, WELCOME_BY_FANNING = 0.05, 1.0

Throws = NDArray[np.float64]


def draw_template(finger: Finger, impression: int, engine: Engine = Engine.CLASSICAL) -> Template:
    """What that engine might have found on that impression in a 256 x 288 window."""
    return see_minutiae(draw_minutiae(finger), finger, impression, engine)


def draw_minutiae(finger: Finger) -> Points:
    """All minutiae of the finger: x and y in pixels of the master print, direction in radians, 1 for an ending."""
    random = seeded("master", MASTER_VERSION, finger.person_seed, int(finger.position))
    pattern = draw_pattern(random, finger.position)
    direction = flow(random, pattern, MASTER_HEIGHT_PX, MASTER_WIDTH_PX, CELL_PX)
    random = seeded("minutiae", VERSION, finger.person_seed, int(finger.position))
    scale = (ADULT_PERIOD_PX / finger.skin.ridge_period_px) ** 2
    wanted = int(np.clip(scale * random.normal(MEAN_PER_FINGER, SPREAD_PER_FINGER), FEWEST, MOST))
    throws = random.random((wanted * THROWS_PER_MINUTIA, 7))
    fanning = np.tanh(fanning_of(direction) / FANNING_A_PX)
    minutiae = _scatter(throws, wanted, direction, fanning, finger.skin.ridge_period_px / ADULT_PERIOD_PX)
    minutiae[:, 2] += DIRECTION_SPREAD_RAD * random.normal(size=len(minutiae))
    return minutiae


def fanning_of(direction: Field) -> Field:
    """How much ridges fan out a pixel, seen along ``direction``: above zero new ones begin, below zero some end."""
    down, across = (_turning(direction, axis) for axis in (0, 1))
    return np.asarray(-np.sin(direction) * across - np.cos(direction) * down)


def _turning(direction: Field, axis: int) -> Field:
    """Change of the flow a pixel; a flow has no front and back, so half a turn is none."""
    ahead, behind = np.roll(direction, -1, axis), np.roll(direction, 1, axis)
    turned = (ahead - behind + math.pi / 2) % math.pi - math.pi / 2
    edges = [slice(None)] * 2
    for edge in (0, -1):
        edges[axis] = edge  # type: ignore[call-overload]
        turned[tuple(edges)] = 0
    return np.asarray(turned / (2 * CELL_PX))


@njit(cache=True, nogil=True)
def _scatter(throws: Throws, wanted: int, direction: Field, fanning: Field, scale: float) -> Points:
    """Thrown one by one; near neighbours are the less welcome the nearer they are."""
    kept = np.empty((wanted, 4))
    count = 0
    for throw in throws:
        if count == wanted:
            break
        x, y = throw[0] * MASTER_WIDTH_PX, throw[1] * MASTER_HEIGHT_PX
        nearest, other = 1e9, -1
        for i in range(count):
            apart = math.hypot(kept[i, 0] - x, kept[i, 1] - y)
            if apart < nearest:
                nearest, other = apart, i
        row, column = min(int(y) // CELL_PX, direction.shape[0] - 1), min(int(x) // CELL_PX, direction.shape[1] - 1)
        fans = fanning[row, column]
        welcome = (nearest / scale - LEAST_APART_PX) / (USUALLY_APART_PX - LEAST_APART_PX)
        if throw[2] >= min(1.0, welcome) * (LEAST_WELCOME + WELCOME_BY_FANNING * abs(fans)):
            continue
        angle = direction[row, column]
        is_turned = throw[3] < 0.5
        if throw[5] < abs(fans):
            is_turned = fans < 0
        elif other >= 0:
            like_other = math.cos(angle - kept[other, 2]) > 0
            is_turned = like_other != (throw[3] < SAME_WAY_CHANCE)
        kept[count, 0], kept[count, 1] = x, y
        kept[count, 2] = angle + math.pi if is_turned else angle
        kept[count, 3] = 1.0 if throw[4] < ENDING_SHARE else 0.0
        count += 1
    return kept[:count]
