"""The chip's parts together: memory, files, keys, life state, selection and security state."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from card_service.apdu import SW, CommandApdu
from hardware_sim.card.answer_to_reset import atr_info_segments
from hardware_sim.card.curve import AGREEMENT_CURVES
from hardware_sim.card.file_header import FileHeader
from hardware_sim.card.file_system import (
    ATR_INFO_FILE_ID,
    MASTER_FILE_ID,
    FileSystem,
    content_segment,
    header_segment,
)
from hardware_sim.card.key_store import ChipKey, KeyStore, KeyUsage
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.profile import PROFILE_SEGMENT, ChipProfile
from hardware_sim.card.security_state import SecurityState
from hardware_sim.card.status import require

SERIAL_BYTES = 8
SIGNATURE_KEY_REFERENCE = 0x02
SERIAL_SEGMENT = "chip/serial"
CAN_SEGMENT = "chip/can"
_LIFE_SEGMENT = "chip/life"
TRANSPORT_SEGMENTS = "transport/"
_MAKERS_SEGMENTS = frozenset(
    {
        SERIAL_SEGMENT,
        PROFILE_SEGMENT,
        header_segment(MASTER_FILE_ID, ATR_INFO_FILE_ID),
        content_segment(MASTER_FILE_ID, ATR_INFO_FILE_ID),
    }
)


class LifeState(IntEnum):
    """Stages of the chip. ERASING is BLANK in the making: a cut while wiping must not leave half a card."""

    BLANK = 0x00
    PERSONALISING = 0x01
    OPERATIONAL = 0x05
    ERASING = 0xE0


class LifeEvent(IntEnum):
    """What moves the chip from one stage to the next."""

    FIRST_FILE = 1
    ACTIVATE = 2
    ERASE = 3
    ERASED = 4


_LIFE_TABLE = {
    (LifeState.BLANK, LifeEvent.FIRST_FILE): LifeState.PERSONALISING,
    (LifeState.PERSONALISING, LifeEvent.FIRST_FILE): LifeState.PERSONALISING,
    (LifeState.PERSONALISING, LifeEvent.ACTIVATE): LifeState.OPERATIONAL,
    (LifeState.PERSONALISING, LifeEvent.ERASE): LifeState.ERASING,
    (LifeState.ERASING, LifeEvent.ERASED): LifeState.BLANK,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The current DF and, if there is one, the current EF in it."""

    directory: int = MASTER_FILE_ID
    file: FileHeader | None = None


@dataclass(slots=True)
class Chip:
    """Everything that a command may look at or change."""

    memory: NonVolatileMemory
    security: SecurityState
    selection: Selection = field(default_factory=Selection)

    @property
    def files(self) -> FileSystem:
        """The file system."""
        return FileSystem(self.memory)

    @property
    def keys(self) -> KeyStore:
        """The private keys."""
        return KeyStore(self.memory, AGREEMENT_CURVES[self.profile.curve])

    @property
    def serial(self) -> bytes:
        """The chip's 8-byte serial number."""
        return self.memory.read(SERIAL_SEGMENT)

    @property
    def profile(self) -> ChipProfile:
        """What kind of chip this is."""
        return ChipProfile.decode(self.memory.read(PROFILE_SEGMENT))

    @property
    def life(self) -> LifeState:
        """The stage of life."""
        return life_in(self.memory)

    def signature_key(self) -> ChipKey:
        """Key 02, which signs receipts, challenges and an officer's approvals; 6A88 without one."""
        directory = self.selection.directory
        return self.keys.get(SIGNATURE_KEY_REFERENCE, KeyUsage.SIGNATURE, current_directory=directory)

    def advance(self, event: LifeEvent) -> None:
        """Go to the next stage; 6985 if the event is not possible now."""
        following = _LIFE_TABLE.get((self.life, event))
        require(following is not None, SW.CONDITIONS_NOT_SATISFIED)
        if following is not None and following is not self.life:
            self.memory.put(_LIFE_SEGMENT, bytes((following,)))

    def require_personalising(self) -> None:
        """Refuse with 6985 what only an open chip does."""
        require(self.life is LifeState.PERSONALISING, SW.CONDITIONS_NOT_SATISFIED)

    def erase(self) -> None:
        """Wipe files and keys, from PERSONALISING back to BLANK, able to go on after a power cut."""
        if self.life is not LifeState.ERASING:
            self.advance(LifeEvent.ERASE)
        for name in self.memory.names(""):
            if name != _LIFE_SEGMENT and not _is_makers(name):
                self.memory.erase(name)
        for name, content in atr_info_segments(self.profile).items():
            if self.memory.read(name) != content:  # personalisation may have written over it
                self.memory.put(name, content)
        self.advance(LifeEvent.ERASED)
        self.selection = Selection()
        self.security.end_channel()

    def wake(self) -> None:
        """What the chip does at power-on: settle an interrupted transaction or an interrupted wipe."""
        self.memory.recover()
        if self.life is LifeState.ERASING:
            self.erase()

    def may_read(self, header: FileHeader) -> bool:
        """Whether the file may be read now: freely until the chip is operational, then by its rule."""
        return self.life is not LifeState.OPERATIONAL or self.security.allows(header.read)


def life_in(memory: NonVolatileMemory) -> LifeState:
    """The stage of life that a chip's memory holds."""
    raw = memory.read(_LIFE_SEGMENT)
    return LifeState(raw[0]) if raw else LifeState.BLANK


def _is_makers(segment: str) -> bool:
    """Whether the chip's maker wrote it: a wipe leaves that alone."""
    return segment in _MAKERS_SEGMENTS or segment.startswith(TRANSPORT_SEGMENTS)


def require_parameters(command: CommandApdu, *, p1: int, p2: int) -> None:
    """Refuse other P1-P2 with 6A86."""
    require((command.p1, command.p2) == (p1, p2), SW.WRONG_P1_P2)
