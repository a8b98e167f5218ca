"""A card to put into a reader: power, commands, faults, and a file that keeps its memory."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from domain.errors import ProjectError
from hardware_sim.card.answer_to_reset import answer_to_reset, atr_info_segments
from hardware_sim.card.card_answer import CardAnswer, Delivery
from hardware_sim.card.chip import SERIAL_BYTES, SERIAL_SEGMENT, LifeState, life_in
from hardware_sim.card.curve import counted_multiplications
from hardware_sim.card.delay_model import DelayModel, Exchange
from hardware_sim.card.faults import CUTS, CardFault, CardFaults, FaultKind, SubstituteCard, spoiled_answer
from hardware_sim.card.key_store import KEY_SEGMENTS, other_key
from hardware_sim.card.memory import NonVolatileMemory, PowerCut, WritePosition
from hardware_sim.card.memory_file import CardHold, load_segments, save_segments
from hardware_sim.card.operating_system import CardOperatingSystem
from hardware_sim.card.profile import PROFILE_SEGMENT, ChipProfile, ChipProtocol
from hardware_sim.card.transport_keys import KEYS_SEGMENT, TransportKeys


class CardGone(ProjectError):
    """The card lost its power in the middle of a command: the outcome is unknown until it is powered again."""

    code = "sim.card_gone"


class CardSilent(ProjectError):
    """The card was told never to answer this command."""

    code = "sim.card_silent"


class VirtualCard:
    """One card. ``faults`` may be set at any time; ``is_contact`` before power-on says which interface is used.

    With a ``delay`` it takes the time that its link and chip would take; without one, as is usual, none.
    ``last_exchange`` is what the last answered command cost, ``scalar_multiplications`` what all of them did.
    """

    def __init__(
        self, segments: dict[str, bytes], path: Path | None, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.path = path
        self.faults = CardFaults()
        self._memory = NonVolatileMemory(segments, self.faults)
        self.is_contact = self.profile.protocol is not ChipProtocol.CONTACTLESS_ONLY
        self.delay: DelayModel | None = None
        self.last_exchange: Exchange | None = None
        self.scalar_multiplications = 0
        self._saved = dict(segments)
        self._sleep = sleep
        self._system: CardOperatingSystem | None = None
        self._substitute: SubstituteCard | None = None
        self._endless = False
        self._hold: CardHold | None = None
        self._is_in_reader = False
        self._lock = threading.Lock()

    @classmethod
    def blank(
        cls,
        path: Path | None = None,
        serial: bytes | None = None,
        *,
        profile: ChipProfile | None = None,
        transport_master_key: bytes | None = None,
    ) -> VirtualCard:
        """A new card as it leaves the factory; with a path it lives in that file.

        With the master key of its batch it has transport keys and is personalised by SCP03 only.
        """
        serial = serial or secrets.token_bytes(SERIAL_BYTES)
        if len(serial) != SERIAL_BYTES:
            raise ValueError(f"A chip serial has {SERIAL_BYTES} bytes")
        profile = profile or ChipProfile()
        segments = {SERIAL_SEGMENT: serial, PROFILE_SEGMENT: profile.encode(), **atr_info_segments(profile)}
        if transport_master_key is not None:
            segments[KEYS_SEGMENT] = TransportKeys.of_chip(transport_master_key, serial).encode()
        card = cls(segments, path)
        card._save(even_if_unchanged=True)
        return card

    @classmethod
    def load(cls, path: Path) -> VirtualCard:
        """The card in that file."""
        return cls(load_segments(path), path)

    @property
    def serial_hex(self) -> str:
        """The chip's serial number: known to the box of cards, not to a terminal once the card is operational."""
        return self._memory.read(SERIAL_SEGMENT).hex()

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return answer_to_reset(self.profile, is_contact=self.is_contact)

    @property
    def profile(self) -> ChipProfile:
        """What kind of chip is in the card."""
        return ChipProfile.decode(self._memory.read(PROFILE_SEGMENT))

    @property
    def is_powered(self) -> bool:
        """Whether the card would answer."""
        return self._system is not None

    def take_up(self) -> None:
        """Hold the card for a reader, until ``put_down``; raises CardElsewhere if it lies in another one."""
        with self._lock:
            self._hold_file()
            self._is_in_reader = True

    def put_down(self) -> None:
        """Take the card out of the reader: without power, and free for another one."""
        with self._lock:
            self._is_in_reader = False
            self._power_off()

    def power_on(self) -> bytes:
        """Start or restart the chip; returns the answer to reset. Everything proven before is forgotten.

        Raises CardElsewhere if the card's file is powered by another object or process, CardGone for an ordered cut.
        """
        with self._lock:
            return self._power_on()

    def power_off(self) -> None:
        """Take the power away between two commands."""
        with self._lock:
            self._power_off()

    def transmit(self, command: bytes) -> bytes:
        """The card's answer in this process. A cut raises ``CardGone``, silence ``CardSilent``."""
        answer = self.respond(command)
        if answer.delivery is Delivery.CARD_GONE:
            raise CardGone
        if answer.delivery is Delivery.NEVER:
            raise CardSilent
        return answer.data

    def respond(self, command: bytes) -> CardAnswer:
        """The card's answer as a reader would notice it, with whatever fault is due."""
        with self._lock:
            if self._substitute is not None:
                return self._substitute.respond(command)
            if self._system is None:
                return CardAnswer(Delivery.CARD_GONE)
            return self._respond(command, self.faults.next_command())

    def copy_files_without_keys(self, path: Path | None = None) -> VirtualCard:
        """A cloned card: every file, counter and the same CAN, but a new serial and keys of its own."""
        segments = dict(self._memory.snapshot())
        segments[SERIAL_SEGMENT] = secrets.token_bytes(SERIAL_BYTES)
        for name in segments:
            if name.startswith(KEY_SEGMENTS):
                segments[name] = other_key(segments[name])
        clone = VirtualCard(segments, path, sleep=self._sleep)
        clone._save(even_if_unchanged=True)
        return clone

    @property
    def life(self) -> LifeState:
        """The chip's stage of life, as the box of cards may look it up without a reader."""
        return life_in(self._memory)

    def _power_on(self) -> bytes:
        self._hold_file()
        self._forget_session()
        try:
            self._system = CardOperatingSystem(self._memory, is_contact=self.is_contact, sleep=self._sleep)
        except PowerCut:
            self._save()
            self._power_off()
            raise CardGone from None
        self._save()
        return self.atr

    def _hold_file(self) -> None:
        """A card is in one reader at a time: hold its file, and begin with what it says now."""
        if self._hold is None and self.path is not None:
            self._hold = CardHold.take(self.path)
            self._saved = load_segments(self.path)
            self._memory = NonVolatileMemory(self._saved, self.faults)

    def _power_off(self) -> None:
        self._forget_session()
        if self._hold is not None and not self._is_in_reader:
            self._hold.release()
            self._hold = None

    def _forget_session(self) -> None:
        self._system = None
        self._endless = False
        if self._substitute is not None:
            self._substitute.power_off()

    def _respond(self, command: bytes, fault: CardFault | None) -> CardAnswer:
        if fault is None:
            return self._spoil(FaultKind.ENDLESS_61XX, b"") if self._endless else self._execute(command)
        if fault.kind is FaultKind.SILENT:
            return CardAnswer(Delivery.NEVER)
        if fault.kind is FaultKind.SWAP_CARD:
            return self._swap(fault, command)
        if fault.kind in CUTS:
            return self._cut(fault, command)
        self._endless = fault.kind is FaultKind.ENDLESS_61XX
        answer = self._execute(command)
        return answer if answer.delivery is Delivery.CARD_GONE else self._spoil(fault.kind, answer.data)

    def _cut(self, fault: CardFault, command: bytes) -> CardAnswer:
        if fault.kind is FaultKind.CUT_HALF_WRITTEN:
            self.faults.cut_at_write(self.faults.writes + fault.at_write, WritePosition.INSIDE)
        if fault.kind is not FaultKind.CUT_NOT_DELIVERED:
            self._execute(command)
        self.faults.cancel_cut()  # a command without writes must not leave the cut to the next session
        self._power_off()
        return CardAnswer(Delivery.CARD_GONE)

    def _swap(self, fault: CardFault, command: bytes) -> CardAnswer:
        self._power_off()
        if fault.substitute is None:
            return CardAnswer(Delivery.CARD_GONE)
        self._substitute = fault.substitute
        self._substitute.power_on()
        return self._substitute.respond(command)

    def _execute(self, command: bytes) -> CardAnswer:
        assert self._system is not None
        written_before = self.faults.writes
        with counted_multiplications() as tally:
            try:
                answer = CardAnswer(Delivery.WHOLE, self._system.transmit(command))
            except PowerCut:
                answer = CardAnswer(Delivery.CARD_GONE)
        pages = self.faults.writes - written_before
        self._take_time(Exchange(len(command), len(answer.data), tally.count, pages))
        # What the card has answered must be on the disk, whatever becomes of this process.
        self._save()
        if answer.delivery is Delivery.CARD_GONE:
            self._power_off()
        return answer

    def _take_time(self, exchange: Exchange) -> None:
        self.last_exchange = exchange
        self.scalar_multiplications += exchange.scalar_multiplications
        if self.delay is not None:
            self._sleep(self.delay.delay_s(exchange))

    def _spoil(self, kind: FaultKind, answer: bytes) -> CardAnswer:
        is_partial = kind is FaultKind.PARTIAL_FRAME
        data = spoiled_answer(kind, answer, seed=self.faults.commands)
        return CardAnswer(Delivery.PARTIAL if is_partial else Delivery.WHOLE, data)

    def _save(self, *, even_if_unchanged: bool = False) -> None:
        segments = self._memory.snapshot()
        if self.path is not None and (even_if_unchanged or segments != self._saved):
            save_segments(self.path, segments)
        self._saved = segments
