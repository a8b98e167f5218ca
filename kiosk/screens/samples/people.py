"""Samples of enrolment and of showing who somebody is."""

from __future__ import annotations

from dataclasses import replace

from domain.fingers import FingerPosition
from kiosk.flows.enrol_portrait import PORTRAIT_LINES
from kiosk.screen_models.base import Action, CheckLine, Screen, Tone
from kiosk.screen_models.people import (
    ConsentQuestion,
    DuplicateReview,
    FaceComparison,
    FingerCapture,
    FingerPhase,
    HouseholdRoster,
    MemberCard,
    PersonPanel,
    PortraitCapture,
)
from kiosk.screen_models.text import Text, t
from kiosk.screens.samples import pictures as p
from kiosk.screens.samples import words as w
from kiosk.screens.samples.words import say

#: The longest thing that may be wrong with a face model.
_REASON = t("device.reason.model_missing")


def people_samples() -> dict[str, Screen]:
    return {
        **_fingers(),
        **_faces(),
        "consent_question": _consent(),
        "household_roster": _roster(),
        "duplicate_review": _duplicates(),
    }


def _fingers() -> dict[str, Screen]:
    title = say("Show who you are", "अपनी पहचान दें", "اپنی شناخت دیں")
    waiting = FingerCapture(
        title=title,
        person=w.MOTHER_NAME,
        position=FingerPosition.RIGHT_THUMB,
        phase=FingerPhase.WAITING,
        attempt=1,
        tries=3,
        hint=say("Put your right thumb on the glass", "दाहिना अँगूठा शीशे पर रखें", "دایاں انگوٹھا شیشے پر رکھیں"),
        actions=(Action("other_finger", say("Other finger", "दूसरी उँगली", "دوسری انگلی"), "hand"),),
        has_back=True,
        timeout_s=None,
    )
    enrol_title = say("Fingers of Sunita", "सुनीता की उँगलियाँ", "سنیتا کی انگلیاں")
    reading = FingerCapture(
        title=enrol_title,
        person=w.MOTHER_NAME,
        position=FingerPosition.LEFT_INDEX,
        phase=FingerPhase.TRY_AGAIN,
        attempt=2,
        tries=3,
        quality=46,
        hint=say(
            "Press a little harder and hold still", "थोड़ा और दबाएँ और हिलाएँ नहीं", "تھوڑا اور دبائیں اور ہلائیں نہیں"
        ),
        preview=p.fingerprint(),
        done={FingerPosition.RIGHT_THUMB: True, FingerPosition.LEFT_THUMB: True, FingerPosition.RIGHT_INDEX: False},
        actions=(Action("skip", say("Not possible", "संभव नहीं", "ممکن نہیں"), "finger_off"),),
        progress=(4, 6),
        has_back=True,
    )
    good = FingerCapture(
        title=title,
        person=w.GRANDFATHER_NAME,
        position=FingerPosition.RIGHT_INDEX,
        phase=FingerPhase.GOOD,
        attempt=1,
        tries=3,
        quality=88,
        preview=p.fingerprint(),
    )
    return {"finger_waiting": waiting, "finger_try_again": reading, "finger_good": good}


def _faces() -> dict[str, Screen]:
    checks = tuple(CheckLine(t(f"portrait.line.{name}"), name != "light") for name in PORTRAIT_LINES)
    capture = PortraitCapture(
        title=say("Photograph", "फ़ोटो", "تصویر"),
        person=w.MOTHER_NAME,
        frame=p.live_frame(p.MOTHER),
        checks=checks,
        hint=t("portrait.hint.OverExposurePrevention"),
        attempt=1,
        actions=(Action("take", say("Take photo", "फ़ोटो लें", "تصویر لیں"), "camera", Tone.PRIMARY),),
        has_back=True,
        progress=(3, 6),
    )
    taken = PortraitCapture(
        title=say("Photograph", "फ़ोटो", "تصویر"),
        person=w.MOTHER_NAME,
        frame=None,
        checks=tuple(CheckLine(check.text, True) for check in checks),
        attempt=1,
        taken=p.portrait(p.MOTHER),
        actions=(
            Action("retake", say("Take again", "फिर से लें", "پھر سے لیں"), "retake"),
            Action("use", say("Use this", "यही रखें", "یہی رکھیں"), "check", Tone.PRIMARY),
        ),
        progress=(3, 6),
    )
    comparison = FaceComparison(
        title=say("The same person?", "क्या यह वही व्यक्ति है?", "کیا یہ وہی فرد ہے؟"),
        person=w.GRANDFATHER_NAME,
        from_card=p.portrait(p.GRANDFATHER),
        frame=p.live_frame(p.GRANDFATHER),
        actions=(
            Action("different", say("Other person", "दूसरा व्यक्ति", "دوسرا فرد"), "no", Tone.DANGER),
            Action("same", say("Same person", "वही व्यक्ति", "وہی فرد"), "yes", Tone.PRIMARY),
        ),
        has_back=True,
    )
    broken = CheckLine(t("face.advice.failed_to_work", reason=_REASON), None)
    return {
        "portrait_capture": capture,
        "portrait_taken": taken,
        "face_comparison": comparison,
        "face_advised": replace(comparison, advice=CheckLine(t("face.advice.same", count=333), passed=True)),
        "face_doubted": replace(comparison, advice=CheckLine(t("face.advice.other"), passed=False)),
        "face_not_compared": replace(comparison, advice=broken),
    }


def _consent() -> ConsentQuestion:
    return ConsentQuestion(
        title=say("Your permission", "आपकी अनुमति", "آپ کی اجازت"),
        person=w.MOTHER_NAME,
        text=say(
            "May we write down your family and look for help that you have a right to?",
            "क्या हम आपके परिवार का विवरण लिखकर आपके हक़ की सहायता खोज सकते हैं?",
            "کیا ہم آپ کے خاندان کی تفصیل لکھ کر آپ کے حق کی مدد تلاش کر سکتے ہیں؟",
        ),
        points=(
            CheckLine(
                say(
                    "Names, ages, photographs and fingers are kept",
                    "नाम, उम्र, फ़ोटो और उँगलियाँ रखी जाएँगी",
                    "نام، عمر، تصویر اور انگلیاں رکھی جائیں گی",
                ),
                None,
            ),
            CheckLine(
                say(
                    "Only offices that give help may read them",
                    "केवल सहायता देने वाले कार्यालय पढ़ सकेंगे",
                    "صرف مدد دینے والے دفتر پڑھ سکیں گے",
                ),
                None,
            ),
            CheckLine(
                say(
                    "You may say no and still ask for help",
                    "आप मना कर सकते हैं, फिर भी सहायता माँग सकते हैं",
                    "آپ منع کر سکتے ہیں، پھر بھی مدد مانگ سکتے ہیں",
                ),
                None,
            ),
        ),
        has_back=True,
        progress=(1, 6),
    )


def _member(
    person_id: str, name: Text, detail: Text, face: p.Face | None, fingers: int, *, is_done: bool
) -> MemberCard:
    portrait = None if face is None else p.portrait(face)
    return MemberCard(
        person_id=person_id, name=name, detail=detail, portrait=portrait, fingers=fingers, is_done=is_done
    )


def _roster() -> HouseholdRoster:
    members = (
        _member(
            "p1", w.MOTHER_NAME, say("Head, 34 years", "मुखिया, 34 साल", "سربراہ، 34 سال"), p.MOTHER, 4, is_done=True
        ),
        _member(
            "p2", w.FATHER_NAME, say("Husband, 38 years", "पति, 38 साल", "شوہر، 38 سال"), p.FATHER, 4, is_done=True
        ),
        _member(
            "p3",
            w.GRANDFATHER_NAME,
            say("Father, 71 years", "पिता, 71 साल", "والد، 71 سال"),
            p.GRANDFATHER,
            2,
            is_done=True,
        ),
        _member("p4", w.GIRL_NAME, say("Daughter, 9 years", "बेटी, 9 साल", "بیٹی، 9 سال"), p.GIRL, 1, is_done=False),
        _member("p5", w.BOY_NAME, say("Son, 4 years", "बेटा, 4 साल", "بیٹا، 4 سال"), None, 0, is_done=False),
    )
    return HouseholdRoster(
        title=say("The family", "परिवार", "خاندان"),
        members=members,
        address=say("Rampur Khas, ward 4, house 17", "रामपुर ख़ास, वार्ड 4, मकान 17", "رام پور خاص، وارڈ 4، مکان 17"),
        actions=(
            Action("add", say("Add member", "सदस्य जोड़ें", "رکن شامل کریں"), "person_add"),
            Action("continue", say("Continue", "आगे", "آگے"), "next", Tone.PRIMARY),
        ),
        has_back=True,
        progress=(4, 6),
    )


def _duplicates() -> DuplicateReview:
    captured = PersonPanel(
        heading=say("Now at the desk", "अभी केंद्र पर", "ابھی مرکز پر"),
        name=say("Imran Ansari", "Imran Ansari", "Imran Ansari"),
        local_name=say("इमरान अंसारी", "इमरान अंसारी", "عمران انصاری"),
        lines=(say("38 years", "38 साल", "38 سال"), say("Rampur Khas", "रामपुर ख़ास", "رام پور خاص")),
        portrait=p.portrait(p.FATHER),
    )
    known = PersonPanel(
        heading=say("Already in the registry", "पहले से पंजी में", "پہلے سے رجسٹری میں"),
        name=say("Imraan Ansari", "Imraan Ansari", "Imraan Ansari"),
        local_name=say("इमरान अन्सारी", "इमरान अन्सारी", "عمران انصاری"),
        lines=(say("about 37 years", "लगभग 37 साल", "تقریباً 37 سال"), say("Bilaspur", "बिलासपुर", "بلاس پور")),
        portrait=p.portrait(p.FATHER),
    )
    return DuplicateReview(
        title=say("Is this the same person?", "क्या यह एक ही व्यक्ति है?", "کیا یہ ایک ہی فرد ہے؟"),
        captured=captured,
        known=known,
        evidence=(
            CheckLine(t("duplicate.fingers", number=3), True),
            CheckLine(t("duplicate.swapped_hands", number=2), True),
            CheckLine(t("duplicate.name", number=93), True),
            CheckLine(t("duplicate.age", number=37), True),
            CheckLine(t("duplicate.sex", number=0), False),
        ),
        actions=(
            Action("ask", say("Ask supervisor", "पर्यवेक्षक से पूछें", "نگران سے پوچھیں"), "supervisor"),
            Action("other", say("Other person", "दूसरा व्यक्ति", "دوسرا فرد"), "different"),
            Action("same", say("Same person", "वही व्यक्ति", "وہی فرد"), "same", Tone.PRIMARY),
        ),
        has_back=True,
    )
