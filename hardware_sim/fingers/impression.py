"""One impression of a finger: how it was laid on the window, and what the skin was like."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import WINDOW_HEIGHT_PX, WINDOW_WIDTH_PX, Finger, FingerCondition
from hardware_sim.fingers.master import MASTER_HEIGHT_PX, MASTER_WIDTH_PX
from hardware_sim.fingers.noise import Field, seeded, smooth_field
from hardware_sim.fingers.skin_surface import SURFACES, print_surface, worn_signal

WINDOW = (WINDOW_HEIGHT_PX, WINDOW_WIDTH_PX)
TURN_SPREAD_DEG = 6.0
SHIFT_SPREAD_PX = 9.0
STRETCH_GRAIN_PX = 80
STRETCH_PX = 2.4
PRESSURE_SPREAD = 0.06
CONTACT_HALF_WIDTH_PX = 116.0
CONTACT_HALF_HEIGHT_PX = 146.0
SHORT_CONTACT = 0.45
SHORT_SHIFT_PX = 55.0
OUTLINE_GRAIN_PX = 26
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


def draw_impression(master: Field, finger: Finger, impression: int, condition: FingerCondition) -> bytes:
    """The picture of that impression, as FingerSource promises."""
    random = seeded("impression", finger.person_seed, int(finger.position), impression, condition.value)
    placement = draw_placement(random, finger, condition)
    signal = _lay(random, master, placement)
    signal = worn_signal(random, signal, finger.skin.wear, condition)
    touch = contact_area(random, placement)
    return print_surface(random, signal, touch, SURFACES[condition])


def draw_placement(random: np.random.Generator, finger: Finger, condition: FingerCondition) -> Placement:
    """A placement as people do it: never twice the same."""
    turn_deg = float(np.clip(random.normal(0, TURN_SPREAD_DEG), -14, 14))
    shift_x, shift_y = np.clip(random.normal(0, SHIFT_SPREAD_PX, 2), -20, 20)
    contact = FINGER_WIDTH.get(finger.position, 1.0) * float(1 + random.normal(0, PRESSURE_SPREAD))
    if condition is FingerCondition.SHORT:
        return Placement(turn_deg, float(shift_x), float(shift_y) + SHORT_SHIFT_PX, SHORT_CONTACT)
    return Placement(turn_deg, float(shift_x), float(shift_y), contact)


def _lay(random: np.random.Generator, master: Field, placement: Placement) -> Field:
    """The master seen through the window: turned, shifted, and stretched as soft skin is."""
    rows, columns = np.mgrid[0:WINDOW_HEIGHT_PX, 0:WINDOW_WIDTH_PX].astype(np.float32)
    x = columns - WINDOW_WIDTH_PX / 2 - placement.shift_x_px
    y = rows - WINDOW_HEIGHT_PX / 2 - placement.shift_y_px
    x += STRETCH_PX * smooth_field(random, *WINDOW, STRETCH_GRAIN_PX)
    y += STRETCH_PX * smooth_field(random, *WINDOW, STRETCH_GRAIN_PX)
    cosine, sine = np.cos(np.radians(placement.turn_deg)), np.sin(np.radians(placement.turn_deg))
    source_x = (cosine * x + sine * y + MASTER_WIDTH_PX / 2).astype(np.float32)
    source_y = (-sine * x + cosine * y + MASTER_HEIGHT_PX * 0.48).astype(np.float32)
    laid = cv2.remap(master, source_x, source_y, cv2.INTER_LINEAR, borderValue=-1)
    return np.asarray(laid, dtype=np.float32)


def contact_area(random: np.random.Generator, placement: Placement) -> Field:
    """How well each pixel touches the glass: 1 in the middle of the finger, 0 at its edge, negative outside."""
    rows, columns = np.mgrid[0:WINDOW_HEIGHT_PX, 0:WINDOW_WIDTH_PX].astype(np.float32)
    x = (columns - WINDOW_WIDTH_PX / 2 - placement.shift_x_px) / (CONTACT_HALF_WIDTH_PX * placement.contact)
    y = (rows - WINDOW_HEIGHT_PX / 2 - placement.shift_y_px - 6) / (CONTACT_HALF_HEIGHT_PX * placement.contact)
    reach = np.abs(x) ** 2.4 + np.abs(y) ** 2.6
    edge = 0.05 * smooth_field(random, *WINDOW, OUTLINE_GRAIN_PX)
    return np.asarray(1 - reach + edge, dtype=np.float32)
