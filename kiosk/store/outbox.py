"""Events that the registry has not yet receipted, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.events import EventKind, SignedEvent
from domain.ids import EventId
from domain.messages.sync import EventAnswer, EventVerdict
from kiosk.store.database import Database

_TABLE = "outbox"
#: What says which registration it was.
_KEPT_OF_ENROLMENT = ("submission_id", "household_id", "content_sha256")


class OutboxState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    #: Kept with the registry's reason until somebody has looked at it.
    REJECTED = "rejected"
    CONFLICT = "conflict"
    #: Receipted, and what it held is gone from this desk (token-only mode): it can never be offered again.
    LET_GO = "let_go"


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


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where the chain of events ends."""

    sequence: int
    hash_hex: str


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
            "SELECT sequence, sealed, state, code FROM outbox WHERE state NOT IN (?, ?) ORDER BY sequence LIMIT ?",
            (str(OutboxState.DONE), str(OutboxState.LET_GO), limit),
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

    def let_go(self, event_id: EventId) -> bool:
        """Whether that event was a registration which the registry has: its sealed content is then overwritten.

        Inside a transaction. Number and hash stay, so that the chain goes on. A registry restored from a backup of
        before cannot have it again: that is the price of keeping fingers nowhere but on the card.
        """
        row = self._database.find_row(
            "SELECT sequence, sealed FROM outbox WHERE event_id = ? AND state = ?", (event_id, str(OutboxState.DONE))
        )
        if row is None:
            return False
        event = self._open(row[0], row[1])
        if event.body.kind is not EventKind.ENROLMENT_SUBMITTED:
            return False
        named = {name: event.body.payload.get(name) for name in _KEPT_OF_ENROLMENT}
        emptied = event.model_copy(update={"body": event.body.model_copy(update={"payload": named})})
        sealed = self._database.seal.seal(_TABLE, str(row[0]), emptied.model_dump_json().encode())
        self._database.run(
            "UPDATE outbox SET state = ?, sealed = ? WHERE sequence = ?", (str(OutboxState.LET_GO), sealed, row[0])
        )
        return True

    def offer_again(self, sequence: int) -> None:
        """Everything from that number on waits again: the registry says it does not have it. Inside a transaction."""
        self._database.run(
            "UPDATE outbox SET state = ? WHERE sequence >= ? AND state = ?",
            (str(OutboxState.WAITING), sequence, str(OutboxState.DONE)),
        )

    def head(self) -> ChainEnd | None:
        """The newest event's place and hash."""
        row = self._database.find_row("SELECT sequence, content_sha256 FROM outbox ORDER BY sequence DESC LIMIT 1")
        if row is None:
            return None
        assert isinstance(row[0], int)
        return ChainEnd(row[0], str(row[1]))

    def _open(self, sequence: object, sealed: object) -> SignedEvent:
        assert isinstance(sealed, bytes)
        return SignedEvent.model_validate_json(self._database.seal.unseal(_TABLE, str(sequence), sealed))
