"""The household so far, as cards; and the same once more for both sides to confirm."""

from __future__ import annotations

from domain.areas import path_to
from domain.people import Member
from enrolment.session import EnrolmentDraft
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Picture, Tone
from kiosk.screen_models.people import HouseholdRoster, MemberCard
from kiosk.screen_models.text import Text, by_language, t, verbatim
from kiosk.ui import Answer, Ui

CONTINUE = Action("continue", t("enrol.all_here"), "next", Tone.PRIMARY)
_ADD = Action("add", t("enrol.add_member"), "person_add")
_CONFIRM = Action("confirm", t("enrol.confirm"), "yes", Tone.PRIMARY)
_CORRECT = Action("correct", t("enrol.correct"), "edit")


async def ask_roster(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> Answer:
    """``open`` with a person id, ``add``, ``continue``, or the way back."""
    return await ui.ask(
        HouseholdRoster(
            title=t("enrol.members_title"),
            speak=t("enrol.who_lives_here"),
            members=_cards(work, draft),
            address=_address(work, draft),
            actions=(_ADD, CONTINUE),
            has_back=True,
            timeout_s=None,
        )
    )


async def review(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> Answer:
    """``confirm``, ``correct``, or the way back; touching a member changes nothing here."""
    while True:
        answer = await ui.ask(
            HouseholdRoster(
                title=t("enrol.review_title"),
                speak=t("enrol.review_spoken"),
                members=_cards(work, draft),
                address=_address(work, draft),
                actions=(_CORRECT, _CONFIRM),
                has_back=True,
                timeout_s=None,
            )
        )
        if answer.action != "open":
            return answer


def _cards(work: Workplace, draft: EnrolmentDraft) -> tuple[MemberCard, ...]:
    return tuple(_card(work, draft, member) for member in draft.members)


def _card(work: Workplace, draft: EnrolmentDraft, member: Member) -> MemberCard:
    person, capture = member.person, draft.find_capture(member.person.id)
    portrait = None if capture is None else capture.portrait
    return MemberCard(
        person_id=person.id,
        name=verbatim(person.name.local or person.name.latin),
        detail=t(
            "enrol.member_detail",
            relation=t(f"relationship.{member.relationship}"),
            age=person.born.age_years(on=work.store.clock.today()),
        ),
        portrait=None if portrait is None else Picture(portrait, "jpeg"),
        fingers=0 if capture is None else len(capture.fingers),
        is_done=capture is not None,
    )


def _address(work: Workplace, draft: EnrolmentDraft) -> Text | None:
    if draft.area is None:
        return None
    path = path_to(work.store.bundles.current.areas, draft.area)
    place: Text = by_language(path[-1].names) if path else verbatim(draft.area)
    return t("joined", a=verbatim(draft.address_line), b=place) if draft.address_line else place
