"""The gallery of the area in memory: a finger is found when it is the very same record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk.devices.failure import DeviceFailed, DeviceName, FailureReason
from kiosk.devices.ports import GalleryAnswer, GalleryBroken, GalleryFind


class FakeGallery:
    """``is_slow`` has no time for anybody; ``is_broken`` opens again once begun anew; ``fails`` is no device."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[bytes, ...]] = {}
        self.opened: list[tuple[str, bytes]] = []
        self.budgets: list[float] = []
        self.is_slow = False
        self.is_broken = False
        self.fails = False

    async def open(self, directory: str, key: bytes) -> list[str]:
        if not self.opened or self.opened[-1] != (directory, key):
            self.held = {}
            self.is_broken = self.is_broken and not self.opened
        self.opened.append((directory, key))
        return sorted(self.held)

    async def put(self, people: Mapping[str, Sequence[bytes]]) -> None:
        self._check()
        self.held |= {subject: tuple(fingers) for subject, fingers in people.items()}

    async def remove(self, subjects: Sequence[str]) -> None:
        self._check()
        for subject in subjects:
            self.held.pop(subject, None)

    async def search(self, fingers: Sequence[bytes], *, budget_s: float) -> GalleryAnswer:
        self._check()
        self.budgets.append(budget_s)
        if self.is_slow:
            return GalleryAnswer((), len(self.held), is_complete=False)
        alike = {subject: len(set(fingers) & set(held)) for subject, held in self.held.items()}
        finds = tuple(GalleryFind(subject, count, 1e-9) for subject, count in sorted(alike.items()) if count)
        return GalleryAnswer(finds, len(self.held), is_complete=True)

    async def close(self) -> None:
        self.held = {}

    def _check(self) -> None:
        if self.fails:
            raise DeviceFailed(DeviceName.BIOMETRICS, FailureReason.SILENT)
        if self.is_broken:
            raise GalleryBroken("planted")
