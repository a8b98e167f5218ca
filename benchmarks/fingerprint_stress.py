"""Pictures made worse on purpose, each by chance but always the same way: turned, stretched, cut, faded, noisy."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.images import GreyImage

_Random = np.random.Generator
_MOST_TURN_DEG = 45.0
_STRETCH_PX = 14.0
_STRETCH_REACH_PX = 45.0
_WINDOW_SHARE = 0.62
_FADED_GREYS = (0.25, 0.4)
_NOISE_GREYS = 28.0
_DRY_SHARE = 0.45
_OTHER_DPI = (350, 640, 1000)
_FIELD_SHARES = (0.4, 0.35, 0.25)
_FIELD_ROWS_PX, _FIELD_COLUMNS_PX = 330, 300


def stress(kind: str, image: GreyImage, dpi: int, seed: str) -> tuple[GreyImage, int]:
    """The picture made worse in that way, and its resolution; the seed chooses how."""
    rng = np.random.default_rng(zlib.crc32(f"{kind}/{seed}".encode()))
    if kind == "dpi":
        return _resampled(image, dpi, rng)
    return STRESSES[kind](image, rng), dpi


def _background(image: GreyImage) -> int:
    return int(np.percentile(image, 95))


def _grey(levels: NDArray[np.floating]) -> GreyImage:
    return np.asarray(np.clip(levels, 0, 255), np.uint8)


def _turned(image: GreyImage, rng: _Random) -> GreyImage:
    height, width = image.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-_MOST_TURN_DEG, _MOST_TURN_DEG), 1)
    return np.asarray(
        cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=_background(image)), np.uint8
    )


def _stretched(image: GreyImage, rng: _Random) -> GreyImage:
    """Pressed skin: a smooth field of shifts of about the size that rolled and pushed fingers show."""
    height, width = image.shape
    shifts = []
    for _ in range(2):
        field = cv2.GaussianBlur(rng.normal(size=(height, width)), (0, 0), _STRETCH_REACH_PX)
        shifts.append(_STRETCH_PX / 2 * field / (field.std() + 1e-9))
    y, x = np.mgrid[0:height, 0:width]
    return np.asarray(
        cv2.remap(
            image,
            (x + shifts[0]).astype(np.float32),
            (y + shifts[1]).astype(np.float32),
            cv2.INTER_CUBIC,
            borderValue=_background(image),
        ),
        np.uint8,
    )


def _partial(image: GreyImage, rng: _Random) -> GreyImage:
    height, width = image.shape
    rows, columns = int(height * _WINDOW_SHARE), int(width * _WINDOW_SHARE)
    top, left = rng.integers(0, height - rows + 1), rng.integers(0, width - columns + 1)
    return np.ascontiguousarray(image[top : top + rows, left : left + columns])


def _faded(image: GreyImage, rng: _Random) -> GreyImage:
    """Little contrast on a grey ground."""
    share, ground = rng.uniform(*_FADED_GREYS), rng.uniform(90, 200)
    return _grey(ground + share * (image - float(image.mean())))


def _noisy(image: GreyImage, rng: _Random) -> GreyImage:
    soft = cv2.GaussianBlur(image, (0, 0), 1.0)
    return _grey(soft + rng.normal(0, _NOISE_GREYS, image.shape))


def _dry(image: GreyImage, rng: _Random) -> GreyImage:
    """Ridges thin and broken into dots."""
    light = cv2.dilate(image, np.ones((2, 2), np.uint8))
    spots = cv2.GaussianBlur(rng.normal(size=image.shape), (0, 0), 2.0)
    gone = spots > np.quantile(spots, 1 - _DRY_SHARE)
    soft = cv2.GaussianBlur(gone.astype(np.float32), (0, 0), 1.0)
    return _grey(light + soft * 0.8 * (_background(image) - light.astype(np.float32)))


def _wet(image: GreyImage, rng: _Random) -> GreyImage:
    """Ridges run together in blots."""
    dark = cv2.erode(image, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))).astype(np.float32)
    blots = cv2.GaussianBlur(rng.normal(size=image.shape), (0, 0), 12.0)
    share = np.clip(blots / (blots.std() + 1e-9), 0, 1.2) / 1.5
    smeared = cv2.GaussianBlur(dark, (0, 0), 5.0) * 0.7
    inside = (cv2.GaussianBlur(dark, (0, 0), 12.0) < 0.85 * _background(image)).astype(np.float32)
    return _grey(dark + inside * share * (smeared - dark))


def _inverted(image: GreyImage, _rng: _Random) -> GreyImage:
    return np.asarray(255 - image, np.uint8)


def _resampled(image: GreyImage, dpi: int, rng: _Random) -> tuple[GreyImage, int]:
    other = int(rng.choice(_OTHER_DPI))
    size = (math.ceil(image.shape[1] * other / dpi), math.ceil(image.shape[0] * other / dpi))
    way = cv2.INTER_AREA if other < dpi else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8), other


def _field(image: GreyImage, rng: _Random) -> GreyImage:
    """About what other sensors and unwilling fingers give: skin twisted and pushed, a small window beside the middle,
    often dry or wet, some noise."""
    image = _twisted(image, rng)
    kind, degree = rng.choice(["plain", "dry", "wet"], p=_FIELD_SHARES), rng.uniform(0.3, 0.8)
    if kind != "plain":
        worse = STRESSES[str(kind)](image, rng).astype(np.float32)
        image = _grey((1 - degree) * image + degree * worse)
    noise = cv2.GaussianBlur(rng.normal(size=image.shape), (0, 0), 0.8) * rng.uniform(2, 12)
    image = _grey(image + noise)
    height, width = image.shape
    rows, columns = min(height, _FIELD_ROWS_PX), min(width, _FIELD_COLUMNS_PX)
    top = int(np.clip((height - rows) / 2 + 25 * rng.normal(), 0, height - rows))
    left = int(np.clip((width - columns) / 2 + 20 * rng.normal(), 0, width - columns))
    return np.ascontiguousarray(image[top : top + rows, left : left + columns])


def _twisted(image: GreyImage, rng: _Random) -> GreyImage:
    """The finger turned as a whole, and its rim turned and pushed against a middle that sticks to the glass."""
    height, width = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    pushes = [cv2.GaussianBlur(rng.normal(size=(height, width)), (0, 0), 60.0) for _ in range(2)]
    reach_px = rng.uniform(2, 7)
    middle_x, middle_y = width / 2 + 30 * rng.normal(), height / 2 + 30 * rng.normal()
    rim = np.clip(np.hypot((x - middle_x) / 90, (y - middle_y) / 110) - 0.6, 0, 1)
    turn = np.deg2rad(12 * rng.normal() + 8 * rng.normal() * rim)
    from_x, from_y = x - middle_x, y - middle_y
    push_x, push_y = (reach_px * push / push.std() + 6 * rng.normal() * rim for push in pushes)
    to_x = middle_x + np.cos(turn) * from_x - np.sin(turn) * from_y + push_x
    to_y = middle_y + np.sin(turn) * from_x + np.cos(turn) * from_y + push_y
    return np.asarray(
        cv2.remap(
            image, to_x.astype(np.float32), to_y.astype(np.float32), cv2.INTER_CUBIC, borderValue=_background(image)
        ),
        np.uint8,
    )


def _worst(image: GreyImage, rng: _Random) -> GreyImage:
    """Turned, stretched, cut and dry at once."""
    turned = _stretched(_turned(image, rng), rng)
    return _noisy(_window(turned), rng)


def _window(image: GreyImage) -> GreyImage:
    height, width = image.shape
    top, left = max(0, (height - 300) // 2), max(0, (width - 260) // 2)
    return np.ascontiguousarray(image[top : top + 300, left : left + 260])


STRESSES: dict[str, Callable[[GreyImage, _Random], GreyImage]] = {
    "turned": _turned,
    "stretched": _stretched,
    "partial": _partial,
    "faded": _faded,
    "noisy": _noisy,
    "dry": _dry,
    "wet": _wet,
    "inverted": _inverted,
    "field": _field,
    "worst": _worst,
}
