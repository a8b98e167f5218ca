"""A chip with transport keys obeys only inside an SCP03 session, until it is activated (docs/card-commands.md, 12)."""

from __future__ import annotations

from collections.abc import Callable

from card_service.apdu import (
    CLA_GLOBAL_PLATFORM,
    CLA_GLOBAL_PLATFORM_SECURE,
    INS_EXTERNAL_AUTHENTICATE,
    INS_GET_DATA,
    INS_INITIALIZE_UPDATE,
    INS_SELECT,
    SW,
    SW1_MASK,
    CommandApdu,
    ResponseApdu,
)
from hardware_sim.card.chip import TRANSPORT_SEGMENTS, Chip, require_parameters
from hardware_sim.card.data_commands import DATA_LIFE
from hardware_sim.card.personalisation_session import CHALLENGE_BYTES, PersonalisationSession, card_challenge
from hardware_sim.card.status import StatusError, require
from hardware_sim.card.transport_keys import TransportKeys

KEY_VERSION = 0x30
MAX_FAILURES = 32
SECURITY_LEVEL = 0x33  # MAC and encryption of commands and answers
# GlobalPlatform Card Specification v2.3.1, H.1.3: the issuer security domain.
SECURITY_DOMAIN = bytes.fromhex("A000000151000000")

_ANY_KEY_VERSION = 0x00
_KEY_INFORMATION = bytes((KEY_VERSION, 0x03, 0x70))  # SCP03 with pseudo-random challenge, answer MAC and encryption
_DIVERSIFICATION_HEAD = bytes(2)
_SEQUENCE_SEGMENT = TRANSPORT_SEGMENTS + "sequence"
_FAILURES_SEGMENT = TRANSPORT_SEGMENTS + "failures"
_SEQUENCE_BYTES = 3
_MAX_SEQUENCE = 0xFFFFFF


class PersonalisationGate:
    """Lives for one power-on. Holds the session that was begun, and the one that is open."""

    def __init__(self, chip: Chip, perform: Callable[[CommandApdu], ResponseApdu]) -> None:
        self._chip = chip
        self._perform = perform
        self._begun: PersonalisationSession | None = None
        self._open: PersonalisationSession | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the chip has transport keys and so takes nothing in plain."""
        return TransportKeys.held(self._chip.memory) is not None

    def execute(self, command: CommandApdu) -> ResponseApdu:
        """The answer to a command in whatever class; 6982 outside a session, which any refusal ends."""
        if command.cla == CLA_GLOBAL_PLATFORM:
            self._end()
            require(command.ins == INS_INITIALIZE_UPDATE, SW.INS_NOT_SUPPORTED)
            return self._initialize_update(command)
        if command.cla == CLA_GLOBAL_PLATFORM_SECURE:
            begun, self._begun = self._begun, None
            if begun is not None and command.ins == INS_EXTERNAL_AUTHENTICATE:
                return self._external_authenticate(begun, command)
            return self._execute_protected(command)
        return self._execute_plain(command)

    def _execute_plain(self, command: CommandApdu) -> ResponseApdu:
        if command.ins == INS_GET_DATA and command.p1 << 8 | command.p2 == DATA_LIFE:
            return self._perform(command)
        # A file selected in plain must not become the target of what the session writes next.
        self._end()
        require(command.ins == INS_SELECT, SW.SECURITY_STATUS)
        return self._perform(command)

    def _execute_protected(self, command: CommandApdu) -> ResponseApdu:
        session, self._open = self._open, None
        if session is None:
            raise StatusError(SW.SECURITY_STATUS)
        answer = self._perform(session.unprotect(command))
        if answer.sw & SW1_MASK == SW.WRONG_LE:
            answer = ResponseApdu(b"", SW.WRONG_LENGTH)  # the same protected bytes must not be sent again
        if self.is_closed:
            self._open = session
        return session.protect(answer)

    def _initialize_update(self, command: CommandApdu) -> ResponseApdu:
        require(command.p1 in (KEY_VERSION, _ANY_KEY_VERSION), SW.REFERENCE_NOT_FOUND)
        require_parameters(command, p1=command.p1, p2=0)
        require(len(command.data) == CHALLENGE_BYTES, SW.WRONG_LENGTH)
        keys, failures = TransportKeys.held(self._chip.memory), self._failures()
        require(failures < MAX_FAILURES, SW.AUTHENTICATION_BLOCKED)
        assert keys is not None
        sequence = self._next_sequence()
        challenge = card_challenge(keys, sequence, SECURITY_DOMAIN)
        self._begun = PersonalisationSession(keys, command.data, challenge)
        identity = _DIVERSIFICATION_HEAD + self._chip.serial + _KEY_INFORMATION
        return ResponseApdu(identity + challenge + self._begun.card_cryptogram + sequence, SW.OK)

    def _external_authenticate(self, begun: PersonalisationSession, command: CommandApdu) -> ResponseApdu:
        self._open = None
        require_parameters(command, p1=SECURITY_LEVEL, p2=0)
        # Counted before the comparison: pulling the card at the right moment must not save a failure.
        self._set_failures(self._failures() + 1)
        require(begun.is_opened_by(command), SW.AUTHENTICATION_FAILED)
        self._set_failures(0)
        self._open = begun
        return ResponseApdu(b"", SW.OK)

    def _next_sequence(self) -> bytes:
        """Counted before it is used: no challenge is ever given twice."""
        number = int.from_bytes(self._chip.memory.read(_SEQUENCE_SEGMENT), "big") + 1
        require(number <= _MAX_SEQUENCE, SW.CONDITIONS_NOT_SATISFIED)
        sequence = number.to_bytes(_SEQUENCE_BYTES, "big")
        with self._chip.memory.transaction():
            self._chip.memory.put(_SEQUENCE_SEGMENT, sequence)
        return sequence

    def _failures(self) -> int:
        raw = self._chip.memory.read(_FAILURES_SEGMENT)
        return raw[0] if raw else 0

    def _set_failures(self, count: int) -> None:
        self._chip.memory.put(_FAILURES_SEGMENT, bytes((count,)))

    def _end(self) -> None:
        self._begun = self._open = None
