"""A finger as its minutiae: what every extractor gives and every matcher takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from biometrics.engine import Engine
from domain.fingers import FingerPosition

ANGLE_STEPS = 256
MAX_QUALITY = 100


class MinutiaKind(IntEnum):
    """ISO/IEC 19794-2:2005, 7.5.1.1: the two bits of the minutia type."""

    OTHER = 0
    RIDGE_ENDING = 1
    BIFURCATION = 2


@dataclass(frozen=True, slots=True)
class Minutia:
    """One ridge ending or bifurcation.

    x_px grows to the right and y_px downwards from the upper left corner. angle_256 counts 1/256 turns
    counter-clockwise from the x axis as seen on the picture and points into the gap between the two
    branches: along the ridge for an ending, along the valley for a bifurcation (ISO/IEC 19794-2:2005,
    6.4). quality is 1..100, 0 when not known.
    """

    x_px: int
    y_px: int
    angle_256: int
    kind: MinutiaKind
    quality: int

    def __post_init__(self) -> None:
        if not 0 <= self.angle_256 < ANGLE_STEPS:
            raise ValueError("angle_256 is outside 0..255")
        if not 0 <= self.quality <= MAX_QUALITY:
            raise ValueError("minutia quality is outside 0..100")
        if self.x_px < 0 or self.y_px < 0:
            raise ValueError("minutia is outside the picture")


@dataclass(frozen=True, slots=True)
class Template:
    """All minutiae of one impression, in pixels of a picture of the given size and resolution.

    quality is the finger's, 0 (nothing usable) .. 100. engine is None for templates of other makers and of the compact
    card form; nfiq2 is the picture's NFIQ 2 value, 0..100, where an outside tool gave one.
    """

    width_px: int
    height_px: int
    dpi: int
    position: FingerPosition
    quality: int
    minutiae: tuple[Minutia, ...]
    engine: Engine | None = None
    nfiq2: int | None = None

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1 or self.dpi < 1:
            raise ValueError("a template needs a picture size and a resolution")
        if not 0 <= self.quality <= MAX_QUALITY:
            raise ValueError("template quality is outside 0..100")
        if self.nfiq2 is not None and not 0 <= self.nfiq2 <= MAX_QUALITY:
            raise ValueError("NFIQ 2 is outside 0..100")
        if any(m.x_px >= self.width_px or m.y_px >= self.height_px for m in self.minutiae):
            raise ValueError("minutia is outside the picture")

    def __repr__(self) -> str:
        """Says how much there is, never what: templates must not leak through logs."""
        return f"Template({self.position.name}, {len(self.minutiae)} minutiae, quality {self.quality})"
