"""A card whose honest answers are remembered, so that a conversation can be had again from any point, spoiled.

Below is the real simulated chip. Every answer of an honest conversation is kept with the chip's whole state after it (a
pickle of the running operating system, memory and channel included); the same commands get the same answers without the
chip, and a command that was not sent at that point goes to a chip as it was there, which then is asked to the end. With
``loaded_dice`` the reader says the same words each time, so that most of a conversation is remembered.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from card_service.apdu import ResponseApdu
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.operating_system import CardOperatingSystem
from hardware_sim.card.secure_messaging import SecureChannel
from hardware_sim.card.virtual_card import VirtualCard
from tests.campaigns.loaded_dice import LoadedDice


@dataclass(frozen=True)
class Seal:
    """The channel as it was before this answer was protected, and the answer: enough to protect another instead."""

    channel: SecureChannel
    plain: ResponseApdu
    ins: int

    def around(self, answer: bytes) -> bytes:
        """Another plain answer, status word at its end, as the chip would have protected it."""
        response = ResponseApdu(answer[:-2], int.from_bytes(answer[-2:], "big"))
        return copy.copy(self.channel).protect(response, ins=self.ins).encode()


@dataclass
class Point:
    """Where a conversation stands: the last answer, how it was protected, and the chip after it."""

    answer: bytes
    seal: Seal | None
    chip: bytes = field(repr=False)
    drawn: int
    onward: dict[bytes, Point] = field(default_factory=dict)

    def wake_chip(self) -> CardOperatingSystem:
        """A chip of its own in exactly this state."""
        # Our own pickle, made in this process a moment ago.
        chip: CardOperatingSystem = pickle.loads(self.chip)
        return chip


class SealRecorder:
    """Notes what the chip protects, while in hand."""

    def __init__(self) -> None:
        self.last: Seal | None = None

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Every chip of this process is listened to."""
        protect = SecureChannel.protect
        recorder = self

        def noted(channel: SecureChannel, response: ResponseApdu, *, ins: int) -> ResponseApdu:
            recorder.last = Seal(copy.copy(channel), response, ins)
            return protect(channel, response, ins=ins)

        # A chip under attack gives its session keys away; nothing in the simulator is built for that.
        SecureChannel.protect = noted  # type: ignore[method-assign]
        try:
            yield
        finally:
            SecureChannel.protect = protect  # type: ignore[method-assign]


class CardMemoir:
    """The honest conversation with one card from power-on; ``converse`` as often as wanted, each time anew."""

    def __init__(
        self, segments: Mapping[str, bytes], dice: LoadedDice, recorder: SealRecorder, atr: bytes | None = None
    ) -> None:
        self._dice = dice
        self._recorder = recorder
        self.atr = atr or VirtualCard(dict(segments), None).atr
        with self.chip_draws(0):
            memory = NonVolatileMemory(dict(segments))
            system = CardOperatingSystem(memory, is_contact=True, sleep=_no_wait)
        self.beginning = Point(b"", None, pickle.dumps(system), self._dice.drawn[True])

    def ask(self, chip: CardOperatingSystem, drawn: int, command: bytes) -> tuple[bytes, Seal | None, int]:
        """The chip's answer, how it was protected, and how far its stream of random values is drawn."""
        self._recorder.last = None
        with self.chip_draws(drawn):
            answer = chip.transmit(command)
        seal = self._recorder.last
        if seal is not None and answer[-2:] != seal.plain.sw.to_bytes(2, "big"):
            seal = None  # handed out in pieces: what follows is fetched in plain
        return answer, seal, self._dice.drawn[True]

    @contextmanager
    def chip_draws(self, drawn: int) -> Iterator[None]:
        """Random values come from the chip's stream."""
        self._dice.is_chip, self._dice.drawn[True] = True, drawn
        try:
            yield
        finally:
            self._dice.is_chip = False


class Conversation:
    """One conversation with the remembered card: by heart as long as it goes as it went, then with a chip."""

    def __init__(self, memoir: CardMemoir, *, is_learning: bool = False) -> None:
        self._memoir = memoir
        self.at = memoir.beginning
        self._is_learning = is_learning
        self._chip: CardOperatingSystem | None = None
        self._drawn = 0

    @property
    def is_by_heart(self) -> bool:
        """Whether all went as it went before."""
        return self._chip is None

    def say(self, command: bytes) -> tuple[bytes, Seal | None]:
        """The honest answer, and how it was protected."""
        if self._chip is None:
            onward = self.at.onward.get(command)
            if onward is not None:
                self.at = onward
                return onward.answer, onward.seal
            self._chip, self._drawn = self.at.wake_chip(), self.at.drawn
        answer, seal, self._drawn = self._memoir.ask(self._chip, self._drawn, command)
        if self._is_learning:
            self.at.onward[command] = self.at = Point(answer, seal, pickle.dumps(self._chip), self._drawn)
        return answer, seal


def _no_wait(_seconds: float) -> None:
    """The growing delay after wrong tokens costs a campaign nothing."""
