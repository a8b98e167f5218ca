"""The curves that PACE and chip authentication may run on, and the one operation that a key library does not offer.

Multiplying a point by a secret is left to the library, which does it in constant time but tells only the X coordinate
(ECDH). Y is one of two roots; which one is found by a second product. ICAO 9303-11, 9.5.1; FIPS 186-4, D.1.2.3;
RFC 5639, 3.4.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec

from card_service.ecdsa_raw import COORDINATE_BYTES, POINT_BYTES, encode_point
from card_service.errors import CardError


class CurveNotOffered(CardError):
    """The card names domain parameters that this reader does not use; ``name`` says which."""

    code = "card.curve_not_offered"
    message_key = "error.card_unreadable"

    def __init__(self, name: str) -> None:
        super().__init__(f"Not one of the curves in use: {name}", name=name)
        self.name = name


@dataclass(frozen=True)
class _Parameters:
    """Prime, coefficients and order; ``y² = x³ + a·x + b``. Both primes are 3 modulo 4."""

    prime: int
    a: int
    b: int
    order: int
    curve: ec.EllipticCurve
    spki_prefix: bytes


_P256 = _Parameters(
    prime=0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    a=-3,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    order=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    curve=ec.SECP256R1(),
    spki_prefix=bytes.fromhex("3059301306072A8648CE3D020106082A8648CE3D030107034200"),
)
_BRAINPOOL = _Parameters(
    prime=0xA9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377,
    a=0x7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9,
    b=0x26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6,
    order=0xA9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7,
    curve=ec.BrainpoolP256R1(),
    spki_prefix=bytes.fromhex("305A301406072A8648CE3D020106092B2403030208010107034200"),
)


class AgreementCurve(Enum):
    """A curve by its standardised parameter id (BSI TR-03110-3, table 4). Points are 65 bytes on both."""

    P256 = 12
    BRAINPOOL_P256R1 = 13

    @property
    def spki_prefix(self) -> bytes:
        """SubjectPublicKeyInfo up to the point, the curve by name (RFC 5480, 2)."""
        return self._parameters.spki_prefix

    @property
    def _parameters(self) -> _Parameters:
        return _P256 if self is AgreementCurve.P256 else _BRAINPOOL

    def load(self, point: bytes) -> ec.EllipticCurvePublicKey:
        """The key at this uncompressed point; ValueError when it is not on the curve."""
        if len(point) != POINT_BYTES:
            raise ValueError("An uncompressed point has 65 bytes")
        return ec.EllipticCurvePublicKey.from_encoded_point(self._parameters.curve, point)

    def draw(self) -> AgreementKey:
        """A fresh secret."""
        # Neither 0 nor order - 1: ``times`` needs the next number, too.
        return AgreementKey(self, 1 + secrets.randbelow(self._parameters.order - 2))

    def base_times(self, number: int) -> bytes:
        """The base point times ``number``; ValueError when that is the point at infinity."""
        return encode_point(AgreementKey(self, number % self._parameters.order).public_key)

    def add(self, first: bytes, second: bytes) -> bytes:
        """The sum of two points; ValueError when it is the point at infinity."""
        p, (x1, y1), (x2, y2) = self._parameters.prime, _split(first), _split(second)
        if x1 == x2 and (y1 + y2) % p == 0:
            raise ValueError("The points cancel each other out")
        rise, run = (y2 - y1, x2 - x1) if x1 != x2 else (3 * x1 * x1 + self._parameters.a, 2 * y1)
        slope = rise * pow(run, -1, p) % p
        x = (slope * slope - x1 - x2) % p
        return _join(x, (slope * (x1 - x) - y1) % p)

    def root(self, x: int) -> int:
        """One of the two Y of a point with this X."""
        parameters = self._parameters
        square = (pow(x, 3, parameters.prime) + parameters.a * x + parameters.b) % parameters.prime
        return pow(square, (parameters.prime + 1) // 4, parameters.prime)

    def mirror(self, point: bytes) -> bytes:
        """The point with the other Y."""
        x, y = _split(point)
        return _join(x, self._parameters.prime - y)


@dataclass(frozen=True, repr=False)
class AgreementKey:
    """A secret number on a curve; never shown."""

    curve: AgreementCurve
    number: int

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The base point times the number."""
        return self._private.public_key()

    def agree(self, point: bytes) -> bytes:
        """X of ``point`` times the number (ECDH), 32 bytes; ValueError when the point is not on the curve."""
        return self._private.exchange(ec.ECDH(), self.curve.load(point))

    def times(self, point: bytes) -> bytes:
        """``point`` times the number, whole."""
        x = int.from_bytes(self.agree(point), "big")
        found = _join(x, self.curve.root(x))
        next_x = AgreementKey(self.curve, self.number + 1).agree(point)
        try:
            is_right = self.curve.add(found, point)[1 : 1 + COORDINATE_BYTES] == next_x
        except ValueError:
            is_right = False
        return found if is_right else self.curve.mirror(found)

    @cached_property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.number, self.curve._parameters.curve)


def curve_of_point(point: bytes) -> AgreementCurve:
    """The one curve that the point lies on; ValueError when it lies on none in use."""
    for curve in AgreementCurve:
        try:
            curve.load(point)
        except ValueError:
            continue
        return curve
    raise ValueError("Not a point of a curve in use")


def curve_by_parameter_id(parameter_id: int) -> AgreementCurve:
    """The curve with that standardised number, or CurveNotOffered by its name."""
    try:
        return AgreementCurve(parameter_id)
    except ValueError as error:
        raise CurveNotOffered(_OTHER_NAMES.get(parameter_id, f"parameter id {parameter_id}")) from error


#: BSI TR-03110-3, table 4: what a card may name and we refuse.
_OTHER_NAMES = {
    0: "1024-bit MODP group",
    1: "2048-bit MODP group, 224-bit order",
    2: "2048-bit MODP group, 256-bit order",
    8: "NIST P-192",
    9: "brainpoolP192r1",
    10: "NIST P-224",
    11: "brainpoolP224r1",
    14: "brainpoolP320r1",
    15: "NIST P-384",
    16: "brainpoolP384r1",
    17: "brainpoolP512r1",
    18: "NIST P-521",
}


def _split(point: bytes) -> tuple[int, int]:
    x, y = point[1 : 1 + COORDINATE_BYTES], point[1 + COORDINATE_BYTES :]
    return int.from_bytes(x, "big"), int.from_bytes(y, "big")


def _join(x: int, y: int) -> bytes:
    return b"\x04" + x.to_bytes(COORDINATE_BYTES, "big") + y.to_bytes(COORDINATE_BYTES, "big")
