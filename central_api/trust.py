"""The signing keys as the registry uses them: a port, so that tests need no hardware module."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from card_service.trust import TrustAnchors


class Trust(Protocol):
    """Behind PKCS#11 in service."""

    @property
    def receipt_key(self) -> bytes:
        """Ed25519 public key (32 bytes) of push receipts, bundles and audit anchors."""

    def sign_receipt(self, message: bytes) -> bytes:
        """64 bytes, Ed25519."""

    @property
    def anchors(self) -> TrustAnchors:
        """What terminals must trust to read and verify our cards."""

    def terminal_chain(self, reference: str, terminal_point: bytes, *, on: date) -> tuple[bytes, ...]:
        """CV certificates DV and terminal for that key (65 bytes), valid from the day on.

        Raises a ProjectError when the point is none of the curve's.
        """
