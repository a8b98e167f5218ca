"""The chip's elliptic curves: key agreement on the curve of its make, and raw ECDSA on NIST P-256.

Points are uncompressed, 65 bytes; signatures are ``r || s``, 64 bytes (BSI TR-03111, 3.2.1 and 5.2.1). Both curves have
numbers of 32 bytes. Every scalar multiplication is counted (``counted_multiplications``).
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# The documented place of EccPoint; only its type stub hides it.
from Crypto.PublicKey.ECC import EccPoint  # type: ignore[attr-defined]
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from card_service.apdu import SW
from hardware_sim.card.profile import AgreementCurve
from hardware_sim.card.short_weierstrass import ShortWeierstrass
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

# RFC 5639, 3.4 (brainpoolP256r1)
_BRAINPOOL = ShortWeierstrass(
    prime=0xA9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377,
    a=0x7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9,
    b=0x26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6,
)
_BRAINPOOL_ORDER = 0xA9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7
_BRAINPOOL_GENERATOR = bytes.fromhex(
    "048BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262"
    "547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997"
)


@dataclass(slots=True)
class MultiplicationTally:
    """How many scalar multiplications were made."""

    count: int = 0


_tally: ContextVar[MultiplicationTally | None] = ContextVar("tally", default=None)


@contextmanager
def counted_multiplications() -> Iterator[MultiplicationTally]:
    """Count what is done inside."""
    tally = MultiplicationTally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


def _count_one() -> None:
    tally = _tally.get()
    if tally is not None:
        tally.count += 1


class Curve(ABC):
    """Key pairs, agreement, and the generic mapping of PACE on one curve."""

    def __init__(self, parameter_id: int, order: int, generator: bytes) -> None:
        self.parameter_id = parameter_id
        self.order = order
        self.generator = generator

    def random_scalar(self) -> int:
        """A private key."""
        return secrets.randbelow(self.order - 1) + 1

    def public_point(self, scalar: int) -> bytes:
        """The public key of a private key."""
        return self.multiply(self.generator, scalar)

    def multiply(self, point: bytes, scalar: int) -> bytes:
        """The point times the number; 6A80 if it is no point of the curve, or the product is infinity."""
        _count_one()
        return self._times(point, scalar)

    def map_generator(self, shared_point: bytes, nonce: bytes) -> bytes:
        """The generator of this PACE run: nonce × G + H (ICAO 9303-11, 4.4.3.3.1, generic mapping)."""
        product = self.multiply(self.generator, int.from_bytes(nonce, "big") % self.order)
        return self._plus(product, shared_point)

    def checked_point(self, point: bytes) -> bytes:
        """The point, if it lies on the curve and is not infinity; else the command is refused with 6A80."""
        self._check(_coordinates(point))
        return point

    @abstractmethod
    def _check(self, coordinates: tuple[int, int]) -> None:
        """Refuse with 6A80 what is no point of the curve."""

    @abstractmethod
    def _times(self, point: bytes, scalar: int) -> bytes:
        """The product of a checked point."""

    @abstractmethod
    def _plus(self, first: bytes, second: bytes) -> bytes:
        """The sum of two points."""


class _NistCurve(Curve):
    def __init__(self) -> None:
        super().__init__(12, int.from_bytes(ORDER, "big"), GENERATOR)  # BSI TR-03110-3, table 4

    def _check(self, coordinates: tuple[int, int]) -> None:
        self._point(coordinates)

    def _times(self, point: bytes, scalar: int) -> bytes:
        return self._bytes(self._point(_coordinates(point)) * scalar)

    def _plus(self, first: bytes, second: bytes) -> bytes:
        return self._bytes(self._point(_coordinates(first)) + self._point(_coordinates(second)))

    def _point(self, coordinates: tuple[int, int]) -> EccPoint:
        try:
            return EccPoint(*coordinates, curve="P-256")
        except ValueError as not_on_curve:
            raise StatusError(SW.WRONG_DATA) from not_on_curve

    def _bytes(self, point: EccPoint) -> bytes:
        return _encoded(None if point.is_point_at_infinity() else (int(point.x), int(point.y)))


class _BrainpoolCurve(Curve):
    def __init__(self) -> None:
        super().__init__(13, _BRAINPOOL_ORDER, _BRAINPOOL_GENERATOR)  # BSI TR-03110-3, table 4

    def _check(self, coordinates: tuple[int, int]) -> None:
        if not _BRAINPOOL.holds(coordinates):
            raise StatusError(SW.WRONG_DATA)

    def _times(self, point: bytes, scalar: int) -> bytes:
        return _encoded(_BRAINPOOL.times(_coordinates(self.checked_point(point)), scalar))

    def _plus(self, first: bytes, second: bytes) -> bytes:
        return _encoded(_BRAINPOOL.plus(_coordinates(first), _coordinates(second)))


P256: Curve = _NistCurve()
BRAINPOOL_P256R1: Curve = _BrainpoolCurve()
AGREEMENT_CURVES = {AgreementCurve.P256: P256, AgreementCurve.BRAINPOOL_P256R1: BRAINPOOL_P256R1}


def x_coordinate(point: bytes) -> bytes:
    """Comp() of ICAO 9303-11 and TR-03110: the X coordinate, 32 bytes."""
    return point[1 : 1 + FIELD_BYTES]


def sign(scalar: int, message: bytes) -> bytes:
    """Raw ECDSA on P-256 over SHA-256 of the message."""
    _count_one()
    r, s = decode_dss_signature(ec.derive_private_key(scalar, _CURVE).sign(message, _ECDSA))
    return r.to_bytes(FIELD_BYTES, "big") + s.to_bytes(FIELD_BYTES, "big")


def is_signed(point: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the raw signature over SHA-256 of the message was made with this point's private key (P-256)."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    _count_one()  # chips make the two products of a verification in one pass
    r, s = int.from_bytes(signature[:FIELD_BYTES], "big"), int.from_bytes(signature[FIELD_BYTES:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, P256.checked_point(point))
    try:
        key.verify(encode_dss_signature(r, s), message, _ECDSA)
    except InvalidSignature:
        return False
    return True


def _coordinates(point: bytes) -> tuple[int, int]:
    if len(point) != POINT_BYTES or point[0] != _UNCOMPRESSED:
        raise StatusError(SW.WRONG_DATA)
    return int.from_bytes(point[1 : 1 + FIELD_BYTES], "big"), int.from_bytes(point[1 + FIELD_BYTES :], "big")


def _encoded(coordinates: tuple[int, int] | None) -> bytes:
    if coordinates is None:
        raise StatusError(SW.WRONG_DATA)
    x, y = coordinates
    return bytes((_UNCOMPRESSED,)) + x.to_bytes(FIELD_BYTES, "big") + y.to_bytes(FIELD_BYTES, "big")
