"""Who signs, as a port: the issuer's code asks for a signature and never sees a private key."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from domain.errors import ProjectError


class KeyRole(StrEnum):
    """What a key of the registry may be used for; one key, one use."""

    COUNTRY_SIGNER = "csca"
    DOCUMENT_SIGNER = "ds"
    ENTITLEMENT_SIGNER = "es"
    COUNTRY_VERIFIER = "cvca"
    DOCUMENT_VERIFIER = "dv"
    #: Gives officers' cards new signatures to make.
    QUOTA_AUTHORITY = "quota"
    #: Ed25519, all others are P-256.
    REGISTRY_RECEIPT = "receipt"


class Signer(Protocol):
    """One P-256 key that signs."""

    @property
    def public_point(self) -> bytes:
        """The uncompressed point of its public key, 65 bytes."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Raw ``r || s``, 64 bytes, over SHA-256 of ``data``."""
        ...


class DocumentSigner(Signer, Protocol):
    """A signer of security objects, with the certificate that goes into each."""

    @property
    def certificate_der(self) -> bytes:
        """X.509 certificate by a country signing CA (ICAO 9303-12)."""
        ...


class KeyStore(Protocol):
    """The registry's keys. What they sign leaves the store, they never do."""

    def signer(self, role: KeyRole, generation: int = 1) -> Signer:
        """The P-256 key of that role; renewed keys have higher generations. ``KeyStoreUnavailable`` if absent."""
        ...

    @property
    def receipt_key(self) -> bytes:
        """Ed25519 public key (32 bytes) of receipts, bundles and audit anchors."""
        ...

    def sign_receipt(self, message: bytes) -> bytes:
        """64 bytes, Ed25519 (RFC 8032)."""
        ...


class KeyMaker(KeyStore, Protocol):
    """A key store that a ceremony may add to."""

    def create_key(self, role: KeyRole, generation: int = 1) -> None:
        """A key for that role, unless there is one already; half a key of a step that was cut off is made anew."""
        ...


class KeyStoreUnavailable(ProjectError):
    """The module, the token or a key cannot be reached; reading and delivering go on without it."""

    code = "keys.unavailable"
    message_key = "error.keys_unavailable"
