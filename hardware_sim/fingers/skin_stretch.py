"""How soft skin is drawn out of place when a finger is laid down: the middle sticks, what is around it slips.

After Cappelli, Maio and Maltoni, "Modelling plastic distortion in fingerprint images" (ICAPR 2001): a middle
that sticks, an outer part that moves as a whole, and stretched skin between them. A weak smooth field is added, as a
thin plate bends under uneven load.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hardware_sim.fingers.noise import Field, smooth_like

GRAIN_PX = 80
STUCK_RADIUS_PX = 55.0
GIVE_PX = 110.0


@dataclass(frozen=True)
class Stretch:
    """How far the finger went on after its middle had stuck, and how unevenly it was pressed."""

    slip_x_px: float = 0.0
    slip_y_px: float = 0.0
    slip_turn_deg: float = 0.0
    uneven_px: float = 2.4


def displacement(random: np.random.Generator, stretch: Stretch, x: Field, y: Field) -> tuple[Field, Field]:
    """What is to be added to places on the glass, in pixels from the finger's middle, to find them on the skin."""
    beyond = np.clip((np.hypot(x, y) - STUCK_RADIUS_PX) / GIVE_PX, 0, 1)
    share = 0.5 - 0.5 * np.cos(np.pi * beyond)
    turn = np.radians(stretch.slip_turn_deg)
    moved_x = share * (stretch.slip_x_px + (np.cos(turn) - 1) * x - np.sin(turn) * y)
    moved_y = share * (stretch.slip_y_px + np.sin(turn) * x + (np.cos(turn) - 1) * y)
    moved_x += stretch.uneven_px * smooth_like(random, x, GRAIN_PX)
    moved_y += stretch.uneven_px * smooth_like(random, x, GRAIN_PX)
    return np.asarray(moved_x, dtype=np.float32), np.asarray(moved_y, dtype=np.float32)
