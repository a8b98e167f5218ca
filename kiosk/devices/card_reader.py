"""A card reader as the kiosk's core uses it: presence as coroutines, card sessions in a thread of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from card_service.connection import CardConnection
from card_service.errors import CardGone, CardSilent, NoCard, ReaderTaken, ReaderUnavailable
from kiosk.devices.failure import DeviceFailed, DeviceName, FailureReason, Health, WorkerAnswer
from kiosk.devices.frames import Value
from kiosk.devices.remote_devices import RemoteDevice
from kiosk.devices.worker import Worker

_PRESENCE_S = 3.0
_CONNECT_S = 5.0
#: A silent card holds PC/SC for ever; the slowest honest command makes a key pair (reliability.md, F-07).
_TRANSMIT_S = 6.0

Result = TypeVar("Result")


class CardReader(Protocol):
    """A reader with perhaps a card on it."""

    @property
    def device(self) -> DeviceName: ...

    async def is_card_present(self) -> bool:
        """Raises DeviceFailed when the reader cannot say."""
        ...

    async def run(self, work: Callable[[CardConnection], Result]) -> Result:
        """Open the card, do the work in the reader's thread, and let go of the card.

        Raises what the work raises, NoCard, CardGone, and DeviceFailed for the reader. Cancelling lets the work go on
        to its end unheard: a card is never left in the middle of a command.
        """
        ...

    async def keep(self, work: Callable[[CardConnection], Result]) -> Result:
        """Like ``run``, and the card stays open afterwards, for ``proceed``."""
        ...

    async def proceed(self, work: Callable[[], Result]) -> Result:
        """More work of the same conversation, in the same thread."""
        ...

    async def release(self) -> None:
        """Let go of the card; never raises."""
        ...

    async def check(self) -> Health: ...


class RemoteCardConnection:
    """card_service.connection.CardConnection over the reader's process. Blocks; use it in the reader's thread only."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        match self._call("connect", {}, _CONNECT_S):
            case {"connection": int(number), "atr": bytes(atr)}:
                self._number, self._atr = number, atr
            case _:
                raise ReaderUnavailable("the reader's process answered nonsense")

    @property
    def atr(self) -> bytes:
        return self._atr

    def transmit(self, apdu: bytes) -> bytes:
        answer = self._call("transmit", {"connection": self._number, "apdu": apdu}, _TRANSMIT_S)
        if not isinstance(answer, bytes):
            raise CardGone("the reader's process answered nonsense")
        return answer

    def close(self) -> None:
        try:
            self._call("disconnect", {"connection": self._number}, _CONNECT_S)
        except (CardGone, NoCard, CardSilent, ReaderUnavailable, DeviceFailed):
            # There is nothing left to let go of.
            return

    def _call(self, method: str, args: dict[str, Value], deadline_s: float) -> Value:
        try:
            return self._worker.call_blocking(method, args, deadline_s=deadline_s)
        except WorkerAnswer as error:
            raise _card_error(error.answered_code) from error
        except DeviceFailed as error:
            if method != "transmit":
                raise
            if error.reason is FailureReason.SILENT:
                raise CardSilent("the card did not answer in time") from error
            # Whether the command arrived is unknown, which is just what CardGone says.
            raise CardGone("the reader failed in the middle") from error


def _card_error(code: str) -> CardGone | NoCard | CardSilent | ReaderUnavailable:
    for error in (NoCard, CardSilent, ReaderTaken, ReaderUnavailable):
        if error.code == code:
            return error(code)
    return CardGone(code)


class RemoteCardReader(RemoteDevice):
    """CardReader over its process."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"session-{worker.device}")
        self._open: RemoteCardConnection | None = None

    @property
    def device(self) -> DeviceName:
        return self._worker.device

    async def is_card_present(self) -> bool:
        return await self._call("is_present", {}, _PRESENCE_S) is True

    async def run(self, work: Callable[[CardConnection], Result]) -> Result:
        return await self._in_thread(lambda: self._run(work))

    async def keep(self, work: Callable[[CardConnection], Result]) -> Result:
        return await self._in_thread(lambda: work(self._opened()))

    async def proceed(self, work: Callable[[], Result]) -> Result:
        return await self._in_thread(work)

    async def release(self) -> None:
        await self._in_thread(self._close)

    def close(self) -> None:
        """End the thread; the process is ended by its owner."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _run(self, work: Callable[[CardConnection], Result]) -> Result:
        connection = self._opened()
        try:
            return work(connection)
        finally:
            self._close()

    def _opened(self) -> RemoteCardConnection:
        self._close()
        self._open = RemoteCardConnection(self._worker)
        return self._open

    def _close(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            connection.close()

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
