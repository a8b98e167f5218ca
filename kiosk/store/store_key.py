"""The key of the kiosk's store: 32 random bytes in a file that only the kiosk's account may read.

Wrapping it by a TPM is not available yet: whoever takes disk and key file together can read the store.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import ProjectError

KEY_BYTES = 32
_OWNER_ONLY = 0o600
_OTHERS = 0o077


class StoreKeyUnusable(ProjectError):
    """The key file is missing while there is a store, has a wrong length, or others may read it."""

    code = "store.key_unusable"
    message_key = "error.store_key"


def make_store_key(path: Path) -> bytes:
    """A new key, on disk before it is used; FileExistsError when there is one already."""
    key = secrets.token_bytes(KEY_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        os.write(descriptor, key)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync_directory(path.parent)
    return key


def read_store_key(path: Path) -> bytes:
    """The key; StoreKeyUnusable when it cannot be trusted to be ours alone."""
    try:
        mode, key = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise StoreKeyUnusable("the key file cannot be read") from error
    if mode & _OTHERS or len(key) != KEY_BYTES:
        raise StoreKeyUnusable("the key file has a wrong length or is open to others")
    return key


def derive_key(store_key: bytes, purpose: str) -> bytes:
    """A key for one purpose, so that no two uses ever share one (HKDF, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"single-window/store/" + purpose.encode()).derive(store_key)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
