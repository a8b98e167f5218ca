"""When to merge which segments: few segments to search, little to write for every new person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from biometrics.index.segment import MAX_SLOTS
from biometrics.index.snapshot import Part

#: So many segments of about one size are made one; sizes differ by this factor from one class to the next. Each
#: finger is thus copied about five times until it lies in a full segment.
_FAN = 8
#: A segment with more than this share of dead fingers is written anew.
_MOST_DEAD_SHARE = 0.25


def plan_merge(parts: Sequence[Part], *, eager: bool = False) -> tuple[int, ...]:
    """The places of the parts to make one, or none. Eager: whatever fits together, down to two."""
    for place, part in enumerate(parts):
        if part.living_fingers < (1 - _MOST_DEAD_SHARE) * len(part.segment.slots):
            return (place,)
    if eager:
        return _fitting(parts, sorted(range(len(parts)), key=lambda place: parts[place].living_fingers))
    classes = defaultdict[int, list[int]](list)
    for place, part in enumerate(parts):
        classes[_size_class(part.living_fingers)].append(place)
    for _, places in sorted(classes.items()):
        if len(places) >= _FAN and (chosen := _fitting(parts, places)):
            return chosen
    return ()


def _size_class(fingers: int) -> int:
    size = 0
    while fingers >= _FAN:
        fingers //= _FAN
        size += 1
    return size


def _fitting(parts: Sequence[Part], places: Sequence[int]) -> tuple[int, ...]:
    """The first of the places whose fingers fit one segment; none when these are not even two."""
    chosen, fingers = list[int](), 0
    for place in places:
        fingers += parts[place].living_fingers
        if fingers > MAX_SLOTS:
            break
        chosen.append(place)
    return tuple(sorted(chosen)) if len(chosen) > 1 else ()
