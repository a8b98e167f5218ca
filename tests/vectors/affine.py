"""Points of an elliptic curve by the schoolbook, slow and on its own: to check worked examples, never for secrets."""

from __future__ import annotations

from dataclasses import dataclass

_BYTES = 32
Point = tuple[int, int] | None


@dataclass(frozen=True)
class AffineCurve:
    """y² = x³ + ax + b over the numbers modulo ``p``. None is the point at infinity."""

    p: int
    a: int
    b: int
    base: tuple[int, int]

    def add(self, first: Point, second: Point) -> Point:
        if first is None or second is None:
            return second if first is None else first
        (x1, y1), (x2, y2) = first, second
        if x1 == x2 and (y1 + y2) % self.p == 0:
            return None
        if first == second:
            slope = (3 * x1 * x1 + self.a) * pow(2 * y1, -1, self.p)
        else:
            slope = (y2 - y1) * pow(x2 - x1, -1, self.p)
        x3 = (slope * slope - x1 - x2) % self.p
        return x3, (slope * (x1 - x3) - y1) % self.p

    def multiply(self, point: Point, scalar: int) -> Point:
        result: Point = None
        while scalar:
            if scalar & 1:
                result = self.add(result, point)
            point, scalar = self.add(point, point), scalar >> 1
        return result


def decode_point(encoded: bytes) -> tuple[int, int]:
    return int.from_bytes(encoded[1 : 1 + _BYTES], "big"), int.from_bytes(encoded[1 + _BYTES :], "big")


def encode_point(point: Point) -> bytes:
    assert point is not None
    return b"\x04" + b"".join(value.to_bytes(_BYTES, "big") for value in point)


# RFC 5639, 3.4
BRAINPOOL_P256R1 = AffineCurve(
    p=0xA9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377,
    a=0x7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9,
    b=0x26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6,
    base=(
        0x8BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262,
        0x547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997,
    ),
)
# SEC 2, version 2.0, 2.4.2
P256 = AffineCurve(
    p=0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    a=-3,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    base=(
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
)
