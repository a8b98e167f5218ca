"""Sealed records by kind and name: savepoints, card jobs, planned deliveries, what the registry sent."""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel

from kiosk.store.database import Database

_TABLE = "documents"
Kept = TypeVar("Kept", bound=BaseModel)


class DocumentKind(StrEnum):
    SAVEPOINT = "savepoint"
    CARD_JOB = "card_job"
    PLANNED_DELIVERY = "planned_delivery"
    DELIVERY = "delivery"
    RECEIPT_OWED = "receipt_owed"
    #: Parts handed out at a clinic, shop or school of an amount set aside there.
    PROVIDER_USE = "provider_use"
    BUNDLE = "bundle"
    HOUSEHOLD = "household"
    CARD_STATE = "card_state"
    #: The newest statement for a card of this office, until it is on the card.
    STATEMENT = "statement"
    REVOCATIONS = "revocations"
    REVOCATIONS_SINCE = "revocations_since"
    OFFICER_QUOTA = "officer_quota"
    #: By person: which fingers to ask for, as the registry learnt it from every desk.
    FINGERS_KNOWN = "fingers_known"
    #: Where and with which key the gallery of the area lies, and how far it follows the registry.
    GALLERY_BOOK = "gallery_book"
    #: Who somebody of the gallery is: what an officer is shown beside the person at the desk.
    NEIGHBOUR = "neighbour"
    #: Registrations of this desk that the registry has not decided yet, as far as the gallery needs them.
    OWN_REGISTRATION = "own_registration"


class Shelf(Generic[Kept]):
    """All documents of one kind. Changes go inside a transaction: the caller's, or one of their own."""

    def __init__(self, database: Database, kind: DocumentKind, record: type[Kept]) -> None:
        self._database = database
        self._kind = kind
        self._record = record

    def find(self, name: str) -> Kept | None:
        """The document, or None; RowDamaged when it is not as written."""
        row = self._database.find_row(
            "SELECT sealed FROM documents WHERE kind = ? AND name = ?", (str(self._kind), name)
        )
        return None if row is None else self._open(name, row[0])

    def all(self) -> list[tuple[str, Kept]]:
        """Every document with its name, the oldest first."""
        rows = self._database.run(
            "SELECT name, sealed FROM documents WHERE kind = ? ORDER BY rowid", (str(self._kind),)
        )
        return [(str(name), self._open(str(name), sealed)) for name, sealed in rows]

    def has_any(self) -> bool:
        """Whether there is a document of this kind."""
        return self._database.find_row("SELECT 1 FROM documents WHERE kind = ? LIMIT 1", (str(self._kind),)) is not None

    def put(self, name: str, document: Kept) -> None:
        """Keep it, in place of an older one of that name. Inside a transaction of the caller."""
        sealed = self._database.seal.seal(_TABLE, self._place(name), document.model_dump_json().encode())
        self._database.run(
            "INSERT INTO documents (kind, name, sealed) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, name) DO UPDATE SET sealed = excluded.sealed",
            (str(self._kind), name, sealed),
        )

    def drop(self, name: str) -> None:
        """Forget it; unknown names are forgotten already. Inside a transaction of the caller."""
        self._database.run("DELETE FROM documents WHERE kind = ? AND name = ?", (str(self._kind), name))

    def drop_all(self) -> None:
        """Forget every document of this kind. Inside a transaction of the caller."""
        self._database.run("DELETE FROM documents WHERE kind = ?", (str(self._kind),))

    def drop_some(self, limit: int) -> int:
        """Forget up to so many, and say how many: a long clearing is done in short transactions."""
        kind = str(self._kind)
        rows = self._database.run("SELECT rowid FROM documents WHERE kind = ? LIMIT ?", (kind, limit))
        for (row,) in rows:
            self._database.run("DELETE FROM documents WHERE rowid = ?", (row,))
        return len(rows)

    def save(self, name: str, document: Kept) -> None:
        """Put it in a transaction of its own."""
        with self._database.transaction():
            self.put(name, document)

    def remove(self, name: str) -> None:
        """Drop it in a transaction of its own."""
        with self._database.transaction():
            self.drop(name)

    def _place(self, name: str) -> str:
        return f"{self._kind}/{name}"

    def _open(self, name: str, sealed: object) -> Kept:
        assert isinstance(sealed, bytes)
        return self._record.model_validate_json(self._database.seal.unseal(_TABLE, self._place(name), sealed))
