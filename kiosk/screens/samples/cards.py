"""Samples of the screens about cards that are out in the world; the sentences are those of the flows."""

from __future__ import annotations

from domain.card_number import spaced
from kiosk.screen_models.base import Action, Screen, Tone
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.text import t, verbatim
from kiosk.screens.samples import words as w

_OK = Action("ok", t("action.ok"), "check", Tone.PRIMARY)
_SERVICES = {
    "lost": "card_lost",
    "stolen": "card_blocked",
    "broken": "card_off",
    "ending": "calendar",
    "found": "unlock",
    "second": "copy",
    "join": "half",
    "worker": "worker",
}


def card_samples() -> dict[str, Screen]:
    number = spaced(w.CARD_NUMBER)
    shown, name = verbatim(number), verbatim("सुनीता कुमारी")
    services = tuple(Option(value, t(f"cards.{value}"), icon) for value, icon in _SERVICES.items())
    shares = (
        Option("half", t("second.half"), "half"),
        Option("quarter", t("second.quarter"), "little"),
        Option("member", t("second.by_member", number=5), "person"),
    )
    block = Action("block", t("lost.block_now"), "card_blocked", Tone.DANGER)
    anew = (
        Action("new_card", t("lost.new_card"), "card_insert", Tone.PRIMARY),
        Action("later", t("lost.later"), "clock"),
    )
    return {
        "cards": Choice(title=t("cards.title"), question=t("cards.question"), options=services, has_back=True),
        "card_block": Notice(
            title=t("lost.title"),
            mood=Mood.WARNING,
            body=t("lost.confirm", name=name, number=shown),
            icon="card_blocked",
            actions=(block,),
            has_back=True,
        ),
        "card_blocked": Notice(
            title=t("lost.blocked_title"),
            mood=Mood.SUCCESS,
            body=t("lost.blocked", number=shown),
            icon="card_blocked",
            reference=number,
            actions=anew,
        ),
        "card_share": Choice(title=t("second.title"), question=t("second.how_much"), options=shares, has_back=True),
        "card_ends": Notice(
            title=t("renew.title"),
            mood=Mood.INFO,
            body=t("renew.card", day=t("date", iso="2026-05-20")),
            icon="calendar",
            actions=(_OK,),
        ),
    }
