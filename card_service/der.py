"""The few DER pieces that certificates, security objects and security infos share (ITU-T X.690; SEC 1; RFC 5480)."""

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import core
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from card_service.ecdsa_raw import COORDINATE_BYTES, SIGNATURE_BYTES, load_point
from card_service.tlv import decode_tlv_one, encode_tlv
from domain.errors import ProjectError

TAG_BOOLEAN = 0x01
TAG_INTEGER = 0x02
TAG_BIT_STRING = 0x03
TAG_OCTET_STRING = 0x04
TAG_OID = 0x06
TAG_PRINTABLE_STRING = 0x13
TAG_UTC_TIME = 0x17
TAG_SEQUENCE = 0x30
TAG_SET = 0x31
TAG_CONTEXT_0 = 0xA0

#: SEQUENCE { SEQUENCE { id-ecPublicKey, secp256r1 }, BIT STRING of 65 bytes } (RFC 5480, 2).
_P256_SPKI_PREFIX = bytes.fromhex("3059301306072A8648CE3D020106082A8648CE3D030107034200")


class KeyRefused(ProjectError):
    """A public key that is not a point of P-256, or a signature of the wrong form."""

    code = "card.key_refused"
    message_key = "error.card_unreadable"


def encode_oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER, tag included."""
    return bytes(core.ObjectIdentifier(dotted).dump())


def oid_value(dotted: str) -> bytes:
    """The content octets of an OBJECT IDENTIFIER, as tag 06 of a card-verifiable certificate holds them."""
    return decode_tlv_one(encode_oid(dotted)).value


def encode_integer(number: int) -> bytes:
    """An INTEGER, tag included, in its shortest form."""
    return bytes(core.Integer(number).dump())


def encode_sequence(parts: Iterable[bytes]) -> bytes:
    return encode_tlv(TAG_SEQUENCE, b"".join(parts))


def encode_set_of(parts: Iterable[bytes]) -> bytes:
    """A SET OF, its members sorted by their encoding (X.690, 11.6)."""
    return encode_tlv(TAG_SET, b"".join(sorted(parts)))


def spki_from_point(point: bytes) -> bytes:
    """SubjectPublicKeyInfo with the curve by name, never by explicit parameters; or ``KeyRefused``."""
    try:
        load_point(point)
    except ValueError as error:
        raise KeyRefused("not a point of P-256") from error
    return _P256_SPKI_PREFIX + point


def point_from_spki(spki_der: bytes) -> bytes:
    """The point of that SubjectPublicKeyInfo; ``KeyRefused`` unless it is P-256 by name, in the one DER form."""
    point = spki_der[len(_P256_SPKI_PREFIX) :]
    if spki_from_point(point) != spki_der:
        raise KeyRefused("not the one DER form of a key of P-256")
    return point


def signature_der_from_raw(signature: bytes) -> bytes:
    """ECDSA-Sig-Value (RFC 3279, 2.2.3) of a raw ``r || s``."""
    if len(signature) != SIGNATURE_BYTES:
        raise KeyRefused("a raw signature has 64 bytes")
    r, s = signature[:COORDINATE_BYTES], signature[COORDINATE_BYTES:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))


def raw_from_signature_der(signature_der: bytes) -> bytes:
    """Raw ``r || s`` of an ECDSA-Sig-Value in its one DER form."""
    try:
        r, s = decode_dss_signature(signature_der)
        raw = r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
    except (ValueError, OverflowError) as error:
        raise KeyRefused("not an ECDSA signature of P-256") from error
    if signature_der_from_raw(raw) != signature_der:
        raise KeyRefused("not the one DER form of this signature")
    return raw
