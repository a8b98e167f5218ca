"""A kiosk joins once, with a code that staff gave it, and is known by its keys ever after."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from http import HTTPStatus

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from central_api.context import Registry
from central_api.database import take_turns
from central_api.errors import Conflict, MalformedRequest, NotFound, RequestRefused
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.kiosks import repository
from central_api.places.repository import has_area
from domain.card_number import ALPHABET
from domain.ids import KioskId
from domain.messages.kiosks import KioskRegistration, KioskRegistrationAnswer

CODE_CHARACTERS = 12
CODE_VALIDITY = timedelta(days=7)
COUNTRY = "UT"
_FIRST_CERTIFICATE = "00001"


class CodeRefused(RequestRefused):
    """The one-time code is unknown, used by another kiosk, or too old."""

    code = "kiosk.code_refused"
    message_key = "error.kiosk_code_refused"
    status = HTTPStatus.FORBIDDEN


class KioskKeyKnown(Conflict):
    """A kiosk with this key has joined already, with another code."""

    code = "kiosk.key_known"
    message_key = "error.kiosk_key_known"


def give_code(transaction: Transaction, purpose: str, validity: timedelta = CODE_VALIDITY) -> str:
    """A new one-time code; only its hash is kept, so it cannot be shown again."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))
    put_code(transaction, code, purpose, transaction.now + validity)
    return "-".join(code[start : start + 4] for start in range(0, CODE_CHARACTERS, 4))


def put_code(transaction: Transaction, code: str, purpose: str, valid_until: datetime) -> None:
    repository.add_code(transaction.connection, _hash_code(code), purpose, transaction.now, valid_until)
    transaction.note(_line(transaction, "registry", "kiosk.code_given", None))


def register_kiosk(
    transaction: Transaction, registration: KioskRegistration, registry: Registry
) -> KioskRegistrationAnswer:
    """The kiosk's id and certificates. The same registration again gets the same answer.

    Raises CodeRefused, KioskKeyKnown, NotFound (area), MalformedRequest (key) or what ``Trust.terminal_chain`` raises.
    """
    _check_signing_key(registration.signing_key)
    connection = transaction.connection
    take_turns(connection, "kiosks")
    known = _find_same(transaction, registration)
    if known is not None:
        return KioskRegistrationAnswer(
            kiosk_id=known.id,
            terminal_chain=repository.get_chain(connection, known.id),
            registry_key=registry.trust.receipt_key,
        )
    if not has_area(connection, registration.area):
        raise NotFound("area")
    if repository.has_key(connection, registration.signing_key):
        raise KioskKeyKnown("this key has joined already")
    return _join(transaction, registration, registry)


def retire_kiosk(transaction: Transaction, kiosk_id: KioskId) -> None:
    """Out of service for good: it is told so when it asks next, and then holds nobody's fingers. Raises NotFound."""
    if not repository.put_active(transaction.connection, kiosk_id, is_active=False):
        raise NotFound("kiosk")
    transaction.note(_line(transaction, "registry", "kiosk.retired", f"kiosk:{kiosk_id}"))


def _check_signing_key(key: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key)
    except ValueError as error:
        raise MalformedRequest("not an Ed25519 public key", problems=1) from error


def _join(transaction: Transaction, registration: KioskRegistration, registry: Registry) -> KioskRegistrationAnswer:
    connection, today = transaction.connection, transaction.now.date()
    kiosk_id = KioskId(f"K{repository.count_kiosks(connection) + 1:03d}")
    if not repository.use_code(connection, _hash_code(registration.one_time_code), kiosk_id, transaction.now):
        raise CodeRefused("unknown, used or old code")
    # Holder reference (BSI TR-03110-3, A.6.1): country, up to nine characters, a number of five.
    reference = f"{COUNTRY}{kiosk_id}{_FIRST_CERTIFICATE}"
    chain = registry.trust.terminal_chain(reference, registration.terminal_key, on=today)
    repository.add_kiosk(connection, kiosk_id, reference, registration, chain, transaction.now)
    transaction.note(_line(transaction, kiosk_id, "kiosk.registered", f"kiosk:{kiosk_id}"))
    return KioskRegistrationAnswer(kiosk_id=kiosk_id, terminal_chain=chain, registry_key=registry.trust.receipt_key)


def _find_same(transaction: Transaction, registration: KioskRegistration) -> repository.JoinedKiosk | None:
    """The kiosk that joined with exactly this code and these keys: its answer was lost."""
    kiosk_id = repository.find_user_of_code(transaction.connection, _hash_code(registration.one_time_code))
    if kiosk_id is None:
        return None
    known = repository.get_joined(transaction.connection, kiosk_id)
    same = known.signing_key == registration.signing_key and known.terminal_key == registration.terminal_key
    if not same:
        raise CodeRefused("used by another kiosk")
    return known


def _hash_code(code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(b"kiosk-code|" + plain.encode()).hexdigest()


def _line(transaction: Transaction, actor: str, action: str, subject: str | None) -> AuditLine:
    return AuditLine(stream=AuditStream.KIOSKS, at=transaction.now, actor=actor, action=action, subject=subject)
