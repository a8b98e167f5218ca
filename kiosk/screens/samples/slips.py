"""Slips and a card face with invented people."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.card_number import spaced
from domain.cards import CardProfile
from domain.messages.cards import FacePrint
from kiosk.flows.slip import Slip, SlipKind
from kiosk.printing.receipt_raster import draw_receipt
from kiosk.screen_models.base import Picture
from kiosk.screen_models.text import t, verbatim
from kiosk.screens import tokens
from kiosk.screens.samples import words as w
from kiosk.screens.samples.pictures import MOTHER, OFFICER, portrait
from kiosk.screens.samples.words import say

_AT = datetime(2026, 4, 3, 9, 41, tzinfo=UTC)
_ALREADY_TAKEN = say("Already taken on 3 April", "3 अप्रैल को ले लिया गया", "3 اپریل کو لیا جا چکا ہے")
_CARD = say("Card", "कार्ड", "کارڈ")


def delivery_slip() -> Slip:
    return Slip(
        kind=SlipKind.DELIVERY,
        title=say("Given today", "आज दिया गया", "آج دیا گیا"),
        lines=(
            (say("To", "किसको", "کس کو"), w.MOTHER_NAME),
            (_CARD, verbatim(spaced(w.CARD_NUMBER))),
            (say("What", "क्या", "کیا"), w.RATION),
            (t("slip.amount"), t("quantity", count=25, measure="kg")),
            (say("Left this month", "इस महीने बाक़ी", "اس مہینے باقی"), t("quantity", count=0, measure="kg")),
            (t("slip.best_finger"), t("finger.left_index")),
        ),
        footer=say("Next ration from 1 May", "अगला राशन 1 मई से", "اگلا راشن 1 مئی سے"),
        reference="RK-2026-0412",
        desk=w.DESK,
        at=_AT,
        qr="SWR1:7K3Q9MA2X:5:" + "4f1c9ab2" * 16,
    )


def denial_slip() -> Slip:
    return Slip(
        kind=SlipKind.DENIAL,
        title=say("Not given today", "आज नहीं दिया गया", "آج نہیں دیا گیا"),
        lines=(
            (_CARD, verbatim(spaced(w.CARD_NUMBER))),
            (
                say("Why", "क्यों", "کیوں"),
                say("Already taken on 3 April", "3 अप्रैल को ले लिया गया", "3 اپریل کو لیا جا چکا ہے"),
            ),
            (say("What now", "अब क्या", "اب کیا"), say("Come again from 1 May", "1 मई से फिर आएँ", "1 مئی سے پھر آئیں")),
        ),
        footer=say("Your complaint is registered", "आपकी शिकायत दर्ज है", "آپ کی شکایت درج ہے"),
        reference="G-2026-0031",
        desk=w.DESK,
        at=_AT,
    )


def card_print(profile: CardProfile) -> FacePrint:
    is_family = profile is CardProfile.HOUSEHOLD
    return FacePrint(
        card_number=w.CARD_NUMBER,
        can="481027",
        names=("Sunita Kumari", "सुनीता कुमारी") if is_family else ("Farida Khatoon", "फ़रीदा ख़ातून"),
        portrait=portrait(MOTHER if is_family else OFFICER).data,
        valid_until=date(2031, 3, 31),
        issuing_area={"en": "Rampur Khas", "hi": "रामपुर ख़ास"},
        member_count=5 if is_family else 0,
        profile=profile,
        qr_text="NCFOXN%TSMAHN-HFJ6SA67PVN7K.8%W9/3DMH" * 14,
    )


def receipt_picture() -> Picture:
    return Picture(draw_receipt(delivery_slip(), tokens.PANEL.language), "png")
