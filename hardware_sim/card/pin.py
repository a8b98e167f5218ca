"""The holder's PIN: off until an officer sets one, five tries (docs/card-commands.md, section 9)."""

from __future__ import annotations

import hmac

from card_service.apdu import SW
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.status import StatusError, require

MIN_DIGITS, MAX_DIGITS = 4, 6
MAX_TRIES = 5
_PIN_SEGMENT = "pin/digits"
_TRIES_SEGMENT = "pin/tries"
_FILLER = b"\xff"


class HolderPin:
    """The PIN and its tries in the chip's memory. Nothing here can be printed."""

    def __init__(self, memory: NonVolatileMemory) -> None:
        self._memory = memory

    @property
    def is_set(self) -> bool:
        """Whether there is a PIN."""
        return bool(self._memory.read(_PIN_SEGMENT))

    @property
    def tries_left(self) -> int:
        """How often a wrong one may still be given."""
        raw = self._memory.read(_TRIES_SEGMENT)
        return raw[0] if raw else 0

    def require_usable(self) -> None:
        """6A88 without a PIN, 6983 when no try is left."""
        require(self.is_set, SW.REFERENCE_NOT_FOUND)
        require(self.tries_left > 0, SW.AUTHENTICATION_BLOCKED)

    def check(self, digits: bytes) -> None:
        """Accept the right PIN; 63CX with the tries left for a wrong one, 6983 when that was the last."""
        self.require_usable()
        _require_well_formed(digits)
        # Counted before the comparison: pulling the card at the right moment must not save a try.
        self._set_tries(self.tries_left - 1)
        if not hmac.compare_digest(_filled(digits), _filled(self._memory.read(_PIN_SEGMENT))):
            raise self.refusal()
        self._set_tries(MAX_TRIES)

    def refusal(self) -> StatusError:
        """63CX, or 6983 when no try is left."""
        left = self.tries_left
        return StatusError(SW.TRIES_LEFT, left) if left else StatusError(SW.AUTHENTICATION_BLOCKED)

    def set(self, digits: bytes) -> None:
        """A new PIN with all its tries, the old one gone: all at once."""
        _require_well_formed(digits)
        with self._memory.transaction():
            self._memory.put(_PIN_SEGMENT, digits)
            self._set_tries(MAX_TRIES)

    def give_tries(self) -> None:
        """All tries again for the PIN that is set; 6A88 without one."""
        require(self.is_set, SW.REFERENCE_NOT_FOUND)
        self._set_tries(MAX_TRIES)

    def remove(self) -> None:
        """There is no PIN any more."""
        with self._memory.transaction():
            self._memory.put(_PIN_SEGMENT, b"")
            self._set_tries(0)

    def _set_tries(self, count: int) -> None:
        self._memory.put(_TRIES_SEGMENT, bytes((count,)))


def _require_well_formed(digits: bytes) -> None:
    require(MIN_DIGITS <= len(digits) <= MAX_DIGITS and digits.isdigit(), SW.WRONG_DATA)


def _filled(digits: bytes) -> bytes:
    """As long as the longest PIN, so that the time of a comparison does not tell the length."""
    return digits.ljust(MAX_DIGITS, _FILLER)
