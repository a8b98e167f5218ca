"""One impression of a finger: how it was laid on the window, and what the skin was like."""

from __future__ import annotations

import cv2
import numpy as np

from hardware_sim.fingers.creases import lower_by_fresh_cuts
from hardware_sim.fingers.finger import WINDOW_DPI, ZFM_WINDOW, Finger, FingerCondition, Window
from hardware_sim.fingers.master import MASTER_HEIGHT_PX, MASTER_WIDTH_PX
from hardware_sim.fingers.noise import Field, seeded
from hardware_sim.fingers.placement import (
    Placement,
    contact_area,
    draw_everyday_placement,
    draw_placement,
    places_on_glass,
)
from hardware_sim.fingers.skin_stretch import displacement
from hardware_sim.fingers.skin_surface import (
    SURFACES,
    Grey,
    Surface,
    draw_everyday_surface,
    print_surface,
    worn_signal,
)

MIDDLE_ROW = 0.48
CUTS_OF_A_CUT_FINGER = 3
EVERYDAY_CUT_CHANCE = 0.04


def draw_impression(master: Field, finger: Finger, impression: int, condition: FingerCondition) -> bytes:
    """The picture of that impression, as FingerSource promises."""
    random = seeded("impression", finger.person_seed, int(finger.position), impression, condition.value)
    placement = draw_placement(random, finger, condition)
    signal = _lay(random, master, placement, ZFM_WINDOW)
    signal = worn_signal(random, signal, finger.skin.wear, condition)
    if condition is FingerCondition.CUT:
        signal = lower_by_fresh_cuts(random, signal, CUTS_OF_A_CUT_FINGER)
    return _print(random, signal, placement, SURFACES[condition], ZFM_WINDOW).tobytes()


def draw_everyday_impression(master: Field, finger: Finger, impression: int, window: Window) -> Grey:
    """The finger as it comes, not as it is asked for: moisture, pressure, slant and slip are left to chance."""
    random = seeded("everyday", finger.person_seed, int(finger.position), impression)
    scale = WINDOW_DPI / window.dpi
    seen = Window(round(window.width_px * scale), round(window.height_px * scale))
    placement = draw_everyday_placement(random, finger)
    signal = worn_signal(random, _lay(random, master, placement, seen), finger.skin.wear, FingerCondition.GOOD)
    if random.uniform() < EVERYDAY_CUT_CHANCE + 0.3 * finger.skin.wear:
        signal = lower_by_fresh_cuts(random, signal, int(random.integers(1, 3)))
    grey = _print(random, signal, placement, draw_everyday_surface(random, finger.skin), seen)
    if (seen.width_px, seen.height_px) == (window.width_px, window.height_px):
        return grey
    size = (window.width_px, window.height_px)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _print(random: np.random.Generator, signal: Field, placement: Placement, surface: Surface, window: Window) -> Grey:
    return print_surface(random, signal, contact_area(random, placement, window), surface)


def _lay(random: np.random.Generator, master: Field, placement: Placement, window: Window) -> Field:
    """The master seen through the window: turned, shifted, and stretched as soft skin is."""
    x, y = places_on_glass(placement, window)
    moved_x, moved_y = displacement(random, placement.stretch, x, y)
    x, y = x + moved_x, y + moved_y
    cosine, sine = np.cos(np.radians(placement.turn_deg)), np.sin(np.radians(placement.turn_deg))
    source_x = (cosine * x + sine * y + MASTER_WIDTH_PX / 2).astype(np.float32)
    source_y = (-sine * x + cosine * y + MASTER_HEIGHT_PX * MIDDLE_ROW).astype(np.float32)
    laid = cv2.remap(master, source_x, source_y, cv2.INTER_LINEAR, borderValue=-1)
    return np.asarray(laid, dtype=np.float32)
