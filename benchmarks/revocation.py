"""The list of refused cards: bytes a card, time to pack, to open and to look a card up, and memory."""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import time
import tracemalloc
from pathlib import Path

from card_service.packed_numbers import PackedNumbers, pack_numbers
from domain.card_number import CardNumber, make_card_number

_LOOK_UPS = 20_000
_CHANGED = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    figures = measure(options.entries)
    print(json.dumps(figures, indent=1))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


def measure(entries: int) -> dict[str, float]:
    """Beside the floor: no code for n of 2^40 numbers is shorter than log2(2^40 choose n) bits."""
    chance = random.Random(40)
    numbers = _numbers(chance, entries)
    began = time.perf_counter()
    data = pack_numbers(numbers)
    packed_s = time.perf_counter() - began
    tracemalloc.start()
    held = PackedNumbers(bytes(data))
    held_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    listed = set(numbers)
    hits = chance.sample(numbers, min(entries, _LOOK_UPS))
    misses = [number for number in _numbers(chance, _LOOK_UPS) if number not in listed]
    change = pack_numbers(_numbers(chance, _CHANGED))
    return {
        "entries": entries,
        "bytes": len(data),
        "bytes_per_entry": round(len(data) / entries, 3),
        "floor_bytes_per_entry": round(_floor_bits(entries) / 8 / entries, 3),
        "text_bytes_per_entry": 9,
        "pack_s": round(packed_s, 2),
        "held_bytes": held_bytes,
        "lookup_hit_us_median": _lookup_us(held, hits, expected=True),
        "lookup_miss_us_median": _lookup_us(held, misses, expected=False),
        "wrong_answers": 0,
        "bytes_of_1000_changes": len(change),
    }


def _numbers(chance: random.Random, count: int) -> list[CardNumber]:
    return list({make_card_number(chance.randbytes(5)) for _ in range(count)})


def _floor_bits(entries: int) -> float:
    size = 1 << 40
    logs = math.lgamma(size + 1) - math.lgamma(entries + 1) - math.lgamma(size - entries + 1)
    return logs / math.log(2)


def _lookup_us(held: PackedNumbers, numbers: list[CardNumber], *, expected: bool) -> float:
    taken = []
    for number in numbers:
        began = time.perf_counter()
        found = number in held
        taken.append((time.perf_counter() - began) * 1e6)
        assert found is expected
    return round(statistics.median(taken), 2)


if __name__ == "__main__":
    main()
