"""Below secure messaging: command chaining, GET RESPONSE, short and extended length (ISO/IEC 7816-4:2013, 5.3)."""

from __future__ import annotations

from collections.abc import Callable

from card_service.apdu import (
    CLA_CHAINING,
    CLA_GLOBAL_PLATFORM,
    CLA_GLOBAL_PLATFORM_SECURE,
    CLA_PLAIN,
    CLA_SECURE_MESSAGING,
    INS_GENERAL_AUTHENTICATE,
    INS_GET_RESPONSE,
    MAX_EXTENDED_DATA,
    MAX_SHORT_LE,
    SW,
    ApduError,
    CommandApdu,
    ResponseApdu,
)
from hardware_sim.card.link_rules import LinkRules
from hardware_sim.card.status import StatusError, require

_NEVER_CHAINED = (CLA_GLOBAL_PLATFORM, CLA_GLOBAL_PLATFORM_SECURE)


class Transport:
    """Assembles chained commands, and hands out long answers piece by piece."""

    def __init__(self, execute: Callable[[CommandApdu], ResponseApdu], rules: LinkRules) -> None:
        self._execute = execute
        self._rules = rules
        self._chain: list[CommandApdu] = []
        self._waiting: ResponseApdu | None = None

    def reset(self) -> None:
        """Forget a half-sent command and a half-fetched answer."""
        self._chain, self._waiting = [], None

    def transmit(self, raw: bytes) -> bytes:
        """The answer to the bytes of one command."""
        try:
            command = CommandApdu.decode(raw)
            require(self._rules.takes(command, raw), SW.WRONG_LENGTH)
            return self._answer(command).encode()
        except ApduError:
            self.reset()
            return ResponseApdu(b"", SW.WRONG_LENGTH).encode()
        except StatusError as refused:
            self.reset()
            return ResponseApdu(b"", refused.sw).encode()

    def _answer(self, command: CommandApdu) -> ResponseApdu:
        if command.ins == INS_GET_RESPONSE:
            return self._continue_answer(command)
        self._waiting = None
        is_last = not command.cla & CLA_CHAINING
        cla = command.cla & ~CLA_CHAINING
        is_known = cla in (CLA_PLAIN, CLA_SECURE_MESSAGING) or (is_last and cla in _NEVER_CHAINED)
        require(is_known, SW.CLA_NOT_SUPPORTED)
        part = CommandApdu(cla, command.ins, command.p1, command.p2, command.data, command.le)
        if part.ins == INS_GENERAL_AUTHENTICATE:
            # PACE marks its steps with the chaining bit, yet every step is a whole command (ICAO 9303-11, 4.4.4).
            self._chain = []
            return self._hand_out(self._execute(part), part)
        whole = self._assemble(part)
        if not is_last:
            return ResponseApdu(b"", SW.OK)
        self._chain = []
        return self._hand_out(self._execute(whole), whole)

    def _assemble(self, part: CommandApdu) -> CommandApdu:
        belongs = all(each.header == part.header for each in self._chain)
        require(belongs, SW.LAST_COMMAND_EXPECTED)
        self._chain.append(part)
        data = b"".join(each.data for each in self._chain)
        require(len(data) <= MAX_EXTENDED_DATA, SW.WRONG_LENGTH)
        return CommandApdu(part.cla, part.ins, part.p1, part.p2, data, part.le)

    def _continue_answer(self, command: CommandApdu) -> ResponseApdu:
        require(self._waiting is not None, SW.CONDITIONS_NOT_SATISFIED)
        require((command.cla, command.p1, command.p2) == (CLA_PLAIN, 0, 0), SW.WRONG_P1_P2)
        waiting = self._waiting
        assert waiting is not None
        le = command.le or MAX_SHORT_LE
        if self._rules.is_t0 and len(waiting.data) < le:
            return _wrong_le(waiting)
        self._waiting = None
        return self._give(waiting, le)

    def _hand_out(self, answer: ResponseApdu, command: CommandApdu) -> ResponseApdu:
        if not (self._rules.is_t0 and answer.data):
            return self._give(answer, command.le)
        if command.data or command.le is None:
            return self._give(answer, None)
        # T=0 sends exactly as many bytes as were asked for (ISO/IEC 7816-3:2006, 12.2.3).
        return self._give(answer, command.le) if len(answer.data) >= command.le else _wrong_le(answer)

    def _give(self, answer: ResponseApdu, le: int | None) -> ResponseApdu:
        """As much as fits into Le; the rest, and the status, wait for GET RESPONSE."""
        room = self._rules.room(le)
        if len(answer.data) <= room:
            return answer
        rest = answer.data[room:]
        self._waiting = ResponseApdu(rest, answer.sw)
        return ResponseApdu(answer.data[:room], SW.BYTES_AVAILABLE + min(len(rest), MAX_SHORT_LE) % MAX_SHORT_LE)


def _wrong_le(answer: ResponseApdu) -> ResponseApdu:
    return ResponseApdu(b"", SW.WRONG_LE + len(answer.data) % MAX_SHORT_LE)
