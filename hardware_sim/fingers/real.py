"""Fingers from a folder of pictures, offered like the invented ones."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.errors import ProjectError
from domain.fingers import FingerPosition
from hardware_sim.fingers.creases import lower_by_fresh_cuts
from hardware_sim.fingers.finger import (
    WINDOW_DPI,
    WINDOW_HEIGHT_PX,
    WINDOW_WIDTH_PX,
    ZFM_WINDOW,
    Finger,
    FingerCondition,
    NoSuchFinger,
)
from hardware_sim.fingers.impression import CUTS_OF_A_CUT_FINGER
from hardware_sim.fingers.noise import Field, seeded
from hardware_sim.fingers.placement import contact_area, draw_placement
from hardware_sim.fingers.skin_surface import SURFACES, print_surface, worn_signal

FEWEST_FINGERS = 10
PICTURE_NAME = re.compile(r"(\w+)_(\d+)\.png")
SET_FILE = "set.json"
RIDGE_AREA_SIGMA_PX = 12.0
RIDGE_CONTRAST_GREY = 14.0
WHOLE = (FingerCondition.GOOD, FingerCondition.WRONG)

FingerKey = tuple[int, FingerPosition]
Grey = NDArray[np.uint8]


class FingerFolderUnusable(ProjectError):
    """The folder does not hold enough finger pictures."""

    code = "simulator.finger_folder_unusable"
    message_key = "error.simulator"


@dataclass(frozen=True)
class _Picture:
    path: Path
    is_mirrored: bool


class RealFingers:
    """A FingerSource over a folder of ``<finger>_<impression>.png`` with an optional set.json ``{"dpi": 500}``.

    Needs ten fingers. A mirrored print is another finger, so ten pictures serve twenty fingers; they are given to
    the fingers of ``order``, which must be the same at every desk.
    """

    def __init__(self, directory: Path, order: Sequence[FingerKey]) -> None:
        self._dpi = _read_dpi(directory)
        sets = _picture_sets(directory)
        self._pictures = dict(zip(order, sets, strict=False))
        self._count = len(sets)

    def has(self, finger: Finger) -> bool:
        """Whether one of the folder's fingers was given to this one."""
        return (finger.person_seed, finger.position) in self._pictures

    def picture(self, finger: Finger, impression: int, condition: FingerCondition) -> bytes:
        """That impression of the finger; see FingerSource. Impressions start over when the folder has no more."""
        pictures = self._pictures.get((finger.person_seed, finger.position))
        if pictures is None:
            raise NoSuchFinger(f"the folder's {self._count} fingers are given to others")
        chosen = pictures[impression % len(pictures)]
        window = _window(chosen, self._dpi)
        if condition in WHOLE:
            return window.tobytes()
        return _spoil(window, finger, impression, condition)


def _read_dpi(directory: Path) -> int:
    description = directory / SET_FILE
    if not description.exists():
        return WINDOW_DPI
    return int(json.loads(description.read_text(encoding="utf-8")).get("dpi", WINDOW_DPI))


def _picture_sets(directory: Path) -> list[list[_Picture]]:
    """The pictures of each finger; after the last one, each finger again in the mirror."""
    fingers: dict[str, list[tuple[int, Path]]] = {}
    for path in sorted(directory.glob("*.png")):
        named = PICTURE_NAME.fullmatch(path.name)
        if named:
            fingers.setdefault(named[1], []).append((int(named[2]), path))
    if len(fingers) < FEWEST_FINGERS:
        raise FingerFolderUnusable(f"{len(fingers)} fingers found, {FEWEST_FINGERS} needed (<finger>_<impression>.png)")
    return [
        [_Picture(path, is_mirrored) for _, path in sorted(fingers[name])]
        for is_mirrored in (False, True)
        for name in sorted(fingers)
    ]


def _window(picture: _Picture, dpi: int) -> Grey:
    """The part of the picture that a 256 x 288 window at 500 dpi would see, the print in its middle."""
    loaded = cv2.imread(str(picture.path), cv2.IMREAD_GRAYSCALE)
    if loaded is None:
        raise FingerFolderUnusable("a finger picture cannot be read")
    grey: Grey = np.asarray(loaded, dtype=np.uint8)
    if picture.is_mirrored:
        grey = np.ascontiguousarray(grey[:, ::-1])
    if dpi != WINDOW_DPI:
        factor = WINDOW_DPI / dpi
        resized = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        grey = np.asarray(resized, dtype=np.uint8)
    weight = (_ridge_contrast(grey) > RIDGE_CONTRAST_GREY).astype(np.float32)
    rows, columns = np.nonzero(weight)
    if len(rows) == 0:
        raise FingerFolderUnusable("a finger picture shows no ridges")
    left = _crop_start(int(columns.mean()), WINDOW_WIDTH_PX, grey.shape[1])
    top = _crop_start(int(rows.mean()), WINDOW_HEIGHT_PX, grey.shape[0])
    part = grey[max(top, 0) : top + WINDOW_HEIGHT_PX, max(left, 0) : left + WINDOW_WIDTH_PX]
    return _pad(part, background=int(np.percentile(grey, 90)))


def _crop_start(middle: int, window_px: int, size_px: int) -> int:
    if size_px <= window_px:
        return 0
    return min(max(middle - window_px // 2, 0), size_px - window_px)


def _pad(part: Grey, background: int) -> Grey:
    missing_y, missing_x = WINDOW_HEIGHT_PX - part.shape[0], WINDOW_WIDTH_PX - part.shape[1]
    top, left = missing_y // 2, missing_x // 2
    border = (top, missing_y - top, left, missing_x - left)
    return np.asarray(cv2.copyMakeBorder(part, *border, cv2.BORDER_CONSTANT, value=background), dtype=np.uint8)


def _ridge_contrast(grey: Grey) -> Field:
    values = grey.astype(np.float32)
    mean = cv2.GaussianBlur(values, (0, 0), RIDGE_AREA_SIGMA_PX)
    square = cv2.GaussianBlur(values * values, (0, 0), RIDGE_AREA_SIGMA_PX)
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), dtype=np.float32)


def _spoil(window: Grey, finger: Finger, impression: int, condition: FingerCondition) -> bytes:
    """The same print as dry, wet or worn skin would leave it, or a small part of it."""
    random = seeded("spoil", finger.person_seed, int(finger.position), impression, condition.value)
    values = window.astype(np.float32)
    mean = cv2.GaussianBlur(values, (0, 0), RIDGE_AREA_SIGMA_PX)
    contrast = _ridge_contrast(window)
    signal = np.clip((mean - values) / np.maximum(contrast, RIDGE_CONTRAST_GREY), -1, 1).astype(np.float32)
    touch = np.clip(contrast / RIDGE_CONTRAST_GREY - 1, -1, 1).astype(np.float32)
    if condition is FingerCondition.SHORT:
        touch = np.minimum(touch, contact_area(random, draw_placement(random, finger, condition), ZFM_WINDOW))
    signal = worn_signal(random, signal, finger.skin.wear, condition)
    if condition is FingerCondition.CUT:
        signal = lower_by_fresh_cuts(random, signal, CUTS_OF_A_CUT_FINGER)
    return print_surface(random, signal, touch, SURFACES[condition]).tobytes()
