"""Reading registered people. Every reading says why, and leaves a line that the person can be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from central_api.errors import NotFound
from central_api.households import biometrics_repository, repository
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.vault import Vault, portrait_place, template_place
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, PersonId
from domain.people import Household


class PurposeOfReading(StrEnum):
    """Why somebody's data are read."""

    ISSUE_CARD = "issue_card"
    SERVE = "serve"
    DECIDE_DUPLICATE = "decide_duplicate"
    SCREEN = "screen"
    #: Somebody looks at fingers that could not be taken, and at the hands.
    CHECK_EXCEPTION = "check_exception"
    #: Fingers are taken again.
    RENEW_FINGERS = "renew_fingers"
    #: An officer decided that something in the record is wrong.
    CORRECT_RECORD = "correct_record"
    #: By a desk itself, before it writes a card (central_api/area_gallery).
    LOCAL_DUPLICATE_CHECK = "local_duplicate_check"


@dataclass(frozen=True, slots=True)
class OpenFinger:
    """One enrolled finger, opened. ``template`` is an ISO/IEC 19794-2 record; rank 1 is asked for first."""

    position: FingerPosition
    template: bytes
    quality: int
    rank: int


def read_household(
    transaction: Transaction, household_id: HouseholdId, purpose: PurposeOfReading, actor: str
) -> Household:
    """The household; raises NotFound. Leaves a line in the access log."""
    household = repository.find_household(transaction.connection, household_id)
    if household is None:
        raise NotFound("household")
    note_reading(transaction, f"household:{household_id}", purpose, actor, "household.read")
    return household


def read_portrait(
    transaction: Transaction, vault: Vault, person_id: PersonId, purpose: PurposeOfReading, actor: str
) -> bytes | None:
    """The person's JPEG, if one was taken. Leaves a line in the access log."""
    sealed = biometrics_repository.find_portrait(transaction.connection, person_id)
    if sealed is None:
        return None
    note_reading(transaction, f"person:{person_id}", purpose, actor, "portrait.read")
    return vault.open(sealed, portrait_place(person_id))


def read_fingers(
    transaction: Transaction, vault: Vault, person_ids: Iterable[PersonId], purpose: PurposeOfReading, actor: str
) -> dict[PersonId, list[OpenFinger]]:
    """Enrolled fingers of these persons, best first. Leaves a line for each person in the access log."""
    fingers: dict[PersonId, list[OpenFinger]] = {}
    for sealed in biometrics_repository.list_fingers(transaction.connection, person_ids):
        template = vault.open(sealed.template, template_place(sealed.person_id, sealed.position))
        opened = OpenFinger(sealed.position, template, sealed.quality, sealed.rank)
        fingers.setdefault(sealed.person_id, []).append(opened)
    for person_id in fingers:
        note_reading(transaction, f"person:{person_id}", purpose, actor, "fingers.read")
    return fingers


def note_reading(transaction: Transaction, subject: str, purpose: PurposeOfReading, actor: str, action: str) -> None:
    """A line that says who read what of whom, and why."""
    line = AuditLine(
        stream=AuditStream.ACCESS,
        at=transaction.now,
        actor=actor,
        action=action,
        subject=subject,
        purpose=purpose,
    )
    transaction.note(line)
