"""The stages of extraction, in order."""

from __future__ import annotations

from biometrics.extraction.result import CaptureHint, Extraction, ExtractorKind
from biometrics.images import GreyImage
from domain.errors import NotAvailableYet
from domain.fingers import FingerPosition

__all__ = ["CaptureHint", "Extraction", "ExtractorKind", "extract"]


def extract(image: GreyImage, *, dpi: int, position: FingerPosition) -> Extraction:
    """The minutiae of a finger picture with dark ridges.

    Never raises for a bad picture: quality 0 and hints.
    """
    raise NotAvailableYet("extraction")
