"""VERIFY, RESET RETRY COUNTER and DISABLE VERIFICATION REQUIREMENT (ISO/IEC 7816-4:2013, 11.5)."""

from __future__ import annotations

from card_service.apdu import (
    INS_DISABLE_VERIFICATION,
    INS_RESET_RETRY_COUNTER,
    INS_VERIFY,
    SW,
    CommandApdu,
    ResponseApdu,
)
from hardware_sim.card.chip import Chip, require_parameters
from hardware_sim.card.command_table import CommandTable
from hardware_sim.card.file_header import GENUINE_CHANNEL, SecurityCondition
from hardware_sim.card.pin import HolderPin
from hardware_sim.card.status import StatusError, require

REFERENCE_PIN = 0x81
RIGHT_UNBLOCK = 0x0010
_NEW_PIN, _SAME_PIN = 0x02, 0x03
_WITHOUT_DATA = 0x01
_DONE = ResponseApdu(b"", SW.OK)


class PinCommands:
    """The part of the operating system that knows the holder's PIN."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._pin = HolderPin(chip.memory)

    def table(self) -> CommandTable:
        """Which instruction is answered by which method."""
        return {
            INS_VERIFY: self.verify,
            INS_RESET_RETRY_COUNTER: self.reset_retry_counter,
            INS_DISABLE_VERIFICATION: self.disable,
        }

    def verify(self, command: CommandApdu) -> ResponseApdu:
        """Compare the PIN given; without data tell whether it was verified in this channel."""
        require_parameters(command, p1=0, p2=REFERENCE_PIN)
        require(self._chip.security.holds(GENUINE_CHANNEL), SW.SECURITY_STATUS)
        if not command.data:
            return self._tell()
        self._chip.security.is_pin_verified = False
        self._pin.check(command.data)
        self._chip.security.is_pin_verified = True
        return _DONE

    def reset_retry_counter(self, command: CommandApdu) -> ResponseApdu:
        """A new PIN, or new tries for the old one."""
        require(command.p1 in (_NEW_PIN, _SAME_PIN), SW.WRONG_P1_P2)
        require_parameters(command, p1=command.p1, p2=REFERENCE_PIN)
        self._require_unblock()
        self._chip.security.is_pin_verified = False
        if command.p1 == _NEW_PIN:
            self._pin.set(command.data)
        else:
            require(not command.data, SW.WRONG_LENGTH)
            self._pin.give_tries()
        return _DONE

    def disable(self, command: CommandApdu) -> ResponseApdu:
        """No PIN any more."""
        require_parameters(command, p1=_WITHOUT_DATA, p2=REFERENCE_PIN)
        self._require_unblock()
        require(not command.data, SW.WRONG_LENGTH)
        self._chip.security.is_pin_verified = False
        self._pin.remove()
        return _DONE

    def _tell(self) -> ResponseApdu:
        self._pin.require_usable()
        if not self._chip.security.is_pin_verified:
            raise self._pin.refusal()
        return _DONE

    def _require_unblock(self) -> None:
        needed = GENUINE_CHANNEL | SecurityCondition.TERMINAL_AUTHENTICATION
        if not (self._chip.security.holds(needed) and self._chip.security.grants(RIGHT_UNBLOCK)):
            raise StatusError(SW.SECURITY_STATUS)
