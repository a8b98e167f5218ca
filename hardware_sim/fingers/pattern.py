"""Which pattern a finger bears: the main classes of Galton and Henry, in natural shares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from domain.fingers import FingerPosition


class Pattern(Enum):
    """The main classes of Galton and Henry."""

    ARCH = "arch"
    TENTED_ARCH = "tented_arch"
    LEFT_LOOP = "left_loop"
    RIGHT_LOOP = "right_loop"
    WHORL = "whorl"
    DOUBLE_LOOP = "double_loop"


@dataclass(frozen=True)
class PatternShares:
    """How often a finger bears each pattern, in per cent. Ulnar loops open towards the little finger, radial away."""

    arch: float
    tented_arch: float
    radial_loop: float
    ulnar_loop: float
    whorl: float
    double_loop: float


#: Rounded from what textbooks say of the ten fingers (whorls on thumbs and ring fingers, arches and radial loops on the
#: index, ulnar loops on the little finger); not taken from one table. All fingers together come near the shares
#: of Wilson, Candela and Watson (1994): arch 3.7, tented 2.9, left loop 33.8, right loop 31.7, whorl 27.9.
SHARES_BY_FINGER = (
    PatternShares(arch=2.5, tented_arch=0.5, radial_loop=0.5, ulnar_loop=55.5, whorl=31, double_loop=10),
    PatternShares(arch=6, tented_arch=6, radial_loop=20, ulnar_loop=34, whorl=28, double_loop=6),
    PatternShares(arch=6, tented_arch=3, radial_loop=3, ulnar_loop=70, whorl=14, double_loop=4),
    PatternShares(arch=2, tented_arch=1, radial_loop=1, ulnar_loop=54, whorl=38, double_loop=4),
    PatternShares(arch=1, tented_arch=0.5, radial_loop=0.5, ulnar_loop=85, whorl=11, double_loop=2),
)


def draw_pattern(random: np.random.Generator, position: FingerPosition) -> Pattern:
    """A pattern class for this finger, with the frequencies of nature."""
    shares = SHARES_BY_FINGER[(max(int(position), 1) - 1) % len(SHARES_BY_FINGER)]
    is_right = position.is_right_hand
    classes = (
        (Pattern.ARCH, shares.arch),
        (Pattern.TENTED_ARCH, shares.tented_arch),
        (Pattern.LEFT_LOOP if is_right else Pattern.RIGHT_LOOP, shares.radial_loop),
        (Pattern.RIGHT_LOOP if is_right else Pattern.LEFT_LOOP, shares.ulnar_loop),
        (Pattern.WHORL, shares.whorl),
        (Pattern.DOUBLE_LOOP, shares.double_loop),
    )
    left = float(random.uniform(0, 100))
    for pattern, share in classes:
        left -= share
        if left < 0:
            return pattern
    return Pattern.DOUBLE_LOOP
