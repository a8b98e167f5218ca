"""What the gallery of the area needs of a registration of this desk until the registry has it."""

from __future__ import annotations

from datetime import datetime

from domain.consent import TOLD_OF_DESKS, ConsentPurpose
from domain.ids import PersonId
from domain.people import Member
from enrolment.session import EnrolmentDraft
from kiosk.flows.duty import desk_policy
from kiosk.flows.workplace import Workplace
from kiosk.store.gallery_book import HOLDS_NOTHING, Neighbour, OwnPerson, OwnRegistration


def keep_own(work: Workplace, draft: EnrolmentDraft) -> None:
    """Inside the transaction that sends it: whoever comes again before the next sync is found.

    Kept nowhere where desks hold no fingers.
    """
    if desk_policy(work).is_token_only or work.gallery.book.lack in HOLDS_NOTHING:
        return
    own = _own(draft, work.store.clock.now())
    if own.people:
        work.store.own_registrations.put(own.submission_id, own)


def _own(draft: EnrolmentDraft, sent_at: datetime) -> OwnRegistration:
    people = tuple(
        OwnPerson(
            who=_neighbour(draft, draft.get_member(capture.person_id)),
            portrait=capture.portrait,
            fingers=tuple(finger.template for finger in capture.fingers),
        )
        for capture in draft.captures
        if capture.fingers and _was_told(draft, capture.person_id)
    )
    return OwnRegistration(submission_id=draft.submission_id, sent_at=sent_at, people=people)


def _was_told(draft: EnrolmentDraft, person_id: PersonId) -> bool:
    """A registration begun before the wording changed is not kept here."""
    return any(
        each.person_id == person_id and each.purpose is ConsentPurpose.BIOMETRICS and each.text_version in TOLD_OF_DESKS
        for each in draft.consents
    )


def _neighbour(draft: EnrolmentDraft, member: Member) -> Neighbour:
    person = member.person
    assert draft.area is not None, "what is sent has a place"
    return Neighbour(
        person_id=person.id,
        household_id=draft.household_id,
        name=person.name,
        sex=person.sex,
        birth_year=person.born.on.year,
        area=draft.area,
    )
