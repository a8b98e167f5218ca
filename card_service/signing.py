"""Who signs, as a port: the issuer's code asks for a signature and never sees a private key."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class KeyRole(StrEnum):
    """What a key of the registry may be used for; one key, one use."""

    COUNTRY_SIGNER = "csca"
    DOCUMENT_SIGNER = "ds"
    ENTITLEMENT_SIGNER = "es"
    COUNTRY_VERIFIER = "cvca"
    DOCUMENT_VERIFIER = "dv"
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
