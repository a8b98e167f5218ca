"""What is printed on the plastic: front and back of an ID-1 card (ISO/IEC 7810: 85.60 x 53.98 mm) at 300 dpi.

The contact zone of ISO/IEC 7816-2 stays free of text, so that the same face serves contact and contactless cards.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from domain.card_number import spaced
from domain.cards import CardProfile
from domain.messages.cards import FacePrint
from kiosk.i18n.phrasebook import Phrasebook
from kiosk.i18n.values import write_date
from kiosk.printing.card_canvas import CardCanvas, Palette
from kiosk.screen_models.text import by_language, t

DPI = 300
_LOCAL_DEFAULT = "hi"
#: Height of one note on the back.
_NOTE_MM = 6.2
_PALETTES = {
    CardProfile.HOUSEHOLD: Palette("#0B5D48", "#F2F8F5", "#CFE4DA", "#E8C46A"),
    CardProfile.OPERATOR: Palette("#1F3F77", "#F2F5FB", "#CDD9EE", "#E8C46A"),
    CardProfile.WORKER: Palette("#8A3B12", "#FBF4EF", "#EED8CA", "#E8C46A"),
}
_TITLES = {
    CardProfile.HOUSEHOLD: "cardface.family_card",
    CardProfile.OPERATOR: "cardface.officer_card",
    CardProfile.WORKER: "cardface.worker_card",
}
_ICONS = {CardProfile.HOUSEHOLD: "household", CardProfile.OPERATOR: "officer", CardProfile.WORKER: "worker"}


@dataclass(frozen=True, slots=True)
class CardFace:
    """Both sides as pictures, and both as the pages of a PDF in the card's size."""

    front_png: bytes
    back_png: bytes
    pdf: bytes


def draw_card_face(face: FacePrint) -> CardFace:
    front, back = _draw_front(face), _draw_back(face)
    pdf = io.BytesIO()
    front.save(pdf, format="PDF", save_all=True, append_images=[back], resolution=DPI)
    return CardFace(_png(front), _png(back), pdf.getvalue())


def _languages(face: FacePrint) -> tuple[str, str]:
    """English and the area's own language."""
    own = [code for code in face.issuing_area if code != "en"]
    return "en", own[0] if own else _LOCAL_DEFAULT


def _draw_front(face: FacePrint) -> Image.Image:
    palette = _PALETTES[face.profile]
    canvas = CardCanvas(palette)
    english, local = (Phrasebook(code) for code in _languages(face))
    canvas.band(0, 11.5)
    canvas.icon(_ICONS[face.profile], (4.2, 1.6), 8.2, palette.paper)
    title = t(_TITLES[face.profile])
    canvas.text(english.text(title), (14.6, 1.0, 40, 5.6), 4.5, bold=True, ink=palette.paper)
    canvas.text(local.text(title), (14.6, 6.0, 40, 5.0), 3.6, ink=palette.paper, language=local.language)
    canvas.text(
        english.text(t("cardface.single_window")), (53, 2.2, 29, 7), 3.9, bold=True, ink=palette.paper, align="right"
    )
    canvas.contactless((10.2, 18.2, 12.1, 11.4))
    canvas.portrait(face.portrait, (58.4, 14.2, 23.2, 29.0))
    _draw_names(canvas, face)
    canvas.text(spaced(face.card_number), (4.0, 35.2, 53, 7.4), 6.5, bold=True, ink=palette.main)
    _draw_facts(canvas, face, english, local)
    return canvas.finished()


def _draw_names(canvas: CardCanvas, face: FacePrint) -> None:
    """The first name large, the other script below it; beside the contact zone."""
    names = [name for name in face.names if name]
    tops = (15.0, 21.6, 27.6)
    for number, (name, top) in enumerate(zip(names, tops, strict=False)):
        height_mm = 4.9 if number == 0 else 4.3
        canvas.text(name, (25.4, top, 31.6, 6.2), height_mm, bold=number == 0)


def _draw_facts(canvas: CardCanvas, face: FacePrint, english: Phrasebook, local: Phrasebook) -> None:
    until = write_date(face.valid_until, "en")
    facts = [("cardface.valid_until", until, (4.0, 24.0))]
    if face.profile is CardProfile.HOUSEHOLD:
        facts.append(("cardface.members", str(face.member_count), (28.0, 14.5)))
    facts.append(("cardface.can", spaced_can(face.can), (43.0, 14.5)))
    facts.append(("cardface.area", english.text(by_language(face.issuing_area)), (58.4, 23.6)))
    for key, value, (left, width) in facts:
        label = " · ".join(dict.fromkeys((english.text(t(key)), local.text(t(key)))))
        canvas.text(label, (left, 43.9, width, 3.0), 2.05, ink=canvas.palette.quiet)
        canvas.text(value, (left, 46.7, width, 5.2), 3.5, bold=True)


def _draw_back(face: FacePrint) -> Image.Image:
    palette = _PALETTES[face.profile]
    canvas = CardCanvas(palette)
    english, local = (Phrasebook(code) for code in _languages(face))
    canvas.band(49.4, 4.6)
    if face.qr_text:
        canvas.qr(face.qr_text, (3.2, 3.2, 43.0, 43.0))
    number = t("cardface.number")
    canvas.text(english.text(number), (48.4, 4.0, 33.4, 3.4), 2.7, ink=palette.quiet)
    canvas.text(local.text(number), (48.4, 7.4, 33.4, 4.0), 2.7, ink=palette.quiet, language=local.language)
    canvas.box((48.4, 12.0, 33.4, 10.4))
    canvas.text(spaced(face.card_number), (49.4, 12.6, 31.4, 9.2), 5.6, bold=True, align="center", ink=palette.main)
    top = 23.6
    for key in ("cardface.no_fee", "cardface.found"):
        for book in (english, local):
            canvas.text(book.text(t(key)), (48.4, top, 33.4, _NOTE_MM), 2.15, language=book.language)
            top += _NOTE_MM
    area = joined_area(face, english, local)
    canvas.text(area, (4.0, 49.6, 77.6, 4.2), 2.6, ink=palette.paper, align="right")
    return canvas.finished()


def joined_area(face: FacePrint, english: Phrasebook, local: Phrasebook) -> str:
    """Where the card was issued, in both languages."""
    area = by_language(face.issuing_area)
    return " · ".join(dict.fromkeys((english.text(area), local.text(area))))


def spaced_can(can: str) -> str:
    """``481 027``: typed by an officer who reads it from the back."""
    return f"{can[:3]} {can[3:]}"


def _png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, format="PNG", dpi=(DPI, DPI))
    return data.getvalue()
