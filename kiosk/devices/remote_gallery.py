"""kiosk.devices.ports.GalleryWork over the biometrics process, which may be started anew at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk.devices.failure import DeviceFailed, FailureReason, WorkerAnswer
from kiosk.devices.frames import Value
from kiosk.devices.ports import GalleryAnswer, GalleryBroken, GalleryFind
from kiosk.devices.remote_devices import RemoteDevice
from kiosk.devices.worker import Worker

_CODE_NOT_OPEN = "gallery.not_open"
_CODE_BROKEN = "biometrics.index_broken"
_CODE_BUSY = "biometrics.index_busy"
#: Opening decrypts the whole index; filing a page may bring a merge of segments with it.
_OPEN_S = 20.0
_CHANGE_S = 20.0
#: On top of the budget: the votes are counted before the clock is looked at.
_SEARCH_MARGIN_S = 10.0


class RemoteGallery(RemoteDevice):
    """Opens the gallery again by itself after the process was started anew."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker)
        self._opened_as: dict[str, Value] | None = None

    async def open(self, directory: str, key: bytes) -> list[str]:
        self._opened_as = {"directory": directory, "key": key}
        answer = await self._ask("gallery_open", self._opened_as, _OPEN_S)
        return [str(subject) for subject in answer] if isinstance(answer, list) else []

    async def put(self, people: Mapping[str, Sequence[bytes]]) -> None:
        args: dict[str, Value] = {"people": {subject: list(records) for subject, records in people.items()}}
        await self._ask_opened("gallery_put", args, _CHANGE_S)

    async def remove(self, subjects: Sequence[str]) -> None:
        await self._ask_opened("gallery_remove", {"subjects": list(subjects)}, _CHANGE_S)

    async def search(self, fingers: Sequence[bytes], *, budget_s: float) -> GalleryAnswer:
        args: dict[str, Value] = {"fingers": list(fingers), "budget_s": budget_s}
        answer = await self._ask_opened("gallery_search", args, budget_s + _SEARCH_MARGIN_S)
        match answer:
            case {"candidates": list(candidates), "people": int(people), "is_complete": bool(is_complete)}:
                return GalleryAnswer(tuple(map(self._find, candidates)), people, is_complete)
        raise self._refused()

    async def close(self) -> None:
        self._opened_as = None
        await self._ask("gallery_close", {}, _CHANGE_S)

    def _find(self, answer: Value) -> GalleryFind:
        match answer:
            case {"subject": str(subject), "matching": int(matching), "best": float(best)}:
                return GalleryFind(subject, matching, best)
        raise self._refused()

    async def _ask_opened(self, method: str, args: dict[str, Value], deadline_s: float) -> Value:
        try:
            return await self._ask(method, args, deadline_s)
        except WorkerAnswer as error:
            if error.answered_code != _CODE_NOT_OPEN or self._opened_as is None:
                raise DeviceFailed(self._worker.device, FailureReason.REFUSED) from error
        await self._ask("gallery_open", self._opened_as, _OPEN_S)
        return await self._ask(method, args, deadline_s)

    async def _ask(self, method: str, args: dict[str, Value], deadline_s: float) -> Value:
        """The answer; WorkerAnswer for a gallery that is not open, GalleryBroken, or DeviceFailed."""
        try:
            return await self._worker.call(method, args, deadline_s=deadline_s)
        except WorkerAnswer as error:
            if error.answered_code == _CODE_NOT_OPEN:
                raise
            if error.answered_code == _CODE_BROKEN:
                raise GalleryBroken("the gallery of the area does not open") from error
            reason = FailureReason.BUSY if error.answered_code == _CODE_BUSY else FailureReason.REFUSED
            raise DeviceFailed(self._worker.device, reason) from error
