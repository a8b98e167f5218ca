"""How many countersignatures an officer's card may still make (docs/card-commands.md, section 11)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace

from card_service.apdu import SW
from card_service.tlv import TlvError, decode_tlvs
from hardware_sim.card.curve import P256, SIGNATURE_BYTES, is_signed
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.status import StatusError, require

QUOTA_BYTES = 2
GRANT_NUMBER_BYTES = 4
COUNT_BYTES = 4
TAG_GRANT_NUMBER, TAG_QUOTA, TAG_SIGNATURE = 0xC0, 0xC1, 0xC2
GRANT_PREFIX = b"QUOT"
_STATE_SEGMENT = "quota/state"
_AUTHORITY_SEGMENT = "quota/authority"
_FIXED_BYTES = QUOTA_BYTES + GRANT_NUMBER_BYTES + COUNT_BYTES


@dataclass(frozen=True, slots=True)
class QuotaState:
    """What is left, which grant it came from, how many signatures were made, and the hash of the last one."""

    remaining: int
    last_grant: int = 0
    made: int = 0
    last_hash: bytes = b""

    @property
    def told(self) -> bytes:
        """``remaining(2) last grant number(4) signatures made(4)``."""
        numbers = ((self.remaining, QUOTA_BYTES), (self.last_grant, GRANT_NUMBER_BYTES), (self.made, COUNT_BYTES))
        return b"".join(number.to_bytes(width, "big") for number, width in numbers)

    @classmethod
    def decode(cls, raw: bytes) -> QuotaState:
        """From ``told`` and the last hash."""
        remaining, grant = raw[:QUOTA_BYTES], raw[QUOTA_BYTES : QUOTA_BYTES + GRANT_NUMBER_BYTES]
        made = raw[QUOTA_BYTES + GRANT_NUMBER_BYTES : _FIXED_BYTES]
        numbers = [int.from_bytes(each, "big") for each in (remaining, grant, made)]
        return cls(numbers[0], numbers[1], numbers[2], raw[_FIXED_BYTES:])


class SignatureQuota:
    """The quota in the chip's memory; without one the chip signs as often as it is asked."""

    def __init__(self, memory: NonVolatileMemory) -> None:
        self._memory = memory

    def begin(self, quota: bytes) -> None:
        """The first quota, at personalisation."""
        require(len(quota) == QUOTA_BYTES, SW.WRONG_DATA)
        self._keep(QuotaState(int.from_bytes(quota, "big")))

    def set_authority(self, point: bytes) -> None:
        """Whose grants are believed, at personalisation."""
        self._memory.put(_AUTHORITY_SEGMENT, P256.checked_point(point))

    def find(self) -> QuotaState | None:
        """The state; None on a chip without a quota."""
        raw = self._memory.read(_STATE_SEGMENT)
        return QuotaState.decode(raw) if raw else None

    def count(self, message_hash: bytes) -> None:
        """Count one signature before it is made, unless it is the last one asked for again; 6985 at zero."""
        state = self.find()
        if state is None or hmac.compare_digest(state.last_hash, message_hash):
            return
        require(state.remaining > 0, SW.CONDITIONS_NOT_SATISFIED)
        with self._memory.transaction():
            self._keep(QuotaState(state.remaining - 1, state.last_grant, state.made + 1, message_hash))

    def grant(self, data: bytes, own_point: bytes) -> None:
        """Take a signed grant: 6985 without a quota or if it is not newer, 6A80 malformed or not the authority's."""
        number, quota, signature = _decode_grant(data)
        state, authority = self.find(), self._memory.read(_AUTHORITY_SEGMENT)
        if state is None or not authority:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        require(int.from_bytes(number, "big") > state.last_grant, SW.CONDITIONS_NOT_SATISFIED)
        message = GRANT_PREFIX + hashlib.sha256(own_point).digest() + number + quota
        require(is_signed(authority, signature, message), SW.WRONG_DATA)
        granted = replace(state, remaining=int.from_bytes(quota, "big"), last_grant=int.from_bytes(number, "big"))
        with self._memory.transaction():
            self._keep(granted)

    def _keep(self, state: QuotaState) -> None:
        self._memory.put(_STATE_SEGMENT, state.told + state.last_hash)


def _decode_grant(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Number, quota and signature; anything else is refused with 6A80."""
    try:
        objects = decode_tlvs(data)
    except TlvError as malformed:
        raise StatusError(SW.WRONG_DATA) from malformed
    shape = [(each.tag, len(each.value)) for each in objects]
    expected = [
        (TAG_GRANT_NUMBER, GRANT_NUMBER_BYTES),
        (TAG_QUOTA, QUOTA_BYTES),
        (TAG_SIGNATURE, SIGNATURE_BYTES),
    ]
    require(shape == expected, SW.WRONG_DATA)
    number, quota, signature = (each.value for each in objects)
    return number, quota, signature
