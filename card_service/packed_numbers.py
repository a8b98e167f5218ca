"""A set of card numbers in about three bytes each: exact, searched where it lies (docs/adr/0010).

A card number is 40 random bits and a check character. The set is sorted and cut into 256 or 65,536 drawers by the first
one or two bytes of the number; a drawer holds only the bytes that its numbers do not share. Layout: bytes of a drawer's
name (0, 1 or 2), count (4), for each drawer the count of numbers in it and all before it (4), then the rest of each
number (5, 4 or 3 bytes) in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.card_number import ALPHABET, CardNumber, make_card_number
from domain.errors import ProjectError

_NUMBER_BYTES = 5
_BODY_CHARACTERS = 8
_COUNT_BYTES = 4
_HEAD_BYTES = 1 + _COUNT_BYTES
_DRAWER_NAMES = (0, 1, 2)
#: Our letters to those that ``int`` counts with.
_TO_DIGITS = str.maketrans(ALPHABET, "0123456789ABCDEFGHIJKLMNOPQRSTUV")
#: More cards than any country has; a larger count is a mistake or an attack.
MAX_NUMBERS = 50_000_000


class PackedNumbersMalformed(ProjectError):
    """These bytes are not a packed set of card numbers."""

    code = "card.packed_numbers_malformed"
    message_key = "error.card.revocations_refused"


class PackedNumbers:
    """The set in ``data``, which may be a memory map: nothing of it is copied."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        if len(self._data) < _HEAD_BYTES or self._data[0] not in _DRAWER_NAMES:
            raise PackedNumbersMalformed("no head")
        self._name_bytes = self._data[0]
        self._rest_bytes = _NUMBER_BYTES - self._name_bytes
        self._count = int.from_bytes(self._data[1:_HEAD_BYTES], "big")
        self._rests = _HEAD_BYTES + _index_bytes(self._name_bytes)
        if self._count > MAX_NUMBERS or len(self._data) != self._rests + self._count * self._rest_bytes:
            raise PackedNumbersMalformed("the length does not fit the count")

    def __len__(self) -> int:
        return self._count

    def __contains__(self, number: CardNumber) -> bool:
        raw = number_bytes(number)
        rest = raw[self._name_bytes :]
        first, end = self._drawer(int.from_bytes(raw[: self._name_bytes], "big"))
        while first < end:
            middle = (first + end) // 2
            found = self._rest(middle)
            if found == rest:
                return True
            first, end = (middle + 1, end) if found < rest else (first, middle)
        return False

    def __iter__(self) -> Iterator[CardNumber]:
        for name in range(256**self._name_bytes):
            first, end = self._drawer(name)
            for position in range(first, end):
                yield make_card_number(name.to_bytes(self._name_bytes, "big") + self._rest(position))

    def check(self) -> None:
        """Raises PackedNumbersMalformed unless these bytes are what ``pack_numbers`` makes of their numbers."""
        if pack_numbers(self) != self._data:
            raise PackedNumbersMalformed("not the one packing of these numbers")

    def _drawer(self, name: int) -> tuple[int, int]:
        """First place, and the one behind the last, of the numbers in that drawer."""
        if self._name_bytes == 0:
            return 0, self._count
        first, end = (self._before(name), self._before(name + 1))
        if not first <= end <= self._count:
            raise PackedNumbersMalformed("a drawer ends before it begins")
        return first, end

    def _before(self, name: int) -> int:
        """How many numbers stand in the drawers before that one."""
        if name == 0:
            return 0
        start = _HEAD_BYTES + (name - 1) * _COUNT_BYTES
        return int.from_bytes(self._data[start : start + _COUNT_BYTES], "big")

    def _rest(self, position: int) -> bytes:
        start = self._rests + position * self._rest_bytes
        return self._data[start : start + self._rest_bytes].tobytes()


def pack_numbers(numbers: Iterable[CardNumber]) -> bytes:
    """The set in its one packing."""
    return _pack(sorted({number_bytes(number) for number in numbers}))


def number_bytes(number: CardNumber) -> bytes:
    """The 40 bits of a card number, without its check character."""
    return int(number[:_BODY_CHARACTERS].translate(_TO_DIGITS), len(ALPHABET)).to_bytes(_NUMBER_BYTES, "big")


def _pack(ordered: list[bytes]) -> bytes:
    name_bytes = min(_DRAWER_NAMES, key=lambda each: _index_bytes(each) + len(ordered) * (_NUMBER_BYTES - each))
    parts = [bytes((name_bytes,)), len(ordered).to_bytes(_COUNT_BYTES, "big"), _index(ordered, name_bytes)]
    parts += [raw[name_bytes:] for raw in ordered]
    return b"".join(parts)


def _index(ordered: list[bytes], name_bytes: int) -> bytes:
    if name_bytes == 0:
        return b""
    counts = [0] * 256**name_bytes
    for raw in ordered:
        counts[int.from_bytes(raw[:name_bytes], "big")] += 1
    total, ends = 0, []
    for count in counts:
        total += count
        ends.append(total.to_bytes(_COUNT_BYTES, "big"))
    return b"".join(ends)


def _index_bytes(name_bytes: int) -> int:
    return 0 if name_bytes == 0 else 256**name_bytes * _COUNT_BYTES
