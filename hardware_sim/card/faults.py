"""Faults to order: at which command, or at which page write, the card fails and how.

Commands and writes are counted from 1 since the last ``restart_counting``. A fault can be set at any time, also
from another thread while the card lies in a reader.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from hardware_sim.card.card_answer import CardAnswer
from hardware_sim.card.memory import WritePosition

HUGE_ANSWER_BYTES = 65_535
GARBAGE_BYTES = 300
ENDLESS_CHUNK_BYTES = 255

_OK = b"\x90\x00"
_MORE = b"\x61\xff"
_FLIP = 0x01
_FROM_END_TO_MAC = 3  # the last byte of the MAC stands before SW1-SW2


class FaultKind(Enum):
    """What goes wrong at one command."""

    CUT_NOT_DELIVERED = "the power fails before the card sees the command"
    CUT_ANSWER_LOST = "the command is executed, then the power fails"
    CUT_HALF_WRITTEN = "the power fails inside a page write of the command"
    SILENT = "the card never answers"
    PARTIAL_FRAME = "the answer breaks off in the middle"
    ZERO_LENGTH = "the answer has no bytes"
    GARBAGE = "the answer is random bytes"
    HUGE_ANSWER = "the answer has 65,535 bytes"
    ENDLESS_61XX = "from here on every answer promises more"
    WRONG_MAC = "the answer's last byte before the status is wrong"
    SWAP_CARD = "from here on another card answers"


CUTS = frozenset({FaultKind.CUT_NOT_DELIVERED, FaultKind.CUT_ANSWER_LOST, FaultKind.CUT_HALF_WRITTEN})


class SubstituteCard(Protocol):
    """The other card of SWAP_CARD."""

    def power_on(self) -> bytes:
        """Start it; returns its ATR."""

    def power_off(self) -> None:
        """Take its power away."""

    def respond(self, command: bytes) -> CardAnswer:
        """Its answer."""


@dataclass(frozen=True, slots=True)
class CardFault:
    """One fault of one command. ``at_write`` counts the page writes of that command (CUT_HALF_WRITTEN only)."""

    kind: FaultKind
    at_command: int
    at_write: int = 1
    substitute: SubstituteCard | None = None


class CardFaults:
    """The faults ordered for one card, and its counters. It is also the gate of the card's memory."""

    def __init__(self) -> None:
        self.commands = 0
        self.writes = 0
        self._ordered: list[CardFault] = []
        self._cut_at_write: tuple[int, WritePosition] | None = None

    def order(self, fault: CardFault) -> None:
        """Let the fault happen when its command comes."""
        self._ordered.append(fault)

    def order_next(self, kind: FaultKind, substitute: SubstituteCard | None = None) -> None:
        """Let it happen at the very next command."""
        self.order(CardFault(kind, self.commands + 1, substitute=substitute))

    def cut_at_write(self, number: int, position: WritePosition) -> None:
        """Let the power fail at this page write, counted since the last ``restart_counting``."""
        self._cut_at_write = (number, position)

    def cancel_cut(self) -> None:
        """No cut at a page write is ordered any more."""
        self._cut_at_write = None

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._ordered, self._cut_at_write = [], None

    def restart_counting(self) -> None:
        """The next command, and the next page write, are number 1."""
        self.commands = self.writes = 0

    def next_command(self) -> CardFault | None:
        """Count one command; the fault ordered for it, if there is one."""
        self.commands += 1
        for fault in self._ordered:
            if fault.at_command == self.commands:
                self._ordered.remove(fault)
                return fault
        return None

    def next_write(self) -> WritePosition | None:
        """Count one page write; where in it the power fails, if it does."""
        self.writes += 1
        if self._cut_at_write is not None and self._cut_at_write[0] == self.writes:
            position = self._cut_at_write[1]
            self._cut_at_write = None
            return position
        return None


def spoiled_answer(kind: FaultKind, answer: bytes, seed: int) -> bytes:
    """The bytes that the terminal gets instead of the answer."""
    if kind is FaultKind.PARTIAL_FRAME:
        return answer[: len(answer) // 2]
    if kind is FaultKind.ZERO_LENGTH:
        return b""
    if kind is FaultKind.GARBAGE:
        return random.Random(seed).randbytes(GARBAGE_BYTES)
    if kind is FaultKind.HUGE_ANSWER:
        return bytes(HUGE_ANSWER_BYTES - len(_OK)) + _OK
    if kind is FaultKind.ENDLESS_61XX:
        return bytes(ENDLESS_CHUNK_BYTES) + _MORE
    if kind is FaultKind.WRONG_MAC and len(answer) >= _FROM_END_TO_MAC:
        at = len(answer) - _FROM_END_TO_MAC
        return answer[:at] + bytes((answer[at] ^ _FLIP,)) + answer[at + 1 :]
    return answer
