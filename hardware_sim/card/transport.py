"""Below secure messaging: command chaining, GET RESPONSE, short and extended length (ISO/IEC 7816-4:2013, 5.3)."""

from __future__ import annotations

from collections.abc import Callable

from card_service.apdu import (
    CLA_CHAINING,
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
from hardware_sim.card.status import StatusError, require

# vpcd frames an answer with a 16-bit length, status word included.
MAX_ANSWER_DATA = 65_533


class Transport:
    """Assembles chained commands, and hands out long answers piece by piece."""

    def __init__(self, execute: Callable[[CommandApdu], ResponseApdu]) -> None:
        self._execute = execute
        self._chain: list[CommandApdu] = []
        self._waiting: ResponseApdu | None = None

    def reset(self) -> None:
        """Forget a half-sent command and a half-fetched answer."""
        self._chain, self._waiting = [], None

    def transmit(self, raw: bytes) -> bytes:
        """The answer to the bytes of one command."""
        try:
            return self._answer(CommandApdu.decode(raw)).encode()
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
        require(cla in (CLA_PLAIN, CLA_SECURE_MESSAGING), SW.CLA_NOT_SUPPORTED)
        part = CommandApdu(cla, command.ins, command.p1, command.p2, command.data, command.le)
        if part.ins == INS_GENERAL_AUTHENTICATE:
            # PACE marks its steps with the chaining bit, yet every step is a whole command (ICAO 9303-11, 4.4.4).
            self._chain = []
            return self._hand_out(self._execute(part), part.le)
        whole = self._assemble(part)
        if not is_last:
            return ResponseApdu(b"", SW.OK)
        self._chain = []
        return self._hand_out(self._execute(whole), whole.le)

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
        waiting, self._waiting = self._waiting, None
        assert waiting is not None
        return self._hand_out(waiting, command.le or MAX_SHORT_LE)

    def _hand_out(self, answer: ResponseApdu, le: int | None) -> ResponseApdu:
        """As much as fits into Le; the rest, and the status, wait for GET RESPONSE."""
        room = min(le or 0, MAX_ANSWER_DATA)
        if len(answer.data) <= room:
            return answer
        rest = answer.data[room:]
        self._waiting = ResponseApdu(rest, answer.sw)
        return ResponseApdu(answer.data[:room], SW.BYTES_AVAILABLE + min(len(rest), MAX_SHORT_LE) % MAX_SHORT_LE)
