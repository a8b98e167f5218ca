"""Fingers of a known person that come under other names: noticed, kept, and the record corrected when somebody says so.

A finding is evidence for an officer, never a reason to refuse anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from biometrics.iso19794 import decode_record, encode_record
from biometrics.swapped import find_swapped_fingers
from biometrics.template import Template
from central_api.errors import Conflict, NotFound
from central_api.fingers import swaps_repository as repository
from central_api.fingers.learning import rank_again
from central_api.fingers.telling import tell_desks
from central_api.four_eyes import check_override
from central_api.households.service import OpenFinger, PurposeOfReading, read_fingers
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator
from central_api.reviews.repository import close_case, open_case
from central_api.vault import Vault, template_place
from domain.finger_swaps import SwapDecision, SwappedPair, SwapUnclear, plan_names
from domain.ids import KioskId, OperatorId, PersonId
from domain.messages.fingers import FingerSwapDecided

CODE_SWAPPED = "fingers.swapped"


class SwapDecidedOtherwise(Conflict):
    """Somebody has decided before, the other way."""

    code = "fingers.swap_decided_otherwise"
    message_key = "error.finger_swap_decided_otherwise"


@dataclass(frozen=True, slots=True)
class FoundSwaps:
    """What one capture found of one person, and who took the fingers."""

    capture_id: str
    person_id: PersonId
    pairs: Sequence[SwappedPair]
    maker: OperatorId | None


def find_swaps(
    transaction: Transaction, vault: Vault, given: Sequence[Template], known: PersonId, actor: str
) -> tuple[SwappedPair, ...]:
    """Fingers given now that match one of the known person's of another name. The reading is in the access log."""
    held = read_fingers(transaction, vault, [known], PurposeOfReading.DECIDE_DUPLICATE, actor).get(known, [])
    return pairs_of(given, [template_of(finger) for finger in held])


def pairs_of(given: Sequence[Template], held: Sequence[Template]) -> tuple[SwappedPair, ...]:
    """Fingers given now that match one of another name."""
    found = find_swapped_fingers(given, held)
    return tuple(SwappedPair(given_as=each.given_as, known_as=each.known_as) for each in found)


def template_of(finger: OpenFinger) -> Template:
    """The template under the name that it has on record."""
    return replace(decode_record(finger.template)[0], position=finger.position)


def keep_swaps(transaction: Transaction, found: FoundSwaps, kiosk_id: KioskId) -> None:
    """Kept with the person, with a case until it is decided. The same capture again changes nothing."""
    connection = transaction.connection
    if not found.pairs or repository.list_swaps(connection, found.capture_id, found.person_id):
        return
    for pair in found.pairs:
        repository.add_swap(connection, found.capture_id, found.person_id, pair, found.maker, transaction.now)
    open_case(
        connection,
        subject=_subject(found.person_id),
        reason=CODE_SWAPPED,
        kiosk_id=kiosk_id,
        record={"capture": found.capture_id, "pairs": [each.model_dump(mode="json") for each in found.pairs]},
        now=transaction.now,
    )


def decide_swap(
    transaction: Transaction, decided: FingerSwapDecided, operator_id: OperatorId | None, vault: Vault
) -> None:
    """Keeps the decision and, where the record was wrong, names its fingers anew. The same again changes nothing.

    Raises NotFound (no such swap, or an operator whom nobody knows), SwapDecidedOtherwise, SwapUnclear, or
    SamePersonTwice: somebody else than the one who took the fingers decides to change the record.
    """
    connection, person_id = transaction.connection, decided.person_id
    swaps = repository.list_swaps(connection, decided.capture_id, person_id)
    if not swaps:
        raise NotFound("finger_swap")
    before = swaps[0].decision
    if before is not None and before is not decided.decision:
        raise SwapDecidedOtherwise("decided before")
    if before is not None:
        return
    if decided.decision is SwapDecision.RECORD_WAS_WRONG:
        if operator_id is None or find_operator(connection, operator_id) is None:
            raise NotFound("operator")
        for maker in {swap.maker for swap in swaps if swap.maker is not None}:
            check_override(connection, decider=operator_id, maker=maker, concerned=[person_id])
        _rename(transaction, person_id, [swap.pair for swap in swaps], vault)
    repository.put_decision(connection, decided.capture_id, person_id, decided.decision, operator_id, transaction.now)
    close_case(connection, subject=_subject(person_id), reason=CODE_SWAPPED)
    _note(transaction, decided, operator_id)


def _rename(transaction: Transaction, person_id: PersonId, pairs: Sequence[SwappedPair], vault: Vault) -> None:
    purpose = PurposeOfReading.CORRECT_RECORD
    held = read_fingers(transaction, vault, [person_id], purpose, "registry").get(person_id, [])
    names = plan_names([finger.position for finger in held], pairs)
    if not names:
        raise SwapUnclear("the fingers are not held any more")
    renamed = []
    for finger in held:
        if (new := names.get(finger.position)) is None:
            continue
        record = encode_record([replace(template_of(finger), position=new)])
        renamed.append(repository.Renamed(finger.position, new, vault.seal(record, template_place(person_id, new))))
    repository.rename_fingers(transaction.connection, person_id, renamed)
    rank_again(transaction, person_id)
    tell_desks(transaction, person_id)


def _subject(person_id: PersonId) -> str:
    return f"person:{person_id}"


def _note(transaction: Transaction, decided: FingerSwapDecided, operator_id: OperatorId | None) -> None:
    line = AuditLine(
        stream=AuditStream.ENROLMENTS,
        at=transaction.now,
        actor="registry",
        operator_id=operator_id,
        action="fingers.swap_decided",
        subject=_subject(decided.person_id),
        details={"capture": decided.capture_id, "decision": decided.decision},
    )
    transaction.note(line)
