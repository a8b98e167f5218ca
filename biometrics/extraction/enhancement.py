"""Stage 4: ridges brought out by Gabor filters steered to the local direction and distance."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.extraction.orientation import FloatMap
from biometrics.extraction.parameters import EnhancementParameters
from biometrics.images import GreyImage

#: Local grey levels are clipped to this many standard deviations, so that a scratch does not outweigh the
#: ridges.
_CLIP_DEVIATIONS = 2.5


def normalise(image: GreyImage, mask: NDArray[np.uint8], window_px: int) -> FloatMap:
    """Local mean 0 and deviation 1 inside the finger, ridges negative; 0 outside."""
    grey = image.astype(np.float32)
    window = (window_px, window_px)
    inside = mask.astype(np.float32)
    share = cv2.blur(inside, window) + 1e-3
    mean = cv2.blur(grey * inside, window) / share
    centred = (grey - mean) * inside
    deviation = np.sqrt(np.maximum(cv2.blur(centred * centred, window), 0) / share)
    normalised: FloatMap = np.clip(centred / (deviation + 1.0), -_CLIP_DEVIATIONS, _CLIP_DEVIATIONS)
    return normalised


def enhance(
    normalised: FloatMap,
    mask: NDArray[np.uint8],
    angle_rad: FloatMap,
    period_px: FloatMap,
    parameters: EnhancementParameters,
) -> FloatMap:
    """The picture filtered along its ridges: about -1 on a clear ridge, +1 in a clear valley, 0 outside."""
    shortest_px, longest_px = float(period_px.min()), float(period_px.max())
    first = int(np.floor(shortest_px / parameters.period_step_px))
    last = int(np.ceil(longest_px / parameters.period_step_px))
    bank = np.stack([_filters(step, parameters) for step in range(first, last + 1)])
    angles = parameters.orientations
    orientation = np.rint(angle_rad * (angles / np.pi)).astype(np.int32) % angles
    period = np.rint(period_px / parameters.period_step_px).astype(np.int32) - first
    padded = cv2.copyMakeBorder(normalised, *(parameters.radius_px,) * 4, cv2.BORDER_REFLECT_101)
    return _filter_steered(np.asarray(padded, np.float32), mask, orientation, period, bank)


@lru_cache(maxsize=128)
def _filters(period_steps: int, parameters: EnhancementParameters) -> NDArray[np.float32]:
    """One filter per orientation for a ridge distance of period_steps steps.

    Mean 0, unit answer to its own wave.
    """
    period_px = period_steps * parameters.period_step_px
    radius = parameters.radius_px
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float64)
    filters = np.empty((parameters.orientations, 2 * radius + 1, 2 * radius + 1), np.float32)
    for index in range(parameters.orientations):
        angle = np.pi * index / parameters.orientations
        along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        envelope = np.exp(
            -0.5 * (across / (parameters.across_sigma_periods * period_px)) ** 2
            - 0.5 * (along / (parameters.along_sigma_periods * period_px)) ** 2
        )
        wave = np.cos(2 * np.pi * across / period_px)
        filter_ = envelope * wave
        filter_ -= envelope * (filter_.sum() / envelope.sum())
        filters[index] = filter_ / (filter_ * wave).sum()
    return filters


@compiled
def _filter_steered(
    padded: FloatMap,
    mask: NDArray[np.uint8],
    orientation: NDArray[np.int32],
    period: NDArray[np.int32],
    bank: NDArray[np.float32],
) -> FloatMap:
    height, width = mask.shape
    side = bank.shape[2]
    filtered = np.zeros((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            if mask[y, x] == 0:
                continue
            filter_ = bank[period[y, x], orientation[y, x]]
            total = np.float32(0.0)
            for row in range(side):
                for column in range(side):
                    total += padded[y + row, x + column] * filter_[row, column]
            filtered[y, x] = total
    return filtered
