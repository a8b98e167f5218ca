"""A seal on every row that matters: SQLite does not notice a flipped bit, nor a row moved to another place."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import ProjectError

_NONCE_BYTES = 12
_TAG_BYTES = 16


class RowDamaged(ProjectError):
    """A stored row is not what was written: the disk, or somebody, changed it. ``table`` says where."""

    code = "store.row_damaged"
    message_key = "error.store_damaged"

    def __init__(self, table: str) -> None:
        super().__init__(f"a row of {table} is damaged", table=table)
        self.table = table


class RowSeal:
    """AES-256-GCM over the content, bound to its table and key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, table: str, row_key: str, content: bytes) -> bytes:
        """Nonce and ciphertext with tag."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, _place(table, row_key))

    def unseal(self, table: str, row_key: str, sealed: bytes) -> bytes:
        """The content as it was written to this very place; RowDamaged otherwise."""
        if len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            raise RowDamaged(table)
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _place(table, row_key))
        except InvalidTag as error:
            raise RowDamaged(table) from error


def _place(table: str, row_key: str) -> bytes:
    return f"{table}\0{row_key}".encode()
