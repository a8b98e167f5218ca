"""Stage 3: how far apart the ridges are, from the autocorrelation of profiles taken across them."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.extraction.orientation import FloatMap
from biometrics.extraction.parameters import FrequencyParameters

#: A repeat at a shorter distance is believed when it is nearly as strong as the strongest.
_FIRST_PEAK_SHARE = 0.75


def estimate_period(
    normalised: FloatMap, mask: NDArray[np.uint8], angle_rad: FloatMap, parameters: FrequencyParameters
) -> FloatMap:
    """Distance between ridges in pixels at every pixel; smooth, and the default where nothing can be told."""
    periods, trust = _periods_on_grid(
        normalised,
        mask,
        angle_rad,
        parameters.grid_px,
        parameters.half_length_px,
        parameters.half_width_px,
        parameters.shortest_period_px,
        parameters.longest_period_px,
    )
    # The finger's own mean stands in where a neighbourhood says nothing.
    known = float(trust.sum())
    typical = float((periods * trust).sum() / known) if known > 0 else parameters.default_period_px
    weight = cv2.GaussianBlur(trust, (0, 0), parameters.smoothing_cells) + 1e-3
    smooth = (cv2.GaussianBlur(periods * trust, (0, 0), parameters.smoothing_cells) + 1e-3 * typical) / weight
    height_px, width_px = normalised.shape
    return np.asarray(cv2.resize(smooth, (width_px, height_px), interpolation=cv2.INTER_LINEAR), np.float32)


@compiled
def _periods_on_grid(
    picture: FloatMap,
    mask: NDArray[np.uint8],
    angle_rad: FloatMap,
    grid_px: int,
    half_length_px: int,
    half_width_px: int,
    shortest_px: float,
    longest_px: float,
) -> tuple[FloatMap, FloatMap]:
    height, width = picture.shape
    rows, columns = (height + grid_px - 1) // grid_px, (width + grid_px - 1) // grid_px
    periods = np.zeros((rows, columns), np.float32)
    trust = np.zeros((rows, columns), np.float32)
    length = 2 * half_length_px + 1
    profile = np.empty(length, np.float32)
    likeness = np.empty(int(longest_px) + 3, np.float32)
    for row in range(rows):
        for column in range(columns):
            y, x = row * grid_px + grid_px // 2, column * grid_px + grid_px // 2
            if y >= height or x >= width or mask[y, x] == 0:
                continue
            _take_profile(picture, y, x, angle_rad[y, x], half_length_px, half_width_px, profile)
            _autocorrelate(profile, likeness)
            lag = _first_strong_peak(likeness, shortest_px, longest_px)
            if lag > 0:
                before, here, after = likeness[lag - 1], likeness[lag], likeness[lag + 1]
                bend = before - 2 * here + after
                shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
                periods[row, column] = min(max(lag + shift, shortest_px), longest_px)
                trust[row, column] = max(here, 0.0) ** 2
    return periods, trust


@compiled
def _take_profile(
    picture: FloatMap,
    y: int,
    x: int,
    angle_rad: float,
    half_length_px: int,
    half_width_px: int,
    profile: FloatMap,
) -> None:
    """Grey levels across the ridges, each the mean along the ridge, less their mean."""
    height, width = picture.shape
    along_x, along_y = math.cos(angle_rad), math.sin(angle_rad)
    total = 0.0
    for step in range(-half_length_px, half_length_px + 1):
        value, samples = 0.0, 0
        for side in range(-half_width_px, half_width_px + 1, 2):
            px = int(x - step * along_y + side * along_x + 0.5)
            py = int(y + step * along_x + side * along_y + 0.5)
            if 0 <= px < width and 0 <= py < height:
                value += picture[py, px]
                samples += 1
        profile[step + half_length_px] = value / samples if samples else 0.0
        total += profile[step + half_length_px]
    mean = total / profile.size
    for index in range(profile.size):
        profile[index] -= mean


@compiled
def _autocorrelate(profile: FloatMap, likeness: FloatMap) -> None:
    """Likeness of the profile to itself moved by 0, 1, 2 ... pixels, -1..1."""
    for lag in range(likeness.size):
        product, left, right = 0.0, 1e-6, 1e-6
        for index in range(profile.size - lag):
            product += profile[index] * profile[index + lag]
            left += profile[index] * profile[index]
            right += profile[index + lag] * profile[index + lag]
        likeness[lag] = product / math.sqrt(left * right)


@compiled
def _first_strong_peak(likeness: FloatMap, shortest_px: float, longest_px: float) -> int:
    strongest = 0.0
    for lag in range(int(shortest_px), int(longest_px) + 1):
        if likeness[lag] >= likeness[lag - 1] and likeness[lag] >= likeness[lag + 1]:
            strongest = max(strongest, likeness[lag])
    if strongest <= 0:
        return 0
    for lag in range(int(shortest_px), int(longest_px) + 1):
        is_peak = likeness[lag] >= likeness[lag - 1] and likeness[lag] >= likeness[lag + 1]
        if is_peak and likeness[lag] >= _FIRST_PEAK_SHARE * strongest:
            return lag
    return 0
