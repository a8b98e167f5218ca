"""Is this picture good enough for a card?"""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.images import ColourImage
from domain.errors import NotAvailableYet


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A face in the picture, in pixels."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class PortraitCheck:
    """One check named after ISO/IEC 29794-5 (an approximation, not conformant).

    Score 0..100, more is better.
    """

    name: str
    score: int
    passed: bool
    hint_key: str


@dataclass(frozen=True, slots=True)
class PortraitReport:
    """All checks of one picture."""

    checks: tuple[PortraitCheck, ...]
    face_box: FaceBox | None
    acceptable: bool


def check_portrait(rgb: ColourImage) -> PortraitReport:
    """The picture judged. Never raises for a bad picture."""
    raise NotAvailableYet("portrait checks")


def crop_portrait(rgb: ColourImage, report: PortraitReport, *, max_bytes: int = 5000) -> bytes:
    """A 3:4 JPEG around the face, without metadata, of at most max_bytes."""
    raise NotAvailableYet("portrait crop")
