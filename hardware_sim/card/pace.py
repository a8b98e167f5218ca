"""The chip's side of PACE with generic mapping (ICAO 9303-11, 4.4)."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from card_service.apdu import SW
from card_service.tlv import TlvError, decode_tlv_one, encode_tlv
from hardware_sim.card.curve import Curve, x_coordinate
from hardware_sim.card.key_derivation import AES_BLOCK_BYTES, SessionKeys, encrypt_block, mac
from hardware_sim.card.object_ids import OID_PACE_ECDH_GM_AES_128
from hardware_sim.card.status import StatusError, require

TAG_DYNAMIC_DATA = 0x7C
TAG_NONCE = 0x80
TAG_MAP_TERMINAL, TAG_MAP_CHIP = 0x81, 0x82
TAG_EPHEMERAL_TERMINAL, TAG_EPHEMERAL_CHIP = 0x83, 0x84
TAG_TOKEN_TERMINAL, TAG_TOKEN_CHIP = 0x85, 0x86
TAG_OBJECT_ID = 0x06
TAG_PUBLIC_KEY = 0x7F49
TAG_PUBLIC_POINT = 0x86

NONCE_BYTES = 16
TOKEN_BYTES = 8


@dataclass(frozen=True, slots=True, repr=False)
class PaceSecrets:
    """The random choices of one run; given from outside only to check worked examples of a standard."""

    nonce: bytes
    mapping_scalar: int
    ephemeral_scalar: int

    @classmethod
    def draw(cls, curve: Curve) -> PaceSecrets:
        """Fresh ones."""
        return cls(secrets.token_bytes(NONCE_BYTES), curve.random_scalar(), curve.random_scalar())


class PaceRun:
    """One run: four steps in order. ``keys`` and ``chip_ephemeral_x`` are there once the token was right."""

    def __init__(self, password_key: bytes, curve: Curve, drawn: PaceSecrets | None = None) -> None:
        self._password_key = password_key
        self._curve = curve
        self._drawn = drawn or PaceSecrets.draw(curve)
        self._step = 0
        self._generator = b""
        self._chip_ephemeral = b""
        self._terminal_ephemeral = b""
        self._agreed: SessionKeys | None = None

    @property
    def is_nonce_given(self) -> bool:
        """Whether the first step was answered."""
        return self._step > 0

    def step(self, data: bytes) -> bytes:
        """The whole answer to the whole data of one step before the last; 6985 out of turn."""
        tag, value = dynamic_data(data)
        steps = (
            (None, self._give_nonce),
            (TAG_MAP_TERMINAL, self._map),
            (TAG_EPHEMERAL_TERMINAL, self._exchange),
        )
        require(self._step < len(steps) and tag == steps[self._step][0], SW.CONDITIONS_NOT_SATISFIED)
        answer = steps[self._step][1](value)
        self._step += 1
        return encode_tlv(TAG_DYNAMIC_DATA, answer)

    def expects_token(self, data: bytes) -> bool:
        """Whether this is the last step, in its turn."""
        return self._agreed is not None and dynamic_data(data)[0] == TAG_TOKEN_TERMINAL

    def finish(self, data: bytes) -> tuple[bytes, SessionKeys] | None:
        """The chip's token object and the session keys, or None if the terminal's token is wrong."""
        if self._agreed is None:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        keys, token = self._agreed, dynamic_data(data)[1]
        self._agreed = None
        if not hmac.compare_digest(token, _token(keys, self._chip_ephemeral)):
            return None
        return encode_tlv(TAG_TOKEN_CHIP, _token(keys, self._terminal_ephemeral)), keys

    @property
    def chip_ephemeral_x(self) -> bytes:
        """ID_PICC for terminal authentication: Comp() of the chip's ephemeral key."""
        return x_coordinate(self._chip_ephemeral)

    def _give_nonce(self, _value: bytes) -> bytes:
        assert len(self._drawn.nonce) == AES_BLOCK_BYTES
        return encode_tlv(TAG_NONCE, encrypt_block(self._password_key, self._drawn.nonce))

    def _map(self, terminal_point: bytes) -> bytes:
        shared = self._curve.multiply(terminal_point, self._drawn.mapping_scalar)
        self._generator = self._curve.map_generator(shared, self._drawn.nonce)
        return encode_tlv(TAG_MAP_CHIP, self._curve.public_point(self._drawn.mapping_scalar))

    def _exchange(self, terminal_point: bytes) -> bytes:
        scalar = self._drawn.ephemeral_scalar
        self._terminal_ephemeral = self._curve.checked_point(terminal_point)
        self._chip_ephemeral = self._curve.multiply(self._generator, scalar)
        # ICAO 9303-11, 4.4.1: the two ephemeral keys must differ, or one side reflects the other.
        require(self._chip_ephemeral != self._terminal_ephemeral, SW.WRONG_DATA)
        self._agreed = SessionKeys.from_secret(x_coordinate(self._curve.multiply(terminal_point, scalar)))
        return encode_tlv(TAG_EPHEMERAL_CHIP, self._chip_ephemeral)


def dynamic_data(data: bytes) -> tuple[int | None, bytes]:
    """Tag and value of the one object inside 7C; (None, b"") if 7C is empty."""
    try:
        envelope = decode_tlv_one(data)
        objects = envelope.children()
    except TlvError as malformed:
        raise StatusError(SW.WRONG_DATA) from malformed
    require(envelope.tag == TAG_DYNAMIC_DATA and len(objects) <= 1, SW.WRONG_DATA)
    return (objects[0].tag, objects[0].value) if objects else (None, b"")


def _token(keys: SessionKeys, point: bytes) -> bytes:
    """MAC over the other side's ephemeral public key data object (ICAO 9303-11, 4.4.3.4)."""
    content = encode_tlv(TAG_OBJECT_ID, OID_PACE_ECDH_GM_AES_128) + encode_tlv(TAG_PUBLIC_POINT, point)
    return mac(keys.authentication, encode_tlv(TAG_PUBLIC_KEY, content))
