"""One command in, one answer out: secure messaging around the command tables (ISO/IEC 7816-4:2013, 5)."""

from __future__ import annotations

from collections.abc import Callable

from card_service.apdu import (
    CLA_GLOBAL_PLATFORM,
    CLA_GLOBAL_PLATFORM_SECURE,
    CLA_SECURE_MESSAGING,
    INS_APPEND_RECORD,
    INS_DISABLE_VERIFICATION,
    INS_GET_DATA_ODD,
    INS_READ_RECORD,
    INS_RESET_RETRY_COUNTER,
    INS_VERIFY,
    SW,
    SW1_MASK,
    ApduError,
    CommandApdu,
    ResponseApdu,
)
from hardware_sim.card.chip import Chip
from hardware_sim.card.data_commands import DataCommands
from hardware_sim.card.file_commands import FileCommands
from hardware_sim.card.link_rules import LinkRules
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.personalisation_gate import PersonalisationGate
from hardware_sim.card.pin_commands import PinCommands
from hardware_sim.card.secure_messaging import SecureChannel
from hardware_sim.card.security_commands import SecurityCommands
from hardware_sim.card.security_state import SecurityState
from hardware_sim.card.status import StatusError, require
from hardware_sim.card.transport import Transport

_NOT_ON_STOCK = (
    INS_APPEND_RECORD,
    INS_READ_RECORD,
    INS_GET_DATA_ODD,
    INS_VERIFY,
    INS_RESET_RETRY_COUNTER,
    INS_DISABLE_VERIFICATION,
)


class CardOperatingSystem:
    """The running chip. One object lives for one power-on; what must last is in the memory."""

    def __init__(self, memory: NonVolatileMemory, *, is_contact: bool, sleep: Callable[[float], None]) -> None:
        self._chip = Chip(memory, SecurityState(is_contact=is_contact))
        self._chip.wake()
        self._security = SecurityCommands(self._chip, sleep)
        self._commands = {
            **FileCommands(self._chip).table(),
            **DataCommands(self._chip).table(),
            **self._security.table(),
            **PinCommands(self._chip).table(),
        }
        if self._chip.profile.is_stock:
            for instruction in _NOT_ON_STOCK:
                del self._commands[instruction]
        self._gate = PersonalisationGate(self._chip, self._perform)
        self._transport = Transport(self._execute, LinkRules.of(self._chip.profile, is_contact=is_contact))

    def transmit(self, raw: bytes) -> bytes:
        """The answer to the bytes of one command. A failing power comes through as ``PowerCut``."""
        return self._transport.transmit(raw)

    def _execute(self, command: CommandApdu) -> ResponseApdu:
        if self._gate.is_closed:
            return self._gate.execute(command)
        require(command.cla not in (CLA_GLOBAL_PLATFORM, CLA_GLOBAL_PLATFORM_SECURE), SW.CLA_NOT_SUPPORTED)
        channel = self._chip.security.channel
        is_protected = command.cla == CLA_SECURE_MESSAGING
        if channel is None:
            require(not is_protected, SW.SM_NOT_SUPPORTED)
            answer = self._perform(command)
        else:
            answer = self._perform_protected(channel, command, is_protected=is_protected)
        self._chip.security.start_next_channel()
        return answer

    def _perform_protected(self, channel: SecureChannel, command: CommandApdu, *, is_protected: bool) -> ResponseApdu:
        try:
            require(is_protected, SW.SM_OBJECTS_MISSING)
            plain = channel.unprotect(command)
        except ApduError as impossible:
            self._end_channel()
            raise StatusError(SW.SM_OBJECTS_INCORRECT) from impossible
        except StatusError:
            self._end_channel()
            raise
        answer = self._perform(plain)
        if answer.sw & SW1_MASK == SW.WRONG_LE:
            # As an outer status 6Cxx would invite the terminal to send the same protected bytes again: a replay.
            answer = ResponseApdu(b"", SW.WRONG_LENGTH)
        return channel.protect(answer, ins=plain.ins)

    def _perform(self, command: CommandApdu) -> ResponseApdu:
        handler = self._commands.get(command.ins)
        try:
            if handler is None:
                raise StatusError(SW.INS_NOT_SUPPORTED)
            return handler(command)
        except StatusError as refused:
            return ResponseApdu(b"", refused.sw)

    def _end_channel(self) -> None:
        self._chip.security.end_channel()
        self._security.forget()
