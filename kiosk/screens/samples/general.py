"""Samples of the screens that any flow may use."""

from __future__ import annotations

from kiosk.screen_models.base import Action, Screen, Tone
from kiosk.screen_models.general import (
    Attract,
    BirthEntry,
    Choice,
    Mood,
    MultiChoice,
    Notice,
    NumberEntry,
    Option,
    PictureView,
    StepLine,
    Steps,
    StepState,
    TextEntry,
)
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.screens.samples import words as w
from kiosk.screens.samples.words import say

_OK = Action("ok", t("action.done"), "check", Tone.PRIMARY)


def general_samples() -> dict[str, Screen]:
    return {**_resting(), **_notices(), **_questions(), **_entries(), **_works()}


def _resting() -> dict[str, Screen]:
    tiles = (
        Action("language", say("Language", "भाषा", "زبان"), "language"),
        Action("complaint", say("Complaint", "शिकायत", "شکایت"), "complaint"),
        Action("paper", t("desk.paper"), "qr"),
        Action("staff", say("Staff", "कर्मचारी", "عملہ"), "staff"),
    )
    online = Attract(title=w.TAP, desk_name=w.DESK, is_online=True, actions=tiles, timeout_s=None)
    offline = Attract(title=w.TAP, desk_name=w.DESK, is_online=False, waiting_events=3, actions=tiles)
    return {"attract": online, "attract_offline": offline}


def _notice(mood: Mood, icon: str, title: Text, body: Text, reference: str | None = None) -> Notice:
    return Notice(title=title, mood=mood, body=body, icon=icon, reference=reference, actions=(_OK,), has_back=True)


def _notices() -> dict[str, Screen]:
    wait = Notice(
        title=say("One moment", "एक क्षण", "ایک لمحہ"),
        mood=Mood.WAIT,
        icon="card_reader",
        body=say(
            "Reading your card. Leave it there.",
            "कार्ड पढ़ा जा रहा है। उसे वहीं रहने दें।",
            "کارڈ پڑھا جا رہا ہے۔ اسے وہیں رہنے دیں۔",
        ),
    )
    success = _notice(
        Mood.SUCCESS,
        "check_circle",
        say("Given", "दे दिया गया", "دے دیا گیا"),
        say(
            "25 kg of ration. Please take your paper and your card.",
            "25 किलो राशन। कृपया अपनी रसीद और कार्ड ले लें।",
            "25 کلو راشن۔ براہِ کرم اپنی رسید اور کارڈ لے لیں۔",
        ),
        "RK-2026-0412",
    )
    refused = _notice(
        Mood.REFUSED,
        "refused",
        say("Not today", "आज नहीं", "آج نہیں"),
        say(
            "This month's ration was already taken on 3 April. The next one is ready on 1 May. "
            "If this is wrong, keep this number.",
            "इस महीने का राशन 3 अप्रैल को ले लिया गया है। अगला 1 मई को मिलेगा। अगर यह ग़लत है तो यह संख्या रखें।",
            "اس مہینے کا راشن 3 اپریل کو لیا جا چکا ہے۔ اگلا 1 مئی کو ملے گا۔ اگر یہ غلط ہے تو یہ نمبر رکھیں۔",
        ),
        "G-2026-0031",
    )
    problem = _notice(
        Mood.PROBLEM,
        "printer_off",
        say("The printer is not answering", "प्रिंटर जवाब नहीं दे रहा", "پرنٹر جواب نہیں دے رہا"),
        say(
            "Your benefit is recorded. The receipt is shown on the screen.",
            "आपका लाभ दर्ज हो गया है। रसीद स्क्रीन पर दिखाई जा रही है।",
            "آپ کا فائدہ درج ہو گیا ہے۔ رسید اسکرین پر دکھائی جا رہی ہے۔",
        ),
    )
    return {"notice_wait": wait, "notice_success": success, "notice_refused": refused, "notice_problem": problem}


def _questions() -> dict[str, Screen]:
    relations = (
        Option("spouse", say("Husband or wife", "पति या पत्नी", "شوہر یا بیوی"), "ring"),
        Option("child", say("Son or daughter", "बेटा या बेटी", "بیٹا یا بیٹی"), "child"),
        Option("parent", say("Mother or father", "माता या पिता", "ماں یا باپ"), "elder"),
        Option("sibling", say("Brother or sister", "भाई या बहन", "بھائی یا بہن"), "people"),
        Option("grandchild", say("Grandchild", "पोता या नाती", "پوتا یا نواسا"), "baby"),
        Option("other", say("Somebody else", "कोई और", "کوئی اور"), "person"),
    )
    languages = tuple(Option(code, verbatim(name)) for code, name in _LANGUAGE_NAMES)
    work = (
        Option("farmer", say("Farming", "खेती", "کھیتی"), "farmer"),
        Option("worker", say("Daily labour", "दिहाड़ी मज़दूरी", "دہاڑی مزدوری"), "worker"),
        Option("home", say("Work at home", "घर का काम", "گھر کا کام"), "home"),
        Option("none", say("No work now", "अभी काम नहीं", "ابھی کام نہیں"), "no_work"),
    )
    return {
        "choice": Choice(
            title=say("New member", "नया सदस्य", "نیا رکن"),
            question=say(
                "How is this person related to Sunita?", "यह व्यक्ति सुनीता का क्या लगता है?", "یہ فرد سنیتا کا کیا لگتا ہے؟"
            ),
            options=relations,
            has_back=True,
            progress=(2, 6),
        ),
        "choice_language": Choice(
            title=say("Language", "भाषा", "زبان"),
            question=say("Which language?", "कौन-सी भाषा?", "کون سی زبان؟"),
            options=languages,
            has_back=True,
        ),
        "multi_choice": MultiChoice(
            title=say("Work", "काम", "کام"),
            question=say(
                "What work does she do? Touch all.", "वे क्या काम करती हैं? सब छुएँ।", "وہ کیا کام کرتی ہیں؟ سب چھوئیں۔"
            ),
            options=work,
            chosen=("farmer", "home"),
            has_back=True,
            progress=(4, 6),
        ),
    }


_LANGUAGE_NAMES = (("en", "English"), ("hi", "हिन्दी"), ("ur", "اردو"))


def _entries() -> dict[str, Screen]:
    ask_name = say("Name, as on the paper that was shown", "नाम, जैसा काग़ज़ पर लिखा है", "نام، جیسا کاغذ پر لکھا ہے")
    title = say("Name", "नाम", "نام")
    return {
        "text_entry": TextEntry(title=title, question=ask_name, value="Sunita Kum", has_back=True),
        "text_entry_deva": TextEntry(title=title, question=ask_name, value="सुनीता कुमारी", script="Deva", has_back=True),
        "text_entry_arab": TextEntry(title=title, question=ask_name, value="سنیتا کماری", script="Arab", has_back=True),
        "number_entry": NumberEntry(
            title=say("Income", "आमदनी", "آمدنی"),
            question=say(
                "How much does the family earn in a month?",
                "परिवार महीने में कितना कमाता है?",
                "خاندان مہینے میں کتنا کماتا ہے؟",
            ),
            value=4500,
            unit=say("rupees", "रुपये", "روپے"),
            has_back=True,
        ),
        "birth_entry": BirthEntry(
            title=say("Birth", "जन्म", "پیدائش"),
            question=say("When was Meena born?", "मीना का जन्म कब हुआ?", "مینا کب پیدا ہوئی؟"),
            has_back=True,
        ),
    }


def _works() -> dict[str, Screen]:
    lines = (
        StepLine(say("Files written", "फ़ाइलें लिखी गईं", "فائلیں لکھی گئیں"), StepState.DONE),
        StepLine(say("Card read back", "कार्ड दोबारा पढ़ा गया", "کارڈ دوبارہ پڑھا گیا"), StepState.DONE),
        StepLine(
            say("Holder's finger compared", "धारक की उँगली मिलाई जा रही है", "حامل کی انگلی ملائی جا رہی ہے"),
            StepState.DOING,
        ),
        StepLine(
            say("Officer's card signs", "अधिकारी का कार्ड हस्ताक्षर करेगा", "افسر کا کارڈ دستخط کرے گا"), StepState.WAITING
        ),
        StepLine(say("Registry says active", "पंजी सक्रिय करेगी", "رجسٹری فعال کرے گی"), StepState.WAITING),
    )
    steps = Steps(
        title=say("Making the card", "कार्ड बन रहा है", "کارڈ بن رہا ہے"),
        steps=lines,
        share_done=0.52,
        timeout_s=None,
        progress=(6, 6),
    )
    return {"steps": steps, "picture_view": _receipt_view()}


def _receipt_view() -> PictureView:
    from kiosk.screens.samples.slips import receipt_picture

    return PictureView(
        title=say("Your receipt", "आपकी रसीद", "آپ کی رسید"),
        picture=receipt_picture(),
        actions=(_OK, Action("print", say("Print again", "दोबारा छापें", "دوبارہ چھاپیں"), "printer")),
        has_back=True,
    )
