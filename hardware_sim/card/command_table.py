"""The shape of a command handler, and the check that a repeatable answer fits into Le."""

from __future__ import annotations

from collections.abc import Callable

from card_service.apdu import MAX_SHORT_LE, SW, CommandApdu, ResponseApdu
from hardware_sim.card.status import StatusError

CommandTable = dict[int, Callable[[CommandApdu], ResponseApdu]]


def answer_of_exact_length(command: CommandApdu, data: bytes) -> ResponseApdu:
    """The data; 6Cxx with the right Le if a short Le leaves no room for them (for commands that may be repeated)."""
    if command.le is not None and command.le < len(data) <= MAX_SHORT_LE:
        raise StatusError(SW.WRONG_LE, len(data) % MAX_SHORT_LE)
    return ResponseApdu(data, SW.OK)
