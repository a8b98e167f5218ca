"""What an engine might have found of a finger's minutiae on one impression: some lost, some false, all a little off.

An impression turns, shifts, stretches and leans, and shows what touches the glass inside the window. How many are lost
there, made up and out of place is set by how our engines do on real pictures (benchmarks.synthetic_realism);
worn and dry skin has patches where nothing is found again and much is made up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.engine import Engine
from biometrics.template import ANGLE_STEPS, Minutia, MinutiaKind, Template
from hardware_sim.fingers.finger import ZFM_WINDOW, Finger, Skin
from hardware_sim.fingers.impression import MIDDLE_ROW
from hardware_sim.fingers.master import MASTER_HEIGHT_PX, MASTER_WIDTH_PX
from hardware_sim.fingers.noise import seeded
from hardware_sim.fingers.placement import (
    CONTACT_HALF_HEIGHT_PX,
    CONTACT_HALF_WIDTH_PX,
    Placement,
    draw_everyday_placement,
)
from hardware_sim.fingers.skin_stretch import GIVE_PX, STUCK_RADIUS_PX

#: One minutia a row: x, y, direction in radians, 1 for an ending.
Points = NDArray[np.float64]
Random = np.random.Generator

VERSION = 2  # part of the seed: raise it whenever the same impression shall show other minutiae
TOUCHING = 1.15
UNEVEN_WAVE_PX = 160.0
WORST_DAY = 9.0
PATCHES, PATCHES_BY_WEAR, PATCHES_BY_DRYNESS = 0.4, 7.0, 3.0
PATCH_RADIUS_PX, PATCH_RADIUS_BY_WEAR_PX = (14.0, 40.0), 25.0
LOST_IN_PATCH = 0.85
TRUST_SPREAD = 12.0
QUALITY_PER_MINUTIA = 3


@dataclass(frozen=True)
class Reader:
    """How an engine does on good skin."""

    lost: float
    """Share of minutiae that an ordinary impression does not give."""
    day_spread: float
    """Impressions differ: the spread of the logarithm of what is lost and made up."""
    false: float
    """Minutiae that are none: on an ordinary impression, and more of them in each patch."""
    false_in_patch: float
    shake_px: float
    shake_rad: float
    other_kind: float
    """Share of minutiae whose type is taken for the other one."""
    trust: float
    trust_of_false: float


READERS = {
    Engine.CLASSICAL: Reader(0.08, 0.85, 1.6, 2.2, 1.5, 0.05, 0.13, 82, 66),
    Engine.LEADER: Reader(0.035, 1.1, 0.8, 1.2, 1.3, 0.04, 0.07, 80, 60),
}


def see_minutiae(minutiae: Points, finger: Finger, impression: int, engine: Engine) -> Template:
    """The template of that impression in a 256 x 288 window; the same arguments give the same template."""
    reader = READERS[engine]
    random = _random_of(finger, impression)
    placement = draw_everyday_placement(random, finger)
    rows = minutiae.copy()
    rows[:, 0] -= MASTER_WIDTH_PX / 2
    rows[:, 1] -= MASTER_HEIGHT_PX * MIDDLE_ROW
    laid = _lay(random, rows, placement)
    found = _find(random, laid[_touches(laid, placement)], finger.skin, placement, reader)
    found[:, 0] += ZFM_WINDOW.width_px / 2 + placement.shift_x_px
    found[:, 1] += ZFM_WINDOW.height_px / 2 + placement.shift_y_px
    return _template(random, found, finger, engine)


def touching_share(finger: Finger, impression: int) -> float:
    """How much of the window that impression covers, 0..1."""
    placement = draw_everyday_placement(_random_of(finger, impression), finger)
    rows, columns = np.mgrid[4 : ZFM_WINDOW.height_px : 8, 4 : ZFM_WINDOW.width_px : 8].astype(np.float64)
    x = columns.ravel() - ZFM_WINDOW.width_px / 2 - placement.shift_x_px
    y = rows.ravel() - ZFM_WINDOW.height_px / 2 - placement.shift_y_px
    return float(_touches(np.column_stack([x, y]), placement).mean())


def _random_of(finger: Finger, impression: int) -> Random:
    return seeded("minutiae seen", VERSION, finger.person_seed, int(finger.position), impression)


def _lay(random: Random, rows: Points, placement: Placement) -> Points:
    """The minutiae on the glass, in pixels from the finger's middle: stretched, then turned."""
    slip, turn = placement.stretch, math.radians(placement.turn_deg)
    x, y = rows[:, 0], rows[:, 1]
    share = 0.5 - 0.5 * np.cos(np.pi * np.clip((np.hypot(x, y) - STUCK_RADIUS_PX) / GIVE_PX, 0, 1))
    slid = share * math.radians(slip.slip_turn_deg)
    waves = random.uniform(0, 2 * math.pi, (2, 2))
    uneven = [
        math.sqrt(2)
        * slip.uneven_px
        * np.sin(2 * math.pi * (x * math.cos(way) + y * math.sin(way)) / UNEVEN_WAVE_PX + at)
        for way, at in waves
    ]
    x, y = x - share * slip.slip_x_px + slid * y + uneven[0], y - share * slip.slip_y_px - slid * x + uneven[1]
    cosine, sine = math.cos(turn), math.sin(turn)
    return np.column_stack([cosine * x - sine * y, sine * x + cosine * y, rows[:, 2] - turn + slid, rows[:, 3]])


def _touches(rows: Points, placement: Placement) -> NDArray[np.bool_]:
    half = placement.contact * np.array([CONTACT_HALF_WIDTH_PX, CONTACT_HALF_HEIGHT_PX])
    across, along = np.abs((rows[:, :2] - (placement.lean_x_px, 6 + placement.lean_y_px)) / half).T
    return np.asarray(across**2.4 + along**2.6 < TOUCHING)


def _find(random: Random, rows: Points, skin: Skin, placement: Placement, reader: Reader) -> Points:
    """What the reader makes of the minutiae that touch; the fifth column is how far it trusts each."""
    day = min(WORST_DAY, math.exp(reader.day_spread * random.normal()))
    half = np.array([CONTACT_HALF_WIDTH_PX, CONTACT_HALF_HEIGHT_PX])
    middle = np.array([placement.lean_x_px, placement.lean_y_px])
    patches = random.poisson(PATCHES * day + PATCHES_BY_WEAR * skin.wear + PATCHES_BY_DRYNESS * skin.dryness)
    centres = middle + random.uniform(-0.9, 0.9, (patches, 2)) * half
    radii = random.uniform(*PATCH_RADIUS_PX, patches) + PATCH_RADIUS_BY_WEAR_PX * skin.wear
    apart = np.hypot(*(rows[:, None, :2] - centres[None]).transpose(2, 0, 1))
    lost = np.where((apart < radii).any(axis=1), LOST_IN_PATCH, min(0.6, reader.lost * day))
    seen = rows[random.random(len(rows)) >= lost]
    seen[:, :2] += reader.shake_px * random.normal(size=(len(seen), 2))
    seen[:, 2] += reader.shake_rad * random.normal(size=len(seen))
    seen[:, 3] = np.where(random.random(len(seen)) < reader.other_kind, 1 - seen[:, 3], seen[:, 3])
    scattered = int(random.poisson(reader.false * day))
    in_patches = random.poisson(reader.false_in_patch, patches)
    places = [middle + random.uniform(-0.75, 0.75, (scattered, 2)) * half]
    places += [c + random.normal(0, r / 2, (n, 2)) for c, r, n in zip(centres, radii, in_patches, strict=True)]
    made_up = np.concatenate(places)
    ways = random.uniform(0, 2 * math.pi, len(made_up))
    false = np.column_stack([made_up, ways, random.random(len(made_up)).round()])
    trust = np.repeat([reader.trust, reader.trust_of_false], [len(seen), len(false)])
    return np.column_stack([np.vstack([seen, false]), trust])


def _template(random: Random, rows: Points, finger: Finger, engine: Engine) -> Template:
    width_px, height_px = ZFM_WINDOW.width_px, ZFM_WINDOW.height_px
    places = np.round(rows[:, :2]).astype(int)
    inside = ((places >= 0) & (places < (width_px, height_px))).all(axis=1)
    steps = np.round(rows[:, 2] * ANGLE_STEPS / (2 * math.pi)).astype(int) % ANGLE_STEPS
    trust = np.clip(rows[:, 4] + TRUST_SPREAD * random.normal(size=len(rows)), 1, 100).astype(int)
    kinds = (MinutiaKind.BIFURCATION, MinutiaKind.RIDGE_ENDING)
    table = np.column_stack([places, steps, rows[:, 3].astype(int), trust])[inside].tolist()
    minutiae = tuple(Minutia(x, y, angle, kinds[ending], quality) for x, y, angle, ending, quality in table)
    whole = min(100, QUALITY_PER_MINUTIA * len(minutiae))
    return Template(width_px, height_px, ZFM_WINDOW.dpi, finger.position, whole, minutiae, engine)
