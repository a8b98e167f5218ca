"""From ridges to grey: moisture, pressure, wear, pores and the sensor's own noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware_sim.fingers.finger import FingerCondition, Skin
from hardware_sim.fingers.noise import Field, smooth_like

GLASS_GREY = 238
EDGE_DRYNESS = 1.6
EDGE_WIDTH = 0.35
PATCH_GRAIN_PX = 55
SPECKLE_GRAIN_PX = 2.6
PORE_GRAIN_PX = 1.4
SENSOR_NOISE_GREY = 3.0
WORN_CONDITION_WEAR = 0.90
WEAR_GRAIN_PX = 24
WEAR_NOISE_GRAIN_PX = 3.4
WEAR_SHARE = 0.55
WEAR_OF_THE_WEEK = 0.6
DRIEST_LIFT = 0.75
MOISTURE, MOISTURE_SPREAD = -0.10, 0.35
EVERYDAY_PATCHINESS, EVERYDAY_SPECKLE = (0.15, 0.45), (0.25, 0.60)

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Surface:
    """How skin prints. Lift below zero thins the ridges (dry), above zero swells them (wet)."""

    lift: float
    patchiness: float
    speckle: float
    contrast: float
    ink_grey: float
    blur_px: float


SURFACES = {
    FingerCondition.GOOD: Surface(0.05, 0.16, 0.22, 3.2, 48, 0.75),
    FingerCondition.WRONG: Surface(0.05, 0.16, 0.22, 3.2, 48, 0.75),
    FingerCondition.DRY: Surface(-0.55, 0.30, 0.55, 3.4, 92, 0.7),
    FingerCondition.WET: Surface(0.62, 0.34, 0.20, 2.4, 22, 1.15),
    FingerCondition.WORN: Surface(-0.05, 0.35, 0.45, 2.0, 104, 1.0),
    FingerCondition.SHORT: Surface(-0.25, 0.25, 0.35, 2.6, 110, 0.9),
    FingerCondition.CUT: Surface(0.05, 0.20, 0.25, 3.0, 56, 0.8),
}


def draw_everyday_surface(random: np.random.Generator, skin: Skin) -> Surface:
    """The skin as it is today: a little wetter or drier than usual, more uneven the more it is worn."""
    lift = MOISTURE - DRIEST_LIFT * skin.dryness + MOISTURE_SPREAD * float(random.normal())
    return Surface(
        lift=float(np.clip(lift, -1.1, 0.8)),
        patchiness=float(random.uniform(*EVERYDAY_PATCHINESS)) + 0.2 * skin.wear,
        speckle=float(random.uniform(*EVERYDAY_SPECKLE)) + 0.3 * skin.wear,
        contrast=float(random.uniform(2.0, 3.6)) * (1 - 0.4 * skin.wear),
        ink_grey=float(random.uniform(30, 120)),
        blur_px=float(random.uniform(0.6, 1.2)),
    )


def worn_signal(random: np.random.Generator, signal: Field, wear: float, condition: FingerCondition) -> Field:
    """The ridges as they are this week: besides what is gone for good, fresh patches are rubbed flat."""
    if condition is FingerCondition.WORN:
        return rub(random, signal, max(wear, WORN_CONDITION_WEAR))
    return rub(random, signal, WEAR_OF_THE_WEEK * wear)


def rub(random: np.random.Generator, signal: Field, wear: float) -> Field:
    """The ridges that work and age have left: patches are rubbed flat and hold only shapeless skin."""
    if wear <= 0:
        return signal
    rubbed = smooth_like(random, signal, WEAR_GRAIN_PX) + 4 * (wear - WEAR_SHARE)
    left = 1 / (1 + np.exp(3 * rubbed))
    shapeless = 0.55 * smooth_like(random, signal, WEAR_NOISE_GRAIN_PX) - 0.2 + 0.15 * signal
    return np.asarray(signal * left + shapeless * (1 - left), dtype=np.float32)


def print_surface(random: np.random.Generator, signal: Field, touch: Field, surface: Surface) -> Grey:
    """The grey picture that this skin leaves on the glass."""
    moisture = surface.lift + surface.patchiness * smooth_like(random, signal, PATCH_GRAIN_PX)
    moisture -= EDGE_DRYNESS * np.clip(1 - touch / EDGE_WIDTH, 0, None)
    speckle = surface.speckle * smooth_like(random, signal, SPECKLE_GRAIN_PX)
    pores = 0.18 * smooth_like(random, signal, PORE_GRAIN_PX)
    pressed = surface.contrast * (1.3 * signal + moisture + speckle + pores)
    ink = 1 / (1 + np.exp(-np.clip(pressed, -30, 30)))
    ink *= np.clip(1.5 + touch / EDGE_WIDTH * 2, 0, 1)
    depth = (GLASS_GREY - surface.ink_grey) * (1 + 0.08 * smooth_like(random, signal, 40))
    grey = GLASS_GREY - depth * np.asarray(cv2.GaussianBlur(ink.astype(np.float32), (0, 0), surface.blur_px))
    grey += SENSOR_NOISE_GREY * random.standard_normal(signal.shape)
    return np.asarray(np.clip(np.round(grey), 0, 255), dtype=np.uint8)
