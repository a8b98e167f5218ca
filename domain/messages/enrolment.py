"""A household's registration as the kiosk seals it, and what the registry answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.consent import Consent
from domain.finger_swaps import SwappedPair
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, KioskId, OperatorId, PersonId, ProgrammeCode, SubmissionId
from domain.messages.duplicate_decision import DuplicateDecision as DuplicateDecision
from domain.messages.local_check import LocalCheck
from domain.people import Household, PersonName, Sex
from domain.record import Record
from domain.sensors import SensorIdentity


class FingerException(StrEnum):
    MISSING = "missing"
    BANDAGED = "bandaged"
    WORN = "worn"
    TOO_YOUNG = "too_young"
    DECLINED = "declined"
    #: The prints that came belong to somebody who works here: nothing was kept, and an officer looks at it later.
    HELD_BACK = "held_back"


#: What is wrong with the finger itself: a photograph shows it, and a second person signs for it.
SEEN_ON_THE_HAND = frozenset({FingerException.MISSING, FingerException.BANDAGED, FingerException.WORN})


class ExceptionLasting(StrEnum):
    """A temporary exception is asked about again at the next visit."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"


class HandPhoto(StrEnum):
    """What became of the photograph of the hands."""

    TAKEN = "taken"
    #: The officer went on without it.
    LEFT_OUT = "left_out"
    #: The camera did not work: nobody is kept waiting for it.
    CAMERA_AWAY = "camera_away"


class FingerExcepted(Record):
    """One finger that was not taken, and how often it was tried."""

    position: FingerPosition
    reason: FingerException
    lasting: ExceptionLasting = ExceptionLasting.TEMPORARY
    attempts: int = 0
    #: The device on which it was tried; None where it was not, or no device said who it is.
    sensor: SensorIdentity | None = None


class WeakFingerReason(StrEnum):
    """Why an officer takes a finger whose prints stay under the programme's threshold."""

    WORN_BY_WORK = "worn_by_work"
    OLD_SKIN = "old_skin"
    DRY_OR_WET = "dry_or_wet"
    SCARRED = "scarred"


class FingerRecord(Record):
    """One enrolled finger: template, quality, and how well a second impression matched it (the matchability test)."""

    position: FingerPosition
    #: ISO/IEC 19794-2:2005 record.
    template: bytes
    quality: int
    attempts: int
    #: 1 is the finger to ask for first.
    rank: int
    #: Quality (0–100) of every image of this finger in the order in which they were taken, the bad ones included.
    qualities: tuple[int, ...] = ()
    #: How well both impressions match: ten times the negative decimal logarithm of the false match rate, 0–90.
    pair_evidence: int = 0
    #: Set when the quality is under the threshold in force and an officer took it all the same.
    taken_weak: WeakFingerReason | None = None
    #: The device that took it; None where it did not say.
    sensor: SensorIdentity | None = None


class PersonCapture(Record):
    person_id: PersonId
    #: JPEG, at most 5,000 bytes, cropped for the card.
    portrait: bytes | None
    portrait_checks: dict[str, int] = {}
    portrait_attempts: int = 0
    fingers: tuple[FingerRecord, ...] = ()
    exceptions: dict[str, FingerException] = {}
    #: The same by finger, with how long it will last and how often it was tried.
    excepted: tuple[FingerExcepted, ...] = ()
    #: JPEG of the hands, at most 6,000 bytes, where a finger is missing or hurt.
    exception_photo: bytes | None = None
    #: Why there is a photograph or none; None where no hand asked for one.
    hand_photo: HandPhoto | None = None
    #: The second person who saw the hands; None where nobody else was there: the office looks at it later.
    exceptions_signed_by: OperatorId | None = None


class EnrolmentSubmission(Record):
    """Everything of one registration. Travels sealed (HPKE, see ``SealedEnrolment``), never in plain."""

    submission_id: SubmissionId
    kiosk_id: KioskId
    operator_id: OperatorId
    household: Household
    consents: tuple[Consent, ...]
    captures: tuple[PersonCapture, ...]
    captured_at: datetime
    #: What the desk found itself; None from desks of before.
    local_check: LocalCheck | None = None


#: HPKE (RFC 9180) suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; ``info`` binds the purpose and id.
HPKE_INFO_ENROLMENT = b"single-window/enrolment/1/"


class SealedEnrolment(Record):
    """Payload of ``enrolment.submitted``: only the registry can open it.

    ``sealed`` is HPKE single-shot output (encapsulated key || ciphertext) of the submission's JSON, with
    info = HPKE_INFO_ENROLMENT + submission_id. ``content_sha256`` is the hash of the plain JSON.
    """

    submission_id: SubmissionId
    household_id: HouseholdId
    sealed: bytes
    content_sha256: str


class EnrolmentStatus(StrEnum):
    #: Not yet received.
    UNKNOWN = "unknown"
    #: Waiting for an officer's decision on possible duplicates.
    REVIEW = "review"
    REGISTERED = "registered"
    REFUSED = "refused"


class DuplicateCandidate(Record):
    """A person already registered who may be the one just captured, for side-by-side review."""

    candidate_id: str
    person_id: PersonId
    known_person_id: PersonId
    known_household_id: HouseholdId
    known_name: PersonName
    known_sex: Sex
    known_birth_year: int
    known_area_names: dict[str, str]
    known_portrait: bytes | None
    #: 0–100.
    name_likeness: int
    #: Fingers of both that match at FMR 0.01 %; 0 says no finger matches.
    matching_fingers: int
    #: Those that match under another name than before.
    swapped: tuple[SwappedPair, ...] = ()
    reasons: tuple[str, ...]
    decision: DuplicateDecision | None = None


class DuplicateDecided(Record):
    """Payload of ``duplicate.decided``."""

    submission_id: SubmissionId
    candidate_id: str
    decision: DuplicateDecision
    reason: str


class ProgrammesChosen(Record):
    """Payload of ``programmes.chosen``: the registry screens again by itself before it grants."""

    household_id: HouseholdId
    programmes: tuple[ProgrammeCode, ...]


class EnrolmentState(Record):
    submission_id: SubmissionId
    status: EnrolmentStatus
    household_id: HouseholdId | None = None
    refusal: str | None = None
    candidates: tuple[DuplicateCandidate, ...] = ()
