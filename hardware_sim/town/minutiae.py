"""Templates without pictures: minutiae scattered along a finger's flow, and what an impression shows of them.

NOT taken from any picture. The flow (pattern class, cores, deltas, slant) is that of the finger's master print; the
minutiae on it are thrown at random with the density, the least distances and the share of opposite neighbours that
our engine finds on real pictures. An impression turns, shifts and stretches them, shows those inside its contact
area, loses some and adds false ones, more of both on worn and dry skin. A finger's templates match each other and not
its pictures.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from biometrics.engine import Engine
from biometrics.template import ANGLE_STEPS, Minutia, MinutiaKind, Template
from hardware_sim.fingers.finger import ZFM_WINDOW, Finger
from hardware_sim.fingers.master import MASTER_HEIGHT_PX, MASTER_WIDTH_PX
from hardware_sim.fingers.master import VERSION as MASTER_VERSION
from hardware_sim.fingers.noise import Field, seeded
from hardware_sim.fingers.orientation import flow
from hardware_sim.fingers.pattern import draw_pattern
from hardware_sim.fingers.placement import CONTACT_HALF_HEIGHT_PX, CONTACT_HALF_WIDTH_PX, draw_everyday_placement

Points = NDArray[np.float64]

VERSION = 1
CELL_PX = 8
ADULT_PERIOD_PX = 9.0
MEAN_PER_FINGER, SPREAD_PER_FINGER = 105.0, 20.0
FEWEST, MOST = 45, 170
THROWS_PER_MINUTIA = 6
LEAST_APART_PX, USUALLY_APART_PX = 8.0, 22.0
SAME_WAY_CHANCE = 0.60
ENDING_SHARE = 0.56
DIRECTION_SPREAD_RAD = 0.10
MIDDLE_ROW = 0.48
LOST, LOST_BY_WEAR, LOST_BY_DRYNESS = 0.06, 0.50, 0.15
FALSE, FALSE_BY_WEAR = 1.2, 16.0
SHAKE_PX, SHAKE_RAD = 1.3, 0.07
QUALITY_MEAN, QUALITY_SPREAD = 82.0, 12.0
QUALITY_PER_MINUTIA = 3


def draw_template(finger: Finger, impression: int) -> Template:
    """What an engine might have found on that impression in a 256 x 288 window."""
    return _impression_of(draw_minutiae(finger), finger, impression)


def draw_minutiae(finger: Finger) -> Points:
    """All minutiae of the finger: x and y in pixels of the master print, direction in radians, 1 for an ending."""
    random = seeded("master", MASTER_VERSION, finger.person_seed, int(finger.position))
    pattern = draw_pattern(random, finger.position)
    direction = flow(random, pattern, MASTER_HEIGHT_PX, MASTER_WIDTH_PX, CELL_PX)
    random = seeded("minutiae", VERSION, finger.person_seed, int(finger.position))
    scale = (ADULT_PERIOD_PX / finger.skin.ridge_period_px) ** 2
    wanted = int(np.clip(scale * random.normal(MEAN_PER_FINGER, SPREAD_PER_FINGER), FEWEST, MOST))
    throws = random.random((wanted * THROWS_PER_MINUTIA, 5))
    return _scatter(throws, wanted, direction, finger.skin.ridge_period_px / ADULT_PERIOD_PX)


@njit(cache=True, nogil=True)
def _scatter(throws: Points, wanted: int, direction: Field, scale: float) -> Points:
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
        welcome = (nearest / scale - LEAST_APART_PX) / (USUALLY_APART_PX - LEAST_APART_PX)
        if throw[2] >= welcome:
            continue
        row, column = min(int(y) // CELL_PX, direction.shape[0] - 1), min(int(x) // CELL_PX, direction.shape[1] - 1)
        angle = direction[row, column]
        is_turned = throw[3] < 0.5
        if other >= 0:
            like_other = math.cos(angle - kept[other, 2]) > 0
            is_turned = like_other != (throw[3] < SAME_WAY_CHANCE)
        kept[count, 0], kept[count, 1] = x, y
        kept[count, 2] = angle + math.pi if is_turned else angle
        kept[count, 3] = 1.0 if throw[4] < ENDING_SHARE else 0.0
        count += 1
    return kept[:count]


def _impression_of(minutiae: Points, finger: Finger, impression: int) -> Template:
    random = seeded("minutiae seen", VERSION, finger.person_seed, int(finger.position), impression)
    skin, placement = finger.skin, draw_everyday_placement(random, finger)
    x, y = minutiae[:, 0] - MASTER_WIDTH_PX / 2, minutiae[:, 1] - MASTER_HEIGHT_PX * MIDDLE_ROW
    slip = placement.stretch
    share = 0.5 - 0.5 * np.cos(np.pi * np.clip((np.hypot(x, y) - 55) / 110, 0, 1))
    x, y = x - share * slip.slip_x_px, y - share * slip.slip_y_px
    turn = math.radians(placement.turn_deg)
    x, y = math.cos(turn) * x - math.sin(turn) * y, math.sin(turn) * x + math.cos(turn) * y
    shake = random.normal(0, 1, (len(x), 3))
    reach = np.abs(x / CONTACT_HALF_WIDTH_PX) ** 2.4 + np.abs((y - 6) / CONTACT_HALF_HEIGHT_PX) ** 2.6
    lost = LOST + LOST_BY_WEAR * skin.wear + LOST_BY_DRYNESS * skin.dryness
    seen = (reach < 0.92 * placement.contact**2) & (random.random(len(x)) >= lost)
    rows = np.column_stack([x, y, minutiae[:, 2] - turn, minutiae[:, 3]])
    rows[:, :2] += SHAKE_PX * shake[:, :2]
    rows[:, 2] += SHAKE_RAD * shake[:, 2]
    rows = np.vstack([rows[seen], _false(random, FALSE + FALSE_BY_WEAR * skin.wear)])
    rows[:, 0] += ZFM_WINDOW.width_px / 2 + placement.shift_x_px
    rows[:, 1] += ZFM_WINDOW.height_px / 2 + placement.shift_y_px
    return _template(finger, rows, random)


def _false(random: np.random.Generator, mean: float) -> Points:
    """Minutiae that are none: cuts, pores, dirt."""
    count = int(random.poisson(mean))
    places = random.uniform(-0.75, 0.75, (count, 2)) * (CONTACT_HALF_WIDTH_PX, CONTACT_HALF_HEIGHT_PX)
    return np.column_stack([places, random.uniform(0, 2 * math.pi, count), random.random(count).round()])


def _template(finger: Finger, rows: Points, random: np.random.Generator) -> Template:
    width_px, height_px = ZFM_WINDOW.width_px, ZFM_WINDOW.height_px
    places = np.round(rows[:, :2]).astype(int)
    inside = ((places >= 0) & (places < (width_px, height_px))).all(axis=1)
    steps = np.round(rows[:, 2] * ANGLE_STEPS / (2 * math.pi)).astype(int) % ANGLE_STEPS
    quality = np.clip(random.normal(QUALITY_MEAN, QUALITY_SPREAD, len(rows)), 1, 100).astype(int)
    kinds = (MinutiaKind.BIFURCATION, MinutiaKind.RIDGE_ENDING)
    table = np.column_stack([places, steps, rows[:, 3].astype(int), quality])[inside].tolist()
    minutiae = tuple(Minutia(x, y, angle, kinds[ending], trust) for x, y, angle, ending, trust in table)
    whole = min(100, QUALITY_PER_MINUTIA * len(minutiae))
    return Template(width_px, height_px, ZFM_WINDOW.dpi, finger.position, whole, minutiae, Engine.CLASSICAL)
