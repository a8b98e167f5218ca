"""The chip's non-volatile memory: named segments written page by page, with a journal for atomic transactions.

Power may fail before, inside or after any page write. Outside a transaction that leaves a half-written page. Inside
one, nothing reaches its home before the whole transaction stands in the journal with its digest; after a cut,
``recover`` either finishes the transaction or forgets it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from domain.errors import ProjectError

PAGE_BYTES = 64
_JOURNAL_BODY = "journal/body"
_JOURNAL_HEAD = "journal/head"
_DIGEST_BYTES = 16
_LENGTH_BYTES = 4
_CLEARED_HEAD = bytes(_DIGEST_BYTES + _LENGTH_BYTES)


class WritePosition(Enum):
    """Where, in relation to one page write, the power fails."""

    BEFORE = "before"
    INSIDE = "inside"
    AFTER = "after"


class PowerCut(ProjectError):
    """The power failed: the chip answers nothing until it is powered on again."""

    code = "sim.card_power_cut"


class WriteGate(Protocol):
    """Whoever decides whether the power fails at the next page write."""

    def next_write(self) -> WritePosition | None:
        """Count one page write; where to fail, or None to let it pass."""


class SteadyPower:
    """A gate at which the power never fails."""

    def next_write(self) -> WritePosition | None:
        """Let every write pass."""
        return None


@dataclass(frozen=True, slots=True)
class MemoryWrite:
    """Bytes for one segment; a replacing write also cuts the segment off behind them."""

    segment: str
    offset: int
    data: bytes
    is_replacing: bool = False

    def encode(self) -> bytes:
        """The journal form."""
        name = self.segment.encode("ascii")
        head = bytes((self.is_replacing, len(name)))
        lengths = self.offset.to_bytes(_LENGTH_BYTES, "big") + len(self.data).to_bytes(_LENGTH_BYTES, "big")
        return head + name + lengths + self.data

    @classmethod
    def decode_all(cls, body: bytes) -> tuple[MemoryWrite, ...]:
        """The writes of a journal body whose digest was found right."""
        writes, at = [], 0
        while at < len(body):
            name_end = at + 2 + body[at + 1]
            data_at = name_end + 2 * _LENGTH_BYTES
            offset = int.from_bytes(body[name_end : name_end + _LENGTH_BYTES], "big")
            end = data_at + int.from_bytes(body[name_end + _LENGTH_BYTES : data_at], "big")
            name = body[at + 2 : name_end].decode("ascii")
            writes.append(cls(name, offset, body[data_at:end], bool(body[at])))
            at = end
        return tuple(writes)

    def apply_to(self, old: bytes) -> bytes:
        """What the segment holds after the write."""
        end = self.offset + len(self.data)
        kept = b"" if self.is_replacing else old[end:]
        return old[: self.offset].ljust(self.offset, b"\x00") + self.data + kept


class NonVolatileMemory:
    """Segments of bytes that outlive the power."""

    def __init__(self, segments: Mapping[str, bytes] | None = None, gate: WriteGate | None = None) -> None:
        self._segments = dict(segments or {})
        self._gate = gate or SteadyPower()
        self._planned: list[MemoryWrite] | None = None
        self._view: dict[str, bytes] = {}

    def snapshot(self) -> dict[str, bytes]:
        """Every segment as it stands in the cells now, the journal included."""
        return dict(self._segments)

    def read(self, segment: str) -> bytes:
        """The segment's bytes (an open transaction sees its own writes); empty when there is none."""
        found = self._view.get(segment)
        return self._segments.get(segment, b"") if found is None else found

    def has(self, segment: str) -> bool:
        """Whether the segment exists."""
        return segment in self._view or segment in self._segments

    def names(self, prefix: str) -> list[str]:
        """Segments that begin so, in the order in which they were made."""
        return [name for name in self._segments if name.startswith(prefix)]

    def write(self, segment: str, offset: int, data: bytes) -> None:
        """Write in place: a part of a transaction if one is open, else at once and page by page."""
        self._take(MemoryWrite(segment, offset, data))

    def put(self, segment: str, data: bytes) -> None:
        """Replace the whole segment."""
        self._take(MemoryWrite(segment, 0, data, is_replacing=True))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become true together, or none of them. Transactions do not nest."""
        if self._planned is not None:
            raise ProjectError("A memory transaction is already open")
        self._planned = []
        try:
            yield
            planned = tuple(self._planned)
        finally:
            self._planned, self._view = None, {}
        self._commit(planned)

    def recover(self) -> None:
        """Finish or forget the transaction that a power cut interrupted. To be called at every power-on."""
        head = self.read(_JOURNAL_HEAD)
        if head in (b"", _CLEARED_HEAD):
            return
        body = self.read(_JOURNAL_BODY)[: int.from_bytes(head[_DIGEST_BYTES:], "big")]
        if hmac.compare_digest(head, _journal_head(body)):
            self._apply(MemoryWrite.decode_all(body))
        self._apply([MemoryWrite(_JOURNAL_HEAD, 0, _CLEARED_HEAD)])

    def erase(self, segment: str) -> None:
        """Forget a segment: one write, at once."""
        self._guarded(lambda: None, lambda: self._segments.pop(segment, None))

    def _take(self, write: MemoryWrite) -> None:
        if self._planned is None:
            self._apply([write])
        else:
            self._planned.append(write)
            self._view[write.segment] = write.apply_to(self.read(write.segment))

    def _commit(self, writes: tuple[MemoryWrite, ...]) -> None:
        if not writes:
            return
        body = b"".join(each.encode() for each in writes)
        self._apply([MemoryWrite(_JOURNAL_BODY, 0, body), MemoryWrite(_JOURNAL_HEAD, 0, _journal_head(body))])
        self._apply(writes)
        self._apply([MemoryWrite(_JOURNAL_HEAD, 0, _CLEARED_HEAD)])

    def _apply(self, writes: tuple[MemoryWrite, ...] | list[MemoryWrite]) -> None:
        for write in writes:
            for page in _pages(write):
                self._write_page(page)

    def _write_page(self, page: MemoryWrite) -> None:
        half = MemoryWrite(page.segment, page.offset, page.data[: len(page.data) // 2])
        self._guarded(lambda: self._store(half), lambda: self._store(page))

    def _store(self, page: MemoryWrite) -> None:
        self._segments[page.segment] = page.apply_to(self._segments.get(page.segment, b""))

    def _guarded(self, half: _Action, whole: _Action) -> None:
        position = self._gate.next_write()
        if position is WritePosition.BEFORE:
            raise PowerCut
        if position is WritePosition.INSIDE:
            half()
            raise PowerCut
        whole()
        if position is WritePosition.AFTER:
            raise PowerCut


class _Action(Protocol):
    def __call__(self) -> object: ...


def _journal_head(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_DIGEST_BYTES] + len(body).to_bytes(_LENGTH_BYTES, "big")


def _pages(write: MemoryWrite) -> list[MemoryWrite]:
    """The write cut at page borders; only the last page of a replacing write cuts the segment off."""
    pages, at = [], 0
    while at < len(write.data):
        room = PAGE_BYTES - (write.offset + at) % PAGE_BYTES
        pages.append(MemoryWrite(write.segment, write.offset + at, write.data[at : at + room]))
        at += room
    if write.is_replacing:
        last = pages.pop() if pages else MemoryWrite(write.segment, 0, b"")
        pages.append(MemoryWrite(last.segment, last.offset, last.data, is_replacing=True))
    return pages
