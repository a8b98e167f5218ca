"""Three verdicts, never two; and the ladder of rungs by which a person may show who they are."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from domain.fingers import FingerPosition
from domain.ids import OperatorId
from domain.record import Record
from domain.sensors import SensorIdentity


class Verdict(StrEnum):
    """From the card to the screen and the API. COULD_NOT_CHECK is not a failure of the person."""

    VERIFIED = "verified"
    FAILED = "failed"
    COULD_NOT_CHECK = "could_not_check"


class VerifiedBy(IntEnum):
    """How the holder was verified, with the numbers that stand in the card's ledger (docs/card-commands.md, 6)."""

    FINGER = 1
    TWO_FINGERS = 2
    OTHER_FINGER = 3
    FACE_AND_OFFICER = 4
    PIN = 5
    SUPERVISOR = 6


class Rung(StrEnum):
    """A step of the ladder that was tried."""

    BEST_FINGER = "best_finger"
    OTHER_FINGER = "other_finger"
    PIN = "pin"
    FACE_AND_OFFICER = "face_and_officer"


class RungOutcome(StrEnum):
    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    BAD_CAPTURE = "bad_capture"
    DEVICE_FAILED = "device_failed"
    DECLINED = "declined"


class FaceJudge(StrEnum):
    """Who said that two faces are one. Stored with the decision."""

    #: The face was judged by an officer alone.
    OFFICER = "officer"
    #: A model compared first, and an officer decided.
    MODEL_AND_OFFICER = "model_and_officer"


class FaceJudgement(Record):
    """On what grounds two faces were called one, or two. The fields of the model are empty where a desk has none.

    No biometric: a likeness of two pictures says nothing about either.
    """

    judge: FaceJudge = FaceJudge.OFFICER
    #: What the model said; COULD_NOT_CHECK also where it was named and did not work. None without a model.
    advice: Verdict | None = None
    model: str = ""
    model_sha256: str = ""
    #: Cosine times 1,000, of the comparison that counted; None where none did.
    score_thousandths: int | None = None
    threshold_thousandths: int | None = None
    #: As the programme states it for the threshold: a stranger passes one comparison in so many. Not measured here.
    one_in: int | None = None
    comparisons: int = 0
    #: The second officer who looked because the model said no.
    second_officer: OperatorId | None = None


class RungTried(Record):
    """One attempt, kept in the exception register. Holds no biometric, and no score but that of a face model."""

    rung: Rung
    attempt: int
    outcome: RungOutcome
    #: Which finger was asked for, for learning which finger to ask for.
    finger: FingerPosition | None = None
    #: The device that took the picture; None where there was none, or it did not say.
    sensor: SensorIdentity | None = None
    #: Who judged the face, where one was judged.
    face: FaceJudgement | None = None


#: A finger may be tried this often before the next rung is offered.
TRIES_A_FINGER = 3
