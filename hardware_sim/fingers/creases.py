"""What stays on a finger besides its ridges: creases, old cuts, scars that pull the ridges out of line."""

from __future__ import annotations

import cv2
import numpy as np

from hardware_sim.fingers.noise import Field

CREASES_UNWORN = 1.2
CREASES_WORN = 14.0
CREASES_OF_DRY_SKIN = 6.0
CREASE_DEPTH = 2.2
FRESH_CUT_DEPTH = 2.6
FRESH_CUT_PX = (40, 130)
SCAR_CHANCE_UNWORN = 0.04
SCAR_CHANCE_WORN = 0.5
SCAR_SHIFT_PX = 3.5
SCAR_REACH_PX = 16.0
SCAR_HALF_LENGTH_PX = 45.0


def lower_by_creases(random: np.random.Generator, signal: Field, wear: float, dryness: float) -> Field:
    """The ridges with the fine lines and old cuts that stay for life."""
    depth = np.zeros_like(signal)
    for _ in range(random.poisson(CREASES_UNWORN + CREASES_WORN * wear + CREASES_OF_DRY_SKIN * dryness)):
        _draw_cut(random, depth, length_px=random.uniform(30, 140))
    lowered = signal - CREASE_DEPTH * cv2.GaussianBlur(depth, (0, 0), 0.8)
    return np.asarray(np.clip(lowered, -1, 1), dtype=np.float32)


def lower_by_fresh_cuts(random: np.random.Generator, signal: Field, cuts: int) -> Field:
    """The ridges with cuts that will have healed by the next visit."""
    depth = np.zeros_like(signal)
    for _ in range(cuts):
        _draw_cut(random, depth, length_px=random.uniform(*FRESH_CUT_PX), thickness_px=int(random.integers(2, 5)))
    lowered = signal - FRESH_CUT_DEPTH * cv2.GaussianBlur(depth, (0, 0), 1.0)
    return np.asarray(np.clip(lowered, -1, 1), dtype=np.float32)


def scarred(random: np.random.Generator, signal: Field, wear: float) -> Field:
    """The ridges, for some people with a scar: what grew together there no longer meets."""
    if random.uniform() >= SCAR_CHANCE_UNWORN + SCAR_CHANCE_WORN * wear:
        return signal
    height, width = signal.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = columns - random.uniform(0.3, 0.7) * width, rows - random.uniform(0.3, 0.7) * height
    heading = random.uniform(0, np.pi)
    along = np.cos(heading) * x + np.sin(heading) * y
    across = np.cos(heading) * y - np.sin(heading) * x
    shift = SCAR_SHIFT_PX * np.sign(across) * np.exp(-np.abs(across) / SCAR_REACH_PX)
    shift *= np.exp(-((along / SCAR_HALF_LENGTH_PX) ** 4))
    moved_x = (columns + shift * np.cos(heading)).astype(np.float32)
    moved_y = (rows + shift * np.sin(heading)).astype(np.float32)
    moved = cv2.remap(signal, moved_x, moved_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    seam = np.exp(-((across / 1.6) ** 2)) * np.exp(-((along / SCAR_HALF_LENGTH_PX) ** 4))
    return np.asarray(np.clip(moved - 1.5 * seam, -1, 1), dtype=np.float32)


def _draw_cut(random: np.random.Generator, depth: Field, length_px: float, thickness_px: int | None = None) -> None:
    """Add one thin, slightly bent line to a depth map."""
    height, width = depth.shape
    start = np.array([random.uniform(0.15, 0.85) * width, random.uniform(0.1, 0.9) * height])
    heading = random.normal(0, 0.7)
    points = [start]
    for _ in range(4):
        heading += random.normal(0, 0.15)
        points.append(points[-1] + length_px / 4 * np.array([np.cos(heading), np.sin(heading)]))
    line = np.round(np.array(points) * 8).astype(np.int32).reshape(-1, 1, 2)
    strength = float(random.uniform(0.5, 1.0))
    thickness = thickness_px or int(random.integers(1, 3))
    cv2.polylines(depth, [line], False, strength, thickness=thickness, lineType=cv2.LINE_AA, shift=3)
