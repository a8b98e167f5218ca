"""NIST P-256 for the chip: key pairs, agreement, raw ECDSA, and the generic mapping of PACE.

Points are uncompressed, 65 bytes; signatures are ``r || s``, 64 bytes (BSI TR-03111, 3.2.1 and 5.2.1).
"""

from __future__ import annotations

import secrets

# The documented place of EccPoint; only its type stub hides it.
from Crypto.PublicKey.ECC import EccPoint  # type: ignore[attr-defined]
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from card_service.apdu import SW
from hardware_sim.card.status import StatusError

FIELD_BYTES = 32
POINT_BYTES = 2 * FIELD_BYTES + 1
SIGNATURE_BYTES = 2 * FIELD_BYTES
_UNCOMPRESSED = 0x04
_CURVE = ec.SECP256R1()
_ECDSA = ec.ECDSA(SHA256())

# SEC 2, version 2.0, 2.4.2 (secp256r1)
PRIME = bytes.fromhex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF")
COEFFICIENT_A = bytes.fromhex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC")
COEFFICIENT_B = bytes.fromhex("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B")
GENERATOR = bytes.fromhex(
    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
)
ORDER = bytes.fromhex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")
COFACTOR = b"\x01"
_ORDER = int.from_bytes(ORDER, "big")


def random_scalar() -> int:
    """A private key."""
    return secrets.randbelow(_ORDER - 1) + 1


def public_point(scalar: int) -> bytes:
    """The public key of a private key."""
    return multiply(GENERATOR, scalar)


def multiply(point: bytes, scalar: int) -> bytes:
    """The point times the number."""
    return _encode(_decode(point) * scalar)


def map_generator(shared_point: bytes, nonce: bytes) -> bytes:
    """The generator of this PACE run: nonce × G + H (ICAO 9303-11, 4.4.3.3.1, generic mapping)."""
    mapped = _decode(GENERATOR) * (int.from_bytes(nonce, "big") % _ORDER) + _decode(shared_point)
    return _encode(mapped)


def x_coordinate(point: bytes) -> bytes:
    """Comp() of ICAO 9303-11 and TR-03110: the X coordinate, 32 bytes."""
    return point[1 : 1 + FIELD_BYTES]


def checked_point(point: bytes) -> bytes:
    """The point, if it lies on the curve and is not infinity; else the command is refused with 6A80."""
    _decode(point)
    return point


def sign(scalar: int, message: bytes) -> bytes:
    """Raw ECDSA over SHA-256 of the message."""
    r, s = decode_dss_signature(ec.derive_private_key(scalar, _CURVE).sign(message, _ECDSA))
    return r.to_bytes(FIELD_BYTES, "big") + s.to_bytes(FIELD_BYTES, "big")


def is_signed(point: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the raw signature over SHA-256 of the message was made with this point's private key."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    r, s = int.from_bytes(signature[:FIELD_BYTES], "big"), int.from_bytes(signature[FIELD_BYTES:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, checked_point(point))
    try:
        key.verify(encode_dss_signature(r, s), message, _ECDSA)
    except InvalidSignature:
        return False
    return True


def _decode(point: bytes) -> EccPoint:
    if len(point) != POINT_BYTES or point[0] != _UNCOMPRESSED:
        raise StatusError(SW.WRONG_DATA)
    x, y = int.from_bytes(point[1 : 1 + FIELD_BYTES], "big"), int.from_bytes(point[1 + FIELD_BYTES :], "big")
    try:
        return EccPoint(x, y, curve="P-256")
    except ValueError as not_on_curve:
        raise StatusError(SW.WRONG_DATA) from not_on_curve


def _encode(point: EccPoint) -> bytes:
    if point.is_point_at_infinity():
        raise StatusError(SW.WRONG_DATA)
    x, y = int(point.x), int(point.y)
    return bytes((_UNCOMPRESSED,)) + x.to_bytes(FIELD_BYTES, "big") + y.to_bytes(FIELD_BYTES, "big")
