"""A key store in memory that a ceremony may add to."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from card_service.signing import KeyRole, KeyStoreUnavailable
from tests.unit.card_service_issuer.authority import MemorySigner, new_signer


class KeyCupboard:
    """The KeyMaker port; ``made`` counts keys ever made."""

    def __init__(self) -> None:
        self.signers: dict[tuple[KeyRole, int], MemorySigner] = {}
        self.receipt_private_key = Ed25519PrivateKey.generate()
        self.made = 0

    def create_key(self, role: KeyRole, generation: int = 1) -> None:
        if (role, generation) not in self.signers:
            self.signers[role, generation] = new_signer()
            self.made += 1

    def signer(self, role: KeyRole, generation: int = 1) -> MemorySigner:
        if (role, generation) not in self.signers:
            raise KeyStoreUnavailable("no such key")
        return self.signers[role, generation]

    @property
    def receipt_key(self) -> bytes:
        return self.receipt_private_key.public_key().public_bytes_raw()

    def sign_receipt(self, message: bytes) -> bytes:
        return self.receipt_private_key.sign(message)
