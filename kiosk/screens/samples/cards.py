"""Samples of the screens about cards that are out in the world; the sentences are those of the flows."""

from __future__ import annotations

from domain.card_number import spaced
from kiosk.screen_models.base import Action, Screen, Tone
from kiosk.screen_models.general import Choice, Mood, Notice, Option, PinEntry
from kiosk.screen_models.people import PaperScan
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
    "pin": "pin",
    "fingers": "finger",
    "paper": "qr",
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
    again = (
        Action("retry", t("action.retry"), "retry", Tone.PRIMARY),
        Action("stop", t("action.stop"), "stop"),
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
        "pin": PinEntry(
            title=t("pin.title", name=name),
            question=t("pin.enter"),
            problem=t("pin.wrong", count=3),
            actions=(Action("skip", t("pin.skip"), "help"),),
        ),
        "pin_new": PinEntry(title=t("pin.menu_title"), question=t("pin.choose", count=6), has_back=True),
        "pin_blocked": Notice(
            title=t("pin.blocked_title"),
            mood=Mood.WARNING,
            body=t("pin.blocked"),
            icon="lock",
            actions=(
                Action("unblock", t("pin.unblock"), "unlock", Tone.PRIMARY),
                Action("other_way", t("pin.other_way"), "face"),
            ),
        ),
        "paper_scan": PaperScan(
            title=t("paper.title"),
            hint=t("paper.hold"),
            frame=None,
            actions=(Action("stop", t("action.stop"), "stop"),),
            timeout_s=None,
        ),
        "paper_verified": Notice(
            title=t("paper.verified"),
            mood=Mood.SUCCESS,
            body=t("paper.says", name=name, number=shown, day=t("date", iso="2030-03-09")),
            icon="done",
            actions=(_OK,),
        ),
        "paper_failed": Notice(
            title=t("paper.failed"),
            mood=Mood.REFUSED,
            body=t("qr.reason.altered"),
            icon="refused",
            actions=(_OK,),
        ),
        "paper_not_checked": Notice(
            title=t("paper.could_not_check"),
            mood=Mood.WARNING,
            body=t("qr.reason.signer_unknown"),
            icon="alert",
            actions=again,
        ),
        "blank_refused": Notice(
            title=t("issue.problem"),
            mood=Mood.WARNING,
            body=t("issue.blank.open_stock"),
            icon="card_off",
            actions=again,
        ),
        "quota_used_up": Notice(
            title=t("issue.officer_needed"),
            mood=Mood.WARNING,
            body=t("issue.quota_used_up"),
            icon="officer",
            actions=again,
        ),
        "card_ends": Notice(
            title=t("renew.title"),
            mood=Mood.INFO,
            body=t("renew.card", day=t("date", iso="2026-05-20")),
            icon="calendar",
            actions=(_OK,),
        ),
    }
