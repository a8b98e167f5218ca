"""The two slots for entitlement statements, of which the newer counts (docs/card-commands.md, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.apdu import SW
from card_service.tlv import TlvError, decode_tlvs
from hardware_sim.card.bound_files import ENTITLEMENT_SEGMENT, bound_files
from hardware_sim.card.chip import Chip
from hardware_sim.card.status import StatusError, require

TAG_VERSION = 0xC0
TAG_LIMITS = 0xC1
TAG_STATEMENT = 0xC2
NUMBER_BYTES = 4
LIMIT_BYTES = 3 * NUMBER_BYTES
SLOTS = 2

_CURRENT_SEGMENT = "entitlement/current"
_SLOT_BYTES = 1

BenefitKey = tuple[int, int]  # scheme number, period key


@dataclass(frozen=True, slots=True)
class EntitlementStatement:
    """What the chip needs of a statement: its version and the limit of each benefit and period."""

    version: int
    limits: dict[BenefitKey, int]

    @classmethod
    def decode(cls, data: bytes) -> EntitlementStatement:
        """From ``C0 … C1 … C2 …``; anything else is refused with 6A80."""
        try:
            objects = decode_tlvs(data)
        except TlvError as malformed:
            raise StatusError(SW.WRONG_DATA) from malformed
        tags = [each.tag for each in objects]
        require(tags == [TAG_VERSION, TAG_LIMITS, TAG_STATEMENT], SW.WRONG_DATA)
        version, limits, statement = (each.value for each in objects)
        is_well_formed = len(version) == NUMBER_BYTES and len(limits) % LIMIT_BYTES == 0 and bool(statement)
        require(is_well_formed, SW.WRONG_DATA)
        by_benefit = decode_amounts(limits)
        require(len(by_benefit) * LIMIT_BYTES == len(limits), SW.WRONG_DATA)
        return cls(int.from_bytes(version, "big"), by_benefit)


def decode_amounts(raw: bytes) -> dict[BenefitKey, int]:
    """From n × ( scheme(4) period(4) amount(4) )."""
    numbers = [int.from_bytes(raw[at : at + NUMBER_BYTES], "big") for at in range(0, len(raw), NUMBER_BYTES)]
    return {
        (scheme, period): amount
        for scheme, period, amount in zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True)
    }


def encode_amounts(amounts: dict[BenefitKey, int]) -> bytes:
    """The bytes of ``decode_amounts``."""
    numbers = (number for (scheme, period), amount in amounts.items() for number in (scheme, period, amount))
    return b"".join(number.to_bytes(NUMBER_BYTES, "big") for number in numbers)


class EntitlementSlots:
    """Writes a statement into the slot not in use, then makes it the current one, atomically."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip

    def store(self, data: bytes) -> None:
        """Take a newer statement: 6985 if it is not newer, 6A84 if it is too long for the slot."""
        slots = bound_files(self._chip, ENTITLEMENT_SEGMENT)
        require(self._chip.selection.directory == slots.directory, SW.CONDITIONS_NOT_SATISFIED)
        statement, current = EntitlementStatement.decode(data), self.current()
        require(current is None or statement.version > current.version, SW.CONDITIONS_NOT_SATISFIED)
        slot = 0 if current is None else (self._current_slot() + 1) % SLOTS
        header = slots.headers[slot]
        require(len(data) <= header.size, SW.NOT_ENOUGH_MEMORY)
        with self._chip.memory.transaction():
            self._chip.files.update(slots.directory, header, 0, data.ljust(header.size, b"\x00"))
            pointer = bytes((slot,)) + len(data).to_bytes(NUMBER_BYTES, "big")
            self._chip.memory.put(_CURRENT_SEGMENT, pointer)

    def current(self) -> EntitlementStatement | None:
        """The statement in force, if the card has one."""
        content = self.current_content()
        return EntitlementStatement.decode(content) if content else None

    def current_content(self) -> bytes:
        """What was put into the slot in force; nothing before the first statement."""
        pointer = self._chip.memory.read(_CURRENT_SEGMENT)
        if not pointer:
            return b""
        slots = bound_files(self._chip, ENTITLEMENT_SEGMENT)
        length = int.from_bytes(pointer[_SLOT_BYTES:], "big")
        return self._chip.files.read(slots.directory, slots.headers[self._current_slot()], 0, length)

    def _current_slot(self) -> int:
        return self._chip.memory.read(_CURRENT_SEGMENT)[0]
