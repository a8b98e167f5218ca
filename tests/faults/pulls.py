"""Cards pulled out of the reader in the middle of a command, as a flow meets it, and a reader to do it with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from card_service.connection import CardConnection
from card_service.errors import CardGone
from hardware_sim.card.faults import CardFault, FaultKind
from hardware_sim.card.memory import WritePosition
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.devices.failure import DeviceName
from tests.flows.fake_devices import FakeReader

Result = TypeVar("Result")


class Moment(Enum):
    """When, in relation to one command, the card goes."""

    NOT_DELIVERED = "before the command reached the card"
    ANSWER_LOST = "after the card carried it out"
    HALF_WRITTEN = "inside a page that the command writes"


@dataclass(frozen=True)
class Pull:
    """One pull, at the n-th command that the flow sends to this reader, counted from 1 over all conversations."""

    moment: Moment
    at_command: int
    at_write: int = 1


@dataclass(frozen=True)
class Spoil:
    """The card stays, and its n-th answer is spoiled."""

    kind: FaultKind
    at_command: int


@dataclass
class Meter:
    """What passed through a reader: page writes of each command, in order."""

    writes: list[int] = field(default_factory=list)

    @property
    def commands(self) -> int:
        return len(self.writes)

    def pulls(self, moments: Sequence[Moment]) -> Iterator[Pull]:
        """Every pull that the same story can meet."""
        for command, page_writes in enumerate(self.writes, start=1):
            for moment in moments:
                places = range(1, page_writes + 1) if moment is Moment.HALF_WRITTEN else (1,)
                yield from (Pull(moment, command, place) for place in places)


class ShakyReader(FakeReader):
    """A reader whose card can be pulled or spoiled at a command; one thread, like the real one's session thread."""

    def __init__(self, name: DeviceName) -> None:
        super().__init__(name)
        self.meter = Meter()
        self.orders: list[Pull | Spoil] = []
        #: Another card lies in the reader when the n-th conversation begins, counted from 1; nobody saw it change.
        self.swaps: dict[int, VirtualCard] = {}
        self.conversations = 0
        self.wrap = self._watched
        self._thread = ThreadPoolExecutor(1)

    def insert(self, card: VirtualCard) -> None:
        self.card = card

    def pull(self) -> None:
        """Somebody takes the card."""
        card, self.card = self.card, None
        if card is not None:
            card.power_off()

    def swap(self, card: VirtualCard) -> None:
        """Another card in its place, faster than anybody looks."""
        self.pull()
        self.insert(card)

    async def keep(self, work: Callable[[CardConnection], Result]) -> Result:
        self.fail_if_told()
        return await self._in_thread(lambda: work(self._reopened()))

    async def proceed(self, work: Callable[[], Result]) -> Result:
        return await self._in_thread(work)

    async def release(self) -> None:
        await self._in_thread(self._let_go)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _reopened(self) -> CardConnection:
        self._let_go()
        self.conversations += 1
        if self.conversations in self.swaps:
            self.swap(self.swaps[self.conversations])
        return self._connect()

    def _let_go(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            connection.close()

    def _watched(self, inner: CardConnection) -> CardConnection:
        assert self.card is not None, "a connection was opened, so a card is there"
        return _Watched(inner, self, self.card)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


class _Watched:
    """One conversation. Once its card was pulled it is over, whatever lies in the reader later."""

    def __init__(self, inner: CardConnection, reader: ShakyReader, card: VirtualCard) -> None:
        self._inner = inner
        self._reader = reader
        self._card = card

    @property
    def atr(self) -> bytes:
        return self._inner.atr

    def transmit(self, apdu: bytes) -> bytes:
        if self._reader.card is not self._card:
            raise CardGone("pulled earlier")
        meter, before = self._reader.meter, self._card.faults.writes
        number = meter.commands + 1
        order = next((each for each in self._reader.orders if each.at_command == number), None)
        try:
            if isinstance(order, Pull):
                self._pull(order, apdu)
            if isinstance(order, Spoil):
                self._card.faults.order(CardFault(order.kind, self._card.faults.commands + 1))
            return self._inner.transmit(apdu)
        finally:
            meter.writes.append(self._card.faults.writes - before)

    def close(self) -> None:
        if self._reader.card is self._card:
            self._inner.close()

    def _pull(self, pull: Pull, apdu: bytes) -> None:
        if pull.moment is Moment.HALF_WRITTEN:
            self._card.faults.cut_at_write(self._card.faults.writes + pull.at_write, WritePosition.INSIDE)
        try:
            if pull.moment is not Moment.NOT_DELIVERED:
                self._inner.transmit(apdu)
        except CardGone:
            pass  # torn inside the write, as ordered
        finally:
            self._card.faults.cancel_cut()
            self._reader.pull()
        raise CardGone("pulled")
