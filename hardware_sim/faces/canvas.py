"""A drawing sheet: soft-edged shapes, drawn at twice the size and shrunk at the end."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware_sim.faces.traits import Colour

SUPERSAMPLING = 2
CURVE_STEPS = 10
SUBPIXEL_BITS = 4
COARSE_BLUR_PX = 6.0

Picture = NDArray[np.uint8]
Outline = NDArray[np.float64]
Corner = tuple[int, int]


def curve(path: str, *, is_closed: bool = True) -> Outline:
    """A smooth line (Catmull-Rom) through points written "x,y x,y ..."."""
    given = np.array([[float(value) for value in point.split(",")] for point in path.split()])
    if is_closed:
        knots = np.vstack([given[-1:], given, given[:2]])
    else:
        knots = np.vstack([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    t = np.linspace(0, 1, CURVE_STEPS, endpoint=False)[:, None]
    parts = []
    for before, start, end, after in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        linear = end - before
        square = 2 * before - 5 * start + 4 * end - after
        cube = -before + 3 * start - 3 * end + after
        parts.append(0.5 * (2 * start + linear * t + square * t**2 + cube * t**3))
    if not is_closed:
        parts.append(given[-1:])
    return np.vstack(parts)


def bow(path: str) -> Outline:
    """The same, not closed."""
    return curve(path, is_closed=False)


def moved(outline: Outline, x: float, y: float) -> Outline:
    """The outline shifted to the right and down."""
    return np.asarray(outline + np.array([x, y]), dtype=np.float64)


def oval(x: float, y: float, half_width: float, half_height: float, turn_deg: float = 0) -> Outline:
    """An ellipse as a line of points."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    across, down = half_width * np.cos(angle), half_height * np.sin(angle)
    cosine, sine = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    return np.column_stack([x + across * cosine - down * sine, y + across * sine + down * cosine])


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: share 0 gives the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Canvas:
    """A sheet measured in units, its origin where the caller says."""

    def __init__(self, width_px: int, height_px: int, *, unit_px: float, origin_px: tuple[float, float]) -> None:
        self._width_px, self._height_px = width_px, height_px
        self._scale = unit_px * SUPERSAMPLING
        self._origin = np.array(origin_px) * SUPERSAMPLING
        self._sheet = np.zeros((height_px * SUPERSAMPLING, width_px * SUPERSAMPLING, 3), np.float32)

    def gradient(self, top: Colour, bottom: Colour) -> None:
        """Cover the sheet with a vertical change of colour."""
        share = np.linspace(0, 1, len(self._sheet), dtype=np.float32)[:, None, None]
        self._sheet[:] = _values(top) * (1 - share) + _values(bottom) * share

    def fill(self, outline: Outline, colour: Colour, *, opacity: float = 1.0, soft: float = 0.0) -> None:
        """Fill a shape; ``soft`` is how far its edge is blurred, in units."""
        mask, corner = self._blank_mask(outline, soft, 0)
        if mask.size:
            cv2.fillPoly(mask, [self._fixed_point(outline, corner)], 255, cv2.LINE_AA, SUBPIXEL_BITS)
            self._blend(mask, corner, colour, opacity, soft)

    def stroke(
        self,
        line: Outline,
        colour: Colour,
        width: float,
        *,
        opacity: float = 1.0,
        soft: float = 0.0,
        is_closed: bool = False,
    ) -> None:
        """Draw a line of that width in units."""
        thickness = max(1, round(width * self._scale))
        mask, corner = self._blank_mask(line, soft, thickness)
        if mask.size:
            points = [self._fixed_point(line, corner)]
            cv2.polylines(mask, points, is_closed, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
            self._blend(mask, corner, colour, opacity, soft)

    def picture(self) -> Picture:
        """The finished drawing: rows, columns, red green blue."""
        small = cv2.resize(self._sheet, (self._width_px, self._height_px), interpolation=cv2.INTER_AREA)
        return np.clip(np.round(small), 0, 255).astype(np.uint8)

    def _blank_mask(self, outline: Outline, soft: float, extra_px: int) -> tuple[Picture, Corner]:
        """An empty mask that holds the shape and its soft edge, and where on the sheet it lies."""
        pixels = outline * self._scale + self._origin
        margin = int(3 * soft * self._scale) + extra_px + 2
        height, width = self._sheet.shape[:2]
        left, top = (max(0, int(value) - margin) for value in pixels.min(axis=0))
        right = min(width, int(pixels[:, 0].max()) + margin)
        bottom = min(height, int(pixels[:, 1].max()) + margin)
        return np.zeros((max(0, bottom - top), max(0, right - left)), np.uint8), (left, top)

    def _fixed_point(self, outline: Outline, corner: Corner) -> NDArray[np.int32]:
        pixels = outline * self._scale + self._origin - corner
        return np.asarray(np.round(pixels * 2**SUBPIXEL_BITS), dtype=np.int32).reshape(-1, 1, 2)

    def _blend(self, mask: Picture, corner: Corner, colour: Colour, opacity: float, soft: float) -> None:
        cover = mask.astype(np.float32) * np.float32(opacity / 255)
        if soft > 0:
            cover = _blur(cover, soft * self._scale)
        left, top = corner
        part = self._sheet[top : top + mask.shape[0], left : left + mask.shape[1]]
        part += (_values(colour) - part) * cover[:, :, None]


def _values(colour: Colour) -> NDArray[np.float32]:
    return np.array(colour, dtype=np.float32)


def _blur(cover: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    """Gaussian blur; wide ones are done on a quarter of the size, which nobody can see."""
    if sigma_px <= COARSE_BLUR_PX:
        return np.asarray(cv2.GaussianBlur(cover, (0, 0), sigma_px), dtype=np.float32)
    height, width = cover.shape
    small = cv2.resize(cover, (-(-width // 4), -(-height // 4)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / 4)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
