"""Queries on fingers that came under other names, and the renaming of enrolled ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, null, select, update

from central_api.tables.fingers import finger_swaps, finger_tries
from central_api.tables.people import templates
from central_api.vault import Sealed
from domain.finger_swaps import SwapDecision, SwappedPair
from domain.fingers import FingerPosition
from domain.ids import OperatorId, PersonId


@dataclass(frozen=True, slots=True)
class StoredSwap:
    """A pair that one capture found; ``decision`` None while nobody has said which name is right."""

    pair: SwappedPair
    maker: OperatorId | None
    decision: SwapDecision | None


def add_swap(
    connection: Connection,
    capture_id: str,
    person_id: PersonId,
    pair: SwappedPair,
    maker: OperatorId | None,
    now: datetime,
) -> None:
    values = {
        "capture_id": capture_id,
        "person_id": person_id,
        "given_as": int(pair.given_as),
        "known_as": int(pair.known_as),
        "found_at": now,
        "maker": maker,
    }
    connection.execute(insert(finger_swaps).values(values))


def list_swaps(connection: Connection, capture_id: str, person_id: PersonId) -> list[StoredSwap]:
    query = select(finger_swaps).where(finger_swaps.c.capture_id == capture_id, finger_swaps.c.person_id == person_id)
    return [
        StoredSwap(
            SwappedPair(given_as=FingerPosition(row.given_as), known_as=FingerPosition(row.known_as)),
            None if row.maker is None else OperatorId(row.maker),
            None if row.decision is None else SwapDecision(row.decision),
        )
        for row in connection.execute(query.order_by(finger_swaps.c.given_as))
    ]


def put_decision(
    connection: Connection,
    capture_id: str,
    person_id: PersonId,
    decision: SwapDecision,
    decided_by: OperatorId | None,
    now: datetime,
) -> None:
    chosen = (finger_swaps.c.capture_id == capture_id) & (finger_swaps.c.person_id == person_id)
    values = {"decision": decision, "decided_by": decided_by, "decided_at": now}
    connection.execute(update(finger_swaps).where(chosen).values(values))


@dataclass(frozen=True, slots=True)
class Renamed:
    """A finger under its new name, sealed for it."""

    old: FingerPosition
    new: FingerPosition
    template: Sealed


#: What a finger takes along; whatever else a row has is that of a new row.
_KEPT = ("quality", "rank", "enrolled_rank", "pair_evidence", "attempts", "sensor")


def rename_fingers(connection: Connection, person_id: PersonId, renamed: list[Renamed]) -> None:
    """Every finger in its new place, with its own quality and rank. How they did under the wrong name is forgotten."""
    chosen = templates.c.person_id == person_id
    rows = {row.position: row._mapping for row in connection.execute(select(templates).where(chosen))}
    old = [int(each.old) for each in renamed]
    connection.execute(delete(templates).where(chosen, templates.c.position.in_(old)))
    for each in renamed:
        taken_along = {name: rows[int(each.old)][name] for name in _KEPT}
        values = {
            "person_id": person_id,
            "position": int(each.new),
            "key_id": each.template.key_id,
            "sealed": each.template.data,
            **{name: null() if value is None else value for name, value in taken_along.items()},
        }
        connection.execute(insert(templates).values(values))
    concerned = sorted({*old, *(int(each.new) for each in renamed)})
    wrong = (finger_tries.c.person_id == person_id) & finger_tries.c.position.in_(concerned)
    connection.execute(delete(finger_tries).where(wrong))
