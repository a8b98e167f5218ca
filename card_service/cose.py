"""COSE_Sign1 with ES256 in one strict form (RFC 9052, 4.2; RFC 9053, 2.1): for statements, lists and the paper twin."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import cbor2

from card_service.der import KeyRefused, point_from_spki, spki_from_point
from card_service.ecdsa_raw import is_signed_by
from card_service.signing import Signer
from domain.errors import ProjectError

COSE_SIGN1_TAG = 18
_HEADER_ALGORITHM, _HEADER_CONTENT_TYPE, _HEADER_KEY_ID = 1, 3, 4
_ES256 = -7
_CONTEXT = "Signature1"
_KEY_ID_BYTES = 8
_TAG_18_ARRAY_4 = bytes.fromhex("D284")
_EMPTY_MAP = bytes.fromhex("A0")
_BYTE_STRING, _LENGTH_IN_1, _LENGTH_IN_2 = 0x40, 24, 25
MAX_COSE_BYTES = 65_536

#: What CBOR of ours is made of: numbers, text, bytes, lists, and maps with such keys.
CborValue = int | str | bytes | None | list["CborValue"] | dict[int, "CborValue"]


class ContentType(StrEnum):
    """What is signed; under the signature, so that one kind can never pass for another."""

    STATEMENT = "application/spc1-statement+cbor"
    REVOCATIONS = "application/spc1-revocations+cbor"
    #: A CWT says by its claims what it is (RFC 8392) and needs no content type.
    CWT = ""


class CoseFault(StrEnum):
    """Why a signed object is not believed."""

    MALFORMED = "malformed"
    SIGNER_UNKNOWN = "signer_unknown"
    SIGNATURE_WRONG = "signature_wrong"


class CoseRefused(ProjectError):
    """The signed object is malformed, or not signed by a key we trust."""

    code = "card.cose_refused"
    message_key = "error.card_unreadable"

    def __init__(self, reason: CoseFault) -> None:
        super().__init__(f"signed object refused: {reason}", reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Sign1:
    protected: bytes
    payload: bytes
    signature: bytes


def key_id(public_point: bytes) -> bytes:
    """How a signed object names its signer: the first 8 bytes of the SHA-256 of its SubjectPublicKeyInfo."""
    return hashlib.sha256(spki_from_point(public_point)).digest()[:_KEY_ID_BYTES]


def sign_cose(payload: bytes, content_type: ContentType, signer: Signer) -> bytes:
    """The tagged COSE_Sign1 around ``payload``."""
    protected = _encode_protected(content_type, key_id(signer.public_point))
    return _encode(_Sign1(protected, payload, signer.sign(_to_be_signed(protected, payload))))


def open_cose(cose: bytes, content_type: ContentType, signers_spki_der: Iterable[bytes]) -> bytes:
    """The payload, when one of these keys signed exactly this object; else ``CoseRefused``."""
    sign1 = _decode(cose)
    try:
        points = [point_from_spki(spki_der) for spki_der in signers_spki_der]
    except KeyRefused as error:
        raise CoseRefused(CoseFault.SIGNER_UNKNOWN) from error
    by_header = {_encode_protected(content_type, key_id(point)): point for point in points}
    point = by_header.get(sign1.protected)
    if point is None:
        raise CoseRefused(CoseFault.SIGNER_UNKNOWN)
    if not is_signed_by(point, sign1.signature, _to_be_signed(sign1.protected, sign1.payload)):
        raise CoseRefused(CoseFault.SIGNATURE_WRONG)
    return sign1.payload


def encode_cbor(value: CborValue) -> bytes:
    """``value`` in its one encoding (RFC 8949, 4.2.1)."""
    return cbor2.dumps(value, canonical=True)


def decode_cbor(data: bytes) -> CborValue:
    """The value in exactly these bytes; ``CoseRefused`` unless they are its one encoding.

    For payloads whose signature has been checked: tags in CBOR can make a reader compute for long.
    """
    try:
        value: CborValue = cbor2.loads(data)
        is_one_encoding = encode_cbor(value) == data
    except (cbor2.CBORError, ValueError, OverflowError) as error:
        raise CoseRefused(CoseFault.MALFORMED) from error
    if not is_one_encoding:
        raise CoseRefused(CoseFault.MALFORMED)
    return value


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure (RFC 9052, 4.4), without external data."""
    return encode_cbor([_CONTEXT, protected, b"", payload])


def _encode_protected(content_type: ContentType, signer_key_id: bytes) -> bytes:
    header: dict[int, CborValue] = {_HEADER_ALGORITHM: _ES256, _HEADER_KEY_ID: signer_key_id}
    if content_type is not ContentType.CWT:
        header[_HEADER_CONTENT_TYPE] = content_type.value
    return encode_cbor(header)


def _encode(sign1: _Sign1) -> bytes:
    fields: list[CborValue] = [sign1.protected, {}, sign1.payload, sign1.signature]
    return cbor2.dumps(cbor2.CBORTag(COSE_SIGN1_TAG, fields), canonical=True)


def _decode(cose: bytes) -> _Sign1:
    """The three byte strings. Read by hand: a general CBOR reader would act on tags before any check."""
    if len(cose) > MAX_COSE_BYTES or not cose.startswith(_TAG_18_ARRAY_4):
        raise CoseRefused(CoseFault.MALFORMED)
    protected, offset = _read_byte_string(cose, len(_TAG_18_ARRAY_4))
    payload, offset = _read_byte_string(cose, offset + len(_EMPTY_MAP))
    signature, _ = _read_byte_string(cose, offset)
    sign1 = _Sign1(protected, payload, signature)
    if _encode(sign1) != cose:
        raise CoseRefused(CoseFault.MALFORMED)
    return sign1


def _read_byte_string(data: bytes, offset: int) -> tuple[bytes, int]:
    """A byte string of major type 2 (RFC 8949, 3) with a length of up to two bytes, and the offset behind it."""
    length = data[offset] - _BYTE_STRING if offset < len(data) else -1
    start = offset + 1
    if length in (_LENGTH_IN_1, _LENGTH_IN_2):
        start += length - _LENGTH_IN_1 + 1
        length = int.from_bytes(data[offset + 1 : start], "big")
    elif not 0 <= length < _LENGTH_IN_1:
        raise CoseRefused(CoseFault.MALFORMED)
    return data[start : start + length], start + length
