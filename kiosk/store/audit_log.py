"""Who did what, in a chain of hashes: a line changed or taken out shows."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from domain.record import Record
from kiosk.store.database import Database
from kiosk.store.row_seal import RowDamaged

_TABLE = "audit"
_FIRST = "0" * 64


class AuditLine(Record):
    """``what`` is a stable word (``delivery.recorded``), ``subject`` an id or a card number, never a name."""

    at: datetime
    what: str
    subject: str
    operator: str | None = None


class AuditLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, line: AuditLine) -> None:
        """Inside the transaction of what it tells about."""
        sequence, previous = self._head()
        body = line.model_dump_json()
        sealed = self._database.seal.seal(_TABLE, str(sequence + 1), body.encode())
        self._database.run(
            "INSERT INTO audit (sequence, hash, sealed) VALUES (?, ?, ?)",
            (sequence + 1, _hash(previous, body), sealed),
        )

    def verify(self) -> int:
        """How many lines the unbroken chain has; RowDamaged when it is broken."""
        previous, count = _FIRST, 0
        for sequence, kept_hash, sealed in self._database.run("SELECT sequence, hash, sealed FROM audit ORDER BY 1"):
            assert isinstance(sealed, bytes)
            body = self._database.seal.unseal(_TABLE, str(sequence), sealed).decode()
            previous, count = _hash(previous, body), count + 1
            if previous != kept_hash or sequence != count:
                raise RowDamaged(_TABLE)
        return count

    def _head(self) -> tuple[int, str]:
        row = self._database.find_row("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        if row is None:
            return 0, _FIRST
        assert isinstance(row[0], int)
        return row[0], str(row[1])


def _hash(previous: str, body: str) -> str:
    return hashlib.sha256(json.dumps([previous, body]).encode()).hexdigest()
