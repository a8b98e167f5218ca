"""Names and sentences of the samples, in every language of the kiosk. Invented people."""

from __future__ import annotations

from domain.card_number import make_card_number
from kiosk.screen_models.text import Text, by_language, verbatim


def say(en: str, hi: str, ur: str) -> Text:
    return by_language({"en": en, "hi": hi, "ur": ur})


DESK = say("Help Desk, Rampur Khas", "सहायता केंद्र, रामपुर ख़ास", "مدد مرکز، رام پور خاص")
TAP = say("Tap your card", "अपना कार्ड यहाँ लगाएँ", "اپنا کارڈ یہاں لگائیں")
MOTHER_NAME = say("Sunita Kumari", "सुनीता कुमारी", "سنیتا کماری")
FATHER_NAME = say("Imran Ansari", "इमरान अंसारी", "عمران انصاری")
GRANDFATHER_NAME = say("Rahim Baksh", "रहीम बख़्श", "رحیم بخش")
GIRL_NAME = say("Meena", "मीना", "مینا")
BOY_NAME = say("Aslam", "असलम", "اسلم")
OFFICER_NAME = say("Officer: Farida Khatoon", "अधिकारी: फ़रीदा ख़ातून", "افسر: فریدہ خاتون")
CARD_NUMBER = make_card_number(bytes.fromhex("7b2e91d4c6"))
RECEIPT_NUMBER = verbatim("RK-2026-0412")

BACK_HOME = say("Take your card", "अपना कार्ड उठा लें", "اپنا کارڈ اٹھا لیں")
RATION = say("Food ration", "राशन", "راشن")
PENSION = say("Old-age pension", "वृद्धावस्था पेंशन", "بڑھاپا پنشن")
SCHOLARSHIP = say("School scholarship", "विद्यालय छात्रवृत्ति", "اسکول وظیفہ")
INSURANCE = say("Health insurance", "स्वास्थ्य बीमा", "صحت بیمہ")
HOUSING = say("House repair grant", "घर मरम्मत अनुदान", "گھر مرمت امداد")
TRAINING = say("Sewing course", "सिलाई प्रशिक्षण", "سلائی تربیت")
