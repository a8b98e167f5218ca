"""How far apart the ridges are at every place of a finger.

Where lines spread, either new ones begin between them or the gaps widen; real skin does some of both. Ridges at an
even distance must begin anew at every spreading, always pointing the same way, so that fingers of one pattern get
minutiae in like places: the chief reason why invented fingers resembled each other. Here the gaps give way.
"""

from __future__ import annotations

import cv2
import numpy as np

from hardware_sim.fingers.noise import Field, smooth_field

CELL_PX = 8
SPREAD = 0.05
FINGER_SPREAD = 0.06
GRAIN_PX = 60
LOWER_RISE = 0.10
YIELD = 1.0
STIFFNESS = 0.25
PULL_BACK = 0.002
MOST_PER_CELL = 0.12
MOST_YIELD = 0.24
STEPS = 80
STEP_SIZE = 0.15
MOMENTUM = 0.93


def draw_spacing(random: np.random.Generator, direction: Field) -> Field:
    """Factors of the skin's usual ridge period, about 1, for a flow in radians with a pixel per value."""
    height, width = direction.shape
    finger = float(np.clip(1 + random.normal(0, FINGER_SPREAD), 0.88, 1.12))
    own = finger * (1 + SPREAD * smooth_field(random, height, width, GRAIN_PX))
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    own *= 1 + LOWER_RISE * np.clip((down - 0.6) / 0.4, 0, 1)
    given = cv2.resize(_widening(direction[::CELL_PX, ::CELL_PX]), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(own * np.exp(YIELD * np.clip(given, -MOST_YIELD, MOST_YIELD)), dtype=np.float32)


def _widening(direction: Field) -> Field:
    """Logarithm of the gaps' width that comes nearest to following the flow without new lines.

    Unbroken lines of density k and normal n have curl(k n) = 0; with t along them that is t . grad ln k = - n . grad
    of their direction. Solved in the least squares sense, stiff so that it stays smooth.
    """
    turned = np.exp(2j * direction)
    cosine = np.asarray(np.cos(direction), dtype=np.float32)
    sine = np.asarray(np.sin(direction), dtype=np.float32)
    turn_x = 0.5 * np.imag(np.conj(turned) * np.gradient(turned, axis=1))
    turn_y = -0.5 * np.imag(np.conj(turned) * np.gradient(turned, axis=0))
    wanted = np.asarray(np.clip(cosine * turn_y - sine * turn_x, -MOST_PER_CELL, MOST_PER_CELL), dtype=np.float32)
    width = np.zeros_like(direction)
    speed = np.zeros_like(direction)
    for _ in range(STEPS):
        change_x, change_y = _slopes(width)
        missing = cosine * change_x - sine * change_y - wanted
        force = _inflow(missing * cosine + STIFFNESS * change_x, STIFFNESS * change_y - missing * sine)
        speed *= MOMENTUM
        speed += STEP_SIZE * (force - PULL_BACK * width)
        width += speed
    return np.asarray(width - width.mean(), dtype=np.float32)


def _slopes(height: Field) -> tuple[Field, Field]:
    """Differences to the next value to the right and to the next one below; none beyond the border."""
    right, down = np.zeros_like(height), np.zeros_like(height)
    right[:, :-1] = height[:, 1:] - height[:, :-1]
    down[:-1] = height[1:] - height[:-1]
    return right, down


def _inflow(right: Field, down: Field) -> Field:
    """What _slopes turns into when read backwards (its adjoint, negated): anything else would not settle down."""
    inflow = np.zeros_like(right)
    inflow[:, :-1] += right[:, :-1]
    inflow[:, 1:] -= right[:, :-1]
    inflow[:-1] += down[:-1]
    inflow[1:] -= down[:-1]
    return inflow
