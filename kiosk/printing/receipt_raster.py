"""Receipts as pictures: printers know no Devanagari and no Naskh, so every slip is drawn and sent as a raster."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image

from kiosk.flows.slip import Slip, SlipKind
from kiosk.i18n.phrasebook import Phrasebook
from kiosk.i18n.values import write_date
from kiosk.printing.sheet import Sheet
from kiosk.screen_models.text import Text, t

#: Dots of an 80 mm printer at 203 dpi.
WIDTH_PX = 576
_MARGIN_PX = 16
#: Grey of smoothed letters becomes black below this: thin strokes stay.
_BLACK_BELOW = 150
_LARGEST_QR_PX = 300

_ICONS = {
    SlipKind.DELIVERY: "check_circle",
    SlipKind.DENIAL: "alert",
    SlipKind.GRIEVANCE: "complaint",
    SlipKind.REGISTRATION: "people",
    SlipKind.CARD_BLOCKED: "card_blocked",
}
_BIG_LINES = frozenset({"slip.amount"})

Say = Callable[[Text], str]


def draw_receipt(slip: Slip, language: str) -> bytes:
    """A black-and-white PNG, 576 dots wide, in the person's language."""
    say = Phrasebook(language).text
    sheet = Sheet(WIDTH_PX, _MARGIN_PX, language)
    _head(sheet, slip, say)
    _lines(sheet, slip, say)
    _number(sheet, slip, say)
    _foot(sheet, slip, say, language)
    return _one_bit(sheet.cut())


def _head(sheet: Sheet, slip: Slip, say: Say) -> None:
    sheet.write(say(slip.desk), 26, bold=True)
    sheet.space(8)
    sheet.icon(_ICONS.get(slip.kind, "receipt"), 104)
    sheet.space(8)
    sheet.band(say(slip.title), 38)
    sheet.space(18)


def _lines(sheet: Sheet, slip: Slip, say: Say) -> None:
    for label, value in slip.lines:
        if label.key in _BIG_LINES:
            sheet.space(6)
            sheet.write(say(value), 64, bold=True)
            sheet.space(6)
        else:
            sheet.pair(say(label), say(value), 27)
            sheet.space(8)
    sheet.rule()
    sheet.space(14)


def _number(sheet: Sheet, slip: Slip, say: Say) -> None:
    sheet.write(say(t("receipt.number")), 24)
    sheet.space(4)
    sheet.boxed(slip.reference, 50)
    sheet.space(12)
    if slip.qr:
        sheet.qr(slip.qr, _LARGEST_QR_PX)
        sheet.space(4)


def _foot(sheet: Sheet, slip: Slip, say: Say, language: str) -> None:
    local = slip.at.astimezone()
    sheet.write(f"{write_date(local.date(), language)} · \u2066{local:%H:%M}\u2069", 24)
    sheet.space(12)
    sheet.rule()
    sheet.space(12)
    sheet.write(say(slip.footer), 27, bold=True)
    sheet.space(10)
    sheet.write(say(t("receipt.complaint_line")), 23)
    sheet.space(8)


def _one_bit(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.point(lambda grey: 0 if grey < _BLACK_BELOW else 255).convert("1").save(data, format="PNG")
    return data.getvalue()
