"""Which pixels show a finger."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.images import GreyImage


@dataclass(frozen=True, slots=True)
class MaskParameters:
    """Where there is a finger. Lengths are pixels at 500 dpi, shares 0..1."""

    window_px: int = 17
    """Side of the window whose contrast is judged."""
    typical_contrast_percentile: float = 90.0
    least_share_of_typical_contrast: float = 0.28
    least_contrast_grey: float = 7.0
    """Standard deviation below which nothing is a ridge, in grey levels of 256."""
    closing_px: int = 21
    opening_px: int = 17
    least_area_px: int = 4000


DEFAULT_MASK = MaskParameters()


def find_mask(image: GreyImage, parameters: MaskParameters) -> NDArray[np.uint8]:
    """1 where ridges are, 0 elsewhere.

    The largest area of enough contrast, closed and smoothed; may be all 0.
    """
    contrast = local_contrast(image, parameters.window_px)
    typical = float(np.percentile(contrast, parameters.typical_contrast_percentile))
    limit = max(parameters.least_contrast_grey, parameters.least_share_of_typical_contrast * typical)
    mask = (contrast > limit).astype(np.uint8)
    mask = _morphed(mask, cv2.MORPH_CLOSE, parameters.closing_px)
    mask = _morphed(mask, cv2.MORPH_OPEN, parameters.opening_px)
    return _largest_area(mask, parameters.least_area_px)


def local_contrast(image: GreyImage, window_px: int) -> NDArray[np.float32]:
    """Standard deviation of grey levels in a square window around each pixel."""
    grey = image.astype(np.float32)
    window = (window_px, window_px)
    mean = cv2.blur(grey, window)
    variance = cv2.blur(grey * grey, window) - mean * mean
    contrast: NDArray[np.float32] = np.sqrt(np.maximum(variance, 0))
    return contrast


def _morphed(mask: NDArray[np.uint8], operation: int, size_px: int) -> NDArray[np.uint8]:
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size_px, size_px))
    # At the edge of the picture the finger goes on: the edge must not eat into it.
    framed = cv2.copyMakeBorder(mask, *(size_px,) * 4, cv2.BORDER_REPLICATE)
    morphed = cv2.morphologyEx(framed, operation, element)
    return np.asarray(morphed[size_px:-size_px, size_px:-size_px], np.uint8)


def _largest_area(mask: NDArray[np.uint8], least_area_px: int) -> NDArray[np.uint8]:
    """Only the largest connected area, its holes filled; nothing when it is smaller than least_area_px."""
    areas, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    filled = np.zeros_like(mask)
    if areas < 2:
        return filled
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[largest, cv2.CC_STAT_AREA] < least_area_px:
        return filled
    area = (labels == largest).astype(np.uint8)
    contours, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    return filled
