"""Who this kiosk is: made when it joined the network, kept sealed in the store."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from pydantic import Field

from domain.ids import AreaCode, KioskId
from domain.record import Record


class NewKeys(Record):
    """The two keys of a kiosk, private: Ed25519 for requests and events, P-256 (PKCS #8 DER) for cards."""

    signing_key: bytes = Field(repr=False)
    terminal_key: bytes = Field(repr=False)

    @property
    def signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.signing_key)

    @property
    def terminal_private_key(self) -> ec.EllipticCurvePrivateKey:
        key = load_der_private_key(self.terminal_key, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    @property
    def signing_public_key(self) -> bytes:
        """32 bytes."""
        return self.signer.public_key().public_bytes_raw()

    @property
    def terminal_point(self) -> bytes:
        """65 bytes, uncompressed."""
        public = self.terminal_private_key.public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def make_keys() -> NewKeys:
    """Fresh keys."""
    terminal = ec.generate_private_key(ec.SECP256R1())
    return NewKeys(
        signing_key=Ed25519PrivateKey.generate().private_bytes_raw(),
        terminal_key=terminal.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    )


class KioskIdentity(Record):
    """What joining gave; the keys stay in the kiosk."""

    kiosk_id: KioskId
    name: str
    area: AreaCode
    registry_url: str
    keys: NewKeys
    terminal_chain: tuple[bytes, ...]
    registry_key: bytes

    @property
    def registry_public_key(self) -> Ed25519PublicKey:
        """The key of the registry's receipts and bundles."""
        return Ed25519PublicKey.from_public_bytes(self.registry_key)
