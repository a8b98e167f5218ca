"""What the protocol between reader and chip allows: lengths of commands and answers, and who fetches an answer."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.apdu import MAX_SHORT_LE, CommandApdu
from hardware_sim.card.profile import ChipProfile, ChipProtocol

# vpcd frames an answer with a 16-bit length, status word included.
MAX_ANSWER_BYTES = 65_535
_STATUS_BYTES = 2


@dataclass(frozen=True, slots=True)
class LinkRules:
    """The rules of one power-on."""

    is_t0: bool
    takes_extended_length: bool
    longest_command_bytes: int
    longest_answer_bytes: int

    @classmethod
    def of(cls, profile: ChipProfile, *, is_contact: bool) -> LinkRules:
        """The rules for this chip in a contact or a contactless reader."""
        return cls(
            is_t0=is_contact and profile.protocol is ChipProtocol.T0,
            takes_extended_length=profile.announces_extended_length,
            longest_command_bytes=profile.longest_command_bytes,
            longest_answer_bytes=min(profile.longest_answer_bytes, MAX_ANSWER_BYTES),
        )

    def takes(self, command: CommandApdu, raw: bytes) -> bool:
        """Whether the chip takes a command of this form and length."""
        is_extended = command.needs_extended_length or raw != command.encode()
        return not is_extended or (self.takes_extended_length and len(raw) <= self.longest_command_bytes)

    def room(self, le: int | None) -> int:
        """How many bytes of data one answer may carry when the reader wants this many."""
        longest = self.longest_answer_bytes - _STATUS_BYTES if self.takes_extended_length else MAX_SHORT_LE
        return min(le or 0, longest)
