"""Growing ridges along a flow: noise filtered again and again by Gabor filters turned to the flow.

The idea is Cappelli, Maio and Maltoni's (SFinGe): ridge endings and forks come up by themselves where ridges of
different spacing meet. Growth starts from spots: noise everywhere gives a quarter more minutiae than real skin has, too
evenly spread; a few spots only those minutiae that the flow demands, all pointing one way. Coarse steps run on half
the pixels, a few fine ones on all.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from hardware_sim.fingers.noise import Field

DIRECTIONS = 32
PERIODS = 12
SHORTEST_PERIOD_PX = 5.0
LONGEST_PERIOD_PX = 11.6
ACROSS_SIGMA_PERIODS = 0.40
ALONG_SIGMA_PERIODS = 0.60
GAIN = 6.0
COARSE_STEPS = 16
FINE_STEPS = 3
COARSE_RADIUS_PX, COARSE_COLUMNS = 4, 9
FINE_RADIUS_PX, FINE_COLUMNS = 7, 16  # one empty column: sixteen make two vector registers
START_NOISE = 0.3
FEWEST_SPOTS, MOST_SPOTS = 50, 150
SPOT_RADIUS_PX = 5
#: How deep the skin lies where ridges part, and how far around. Without it as many ridges fork as end; on real skin
#: fewer do.
PARTING_DEPTH, PARTING_PX, GROWN_AT_LEAST = 1.8, 2.2, 0.05

Indexes = NDArray[np.int32]
Mask = NDArray[np.bool_]


def grow(random: np.random.Generator, direction: Field, period_px: Field, inside: Mask) -> Field:
    """The ridge signal, +1 on the crest of a ridge and -1 in a valley, 0 outside the mask."""
    height, width = direction.shape
    turn = np.round(direction / np.pi * DIRECTIONS).astype(np.int32) % DIRECTIONS
    spread = (period_px - SHORTEST_PERIOD_PX) / (LONGEST_PERIOD_PX - SHORTEST_PERIOD_PX)
    step = np.clip(np.round(spread * (PERIODS - 1)), 0, PERIODS - 1).astype(np.int32)
    signal = _spots(random, height // 2, width // 2)
    half = (slice(None, None, 2), slice(None, None, 2))
    coarse = _filters(0.5, COARSE_RADIUS_PX, COARSE_COLUMNS)
    signal = _repeat(signal, turn[half], step[half], inside[half], coarse, COARSE_STEPS)
    signal = np.asarray(cv2.resize(signal, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
    fine = _filters(1.0, FINE_RADIUS_PX, FINE_COLUMNS)
    return _repeat(signal, turn, step, inside, fine, FINE_STEPS) * inside


def ended(signal: Field) -> Field:
    """The ridges, more of which end than fork: where waves of both sides cancel out, the skin lies lower."""
    power = cv2.GaussianBlur(signal * signal, (0, 0), PARTING_PX)
    grown = power > GROWN_AT_LEAST
    if not grown.any():
        return signal
    parting = np.clip(1 - power / np.median(power[grown]), 0, 1)
    return np.asarray(np.clip(signal - PARTING_DEPTH * parting, -1, 1), dtype=np.float32)


def _spots(random: np.random.Generator, height: int, width: int) -> Field:
    """Noise in a few spots, nothing between them."""
    where = np.zeros((height, width), np.uint8)
    for _ in range(int(random.integers(FEWEST_SPOTS, MOST_SPOTS + 1))):
        centre = (int(random.uniform(0, width)), int(random.uniform(0, height)))
        cv2.circle(where, centre, SPOT_RADIUS_PX, 1, thickness=-1)
    return np.asarray(START_NOISE * random.standard_normal((height, width)) * where, dtype=np.float32)


def _repeat(signal: Field, turn: Indexes, step: Indexes, inside: Mask, filters: Field, times: int) -> Field:
    turn, step = np.ascontiguousarray(turn), np.ascontiguousarray(step)
    inside = np.ascontiguousarray(inside)
    other = signal.copy()
    for _ in range(times):
        _filter_once(signal, turn, step, inside, filters, np.float32(GAIN), other)
        signal, other = other, signal
    return signal


@cache
def _filters(scale: float, radius_px: int, columns: int) -> Field:
    """Zero-mean Gabor filters for every spacing and direction."""
    rows, across = np.mgrid[-radius_px : radius_px + 1, -radius_px : radius_px + 1].astype(np.float32)
    bank = np.zeros((PERIODS, DIRECTIONS, 2 * radius_px + 1, columns), np.float32)
    for p, period_px in enumerate(np.linspace(SHORTEST_PERIOD_PX, LONGEST_PERIOD_PX, PERIODS) * scale):
        for d in range(DIRECTIONS):
            angle = np.pi * d / DIRECTIONS
            along = across * np.cos(angle) - rows * np.sin(angle)
            over = across * np.sin(angle) + rows * np.cos(angle)
            spread = (over / ACROSS_SIGMA_PERIODS) ** 2 + (along / ALONG_SIGMA_PERIODS) ** 2
            bell = np.exp(-0.5 * spread / period_px**2)
            wave = bell * np.cos(2 * np.pi * over / period_px)
            wave -= bell * (wave.sum() / bell.sum())
            bank[p, d, :, : 2 * radius_px + 1] = wave / np.abs(wave).sum()
    return bank


@njit(fastmath=True, cache=True)
def _filter_once(
    signal: Field, turn: Indexes, step: Indexes, inside: Mask, filters: Field, gain: np.float32, out: Field
) -> None:
    height, width = signal.shape
    size, columns = filters.shape[2], filters.shape[3]
    radius = size // 2
    for y in range(radius, height - radius):
        for x in range(radius, width - radius - 1):
            if inside[y, x]:
                kernel = filters[step[y, x], turn[y, x]]
                total = np.float32(0.0)
                for j in range(size):
                    for i in range(columns):
                        total += kernel[j, i] * signal[y + j - radius, x + i - radius]
                total *= gain
                out[y, x] = total / np.sqrt(np.float32(1.0) + total * total)
