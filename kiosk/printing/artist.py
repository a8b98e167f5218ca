"""The artist that flows ask: paper and plastic, drawn here."""

from __future__ import annotations

from domain.messages.cards import FacePrint
from kiosk.flows.slip import Slip
from kiosk.flows.workplace import DrawnFace
from kiosk.printing.card_face import draw_card_face
from kiosk.printing.receipt_raster import draw_receipt


class PrintArtist:
    """Implements ``kiosk.flows.workplace.Artist``."""

    def draw_slip(self, slip: Slip, language: str) -> bytes:
        """A PNG as wide as the receipt printer prints."""
        return draw_receipt(slip, language)

    def draw_face(self, face: FacePrint) -> DrawnFace:
        """A PDF of two pages in the size of the card, and the front as a PNG."""
        drawn = draw_card_face(face)
        return DrawnFace(document=drawn.pdf, front_png=drawn.front_png)
