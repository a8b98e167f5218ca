"""The paper twin: a MOSIP Claim-169 QR (CBOR claims in a CWT, COSE_Sign1 ES256, zlib, base45).

A QR can be copied: it lets a person be looked up and verified, never replaces the chip (cards page, 5.7).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from card_service.base45 import Base45Malformed, decode_base45, encode_base45
from card_service.cose import (
    CborValue,
    ContentType,
    CoseFault,
    CoseRefused,
    decode_cbor,
    encode_cbor,
    open_cose,
    sign_cose,
)
from card_service.data_groups.births import decode_birth_date, encode_birth_date
from card_service.data_groups.errors import DataGroupRefused
from card_service.signing import Signer
from domain.card_number import CardNumber, CardNumberWrong, parse_card_number
from domain.errors import ProjectError
from domain.people import BirthDate, PersonName, Sex

# RFC 8392, 4: registered claims of a CWT; 169 is "identity data" in the same registry.
_ISSUER, _EXPIRES, _NOT_BEFORE, _ISSUED_AT, _IDENTITY = 1, 4, 5, 6, 169
# Claim 169 specification 1.1.0, table of identity data.
_ID, _VERSION, _FULL_NAME, _BIRTH, _GENDER, _LOCAL_NAME, _LOCAL_LANGUAGE = 1, 2, 4, 8, 9, 19, 20
VERSION = "1.1.0"
#: BCP 47: we know the script of a name, not its language.
_ANY_LANGUAGE_IN = "und-"
_SEX_TO_GENDER = {Sex.MALE: 1, Sex.FEMALE: 2, Sex.OTHER: 3}
_GENDER_TO_SEX = {code: sex for sex, code in _SEX_TO_GENDER.items()}

MAX_TEXT_LENGTH = 4_296
_MAX_PLAIN_BYTES = 16_384


class QrRefusal(StrEnum):
    """Why a QR is not believed."""

    MALFORMED = "malformed"
    SIGNER_UNKNOWN = "signer_unknown"
    SIGNATURE_WRONG = "signature_wrong"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"


class QrRefused(ProjectError):
    """The QR is not one of ours, was altered, or is not valid on the day."""

    code = "card.qr_refused"
    message_key = "error.card.qr_refused"

    def __init__(self, reason: QrRefusal) -> None:
        super().__init__(f"QR refused: {reason}", reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PaperTwin:
    """What the QR says of the holder. ``valid_until`` is included."""

    issuer: str
    card_number: CardNumber
    name: PersonName
    born: BirthDate
    sex: Sex
    issued_on: date
    valid_until: date


def issue_qr(twin: PaperTwin, signer: Signer) -> str:
    """The text of the QR: characters of its alphanumeric mode only."""
    cose = sign_cose(_encode_claims(twin), ContentType.CWT, signer)
    return encode_base45(zlib.compress(cose, 9))


def verify_qr(text: str, signers_spki_der: Iterable[bytes], *, at: date) -> PaperTwin:
    """What a genuine QR says, valid on that day; else ``QrRefused``."""
    if len(text) > MAX_TEXT_LENGTH:
        raise QrRefused(QrRefusal.MALFORMED)
    try:
        claims = open_cose(_inflate(decode_base45(text)), ContentType.CWT, signers_spki_der)
        twin = _decode_claims(claims)
    except CoseRefused as error:
        raise QrRefused(_REFUSALS[error.reason]) from error
    except (Base45Malformed, zlib.error, ValueError, OverflowError) as error:
        raise QrRefused(QrRefusal.MALFORMED) from error
    except (CardNumberWrong, DataGroupRefused) as error:
        raise QrRefused(QrRefusal.MALFORMED) from error
    if at < twin.issued_on:
        raise QrRefused(QrRefusal.NOT_YET_VALID)
    if at > twin.valid_until:
        raise QrRefused(QrRefusal.EXPIRED)
    return twin


_REFUSALS = {
    CoseFault.MALFORMED: QrRefusal.MALFORMED,
    CoseFault.SIGNER_UNKNOWN: QrRefusal.SIGNER_UNKNOWN,
    CoseFault.SIGNATURE_WRONG: QrRefusal.SIGNATURE_WRONG,
}


def _inflate(data: bytes) -> bytes:
    """The plain bytes, never more than a QR can honestly hold."""
    inflater = zlib.decompressobj()
    plain = inflater.decompress(data, _MAX_PLAIN_BYTES)
    if not inflater.eof or inflater.unused_data:
        raise QrRefused(QrRefusal.MALFORMED)
    return plain


def _encode_claims(twin: PaperTwin) -> bytes:
    identity: dict[int, CborValue] = {
        _ID: str(twin.card_number),
        _VERSION: VERSION,
        _FULL_NAME: twin.name.latin,
        _BIRTH: encode_birth_date(twin.born).decode("ascii"),
        _GENDER: _SEX_TO_GENDER[twin.sex],
        _LOCAL_NAME: twin.name.local,
        _LOCAL_LANGUAGE: _ANY_LANGUAGE_IN + twin.name.script,
    }
    return encode_cbor(
        {
            _ISSUER: twin.issuer,
            _EXPIRES: _end_of_day(twin.valid_until),
            _NOT_BEFORE: _start_of_day(twin.issued_on),
            _ISSUED_AT: _start_of_day(twin.issued_on),
            _IDENTITY: identity,
        }
    )


def _decode_claims(payload: bytes) -> PaperTwin:
    claims = _map(decode_cbor(payload))
    identity = _map(claims.get(_IDENTITY))
    sex = _GENDER_TO_SEX.get(_number(identity.get(_GENDER)))
    if sex is None:
        raise ValueError("an unknown gender")
    name = PersonName(
        latin=_text(identity.get(_FULL_NAME)),
        local=_text(identity.get(_LOCAL_NAME)),
        script=_text(identity.get(_LOCAL_LANGUAGE)).removeprefix(_ANY_LANGUAGE_IN),
    )
    twin = PaperTwin(
        issuer=_text(claims.get(_ISSUER)),
        card_number=parse_card_number(_text(identity.get(_ID))),
        name=name,
        born=decode_birth_date(_text(identity.get(_BIRTH)).encode("ascii")),
        sex=sex,
        issued_on=_day(claims.get(_NOT_BEFORE)),
        valid_until=_day(claims.get(_EXPIRES)),
    )
    if _encode_claims(twin) != payload:
        raise ValueError("not the one encoding of these claims")
    return twin


_LAST_SECOND = 86_399


def _start_of_day(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _end_of_day(day: date) -> int:
    return _start_of_day(day) + _LAST_SECOND


def _day(value: CborValue) -> date:
    return datetime.fromtimestamp(_number(value), UTC).date()


def _map(value: CborValue) -> dict[int, CborValue]:
    if not isinstance(value, dict):
        raise ValueError("a map expected")
    return value


def _text(value: CborValue) -> str:
    if not isinstance(value, str):
        raise ValueError("a text expected")
    return value


def _number(value: CborValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("a number expected")
    return value
