"""Where and how firmly a finger lies on the glass."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import Finger, FingerCondition, Window
from hardware_sim.fingers.noise import Field, smooth_field
from hardware_sim.fingers.skin_stretch import Stretch

TURN_SPREAD_DEG, MOST_TURN_DEG = 6.0, 14.0
SHIFT_SPREAD_PX, MOST_SHIFT_PX = 9.0, 20.0
PRESSURE_SPREAD = 0.06
CONTACT_HALF_WIDTH_PX = 120.0
CONTACT_HALF_HEIGHT_PX = 154.0
SHORT_CONTACT = 0.45
SHORT_SHIFT_PX = 55.0
OUTLINE_GRAIN_PX = 26
EVERYDAY_TURN_SPREAD_DEG, EVERYDAY_MOST_TURN_DEG = 11.0, 35.0
EVERYDAY_SHIFT_SPREAD_PX, EVERYDAY_MOST_SHIFT_PX = (15.0, 21.0), (40.0, 60.0)
EVERYDAY_PRESSURE_SPREAD = 0.10
EVERYDAY_SLIP_PX, EVERYDAY_SLIP_DEG = 3.0, 2.0
EVERYDAY_LEAN_SPREAD_PX, EVERYDAY_MOST_LEAN_PX = (24.0, 32.0), (60.0, 75.0)
EVERYDAY_UNEVEN_PX = (0.6, 2.2)
FINGER_WIDTH = {
    FingerPosition.RIGHT_THUMB: 1.10,
    FingerPosition.LEFT_THUMB: 1.10,
    FingerPosition.RIGHT_LITTLE: 0.84,
    FingerPosition.LEFT_LITTLE: 0.84,
}


@dataclass(frozen=True)
class Placement:
    """Where and how firmly the finger lies."""

    turn_deg: float
    shift_x_px: float
    shift_y_px: float
    contact: float
    """Size of the touching area; 1 is an ordinary fingertip."""
    stretch: Stretch = field(default_factory=Stretch)
    lean_x_px: float = 0.0
    """How far beside the finger's middle the skin touches: the finger lies on its side, its tip or its ball."""
    lean_y_px: float = 0.0


def draw_placement(random: np.random.Generator, finger: Finger, condition: FingerCondition) -> Placement:
    """A placement as willing people do it who are shown how: never twice the same."""
    turn_deg = float(np.clip(random.normal(0, TURN_SPREAD_DEG), -MOST_TURN_DEG, MOST_TURN_DEG))
    shift_x, shift_y = np.clip(random.normal(0, SHIFT_SPREAD_PX, 2), -MOST_SHIFT_PX, MOST_SHIFT_PX)
    contact = FINGER_WIDTH.get(finger.position, 1.0) * float(1 + random.normal(0, PRESSURE_SPREAD))
    if condition is FingerCondition.SHORT:
        return Placement(turn_deg, float(shift_x), float(shift_y) + SHORT_SHIFT_PX, SHORT_CONTACT)
    return Placement(turn_deg, float(shift_x), float(shift_y), contact)


def draw_everyday_placement(random: np.random.Generator, finger: Finger) -> Placement:
    """A placement as people do it in passing: more aslant, more to one side, and pushed on after touching."""

    def about(spread: float, most: float) -> float:
        return float(np.clip(random.normal(0, spread), -most, most))

    shifts = zip(EVERYDAY_SHIFT_SPREAD_PX, EVERYDAY_MOST_SHIFT_PX, strict=True)
    shift_x, shift_y = (about(spread, most) for spread, most in shifts)
    contact = FINGER_WIDTH.get(finger.position, 1.0) * (1 + about(EVERYDAY_PRESSURE_SPREAD, 0.25))
    slip_x, slip_y = about(EVERYDAY_SLIP_PX, 14), about(EVERYDAY_SLIP_PX, 14)
    stretch = Stretch(slip_x, slip_y, about(EVERYDAY_SLIP_DEG, 9), float(random.uniform(*EVERYDAY_UNEVEN_PX)))
    turn_deg = about(EVERYDAY_TURN_SPREAD_DEG, EVERYDAY_MOST_TURN_DEG)
    leans = zip(EVERYDAY_LEAN_SPREAD_PX, EVERYDAY_MOST_LEAN_PX, strict=True)
    lean_x, lean_y = (about(spread, most) for spread, most in leans)
    return Placement(turn_deg, shift_x - lean_x, shift_y - lean_y, contact, stretch, lean_x, lean_y)


def places_on_glass(placement: Placement, window: Window) -> tuple[Field, Field]:
    """Every pixel of the window in pixels from the finger's middle, x to the right and y down."""
    rows, columns = np.mgrid[0 : window.height_px, 0 : window.width_px].astype(np.float32)
    x = columns - window.width_px / 2 - placement.shift_x_px
    y = rows - window.height_px / 2 - placement.shift_y_px
    return np.asarray(x, dtype=np.float32), np.asarray(y, dtype=np.float32)


def contact_area(random: np.random.Generator, placement: Placement, window: Window) -> Field:
    """How well each pixel touches the glass: 1 in the middle of the finger, 0 at its edge, negative outside."""
    x, y = places_on_glass(placement, window)
    across = np.abs(x - placement.lean_x_px) / (CONTACT_HALF_WIDTH_PX * placement.contact)
    along = np.abs(y - 6 - placement.lean_y_px) / (CONTACT_HALF_HEIGHT_PX * placement.contact)
    edge = 0.05 * smooth_field(random, window.height_px, window.width_px, OUTLINE_GRAIN_PX)
    return np.asarray(1 - across**2.4 - along**2.6 + edge, dtype=np.float32)
