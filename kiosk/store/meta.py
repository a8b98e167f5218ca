"""Single sealed values of the store, by name."""

from __future__ import annotations

from kiosk.store.database import Database

_TABLE = "meta"


class Meta:
    """Read any time; write inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> str | None:
        row = self._database.find_row("SELECT sealed FROM meta WHERE name = ?", (name,))
        if row is None:
            return None
        assert isinstance(row[0], bytes)
        return self._database.seal.unseal(_TABLE, name, row[0]).decode()

    def put(self, name: str, value: str) -> None:
        sealed = self._database.seal.seal(_TABLE, name, value.encode())
        self._database.run(
            "INSERT INTO meta (name, sealed) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
            (name, sealed),
        )
