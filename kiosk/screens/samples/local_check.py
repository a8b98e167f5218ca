"""Samples of a desk's own look for people it knows: not looked, not whole, a pair, a supervisor asked for."""

from __future__ import annotations

from domain.messages.local_check import NotChecked
from kiosk.screen_models.base import Action, CheckLine, Screen, Tone
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.people import ConsentQuestion, DuplicateReview, PersonPanel
from kiosk.screen_models.services import DeviceHealth, DeviceRow
from kiosk.screen_models.text import t, verbatim
from kiosk.screens.samples import pictures as p

_OK = Action("ok", t("action.ok"), "check", Tone.PRIMARY)


def local_check_samples() -> dict[str, Screen]:
    return {
        "local_looking": Notice(
            title=t("local.looking"), mood=Mood.WAIT, body=t("wait.moment"), icon="search", timeout_s=None
        ),
        "local_no_gallery": _warning("local.not_checked", NotChecked.NO_GALLERY),
        "local_too_old": _warning("local.not_checked", NotChecked.TOO_OLD),
        "local_not_whole": _warning("local.not_whole", NotChecked.TIME_OVER),
        "local_duplicate": _pair(),
        "local_consent": _consent(),
        "local_devices": _devices(),
        "local_supervisor": Notice(
            title=t("duplicate.supervisor_title"),
            mood=Mood.WARNING,
            body=t("duplicate.supervisor_next"),
            icon="supervisor",
            actions=(_OK,),
        ),
    }


def _warning(title: str, why: NotChecked) -> Notice:
    return Notice(title=t(title), mood=Mood.WARNING, body=t(f"local.why.{why}"), icon="search", actions=(_OK,))


def _devices() -> DeviceHealth:
    """How the gallery stands, among the devices."""
    details = (
        t("gallery.holds", count=9_870, day=t("date", iso="2026-04-03")),
        *(t(f"gallery.lacks.{why}") for why in (NotChecked.TOO_OLD, NotChecked.TOO_LARGE, NotChecked.NO_GALLERY)),
    )
    rows = tuple(DeviceRow(t("devices.gallery"), "database", at == 0, detail) for at, detail in enumerate(details))
    return DeviceHealth(title=t("devices.title"), rows=rows, has_back=True)


def _consent() -> ConsentQuestion:
    """The words that tell people of the desks must be read whole."""
    keys = ("consent.point_photo", "consent.point_fingers", "consent.point_card_only")
    return ConsentQuestion(
        title=t("consent.title"),
        person=verbatim("आशा देवी"),
        text=t("consent.biometrics", name=verbatim("आशा देवी")),
        points=tuple(CheckLine(t(key), None) for key in keys),
        actions=(Action("yes", t("action.yes"), "yes", Tone.PRIMARY), Action("no", t("action.no"), "no")),
        timeout_s=None,
    )


def _pair() -> DuplicateReview:
    captured = PersonPanel(
        heading=t("duplicate.here"),
        name=verbatim("Imran Ansari"),
        local_name=verbatim("इमरान अंसारी"),
        lines=(t("duplicate.age_line", age=38), t("sex.M"), t("relationship.head")),
        portrait=p.portrait(p.FATHER),
    )
    known = PersonPanel(
        heading=t("duplicate.known"),
        name=verbatim("Imraan Ansari"),
        local_name=verbatim("इमरान अन्सारी"),
        lines=(t("duplicate.age_line", age=37), t("sex.M"), verbatim("रामपुर ख़ास")),
        portrait=None,
    )
    return DuplicateReview(
        title=t("duplicate.title"),
        captured=captured,
        known=known,
        evidence=(
            CheckLine(t("duplicate.fingers", number=2), True),
            CheckLine(t("duplicate.name", number=96), True),
            CheckLine(t("duplicate.age", number=37), True),
            CheckLine(t("duplicate.sex", number=0), True),
        ),
        actions=(
            Action("different", t("duplicate.different"), "different", Tone.PRIMARY),
            Action("same", t("duplicate.same"), "same"),
            Action("supervisor", t("duplicate.supervisor"), "supervisor"),
        ),
        has_back=True,
    )
