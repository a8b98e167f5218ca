"""What the chip has counted: ledger records ever written, and what was drawn for each programme and period."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from card_service.errors import CardMisbehaved

_COUNTER = struct.Struct(">I")
_TOTAL = struct.Struct(">III")


@dataclass(frozen=True)
class Counters:
    """``totals`` maps (scheme, period key) to the units drawn; ``counter`` is the number of the last record."""

    counter: int
    totals: Mapping[tuple[int, int], int]

    def __post_init__(self) -> None:
        object.__setattr__(self, "totals", MappingProxyType(dict(self.totals)))

    def drawn(self, scheme: int, period: int) -> int:
        """Units already drawn in that period, in the programme's units."""
        return self.totals.get((scheme, period), 0)


def encode_counters(counters: Counters) -> bytes:
    """The answer to GET DATA 0211."""
    totals = (_TOTAL.pack(*key, total) for key, total in counters.totals.items())
    return _COUNTER.pack(counters.counter) + b"".join(totals)


def decode_counters(raw: bytes) -> Counters:
    """The counters in the answer to GET DATA 0211; CardMisbehaved for any other bytes."""
    if len(raw) < _COUNTER.size or (len(raw) - _COUNTER.size) % _TOTAL.size:
        raise CardMisbehaved("The counters are cut off")
    (counter,) = _COUNTER.unpack_from(raw)
    rows = list(_TOTAL.iter_unpack(raw[_COUNTER.size :]))
    totals = {(scheme, period): total for scheme, period, total in rows}
    if len(totals) != len(rows):
        raise CardMisbehaved("A programme and period is counted twice")
    return Counters(counter, totals)
