"""The master print of a finger: the whole ridge pattern with its lasting creases, before any placing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware_sim.fingers.finger import Finger
from hardware_sim.fingers.noise import Field, seeded, smooth_field
from hardware_sim.fingers.orientation import draw_pattern, flow
from hardware_sim.fingers.ridges import Mask, grow

MASTER_WIDTH_PX = 352
MASTER_HEIGHT_PX = 448
VERSION = 2  # part of the cache name: raise it whenever the drawing changes
PERIOD_SPREAD = 0.07
FINGER_PERIOD_SPREAD = 0.045
PERIOD_GRAIN_PX = 70
LOWER_PERIOD_RISE = 0.12
CREASES_UNWORN = 1.2
CREASES_WORN = 14.0
CREASE_DEPTH = 2.2
SIGNAL_STEPS = 127
KEPT_IN_MEMORY = 64


def draw_master(finger: Finger) -> Field:
    """The finger's ridge signal, +1 ridge crest, -1 valley; the same finger always gives the same print."""
    random = seeded("master", VERSION, finger.person_seed, int(finger.position))
    pattern = draw_pattern(random, finger.position)
    direction = flow(random, pattern, MASTER_HEIGHT_PX, MASTER_WIDTH_PX)
    period_px = finger.skin.ridge_period_px * _period_variation(random)
    signal = grow(random, direction, np.asarray(period_px, dtype=np.float32), _outline())
    return np.asarray(np.clip(signal - _creases(random, finger.skin.wear), -1, 1), dtype=np.float32)


def _period_variation(random: np.random.Generator) -> Field:
    """Ridges are a little wider towards the joint, and vary a little everywhere."""
    finger = float(np.clip(1 + random.normal(0, FINGER_PERIOD_SPREAD), 0.9, 1.1))
    own = finger + PERIOD_SPREAD * smooth_field(random, MASTER_HEIGHT_PX, MASTER_WIDTH_PX, PERIOD_GRAIN_PX)
    down = np.linspace(0, 1, MASTER_HEIGHT_PX, dtype=np.float32)[:, None]
    return np.asarray(own * (1 + LOWER_PERIOD_RISE * np.clip((down - 0.6) / 0.4, 0, 1)), dtype=np.float32)


def _outline() -> Mask:
    rows, columns = np.mgrid[-1 : 1 : MASTER_HEIGHT_PX * 1j, -1 : 1 : MASTER_WIDTH_PX * 1j]
    return np.asarray(rows**4 + columns**4 < 1, dtype=np.bool_)


def _creases(random: np.random.Generator, wear: float) -> Field:
    """Fine lines and old cuts that stay for life: how much each pixel is lowered."""
    depth = np.zeros((MASTER_HEIGHT_PX, MASTER_WIDTH_PX), np.float32)
    for _ in range(random.poisson(CREASES_UNWORN + CREASES_WORN * wear)):
        draw_cut(random, depth, length_px=random.uniform(30, 140))
    return CREASE_DEPTH * np.asarray(cv2.GaussianBlur(depth, (0, 0), 0.8), dtype=np.float32)


def draw_cut(random: np.random.Generator, depth: Field, length_px: float) -> None:
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
    cv2.polylines(depth, [line], False, strength, thickness=int(random.integers(1, 3)), lineType=cv2.LINE_AA, shift=3)


class MasterShelf:
    """Master prints kept on disk, so that a finger is grown once only."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._recent: dict[Path, Field] = {}

    def get_master(self, finger: Finger) -> Field:
        """The finger's master print, drawn now if it was never drawn before."""
        skin = finger.skin
        name = f"v{VERSION}-{finger.person_seed}-{int(finger.position)}"
        path = self._directory / f"{name}-{skin.ridge_period_px:.2f}-{skin.wear:.2f}.png"
        if path not in self._recent:
            if len(self._recent) >= KEPT_IN_MEMORY:
                self._recent.pop(next(iter(self._recent)))
            grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.exists() else None
            self._recent[path] = _signal(self._draw(path, finger) if grey is None else np.asarray(grey))
        return self._recent[path]

    def _draw(self, path: Path, finger: Finger) -> NDArray[np.uint8]:
        signal = draw_master(finger)
        grey = np.round(signal * SIGNAL_STEPS + SIGNAL_STEPS).astype(np.uint8)
        self._directory.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(suffix=".png", dir=self._directory)
        os.close(handle)
        cv2.imwrite(fresh, grey)
        Path(fresh).replace(path)  # several desks may draw the same finger at once
        return grey


def _signal(grey: NDArray[np.uint8]) -> Field:
    return np.asarray((grey.astype(np.float32) - SIGNAL_STEPS) / SIGNAL_STEPS, dtype=np.float32)
