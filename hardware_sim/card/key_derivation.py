"""Keys and MACs of PACE, chip authentication and secure messaging with AES-128 (ICAO 9303-11, 9.7 and 9.8)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

AES_BLOCK_BYTES = 16
KEY_BYTES = 16
MAC_BYTES = 8
_COUNTER_BYTES = 4


class KeyPurpose(IntEnum):
    """The counter that goes into the derivation (ICAO 9303-11, 9.7.1)."""

    ENCRYPTION = 1
    AUTHENTICATION = 2
    PASSWORD = 3


@dataclass(frozen=True, slots=True, repr=False)
class SessionKeys:
    """The two keys of a channel."""

    encryption: bytes
    authentication: bytes

    @classmethod
    def from_secret(cls, secret: bytes) -> SessionKeys:
        """The keys that both sides derive from the agreed secret."""
        return cls(derive_key(secret, KeyPurpose.ENCRYPTION), derive_key(secret, KeyPurpose.AUTHENTICATION))


def derive_key(secret: bytes, purpose: KeyPurpose) -> bytes:
    """KDF for AES-128: the first 16 bytes of SHA-1 over secret and counter (ICAO 9303-11, 9.7.1.2)."""
    counter = int(purpose).to_bytes(_COUNTER_BYTES, "big")
    return hashlib.sha1(secret + counter, usedforsecurity=False).digest()[:KEY_BYTES]


def mac(key: bytes, message: bytes) -> bytes:
    """AES-CMAC cut to 8 bytes."""
    cmac = CMAC(algorithms.AES(key))
    cmac.update(message)
    return cmac.finalize()[:MAC_BYTES]


def encrypt_block(key: bytes, block: bytes) -> bytes:
    """One AES block (the nonce of PACE, the initial vector of a message)."""
    # One block only: the standards name ECB for these two, and no pattern can show.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(block) + encryptor.finalize()


def encrypt(key: bytes, vector: bytes, padded: bytes) -> bytes:
    """AES-CBC of whole blocks."""
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def decrypt(key: bytes, vector: bytes, cryptogram: bytes) -> bytes:
    """The whole blocks behind an AES-CBC cryptogram."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return decryptor.update(cryptogram) + decryptor.finalize()


def pad(data: bytes) -> bytes:
    """ISO/IEC 9797-1 padding method 2 to whole AES blocks."""
    marked = data + b"\x80"
    return marked + bytes(-len(marked) % AES_BLOCK_BYTES)


def unpad(padded: bytes) -> bytes | None:
    """The data before the padding, or None if there is no padding."""
    stripped = padded.rstrip(b"\x00")
    if not stripped.endswith(b"\x80") or len(padded) - len(stripped) >= AES_BLOCK_BYTES:
        return None
    return stripped[:-1]
