"""The flow of the ridges: a direction for every pixel, from the pattern's cores and deltas.

Zero-pole model of Sherlock and Monro (Pattern Recognition 26(7), 1993): half the angle seen from each core, less half
the angle seen from each delta. Two departures: below a core the legs of the loop are drawn together, as in real
prints, and the whole field arches along the fingertip.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hardware_sim.fingers.noise import Field, smooth_like
from hardware_sim.fingers.pattern import Pattern

UNIT_PX = 100
CORE_ROW = 0.45
LEG_PULL = 0.6
TIP_ARCH_LEAST, TIP_ARCH_MOST = 0.10, 0.32
INDIVIDUAL_TURN_RAD = 0.14
INDIVIDUAL_GRAIN_PX = 100
# How patterns differ from finger to finger. Without these, fingers of one class share the course of their ridges, and
# false matches come six times as often as between real fingers (measured with the project's matcher).
CENTRE_SPREAD_X, CENTRE_SPREAD_Y = 0.12, 0.20
TILT_SPREAD_RAD = 0.16
SMALLEST_PATTERN, LARGEST_PATTERN = 0.75, 1.25


@dataclass(frozen=True)
class Core:
    """A point the ridges turn around, in units of 100 px from the pattern's centre, y up."""

    x: float
    y: float
    opens_down: bool = True


@dataclass(frozen=True)
class Delta:
    """A point where three flows meet."""

    x: float
    y: float


def flow(random: np.random.Generator, pattern: Pattern, height: int, width: int, step: int = 1) -> Field:
    """The ridge direction in radians, counter-clockwise from the x axis, at every ``step``-th pixel each way."""
    rows, columns = np.mgrid[0:height:step, 0:width:step].astype(np.float32)
    right = (columns - width / 2) / UNIT_PX
    up = (height * CORE_ROW - rows) / UNIT_PX
    arch = random.uniform(TIP_ARCH_LEAST, TIP_ARCH_MOST)
    tip = -arch * np.tanh(1.2 * right) * np.clip(0.5 + 0.5 * up, 0, 1)
    x, y, tilt = _pattern_axes(random, right, up)
    if pattern is Pattern.ARCH:
        rise = random.uniform(0.7, 1.2) * np.exp(-(((y + 0.5) / 1.1) ** 2))
        angle = np.arctan(-rise * np.sin(x * np.pi / 2.6))
    else:
        angle = _zero_pole(*_singularities(random, pattern), x, y)
    own = INDIVIDUAL_TURN_RAD * smooth_like(random, x, INDIVIDUAL_GRAIN_PX / step)
    return np.asarray(angle + tilt + tip + own, dtype=np.float32)


def _pattern_axes(random: np.random.Generator, right: Field, up: Field) -> tuple[Field, Field, float]:
    """Each finger's pattern has a place, a size and a slant of its own: its coordinates, and the slant."""
    x = right - float(random.normal(0, CENTRE_SPREAD_X))
    y = up - float(random.normal(0, CENTRE_SPREAD_Y))
    tilt = float(np.clip(random.normal(0, TILT_SPREAD_RAD), -0.35, 0.35))
    size = float(random.uniform(SMALLEST_PATTERN, LARGEST_PATTERN))
    cosine, sine = np.cos(tilt) / size, np.sin(tilt) / size
    along, across = cosine * x + sine * y, cosine * y - sine * x
    return np.asarray(along, dtype=np.float32), np.asarray(across, dtype=np.float32), tilt


def _zero_pole(cores: list[Core], deltas: list[Delta], x: Field, y: Field) -> Field:
    angle = np.zeros_like(x)
    for core in cores:
        seen = np.arctan2(y - core.y, x - core.x)
        pull = LEG_PULL if core.opens_down else -LEG_PULL
        angle += 0.5 * (seen - pull * np.cos(seen))
    for delta in deltas:
        angle -= 0.5 * np.arctan2(y - delta.y, x - delta.x)
    return angle


def _singularities(random: np.random.Generator, pattern: Pattern) -> tuple[list[Core], list[Delta]]:
    def about(value: float, spread: float) -> float:
        return float(random.uniform(value - spread, value + spread))

    if pattern is Pattern.TENTED_ARCH:
        return [Core(about(0, 0.05), about(0.1, 0.1))], [Delta(about(0, 0.1), about(-0.9, 0.15))]
    if pattern in (Pattern.LEFT_LOOP, Pattern.RIGHT_LOOP):
        side = 1 if pattern is Pattern.RIGHT_LOOP else -1
        core = Core(side * about(0.05, 0.12), about(0.1, 0.1))
        return [core], [Delta(side * about(-1.05, 0.15), about(-1.15, 0.2))]
    deltas = [Delta(side * about(1.12, 0.12), about(-1.05, 0.15)) for side in (-1, 1)]
    if pattern is Pattern.WHORL:
        gap = random.uniform(0.08, 0.3)
        return [Core(about(0, 0.08), 0.12 + gap), Core(about(0, 0.08), 0.12 - gap, opens_down=False)], deltas
    side = 1 if random.uniform() < 0.5 else -1
    upper = Core(side * about(0.22, 0.05), about(0.4, 0.08))
    return [upper, Core(-side * about(0.22, 0.05), about(-0.2, 0.08), opens_down=False)], deltas
