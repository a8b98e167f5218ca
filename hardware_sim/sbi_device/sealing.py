"""How a device seals a finger for the authentication server ("Capture Response", bioValue and sessionKey)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
AAD_BYTES = 16
IV_BYTES = 12


@dataclass(frozen=True)
class Sealed:
    """A record only the server can open."""

    ciphertext: bytes
    session_key: bytes
    thumbprint: str


def seal(record: bytes, server: x509.Certificate, *, timestamp: str, transaction_id: str) -> Sealed:
    """The record under a fresh AES-256-GCM key, and that key under the server's RSA key."""
    public = server.public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise ValueError("the session key is sealed with RSA")
    key, mixed = secrets.token_bytes(KEY_BYTES), mix(timestamp, transaction_id)
    ciphertext = AESGCM(key).encrypt(mixed[-IV_BYTES:], record, mixed[-AAD_BYTES:])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return Sealed(ciphertext, public.encrypt(key, oaep), server.fingerprint(hashes.SHA256()).hex().upper())


def mix(timestamp: str, transaction_id: str) -> bytes:
    """Both texts, the shorter one with zeros before it, bit by bit exclusive-or."""
    one, other = timestamp.encode(), transaction_id.encode()
    size = max(len(one), len(other))
    pairs = zip(one.rjust(size, b"\0"), other.rjust(size, b"\0"), strict=True)
    return bytes(left ^ right for left, right in pairs)
