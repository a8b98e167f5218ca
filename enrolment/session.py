"""The enrolment of one household: a state table, and a draft that is kept after every answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from domain.consent import Consent, ConsentPurpose
from domain.errors import ProjectError
from domain.fingers import FingerPosition
from domain.ids import AreaCode, HouseholdId, OperatorId, PersonId, SubmissionId
from domain.messages.enrolment import PersonCapture
from domain.messages.local_check import LocalCheck
from domain.people import Household, HouseholdNotWhole, Member, Relationship
from domain.record import Record
from enrolment.hand_plan import CaptureInProgress


class EnrolmentStage(StrEnum):
    CONSENT = "consent"
    MEMBERS = "members"
    ADDRESS = "address"
    QUESTIONS = "questions"
    CAPTURES = "captures"
    REVIEW = "review"
    SEALED = "sealed"
    REGISTERED = "registered"
    REFUSED = "refused"
    DECLINED = "declined"


class EnrolmentEvent(StrEnum):
    CONSENT_GIVEN = "consent_given"
    CONSENT_DECLINED = "consent_declined"
    MEMBERS_COMPLETE = "members_complete"
    ADDRESS_GIVEN = "address_given"
    QUESTIONS_ANSWERED = "questions_answered"
    CAPTURES_COMPLETE = "captures_complete"
    CORRECTION_WANTED = "correction_wanted"
    CONFIRMED = "confirmed"
    REGISTERED = "registered"
    REFUSED = "refused"


_S, _E = EnrolmentStage, EnrolmentEvent
ENROLMENT: dict[tuple[EnrolmentStage, EnrolmentEvent], EnrolmentStage] = {
    (_S.CONSENT, _E.CONSENT_GIVEN): _S.MEMBERS,
    (_S.CONSENT, _E.CONSENT_DECLINED): _S.DECLINED,
    (_S.MEMBERS, _E.MEMBERS_COMPLETE): _S.ADDRESS,
    (_S.ADDRESS, _E.ADDRESS_GIVEN): _S.QUESTIONS,
    (_S.ADDRESS, _E.CORRECTION_WANTED): _S.MEMBERS,
    (_S.QUESTIONS, _E.QUESTIONS_ANSWERED): _S.CAPTURES,
    (_S.QUESTIONS, _E.CORRECTION_WANTED): _S.MEMBERS,
    (_S.CAPTURES, _E.CAPTURES_COMPLETE): _S.REVIEW,
    (_S.CAPTURES, _E.CORRECTION_WANTED): _S.MEMBERS,
    (_S.REVIEW, _E.CORRECTION_WANTED): _S.MEMBERS,
    (_S.REVIEW, _E.CONFIRMED): _S.SEALED,
    (_S.SEALED, _E.REGISTERED): _S.REGISTERED,
    (_S.SEALED, _E.REFUSED): _S.REFUSED,
}


class EnrolmentStepRefused(ProjectError):
    """The event does not fit the stage; nothing was changed."""

    code = "enrolment.step_refused"
    message_key = "error.enrolment_step"


class EnrolmentDraft(Record):
    """Everything known so far. Every change gives a new draft; the kiosk keeps each one as a savepoint."""

    submission_id: SubmissionId
    household_id: HouseholdId
    operator_id: OperatorId
    stage: EnrolmentStage = EnrolmentStage.CONSENT
    language: str
    members: tuple[Member, ...] = ()
    area: AreaCode | None = None
    address_line: str = ""
    facts: dict[str, bool | int | str] = {}
    papers: tuple[str, ...] = ()
    consents: tuple[Consent, ...] = ()
    captures: tuple[PersonCapture, ...] = Field(default=(), repr=False)
    #: Which finger each member is to lay down first; kept for the slip when the fingers themselves are let go.
    best_fingers: dict[PersonId, FingerPosition] = {}
    #: The person being captured now: taken up again after a restart, finger by finger.
    in_progress: CaptureInProgress | None = Field(default=None, repr=False)
    #: What this desk found in the gallery of its area, for these captures.
    local_check: LocalCheck | None = None
    started_at: datetime

    def after(self, event: EnrolmentEvent) -> EnrolmentDraft:
        """The draft in the stage that the event leads to; EnrolmentStepRefused when it does not fit."""
        stage = ENROLMENT.get((self.stage, event))
        if stage is None:
            raise EnrolmentStepRefused(f"{event} does not fit {self.stage}", stage=self.stage, event=event)
        return self.model_copy(update={"stage": stage})

    def with_member(self, member: Member) -> EnrolmentDraft:
        """The member put in, or in place of the one with the same id."""
        ids = [each.person.id for each in self.members]
        if member.person.id not in ids:
            return self.model_copy(update={"members": (*self.members, member)})
        members = tuple(member if each.person.id == member.person.id else each for each in self.members)
        return self.model_copy(update={"members": members})

    def without_member(self, person_id: PersonId) -> EnrolmentDraft:
        """The person taken out, with consents and captures."""
        return self.model_copy(
            update={
                "members": tuple(m for m in self.members if m.person.id != person_id),
                "consents": tuple(c for c in self.consents if c.person_id != person_id),
                "captures": tuple(c for c in self.captures if c.person_id != person_id),
                "in_progress": None if self.find_in_progress(person_id) is not None else self.in_progress,
            }
        )

    def with_consent(self, consent: Consent) -> EnrolmentDraft:
        return self.model_copy(update={"consents": (*self.consents, consent)})

    def with_capture(self, capture: PersonCapture) -> EnrolmentDraft:
        """The capture in place of an older one of that person."""
        others = tuple(each for each in self.captures if each.person_id != capture.person_id)
        return self.model_copy(update={"captures": (*others, capture), "in_progress": None, "local_check": None})

    def with_progress(self, progress: CaptureInProgress) -> EnrolmentDraft:
        """What is taken of somebody so far."""
        return self.model_copy(update={"in_progress": progress})

    def with_local_check(self, check: LocalCheck) -> EnrolmentDraft:
        """What was found so far; captured anew, it is looked for again."""
        return self.model_copy(update={"local_check": check})

    def find_in_progress(self, person_id: PersonId) -> CaptureInProgress | None:
        """What was taken of that person before the capture was broken off."""
        progress = self.in_progress
        return progress if progress is not None and progress.photograph.person_id == person_id else None

    def with_address(self, area: AreaCode, address_line: str) -> EnrolmentDraft:
        return self.model_copy(update={"area": area, "address_line": address_line})

    def with_fact(self, person_id: PersonId | None, key: str, value: bool | int | str) -> EnrolmentDraft:
        """An answer of the household (``person_id`` None) or of a member."""
        if person_id is None:
            return self.model_copy(update={"facts": {**self.facts, key: value}})
        member = self.get_member(person_id)
        person = member.person.model_copy(update={"facts": {**member.person.facts, key: value}})
        return self.with_member(member.model_copy(update={"person": person}))

    def with_papers(self, papers: tuple[str, ...]) -> EnrolmentDraft:
        return self.model_copy(update={"papers": papers})

    def sealed(self) -> EnrolmentDraft:
        """What is kept once the submission is sealed: no finger; portraits only until duplicates are reviewed."""
        nothing = {"fingers": (), "exception_photo": None}
        captures = tuple(capture.model_copy(update=nothing) for capture in self.captures)
        best = {
            capture.person_id: min(capture.fingers, key=lambda finger: finger.rank).position
            for capture in self.captures
            if capture.fingers
        }
        kept = {"captures": captures, "in_progress": None, "best_fingers": best}
        return self.after(EnrolmentEvent.CONFIRMED).model_copy(update=kept)

    def registered(self, household_id: HouseholdId | None) -> EnrolmentDraft:
        """The registry's word is here: no biometrics are left, and the household has the registry's id."""
        known_as = household_id or self.household_id
        return self.after(EnrolmentEvent.REGISTERED).model_copy(update={"captures": (), "household_id": known_as})

    def get_member(self, person_id: PersonId) -> Member:
        """The member with that id; HouseholdNotWhole when there is none."""
        for member in self.members:
            if member.person.id == person_id:
                return member
        raise HouseholdNotWhole("household.no_such_member")

    def find_capture(self, person_id: PersonId) -> PersonCapture | None:
        return next((capture for capture in self.captures if capture.person_id == person_id), None)

    def has_consent(self, person_id: PersonId, purpose: ConsentPurpose) -> bool:
        return any(c.person_id == person_id and c.purpose is purpose for c in self.consents)

    @property
    def head(self) -> Member | None:
        return next((member for member in self.members if member.relationship is Relationship.HEAD), None)

    def to_household(self) -> Household:
        """The household as it stands; HouseholdNotWhole without a place."""
        if self.area is None:
            raise HouseholdNotWhole("household.area_missing")
        return Household(
            id=self.household_id,
            area=self.area,
            address_line=self.address_line,
            members=self.members,
            facts=self.facts,
            papers=self.papers,
        )
