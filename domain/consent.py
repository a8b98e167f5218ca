"""Consent: spoken, recorded, and to be withdrawn at any time. Without it no capture may begin."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.ids import OperatorId, PersonId
from domain.record import Record

#: Wordings that said that fingers are kept at the desks of the area too. Of nobody else's do desks get any.
TOLD_OF_DESKS = frozenset({"consent/2"})


class ConsentPurpose(StrEnum):
    REGISTRATION = "registration"
    BIOMETRICS = "biometrics"


class ConsentMark(StrEnum):
    """How the person answered."""

    SPOKEN_YES = "spoken_yes"
    TOUCHED_YES = "touched_yes"
    FINGER = "finger"


class Consent(Record):
    person_id: PersonId
    purpose: ConsentPurpose
    #: Which wording was read out: key and version in the prompt catalogue.
    text_version: str
    language: str
    audio_played: bool
    given_by: ConsentMark
    #: The adult who answered for a child; None when the person answered.
    answered_by: PersonId | None = None
    witnessed_by: OperatorId
    given_at: datetime
