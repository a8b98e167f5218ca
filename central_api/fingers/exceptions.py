"""Fingers that were not taken: kept with the person, the hands sealed, read for a purpose, told to desks.

What nobody has signed for, or somebody who may not, is kept all the same, with a case: no hand costs a registration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from central_api.errors import NotFound
from central_api.fingers import exceptions_repository as repository
from central_api.fingers.exceptions_repository import StoredException
from central_api.fingers.telling import tell_desks
from central_api.households.repository import find_person
from central_api.households.service import PurposeOfReading, note_reading
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator
from central_api.reviews.repository import open_case
from central_api.vault import Vault, hands_place
from domain.finger_exceptions import ends_on
from domain.fingers import YOUNGEST_FINGER_AGE_YEARS, FingerPosition
from domain.ids import KioskId, OperatorId, PersonId
from domain.messages.enrolment import (
    SEEN_ON_THE_HAND,
    ExceptionLasting,
    FingerException,
    PersonCapture,
)
from domain.messages.fingers import ExceptionNoted, FingersExcepted, HandsPhotographed
from domain.people import BirthDate

CODE_UNSIGNED = "fingers.exception_unsigned"
CODE_SIGNATURE = "fingers.exception_signature"


@dataclass(frozen=True, slots=True)
class Occasion:
    """When, where and by whom fingers were taken. ``capture_id`` names it for good."""

    capture_id: str
    at: datetime
    kiosk_id: KioskId
    operator_id: OperatorId | None


def keep_exceptions(
    transaction: Transaction,
    capture: PersonCapture,
    person_id: PersonId,
    born: BirthDate,
    occasion: Occasion,
    vault: Vault,
) -> None:
    """What this capture says of fingers that were not taken, where nothing newer is known; taken ones are excepted no
    more, nor those whose time was over: they could have been given. ``person_id`` may be another than the capture's,
    for somebody known already."""
    connection = transaction.connection
    held = {each.position: each for each in repository.list_exceptions(connection, person_id)}
    noted = _read(capture, person_id, born, occasion)
    newer = [each for each in noted if _is_newer(held.get(each.position), each.noted_at)]
    for each in newer:
        repository.put_exception(connection, each)
    taken = [FingerPosition.UNKNOWN, *(each.position for each in capture.fingers)] if capture.fingers else []
    over = [each.position for each in held.values() if _is_over(each, occasion.at.date())]
    again = {each.position for each in noted}
    gone = [
        each
        for each in dict.fromkeys([*taken, *over])
        if each in held and each not in again and _is_newer(held[each], occasion.at)
    ]
    for position in gone:
        repository.drop_exception(connection, person_id, position)
    _keep_photo(transaction, capture, person_id, occasion, vault)
    if newer or gone:
        tell_desks(transaction, person_id)
    _check_signature(transaction, capture, person_id, occasion)


def _is_newer(held: StoredException | None, at: datetime) -> bool:
    return held is None or held.noted_at < at


def _is_over(held: StoredException, on: date) -> bool:
    return held.ends_on is not None and held.ends_on <= on


def _read(capture: PersonCapture, person_id: PersonId, born: BirthDate, occasion: Occasion) -> list[StoredException]:
    """By finger, and the one exception of the whole person (position 0) where there is one."""
    noted_on = occasion.at.date()
    found = [
        StoredException(
            person_id=person_id,
            position=each.position,
            reason=each.reason,
            lasting=each.lasting,
            attempts=each.attempts,
            noted_at=occasion.at,
            ends_on=ends_on(each.reason, each.lasting, noted_on=noted_on),
            signed_by=capture.exceptions_signed_by if each.reason in SEEN_ON_THE_HAND else None,
            capture_id=occasion.capture_id,
            photo=capture.hand_photo if each.reason in SEEN_ON_THE_HAND else None,
            sensor=each.sensor,
        )
        for each in capture.excepted
    ]
    whole = capture.exceptions.get(str(int(FingerPosition.UNKNOWN)))
    if whole is not None:
        found.append(_of_whole_person(whole, person_id, born, occasion))
    return found


def _of_whole_person(
    reason: FingerException, person_id: PersonId, born: BirthDate, occasion: Occasion
) -> StoredException:
    lasting = ExceptionLasting.TEMPORARY
    until: date | None = ends_on(reason, lasting, noted_on=occasion.at.date())
    if reason is FingerException.TOO_YOUNG:
        until = _birthday(born.on, YOUNGEST_FINGER_AGE_YEARS)
    return StoredException(
        person_id=person_id,
        position=FingerPosition.UNKNOWN,
        reason=reason,
        lasting=lasting,
        attempts=0,
        noted_at=occasion.at,
        ends_on=until,
        signed_by=None,
        capture_id=occasion.capture_id,
    )


def _birthday(born_on: date, years: int) -> date:
    """The day of that birthday; 1 March for somebody born on 29 February where the year has none."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)


def _keep_photo(
    transaction: Transaction, capture: PersonCapture, person_id: PersonId, occasion: Occasion, vault: Vault
) -> None:
    if capture.exception_photo is None:
        return
    if repository.find_photo(transaction.connection, person_id, occasion.capture_id) is not None:
        return
    sealed = vault.seal(capture.exception_photo, hands_place(person_id, occasion.capture_id))
    repository.add_photo(transaction.connection, person_id, occasion.capture_id, sealed, occasion.at)


def _check_signature(transaction: Transaction, capture: PersonCapture, person_id: PersonId, occasion: Occasion) -> None:
    """A second officer in office has signed, or somebody looks at it."""
    if not any(each.reason in SEEN_ON_THE_HAND for each in capture.excepted):
        return
    signed_by = capture.exceptions_signed_by
    code = CODE_UNSIGNED
    if signed_by is not None:
        officer = find_operator(transaction.connection, signed_by)
        if officer is not None and officer.is_active and signed_by != occasion.operator_id:
            return
        code = CODE_SIGNATURE
    open_case(
        transaction.connection,
        subject=f"person:{person_id}",
        reason=code,
        kiosk_id=occasion.kiosk_id,
        record={"capture": occasion.capture_id, "signed_by": signed_by},
        now=transaction.now,
    )


def read_exceptions(
    transaction: Transaction, person_id: PersonId, purpose: PurposeOfReading, actor: str
) -> FingersExcepted:
    """The newest word on each finger that is not taken. Leaves a line in the access log. Raises NotFound."""
    if find_person(transaction.connection, person_id) is None:
        raise NotFound("person")
    held = repository.list_exceptions(transaction.connection, person_id)
    note_reading(transaction, f"person:{person_id}", purpose, actor, "finger_exceptions.read")
    return FingersExcepted(person_id=person_id, exceptions=tuple(map(_told, held)))


def _told(held: StoredException) -> ExceptionNoted:
    return ExceptionNoted(
        position=held.position,
        reason=held.reason,
        lasting=held.lasting,
        attempts=held.attempts,
        noted_at=held.noted_at,
        ends_on=held.ends_on,
        signed_by=held.signed_by,
        photo=held.photo,
        capture_id=held.capture_id,
    )


def read_hands(
    transaction: Transaction, person_id: PersonId, capture_id: str, vault: Vault, purpose: PurposeOfReading, actor: str
) -> HandsPhotographed:
    """The photograph, for whoever looks at the exception. Leaves a line in the access log. Raises NotFound."""
    sealed = repository.find_photo(transaction.connection, person_id, capture_id)
    if sealed is None:
        raise NotFound("hand_photo")
    note_reading(transaction, f"person:{person_id}", purpose, actor, "hand_photo.read")
    jpeg = vault.open(sealed, hands_place(person_id, capture_id))
    return HandsPhotographed(person_id=person_id, capture_id=capture_id, jpeg=jpeg)
