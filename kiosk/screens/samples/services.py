"""Samples of programmes, entitlements, deliveries and of the desk."""

from __future__ import annotations

from domain.eligibility import Answer
from kiosk.screen_models.base import Action, Screen, Tone
from kiosk.screen_models.services import (
    ConfirmDelivery,
    DeviceHealth,
    DeviceRow,
    DueState,
    EntitlementRow,
    Entitlements,
    OfficerHome,
    OutboxRow,
    OutboxView,
    ProgrammeRow,
    ScreeningResults,
)
from kiosk.screen_models.text import Text, t
from kiosk.screens.samples import words as w
from kiosk.screens.samples.pictures import MOTHER, portrait
from kiosk.screens.samples.words import say

_READY = say("Ready until 30 April", "30 अप्रैल तक मिलेगा", "30 اپریل تک ملے گا")
_RATION = EntitlementRow(
    scheme=3,
    name=w.RATION,
    icon="ration",
    amount=t("quantity", count=25, measure="kg"),
    state=DueState.READY,
    detail=_READY,
    is_delivered_here=True,
)
_PENSION = EntitlementRow(
    scheme=7,
    name=w.PENSION,
    icon="cash",
    amount=t("money", minor=150000, currency="INR"),
    state=DueState.READY,
    detail=_READY,
    is_delivered_here=True,
)
_SCHOLARSHIP = EntitlementRow(
    scheme=11,
    name=w.SCHOLARSHIP,
    icon="scholarship",
    amount=t("money", minor=320000, currency="INR"),
    state=DueState.LATER,
    detail=say("From 1 July", "1 जुलाई से", "1 جولائی سے"),
    is_delivered_here=True,
)
_INSURANCE = EntitlementRow(
    scheme=14,
    name=w.INSURANCE,
    icon="insurance",
    amount=t("money", minor=50000000, currency="INR"),
    state=DueState.READY,
    detail=say("At the hospital", "अस्पताल में", "ہسپتال میں"),
    is_delivered_here=False,
)
_COOKING_GAS = EntitlementRow(
    scheme=16,
    name=say("Cooking gas", "रसोई गैस", "رسوئی گیس"),
    icon="gas",
    amount=t("quantity", count=1, measure="cylinder"),
    state=DueState.DRAWN,
    detail=say("Taken this month", "इस महीने ले लिया", "اس مہینے لے لیا"),
    is_delivered_here=True,
)


def service_samples() -> dict[str, Screen]:
    return {**_beneficiary(), **_screening(), **_officer()}


def _beneficiary() -> dict[str, Screen]:
    rows = (_RATION, _PENSION, _SCHOLARSHIP, _COOKING_GAS)
    done = Action("done", say("Nothing today", "आज कुछ नहीं", "آج کچھ نہیں"), "check")
    complaint = Action("complaint", say("Something is wrong", "कुछ ग़लत है", "کچھ غلط ہے"), "complaint")
    entitlements = Entitlements(
        title=say("For your family", "आपके परिवार के लिए", "آپ کے خاندان کے لیے"),
        holder=w.MOTHER_NAME,
        card_number=w.CARD_NUMBER,
        portrait=portrait(MOTHER),
        rows=rows,
        is_online=False,
        actions=(complaint, done),
    )
    confirm = ConfirmDelivery(
        title=say("Take this now?", "क्या यह अभी लेंगे?", "کیا یہ ابھی لیں گے؟"),
        holder=w.MOTHER_NAME,
        portrait=portrait(MOTHER),
        row=_RATION,
        has_back=True,
    )
    return {"entitlements": entitlements, "confirm_delivery": confirm}


def _screening() -> dict[str, Screen]:
    rows = (
        ProgrammeRow(
            code="FOOD",
            name=w.RATION,
            icon="ration",
            for_whom=say("Whole family", "पूरा परिवार", "پورا خاندان"),
            answer=Answer.YES,
            reason=say("Income below the limit", "आमदनी सीमा से कम", "آمدنی حد سے کم"),
            papers=(),
            value=say("25 kg a month", "25 किलो हर महीने", "25 کلو ہر مہینے"),
        ),
        ProgrammeRow(
            code="PENSION",
            name=w.PENSION,
            icon="cash",
            for_whom=w.GRANDFATHER_NAME,
            answer=Answer.YES,
            reason=say("60 years or older", "60 साल या अधिक", "60 سال یا زیادہ"),
            papers=(say("bank passbook", "बैंक पासबुक", "بینک پاس بک"), say("age proof", "आयु प्रमाण", "عمر کا ثبوت")),
            value=t("money", minor=150000, currency="INR"),
        ),
        ProgrammeRow(
            code="SCHOL",
            name=w.SCHOLARSHIP,
            icon="scholarship",
            for_whom=w.GIRL_NAME,
            answer=Answer.UNKNOWN,
            reason=say("We must know her class", "कक्षा पता होनी चाहिए", "جماعت معلوم ہونی چاہیے"),
            papers=(say("school letter", "विद्यालय का पत्र", "اسکول کا خط"),),
            value=t("money", minor=320000, currency="INR"),
        ),
        ProgrammeRow(
            code="HOUSE",
            name=w.HOUSING,
            icon="housing",
            for_whom=say("Whole family", "पूरा परिवार", "پورا خاندان"),
            answer=Answer.NO,
            reason=say("The house is strong", "घर पक्का है", "گھر پکا ہے"),
            papers=(),
            value=None,
        ),
        ProgrammeRow(
            code="SEW",
            name=w.TRAINING,
            icon="training",
            for_whom=w.MOTHER_NAME,
            answer=Answer.YES,
            reason=say("Looking for work", "काम की तलाश में", "کام کی تلاش میں"),
            papers=(),
            value=t("quantity", count=3, measure="month"),
        ),
    )
    title = say("What your family can have", "आपके परिवार को क्या मिल सकता है", "آپ کے خاندان کو کیا مل سکتا ہے")
    go_on = (Action("continue", say("Continue", "आगे", "آگے"), "next", Tone.PRIMARY),)
    return {
        "screening_results": ScreeningResults(title=title, rows=rows, actions=go_on, has_back=True, progress=(5, 6))
    }


def _officer() -> dict[str, Screen]:
    tiles = (
        Action("register", say("New household", "नया परिवार", "نیا خاندان"), "people", Tone.PRIMARY),
        Action("deliver", say("Deliver", "वितरण", "تقسیم"), "give"),
        Action("lost_card", say("Lost card", "खोया कार्ड", "گم شدہ کارڈ"), "card_lost"),
        Action("complaints", say("Complaints", "शिकायतें", "شکایات"), "complaint"),
        Action("outbox", say("To be sent", "भेजने हैं", "بھیجنے ہیں"), "outbox"),
        Action("devices", say("Devices", "उपकरण", "آلات"), "devices"),
        Action("logout", say("Log out", "बाहर निकलें", "باہر نکلیں"), "logout"),
    )
    home = OfficerHome(
        title=w.DESK,
        officer=w.OFFICER_NAME,
        is_online=True,
        waiting_events=2,
        actions=tiles,
        notes=(t("home.quota_left", count=271), t("revocations.fresh", days=2)),
    )
    outbox = OutboxView(
        title=say("To be sent", "भेजने हैं", "بھیجنے ہیں"),
        is_online=False,
        rows=(
            _outbox_row(
                say("Delivery: ration", "वितरण: राशन", "تقسیم: راشن"),
                say("4 minutes", "4 मिनट", "4 منٹ"),
                is_problem=False,
            ),
            _outbox_row(
                say("Delivery: pension", "वितरण: पेंशन", "تقسیم: پنشن"),
                say("9 minutes", "9 मिनट", "9 منٹ"),
                is_problem=False,
            ),
            _outbox_row(say("Enrolment", "पंजीकरण", "اندراج"), say("2 hours", "2 घंटे", "2 گھنٹے"), is_problem=True),
        ),
        has_back=True,
    )
    return {"officer_home": home, "outbox_view": outbox, "device_health": _devices()}


def _outbox_row(what: Text, age: Text, *, is_problem: bool) -> OutboxRow:
    waits = say("Waits for the network", "नेटवर्क का इंतज़ार", "نیٹ ورک کا انتظار")
    refused = say("Refused: ask the office", "अस्वीकृत: कार्यालय से पूछें", "نامنظور: دفتر سے پوچھیں")
    return OutboxRow(what=what, age=age, state=refused if is_problem else waits, is_problem=is_problem)


def _devices() -> DeviceHealth:
    works = say("Working", "ठीक चल रहा है", "ٹھیک چل رہا ہے")
    silent = say(
        "No answer. Unplug it and plug it in again.",
        "जवाब नहीं। निकालकर दोबारा लगाएँ।",
        "جواب نہیں۔ نکال کر دوبارہ لگائیں۔",
    )
    rows = (
        DeviceRow(say("Card reader", "कार्ड रीडर", "کارڈ ریڈر"), "card_reader", is_working=True, detail=works),
        DeviceRow(say("Fingerprint reader", "उँगली रीडर", "انگلی ریڈر"), "finger", is_working=False, detail=silent),
        DeviceRow(say("Camera", "कैमरा", "کیمرہ"), "camera", is_working=True, detail=works),
        DeviceRow(say("Printer", "प्रिंटर", "پرنٹر"), "printer", is_working=True, detail=works),
        DeviceRow(say("Network", "नेटवर्क", "نیٹ ورک"), "online", is_working=True, detail=works),
    )
    return DeviceHealth(title=say("Devices", "उपकरण", "آلات"), rows=rows, has_back=True)
