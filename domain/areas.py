"""The tree of places: nation, state, district, block, village or ward."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from domain.ids import AreaCode
from domain.record import Record


class AreaLevel(IntEnum):
    NATION = 0
    STATE = 1
    DISTRICT = 2
    BLOCK = 3
    VILLAGE = 4


class Area(Record):
    code: AreaCode
    level: AreaLevel
    parent: AreaCode | None
    #: Names by language code; ``en`` is always there.
    names: dict[str, str]


def children_of(areas: Iterable[Area], parent: AreaCode | None) -> list[Area]:
    """The places directly inside ``parent``, by English name; ``None`` gives the roots."""
    return sorted((area for area in areas if area.parent == parent), key=lambda area: area.names["en"])


def path_to(areas: Iterable[Area], code: AreaCode) -> list[Area]:
    """From the root down to the place itself; empty when the code is unknown."""
    by_code = {area.code: area for area in areas}
    path: list[Area] = []
    current = by_code.get(code)
    while current is not None:
        path.append(current)
        current = by_code.get(current.parent) if current.parent is not None else None
    return path[::-1]


def areas_within(areas: Iterable[Area], code: AreaCode) -> frozenset[AreaCode]:
    """The place itself and every place inside it; empty when the code is unknown."""
    known = list(areas)
    inside = {area.code for area in known if area.code == code}
    while further := {area.code for area in known if area.parent in inside and area.code not in inside}:
        inside |= further
    return frozenset(inside)
