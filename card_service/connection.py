"""The port to a card, and the transport that turns commands into bytes, within bounds a hostile card cannot pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from card_service.apdu import (
    CLA_CHAINING,
    CLA_PLAIN,
    INS_GET_RESPONSE,
    MAX_SHORT_DATA,
    MAX_SHORT_LE,
    SW,
    SW1_MASK,
    SW2_MASK,
    ApduError,
    CommandApdu,
    ResponseApdu,
)
from card_service.atr import is_t0_only
from card_service.errors import CardMisbehaved, CardSilent
from card_service.extended_length import BufferSizes

_LOGICAL_CHANNEL_MASK = 0x03
_SECURE_MESSAGING_MASK = 0x0C


class CardConnection(Protocol):
    """A card on a reader. ``transmit`` raises CardGone for any failure: the outcome is then unknown."""

    @property
    def atr(self) -> bytes:
        """Answer to reset (ISO/IEC 7816-3, 8)."""

    def transmit(self, apdu: bytes) -> bytes:
        """The card's answer, status word included."""

    def close(self) -> None:
        """Let go of the card without resetting or powering it off."""


class CommandSender(Protocol):
    """Anything that carries a command to the card: the transport, or a secure channel over it."""

    def send(self, command: CommandApdu) -> ResponseApdu:
        """The answer, whatever its status word."""

    @property
    def max_read_bytes(self) -> int:
        """The largest useful Le of a read."""


@dataclass(frozen=True)
class SessionLimits:
    """What one session may cost (reliability.md, T-20). Time counts only while the card is working."""

    max_apdus: int = 300
    max_card_time_s: float = 20.0
    max_file_bytes: int = 65_536
    max_answer_bytes: int = 65_536


#: Writing a card takes one command for each quarter kilobyte, and flash memory is slow.
PERSONALISATION_LIMITS = SessionLimits(max_apdus=3_000, max_card_time_s=180.0)

#: Largest read asked for at once: most readers carry it, and no file of ours is larger.
EXTENDED_READ_BYTES = 8_192
#: What protection and status word add to an answer at most.
_ANSWER_OVERHEAD_BYTES = 66


@dataclass
class Traffic:
    """What a session has cost so far: a figure for benchmarks and the bound for hostile cards."""

    apdus: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    card_time_s: float = 0.0


def _is_t0(connection: CardConnection) -> bool:
    """What the connection says; when it does not know, T=0 only if the card offers nothing else."""
    told: bool | None = getattr(connection, "is_t0", None)
    return is_t0_only(connection.atr) if told is None else told


class Transport:
    """Commands in plain: short or extended form, command chaining, GET RESPONSE and repeated Le.

    With ``is_extended`` it falls back to the short form for good when the card answers 6700 to an extended command in
    plain: a reader may not carry what the card can. Over T=0 there is no extended length, and a command with data and
    an answer goes out without Le (ISO/IEC 7816-3:2006, 12.2.1): the card says with 61xx what is waiting.
    """

    def __init__(
        self,
        connection: CardConnection,
        *,
        limits: SessionLimits | None = None,
        is_extended: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.traffic = Traffic()
        self._connection = connection
        self._limits = limits or SessionLimits()
        self._is_t0 = _is_t0(connection)
        self._is_extended = is_extended and not self._is_t0
        self._sizes: BufferSizes | None = None
        self._clock = clock

    @property
    def limits(self) -> SessionLimits:
        """The bounds of this session."""
        return self._limits

    def extend(self, sizes: BufferSizes) -> None:
        """Use extended length from now on, within these sizes; not over T=0."""
        self._is_extended, self._sizes = not self._is_t0, sizes

    @property
    def is_t0(self) -> bool:
        """Whether the card speaks T=0, which knows no extended length."""
        return self._is_t0

    @property
    def is_extended(self) -> bool:
        """Whether extended length is in use."""
        return self._is_extended

    @property
    def max_read_bytes(self) -> int:
        """The largest useful Le of a read."""
        if not self._is_extended:
            return MAX_SHORT_LE
        answer_bytes = EXTENDED_READ_BYTES if self._sizes is None else self._sizes.answer_bytes
        return max(MAX_SHORT_LE, min(EXTENDED_READ_BYTES, answer_bytes - _ANSWER_OVERHEAD_BYTES))

    def send(self, command: CommandApdu) -> ResponseApdu:
        """The whole answer. Raises CardGone, CardSilent, or CardMisbehaved when a bound is passed."""
        if not command.needs_extended_length:
            return self._collect(command, self._exchange(command))
        if self._is_extended and self._takes(command):
            response = self._exchange(command)
            is_in_plain = not command.cla & _SECURE_MESSAGING_MASK
            if response.sw != SW.WRONG_LENGTH or not is_in_plain:
                return self._collect(command, response)
            self._is_extended = False
        return self._send_chained(command)

    def _takes(self, command: CommandApdu) -> bool:
        return self._sizes is None or len(command.encode()) <= self._sizes.command_bytes

    def _send_chained(self, command: CommandApdu) -> ResponseApdu:
        le = None if command.le is None else min(command.le, MAX_SHORT_LE)
        data = command.data
        while len(data) > MAX_SHORT_DATA:
            part = CommandApdu(command.cla | CLA_CHAINING, command.ins, command.p1, command.p2, data[:MAX_SHORT_DATA])
            response = self._exchange(part)
            if not response.is_ok:
                return response
            data = data[MAX_SHORT_DATA:]
        last = replace(command, data=data, le=le)
        return self._collect(last, self._exchange(last))

    def _collect(self, command: CommandApdu, response: ResponseApdu) -> ResponseApdu:
        """The answer with everything that 61xx announced, after repeating a command once for 6Cxx."""
        if response.sw & SW1_MASK == SW.WRONG_LE:
            right_le = (response.sw & SW2_MASK) or MAX_SHORT_LE
            response = self._exchange(replace(command, le=right_le))
        data = response.data
        cla = command.cla & _LOGICAL_CHANNEL_MASK | CLA_PLAIN
        while response.sw & SW1_MASK == SW.BYTES_AVAILABLE:
            le = (response.sw & SW2_MASK) or MAX_SHORT_LE
            response = self._exchange(CommandApdu(cla, INS_GET_RESPONSE, 0, 0, le=le))
            data += response.data
            if len(data) > self._limits.max_answer_bytes:
                raise CardMisbehaved("The answer is larger than any file of a card")
        return ResponseApdu(data, response.sw)

    def _exchange(self, command: CommandApdu) -> ResponseApdu:
        is_le_implied = self._is_t0 and bool(command.data)
        apdu = replace(command, le=None).encode() if is_le_implied else command.encode()
        if self.traffic.apdus >= self._limits.max_apdus:
            raise CardMisbehaved("More commands than a session may take")
        self.traffic.apdus += 1
        self.traffic.bytes_up += len(apdu)
        began_s = self._clock()
        answer = self._connection.transmit(apdu)
        self.traffic.card_time_s += self._clock() - began_s
        self.traffic.bytes_down += len(answer)
        if self.traffic.card_time_s > self._limits.max_card_time_s:
            raise CardSilent("The card took longer than a session may take")
        try:
            response = ResponseApdu.decode(answer)
        except ApduError as error:
            raise CardMisbehaved("The answer is no response APDU") from error
        if len(response.data) > (command.le or 0):
            raise CardMisbehaved("The answer is longer than was asked for")
        return response
