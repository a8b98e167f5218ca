"""Events that the registry has not yet receipted, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.events import EventKind, SignedEvent
from domain.messages.sync import EventAnswer, EventVerdict
from kiosk.store.database import Database

_TABLE = "outbox"


class OutboxState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    #: Kept with the registry's reason until somebody has looked at it.
    REJECTED = "rejected"
    CONFLICT = "conflict"


_STATE_OF = {
    EventVerdict.ACCEPTED: OutboxState.DONE,
    EventVerdict.DUPLICATE: OutboxState.DONE,
    EventVerdict.REJECTED: OutboxState.REJECTED,
    EventVerdict.CONFLICT: OutboxState.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One event with where it stands; ``code`` is the registry's reason where it said no."""

    event: SignedEvent
    state: OutboxState
    code: str | None

    @property
    def recorded_at(self) -> datetime:
        return self.event.body.occurred_at


class Outbox:
    """An event leaves ``WAITING`` only by an answer that names its id and the hash of its bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, event: SignedEvent) -> None:
        """Inside the transaction of the state it tells about."""
        body = event.body
        sealed = self._database.seal.seal(_TABLE, str(body.sequence), event.model_dump_json().encode())
        self._database.run(
            "INSERT INTO outbox (sequence, event_id, content_sha256, state, sealed) VALUES (?, ?, ?, ?, ?)",
            (body.sequence, body.id, body.hash_hex(), str(OutboxState.WAITING), sealed),
        )

    def waiting(self, *, limit: int) -> list[SignedEvent]:
        """The oldest events not yet receipted, in their order."""
        rows = self._database.run(
            "SELECT sequence, sealed FROM outbox WHERE state = ? ORDER BY sequence LIMIT ?",
            (str(OutboxState.WAITING), limit),
        )
        return [self._open(sequence, sealed) for sequence, sealed in rows]

    def count_waiting(self, *, kind: EventKind | None = None) -> int:
        """How many events are not receipted yet; with ``kind`` only those, of which each must be opened."""
        if kind is not None:
            most = self.count_waiting()
            return sum(each.body.kind == kind for each in self.waiting(limit=most)) if most else 0
        row = self._database.find_row("SELECT count(*) FROM outbox WHERE state = ?", (str(OutboxState.WAITING),))
        assert row is not None
        assert isinstance(row[0], int)
        return row[0]

    def open_entries(self, *, limit: int = 100) -> list[OutboxEntry]:
        """What is not done, the oldest first."""
        rows = self._database.run(
            "SELECT sequence, sealed, state, code FROM outbox WHERE state <> ? ORDER BY sequence LIMIT ?",
            (str(OutboxState.DONE), limit),
        )
        return [
            OutboxEntry(self._open(sequence, sealed), OutboxState(str(state)), None if code is None else str(code))
            for sequence, sealed, state, code in rows
        ]

    def settle(self, answer: EventAnswer) -> bool:
        """Take the registry's answer; False, and nothing changes, when we know no such event with that hash.

        Inside a transaction, and only after the receipt's signature was checked. What was receipted is kept: a
        registry restored from an old backup may ask for it again.
        """
        row = self._database.find_row(
            "SELECT sequence FROM outbox WHERE event_id = ? AND content_sha256 = ?",
            (answer.event_id, answer.content_sha256),
        )
        if row is None:
            return False
        sealed = self._database.seal.seal(_TABLE + ".settled", str(row[0]), answer.model_dump_json().encode())
        self._database.run(
            "UPDATE outbox SET state = ?, code = ?, settled_sealed = ? WHERE sequence = ?",
            (str(_STATE_OF[answer.verdict]), answer.code, sealed, row[0]),
        )
        return True

    def offer_again(self, sequence: int) -> None:
        """Everything from that number on waits again: the registry says it does not have it. Inside a transaction."""
        self._database.run(
            "UPDATE outbox SET state = ? WHERE sequence >= ? AND state = ?",
            (str(OutboxState.WAITING), sequence, str(OutboxState.DONE)),
        )

    def head(self) -> SignedEvent | None:
        """The newest event of the chain."""
        row = self._database.find_row("SELECT sequence, sealed FROM outbox ORDER BY sequence DESC LIMIT 1")
        return None if row is None else self._open(row[0], row[1])

    def _open(self, sequence: object, sealed: object) -> SignedEvent:
        assert isinstance(sealed, bytes)
        return SignedEvent.model_validate_json(self._database.seal.unseal(_TABLE, str(sequence), sealed))
