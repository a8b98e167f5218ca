"""How a Text becomes a sentence."""

from __future__ import annotations

import pytest

from kiosk.i18n import values
from kiosk.i18n.phrasebook import END_ISOLATE, ISOLATE, Phrasebook, has_personal_values
from kiosk.screen_models.text import by_language, t, verbatim

ENGLISH, HINDI, URDU = Phrasebook("en"), Phrasebook("hi"), Phrasebook("ur")


def test_money_is_grouped_in_lakhs_and_read_without_its_symbol() -> None:
    amount = t("money", minor=15000000, currency="INR")
    assert ENGLISH.text(amount) == "₹1,50,000"
    assert HINDI.spoken(amount) == "150000 रुपये"
    assert URDU.spoken(amount) == "150000 روپے"


def test_minor_units_are_written_only_when_there_are_some() -> None:
    assert ENGLISH.text(t("money", minor=12550, currency="EUR")) == "€125.50"
    assert ENGLISH.text(t("money", minor=12500, currency="EUR")) == "€125"


def test_a_month_is_a_word_so_that_day_and_month_cannot_be_confused() -> None:
    assert ENGLISH.text(t("date", iso="2026-04-03")) == "3 April 2026"
    assert HINDI.text(t("date", iso="2026-04-03")) == "3 अप्रैल 2026"


def test_one_is_said_as_one() -> None:
    assert ENGLISH.text(t("quantity", count=1, measure="cylinder")) == "1 cylinder"
    assert ENGLISH.text(t("quantity", count=2, measure="month")) == "2 months"
    assert ENGLISH.text(t("roster.fingers", count=1)) == "1 finger"


def test_every_value_in_a_right_to_left_sentence_is_isolated() -> None:
    sentence = URDU.text(t("screening.bring", papers="RK-2026-0412"))
    assert f"{ISOLATE}RK-2026-0412{END_ISOLATE}" in sentence
    assert URDU.text(verbatim("2026-0012")) == f"{ISOLATE}2026-0012{END_ISOLATE}"
    assert URDU.text(t("money", minor=150000, currency="INR")).startswith(ISOLATE)


def test_a_right_to_left_name_is_isolated_in_an_english_sentence() -> None:
    assert f"{ISOLATE}عائشہ{END_ISOLATE}" in ENGLISH.text(t("screening.bring", papers="عائشہ"))
    assert ISOLATE not in ENGLISH.text(t("screening.bring", papers="Asha"))


def test_the_voice_hears_no_direction_marks() -> None:
    assert ISOLATE not in URDU.spoken(t("screening.bring", papers="RK-2026-0412"))


def test_a_name_of_the_registry_falls_back_to_english_and_then_to_any() -> None:
    assert URDU.text(by_language({"en": "Ration", "ur": "راشن"})) == "راشن"
    assert URDU.text(by_language({"en": "Ration", "hi": "राशन"})) == "Ration"
    assert URDU.text(by_language({"hi": "राशन"})) == "राशन"
    assert URDU.text(by_language({})) == ""


def test_an_unknown_key_shows_itself_and_a_missing_value_its_place() -> None:
    assert ENGLISH.text(t("no.such.key")) == "no.such.key"
    assert "{papers}" in ENGLISH.text(t("screening.bring"))


def test_a_language_with_its_own_digits_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    # patched: none of the three languages uses its own digits today, the rule must hold for the next
    monkeypatch.setitem(values.OWN_ZERO, "hi", "०")
    assert HINDI.text(t("date", iso="2026-04-03")) == "३ अप्रैल २०२६"
    assert HINDI.text(t("money", minor=150000, currency="INR")) == "₹१,५००"
    assert HINDI.text(verbatim("2026-0012")) == "2026-0012"


@pytest.mark.parametrize(
    ("text", "is_personal"),
    [
        (t("help.called"), False),
        (by_language({"en": "Ration"}), False),
        (verbatim("Asha"), True),
        (t("money", minor=100, currency="INR"), True),
        (t("denial.spoken", reason=t("help.called"), alternative=t("help.called"), number="G-1"), True),
        (t("joined", a=t("help.called"), b=t("help.called")), False),
    ],
)
def test_sentences_with_names_or_amounts_are_told_apart(text: object, is_personal: bool) -> None:
    assert has_personal_values(text) is is_personal  # type: ignore[arg-type]
