"""A file's bytes, sealed in pieces, so that a gigabyte is opened without being held twice.

AES-256-GCM in pieces of 1 MiB under a key of the file's own (HKDF-SHA256 of the index's key and a random salt). Every
piece is bound to the file's name, its number and whether it is the last: a piece that is altered, moved, missing or
of another file does not open (after the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from biometrics.index.errors import IndexBroken

KEY_BYTES = 32
PIECE_BYTES = 1 << 20
_MAGIC = b"SWFI\x01"
_SALT_BYTES = 16
_TAG_BYTES = 16
_HEADER_BYTES = len(_MAGIC) + _SALT_BYTES
_NONCE = struct.Struct(">4xQ")
_BINDING = struct.Struct(">Q?")
_PURPOSE = b"single window finger index file"


def seal(parts: Iterable[bytes | memoryview], key: bytes, name: str) -> Iterator[bytes]:
    """The parts one after the other, as the pieces of a sealed file of that name."""
    salt = os.urandom(_SALT_BYTES)
    cipher = _cipher(key, salt)
    yield _MAGIC + salt
    number, held = 0, bytearray()
    for part in parts:
        view = memoryview(part).cast("B")
        for begin in range(0, len(view), PIECE_BYTES):
            held += view[begin : begin + PIECE_BYTES]
            # What may be the last piece is held back until more is there.
            while len(held) > PIECE_BYTES:
                yield cipher.encrypt(_NONCE.pack(number), bytes(held[:PIECE_BYTES]), _binding(name, number, False))
                del held[:PIECE_BYTES]
                number += 1
    yield cipher.encrypt(_NONCE.pack(number), bytes(held), _binding(name, number, True))


def unseal(sealed: bytes | memoryview | mmap.mmap, key: bytes, name: str) -> memoryview:
    """The bytes that were sealed, in memory that is on no disk. Raises IndexBroken for anything else."""
    with memoryview(sealed) as view:
        length = _plain_length(len(view))
        if bytes(view[: len(_MAGIC)]) != _MAGIC:
            raise IndexBroken("not a file of the finger index")
        cipher = _cipher(key, bytes(view[len(_MAGIC) : _HEADER_BYTES]))
        plain = memoryview(_ram(length))[:length]
        step = PIECE_BYTES + _TAG_BYTES
        for number, begin in enumerate(range(_HEADER_BYTES, len(view), step)):
            piece = bytes(view[begin : begin + step])
            binding = _binding(name, number, begin + step >= len(view))
            try:
                opened = cipher.decrypt(_NONCE.pack(number), piece, binding)
            except InvalidTag as error:
                raise IndexBroken("a piece of the finger index does not open") from error
            plain[number * PIECE_BYTES : number * PIECE_BYTES + len(opened)] = opened
        return plain.toreadonly()


def _plain_length(sealed_length: int) -> int:
    """Raises IndexBroken when no file of ours is so long."""
    body = sealed_length - _HEADER_BYTES
    pieces = max(1, -(-body // (PIECE_BYTES + _TAG_BYTES)))
    if body < pieces * _TAG_BYTES:
        raise IndexBroken("a file of the finger index is cut short")
    return body - pieces * _TAG_BYTES


def _ram(length: int) -> mmap.mmap:
    """Anonymous memory: shared with forked processes, kept out of core dumps, in large pages where there are some."""
    region = mmap.mmap(-1, max(1, length))
    for advice in ("MADV_DONTDUMP", "MADV_HUGEPAGE"):
        if hasattr(mmap, advice):
            _advise(region, getattr(mmap, advice))
    return region


def _advise(region: mmap.mmap, advice: int) -> None:
    try:
        region.madvise(advice)
    except OSError:
        # Advice only: a kernel without huge pages refuses it, and everything works as before.
        return


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"the finger index takes a key of {KEY_BYTES} bytes")
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=_PURPOSE).derive(key))


def _binding(name: str, number: int, is_last: bool) -> bytes:
    return name.encode() + b"\0" + _BINDING.pack(number, is_last)
