"""Raw ECDSA on P-256 as the card interface uses it: ``r || s``, 64 bytes (BSI TR-03111, 5.2.1), SHA-256."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

SIGNATURE_BYTES = 64
POINT_BYTES = 65
COORDINATE_BYTES = 32


def sign_raw(private_key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """``r || s`` over SHA-256 of the message."""
    r, s = decode_dss_signature(private_key.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")


def is_signed_by(public_point: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of that key (``04 || X || Y``) signed exactly this message. Never raises."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    r = int.from_bytes(signature[:COORDINATE_BYTES], "big")
    s = int.from_bytes(signature[COORDINATE_BYTES:], "big")
    try:
        key = load_point(public_point)
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def load_point(public_point: bytes) -> ec.EllipticCurvePublicKey:
    """The key at this uncompressed point; ValueError when it is not on the curve."""
    if len(public_point) != POINT_BYTES:
        raise ValueError("An uncompressed P-256 point has 65 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_point)


def encode_point(public_key: ec.EllipticCurvePublicKey) -> bytes:
    """``04 || X || Y``."""
    numbers = public_key.public_numbers()
    x, y = (value.to_bytes(COORDINATE_BYTES, "big") for value in (numbers.x, numbers.y))
    return b"\x04" + x + y


def x_coordinate(public_point: bytes) -> bytes:
    """Comp(point) of BSI TR-03110-3, A.2.2.3: the X coordinate, 32 bytes."""
    return public_point[1 : 1 + COORDINATE_BYTES]
