"""The master print of a finger: the whole ridge pattern with its lasting creases, before any placing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware_sim.fingers.creases import lower_by_creases, scarred
from hardware_sim.fingers.finger import Finger
from hardware_sim.fingers.noise import Field, seeded
from hardware_sim.fingers.orientation import flow
from hardware_sim.fingers.pattern import draw_pattern
from hardware_sim.fingers.ridges import Mask, ended, grow
from hardware_sim.fingers.skin_surface import rub
from hardware_sim.fingers.spacing import draw_spacing

MASTER_WIDTH_PX = 352
MASTER_HEIGHT_PX = 448
VERSION = 3  # part of the seed: raise it whenever fingers shall be other ones
DRAWING = 2  # part of the cache name: raise it whenever the drawing changes
SIGNAL_STEPS = 127
KEPT_IN_MEMORY = 64


def draw_master(finger: Finger) -> Field:
    """The finger's ridge signal, +1 ridge crest, -1 valley; the same finger always gives the same print."""
    random = seeded("master", VERSION, finger.person_seed, int(finger.position))
    pattern = draw_pattern(random, finger.position)
    direction = flow(random, pattern, MASTER_HEIGHT_PX, MASTER_WIDTH_PX)
    period_px = finger.skin.ridge_period_px * draw_spacing(random, direction)
    signal = ended(grow(random, direction, np.asarray(period_px, dtype=np.float32), _outline()))
    signal = scarred(random, signal, finger.skin.wear)
    signal = rub(random, signal, finger.skin.wear)
    return lower_by_creases(random, signal, finger.skin.wear, finger.skin.dryness)


def _outline() -> Mask:
    rows, columns = np.mgrid[-1 : 1 : MASTER_HEIGHT_PX * 1j, -1 : 1 : MASTER_WIDTH_PX * 1j]
    return np.asarray(rows**4 + columns**4 < 1, dtype=np.bool_)


class MasterShelf:
    """Master prints kept on disk, so that a finger is grown once only."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._recent: dict[Path, Field] = {}

    def get_master(self, finger: Finger) -> Field:
        """The finger's master print, drawn now if it was never drawn before."""
        skin = finger.skin
        name = f"v{VERSION}.{DRAWING}-{finger.person_seed}-{int(finger.position)}"
        path = self._directory / f"{name}-{skin.ridge_period_px:.2f}-{skin.wear:.2f}-{skin.dryness:.2f}.png"
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
