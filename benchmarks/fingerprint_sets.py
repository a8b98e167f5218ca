"""Folders of finger pictures, named <finger>_<impression>.png, and what a small sensor would have made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import cv2
import numpy as np

from benchmarks.fingerprint_stress import stress
from biometrics.capture.mask import find_mask
from biometrics.extraction.parameters import DEFAULT_PARAMETERS
from biometrics.extraction.pipeline import at_working_dpi
from biometrics.images import GreyImage, decode_grey

#: The impression is what follows the last underline: a finger's name may hold more of them.
_NAME = re.compile(r"^(?P<finger>.+)_(?P<impression>\d+)\.png$", re.IGNORECASE)
_DESCRIPTION = "set.json"
_DEFAULT_DPI = 500
_LEAST_DPI, _MOST_DPI = 100, 4000
# The window and grey levels of the ZFM-20 sensor.
_SENSOR_WIDTH_PX, _SENSOR_HEIGHT_PX, _GREY_STEP = 256, 288, 16


class FolderUnusable(Exception):
    """The folder cannot be measured; the text says why."""


class Degradation(Enum):
    """What is done to the pictures first; all but the first two are the stresses of fingerprint_stress.py."""

    NONE = "none"
    ZFM = "zfm"
    TURNED = "turned"
    STRETCHED = "stretched"
    PARTIAL = "partial"
    FADED = "faded"
    NOISY = "noisy"
    DRY = "dry"
    WET = "wet"
    INVERTED = "inverted"
    DPI = "dpi"
    FIELD = "field"
    WORST = "worst"


@dataclass(frozen=True, slots=True, order=True)
class Impression:
    """One picture of one finger."""

    set_name: str
    finger: str
    number: int
    path: Path

    def load(self, degradation: Degradation) -> tuple[GreyImage, int]:
        """The picture and its resolution in dpi."""
        image, dpi = decode_grey(self.path.read_bytes()), read_dpi(self.path.parent)
        if degradation is Degradation.ZFM:
            return as_zfm(at_working_dpi(image, dpi)), _DEFAULT_DPI
        if degradation is Degradation.NONE:
            return image, dpi
        return stress(degradation.value, image, dpi, f"{self.set_name}/{self.path.name}")


def read_dpi(folder: Path) -> int:
    """The resolution that set.json states, 500 dpi where it states none.

    Raises FolderUnusable when what is stated cannot be a resolution.
    """
    description = folder / _DESCRIPTION
    if not description.exists():
        return _DEFAULT_DPI
    try:
        dpi = round(float(json.loads(description.read_text("utf-8")).get("dpi") or _DEFAULT_DPI))
    except (ValueError, TypeError, AttributeError) as error:
        raise FolderUnusable(f"{description}: no resolution can be read") from error
    if not _LEAST_DPI <= dpi <= _MOST_DPI:
        raise FolderUnusable(f"{description}: {dpi} is no resolution of a finger picture")
    return dpi


def ignored_files(folder: Path) -> list[str]:
    """What lies in the folder and is not measured, by name."""
    return sorted(path.name for path in folder.iterdir() if path.name != _DESCRIPTION and not _NAME.match(path.name))


def find_impressions(folder: Path, fingers: frozenset[str] | None = None) -> Iterator[Impression]:
    """The pictures of a folder in order of finger and impression; only the named fingers where some are named."""
    if not folder.is_dir():
        raise FolderUnusable(f"{folder} is no folder")
    found = []
    for path in folder.iterdir():
        name = _NAME.match(path.name)
        if name and (fingers is None or name["finger"] in fingers):
            found.append(Impression(folder.name, name["finger"], int(name["impression"]), path))
    yield from sorted(found)


def as_zfm(image: GreyImage) -> GreyImage:
    """256 x 288 pixels around the middle of the print, in 16 grey levels."""
    top_px, left_px = _corner(image)
    window = image[top_px : top_px + _SENSOR_HEIGHT_PX, left_px : left_px + _SENSOR_WIDTH_PX]
    framed = np.full((_SENSOR_HEIGHT_PX, _SENSOR_WIDTH_PX), int(np.percentile(image, 95)), np.uint8)
    framed[: window.shape[0], : window.shape[1]] = window
    # The module sends the upper four bits, and its library spreads them over the byte again.
    return np.asarray(framed // _GREY_STEP * (_GREY_STEP + 1), np.uint8)


def _corner(image: GreyImage) -> tuple[int, int]:
    mask = find_mask(image, DEFAULT_PARAMETERS.mask)
    moments = cv2.moments(mask, binaryImage=True)
    height_px, width_px = image.shape
    area = moments["m00"]
    middle_x, middle_y = (moments["m10"] / area, moments["m01"] / area) if area else (width_px / 2, height_px / 2)
    top_px = int(min(max(middle_y - _SENSOR_HEIGHT_PX / 2, 0), max(height_px - _SENSOR_HEIGHT_PX, 0)))
    left_px = int(min(max(middle_x - _SENSOR_WIDTH_PX / 2, 0), max(width_px - _SENSOR_WIDTH_PX, 0)))
    return top_px, left_px
