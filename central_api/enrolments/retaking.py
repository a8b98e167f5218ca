"""Fingers taken again at a desk: they take the place of older ones, once it is sure that they are the same person's.

Whoever could put fingers of their own in the place of somebody else's would be that person from then on. So at least
one finger must match one on record, and not as many be known as another person's; else nothing is changed, and somebody
looks at it. A finger under another name than before is left out and kept as a swap, for another officer to decide.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError
from sqlalchemy import Connection, select

from biometrics.matcher import compare_prepared, prepare
from biometrics.template import Template
from biometrics.thresholds import FMR, decide
from central_api.context import Registry
from central_api.database import take_turns
from central_api.enrolments.completeness import EnrolmentRefused, check_capture, decode_fingers
from central_api.enrolments.sealed_submission import SubmissionUnreadable, open_sealed
from central_api.errors import NotFound
from central_api.fingers import tries_repository
from central_api.fingers.exceptions import Occasion, keep_exceptions
from central_api.fingers.learning import rank_again
from central_api.fingers.swaps import FoundSwaps, keep_swaps, pairs_of, template_of
from central_api.fingers.telling import tell_desks
from central_api.households import biometrics_repository
from central_api.households.biometrics_repository import SealedFinger
from central_api.households.repository import find_person
from central_api.households.service import PurposeOfReading, read_fingers
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_person_of
from central_api.reviews.repository import open_case
from central_api.tables.people import consents, person_links
from central_api.vault import Vault, template_place
from domain.consent import ConsentPurpose
from domain.errors import ProjectError
from domain.finger_rank import rank_fingers
from domain.fingers import FingerPosition
from domain.ids import KioskId, PersonId
from domain.messages.enrolment import FingerRecord
from domain.messages.fingers import HPKE_INFO_FINGERS, FingersRetaken, SealedFingers
from domain.people import Person

CODE_NONE_MATCHES = "fingers.none_matches"
#: Nobody takes their own fingers again: another officer does.
CODE_OWN_FINGERS = "fingers.taken_by_themselves"
CODE_ANOTHER_PERSON = "fingers.of_another_person"
_FMR = FMR.ONE_IN_10_000
#: Duplicate search and retaking must not look at a half-changed index.
_TURN = "registration"


class FingersOnCardOnly(ProjectError):
    """Here fingers live on cards and nowhere else: there is no record to renew."""

    code = "fingers.on_card_only"
    message_key = "error.fingers_on_card_only"


@dataclass(frozen=True, slots=True)
class _Retake:
    """An opened capture, checked for form."""

    content: FingersRetaken
    person: Person
    given: Sequence[Template]

    @property
    def person_id(self) -> PersonId:
        return self.person.id


def take_again(transaction: Transaction, sealed: SealedFingers, kiosk_id: KioskId, registry: Registry) -> str | None:
    """None when the record is renewed; else the code of what somebody looks at first: the record then stays as it is.

    Raises SubmissionUnreadable, NotFound, EnrolmentRefused or FingersOnCardOnly.
    """
    if registry.settings.is_token_only:
        raise FingersOnCardOnly("fingers live on cards only")
    take_turns(transaction.connection, _TURN)
    retake = _open(transaction.connection, sealed, kiosk_id, registry)
    held = _read_held(transaction, retake.person_id, registry.vault, kiosk_id)
    doubt = _find_doubt(transaction, retake, held, registry)
    if doubt is not None:
        _open_case(transaction, retake, doubt, kiosk_id)
        return doubt
    pairs = pairs_of(retake.given, held)
    maker = retake.content.operator_id
    keep_swaps(transaction, FoundSwaps(sealed.capture_id, retake.person_id, pairs, maker), kiosk_id)
    names = {each.given_as for each in pairs} | {each.known_as for each in pairs}
    fresh = [finger for finger in retake.content.capture.fingers if finger.position not in names]
    _replace(transaction, retake.person_id, fresh, registry.vault)
    at = min(retake.content.captured_at, transaction.now)
    occasion = Occasion(sealed.capture_id, at, kiosk_id, maker)
    keep_exceptions(transaction, retake.content.capture, retake.person_id, retake.person.born, occasion, registry.vault)
    _note(transaction, retake, len(fresh), len(pairs))
    tell_desks(transaction, retake.person_id)
    return None


def _open(connection: Connection, sealed: SealedFingers, kiosk_id: KioskId, registry: Registry) -> _Retake:
    plain = open_sealed(HPKE_INFO_FINGERS + sealed.capture_id.encode(), sealed.sealed, registry.enrolment_key)
    if not hmac.compare_digest(hashlib.sha256(plain).hexdigest(), sealed.content_sha256):
        raise SubmissionUnreadable("the content is not what its hash says")
    try:
        content = FingersRetaken.model_validate_json(plain)
    except ValidationError:
        # Without the cause: its text quotes templates.
        raise SubmissionUnreadable("no fingers taken again") from None
    named = (content.capture_id, content.capture.person_id, content.kiosk_id)
    if named != (sealed.capture_id, sealed.person_id, kiosk_id):
        raise SubmissionUnreadable("envelope and content name different things")
    person = find_person(connection, sealed.person_id)
    if person is None or not tries_repository.is_on_card(connection, content.card_number, person.id):
        raise NotFound("person_on_card")
    check_capture(content.capture, has_consent=_has_consent(connection, person.id))
    given = [replace(t, position=f.position) for f, t in _templates(content)]
    return _Retake(content, person, given)


def _templates(content: FingersRetaken) -> list[tuple[FingerRecord, Template]]:
    decoded = decode_fingers(content.capture)
    if len(decoded) != len(content.capture.fingers):
        raise EnrolmentRefused("enrolment.template_malformed")
    return list(zip(content.capture.fingers, decoded, strict=True))


def _has_consent(connection: Connection, person_id: PersonId) -> bool:
    """Given once, by the person under any id they were captured by, and not withdrawn."""
    linked = select(person_links.c.captured_person_id).where(person_links.c.known_person_id == person_id)
    query = select(consents.c.person_id).where(
        (consents.c.person_id == person_id) | consents.c.person_id.in_(linked),
        consents.c.purpose == ConsentPurpose.BIOMETRICS,
        consents.c.withdrawn_at.is_(None),
    )
    return connection.execute(query).first() is not None


def _read_held(transaction: Transaction, person_id: PersonId, vault: Vault, actor: str) -> list[Template]:
    purpose = PurposeOfReading.RENEW_FINGERS
    held = read_fingers(transaction, vault, [person_id], purpose, actor).get(person_id, [])
    return [template_of(finger) for finger in held]


def _find_doubt(transaction: Transaction, retake: _Retake, held: Sequence[Template], registry: Registry) -> str | None:
    """Why the fingers may be somebody else's. Without any on record only the search for others speaks."""
    if not retake.given:
        return None
    if find_person_of(transaction.connection, retake.content.operator_id) == retake.person_id:
        return CODE_OWN_FINGERS
    registry.fingers.refresh(transaction.connection, registry.vault)
    if _is_rather_another(registry.fingers.search(retake.given), retake.person_id):
        return CODE_ANOTHER_PERSON
    if held and not _is_any_the_same(retake.given, held):
        return CODE_NONE_MATCHES
    return None


def _is_rather_another(found: Mapping[PersonId, int], person_id: PersonId) -> bool:
    """Whether as many fingers are somebody else's. One alone, among a nation's, is often a chance likeness."""
    own = found.get(person_id, 0)
    other = max((count for each, count in found.items() if each != person_id), default=0)
    return other > own or (other == own and other > 1)


def _is_any_the_same(given: Sequence[Template], held: Sequence[Template]) -> bool:
    references = [prepare(each) for each in held]
    probes = [prepare(each) for each in given]
    return any(decide(compare_prepared(one, other), fmr=_FMR) for one in probes for other in references)


def _replace(transaction: Transaction, person_id: PersonId, fresh: Sequence[FingerRecord], vault: Vault) -> None:
    connection = transaction.connection
    positions: list[FingerPosition] = [finger.position for finger in fresh]
    biometrics_repository.drop_fingers(connection, person_id, positions)
    for finger in fresh:
        sealed = vault.seal(finger.template, template_place(person_id, finger.position))
        biometrics_repository.add_finger(connection, SealedFinger.of(person_id, finger, sealed))
    tries_repository.forget_tries(connection, person_id, positions)
    merits = [each.finger for each in tries_repository.list_enrolled(connection, person_id)]
    tries_repository.put_enrolled_ranks(connection, person_id, rank_fingers(merits))
    rank_again(transaction, person_id)


def _open_case(transaction: Transaction, retake: _Retake, code: str, kiosk_id: KioskId) -> None:
    open_case(
        transaction.connection,
        subject=f"person:{retake.person_id}",
        reason=code,
        kiosk_id=kiosk_id,
        record={"capture": retake.content.capture_id, "verified_by": retake.content.verified_by},
        now=transaction.now,
    )


def _note(transaction: Transaction, retake: _Retake, renewed: int, swapped: int) -> None:
    content = retake.content
    line = AuditLine(
        stream=AuditStream.ENROLMENTS,
        at=transaction.now,
        actor=content.kiosk_id,
        operator_id=content.operator_id,
        action="fingers.retaken",
        subject=f"person:{retake.person_id}",
        details={
            "capture": content.capture_id,
            "renewed": renewed,
            "swapped": swapped,
            "verified_by": content.verified_by,
        },
    )
    transaction.note(line)
