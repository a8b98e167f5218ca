"""What an extraction gives: a template, how good it is, and what to tell the person."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.capture.hints import CaptureHint
from biometrics.engine import Engine
from biometrics.template import Template

__all__ = ["CaptureHint", "Extraction"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything known about one captured picture.

    quality is 0..100: the higher, the less likely a false rejection; 0 means nothing usable.
    foreground_share is the part of the picture covered by ridges, 0..1.
    """

    template: Template
    quality: int
    hints: tuple[CaptureHint, ...]
    foreground_share: float
    engine: Engine = Engine.CLASSICAL
