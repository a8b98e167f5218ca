"""Biometrics at rest: each record sealed by itself with AES-256-GCM, bound to the person and finger it is of."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import ProjectError

KEY_BYTES = 32
NONCE_BYTES = 12
_OWNER_ONLY = 0o600
_OWNER_DIRECTORY = 0o700


class SealedRecordBroken(ProjectError):
    """A sealed record does not open: it was altered, moved to another person, or its key is gone."""

    code = "registry.sealed_record_broken"
    message_key = "error.unexpected"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed record and the id of the key that opens it."""

    key_id: str
    data: bytes


class Vault:
    """Seals and opens records. ``keys`` by id; the newest id seals, all open: rotation seals again, row by row."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = max(keys)

    def seal(self, plain: bytes, bound_to: str) -> Sealed:
        """The record for the database; ``bound_to`` names whose it is, e.g. ``template/PERSON/2``."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._current].encrypt(nonce, plain, bound_to.encode())
        return Sealed(self._current, nonce + sealed)

    def open(self, sealed: Sealed, bound_to: str) -> bytes:
        """The record; SealedRecordBroken unless it was sealed for exactly this place."""
        cipher = self._keys.get(sealed.key_id)
        if cipher is None:
            raise SealedRecordBroken(f"no key {sealed.key_id}")
        try:
            return cipher.decrypt(sealed.data[:NONCE_BYTES], sealed.data[NONCE_BYTES:], bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise SealedRecordBroken("a sealed record does not open") from error


def template_place(person_id: str, position: int) -> str:
    return f"template/{person_id}/{position}"


def hands_place(person_id: str, capture_id: str) -> str:
    return f"hands/{person_id}/{capture_id}"


def portrait_place(person_id: str) -> str:
    return f"portrait/{person_id}"


def load_secret(file: Path, length: int = KEY_BYTES) -> bytes:
    """The secret in that file, made on first use. Readable by the owner only.

    Until the key hierarchy of a later issue wraps these keys in the hardware module, the files are what must be
    guarded and backed up apart from the database.
    """
    try:
        secret = file.read_bytes()
    except FileNotFoundError:
        return _create_secret(file, length)
    if len(secret) != length:
        raise SealedRecordBroken(f"{file.name} does not hold a key of {length} bytes")
    return secret


def _create_secret(file: Path, length: int) -> bytes:
    file.parent.mkdir(mode=_OWNER_DIRECTORY, parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(os.urandom(length))
        stream.flush()
        os.fsync(stream.fileno())
    try:
        # Another process may have been first: its key stays.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return file.read_bytes()
