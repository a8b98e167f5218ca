"""What kind of chip a card has: how it speaks, on which curve it agrees keys, and which functions its maker put in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

PROFILE_SEGMENT = "chip/profile"
LONGEST_APDU_BYTES = 0x7FFF  # what most readers carry; two bytes of a positive number in EF.ATR/INFO


class ChipProtocol(StrEnum):
    """How the chip speaks through contacts, or that it has none."""

    T0 = "T=0"
    T1 = "T=1"
    CONTACTLESS_ONLY = "T=CL"


class AgreementCurve(StrEnum):
    """The curve of PACE and chip authentication."""

    P256 = "P-256"
    BRAINPOOL_P256R1 = "brainpoolP256r1"


class ChipFunctions(StrEnum):
    """What the operating system can do (docs/card-commands.md, 13)."""

    SPC1 = "SPC1"
    STOCK = "SPC0"


@dataclass(frozen=True, slots=True)
class ChipProfile:
    """One chip's make. Lengths are of whole APDUs in bytes and count only where extended length is taken."""

    protocol: ChipProtocol = ChipProtocol.T1
    curve: AgreementCurve = AgreementCurve.P256
    functions: ChipFunctions = ChipFunctions.SPC1
    takes_extended_length: bool = True
    longest_command_bytes: int = LONGEST_APDU_BYTES
    longest_answer_bytes: int = LONGEST_APDU_BYTES

    @property
    def is_stock(self) -> bool:
        """Whether this is an eMRTD from stock, without social protection functions."""
        return self.functions is ChipFunctions.STOCK

    @property
    def announces_extended_length(self) -> bool:
        """Whether the chip says that it takes extended length: T=0 has none (ISO/IEC 7816-3:2006, 12.1.3)."""
        return self.takes_extended_length and self.protocol is not ChipProtocol.T0

    def encode(self) -> bytes:
        """As the chip's memory keeps it."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields).encode("ascii")

    @classmethod
    def decode(cls, raw: bytes) -> ChipProfile:
        """The profile in a chip's memory; a chip that names none is the usual one."""
        if not raw:
            return cls()
        fields = json.loads(raw)
        return cls(
            ChipProtocol(fields["protocol"]),
            AgreementCurve(fields["curve"]),
            ChipFunctions(fields["functions"]),
            bool(fields["takes_extended_length"]),
            int(fields["longest_command_bytes"]),
            int(fields["longest_answer_bytes"]),
        )
