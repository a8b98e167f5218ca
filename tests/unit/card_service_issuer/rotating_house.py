"""An authority in a directory, whose keys change from year to year."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from card_service.authority import Authority
from card_service.authority_state import read_state
from card_service.certificate_files import read_certificates
from card_service.rotation import Rotation
from card_service.security_object import build_sod
from card_service.trust import TrustAnchors
from tests.unit.card_service_issuer.authority import new_signer
from tests.unit.card_service_issuer.key_cupboard import KeyCupboard

HASHES = {number: hashlib.sha256(bytes([number])).digest() for number in (1, 2, 11, 13, 14, 15)}
YEAR = timedelta(days=365)
DAY = timedelta(days=1)


@dataclass
class House:
    """An authority in a directory with keys in memory."""

    directory: Path
    keys: KeyCupboard = field(default_factory=KeyCupboard)

    @property
    def rotation(self) -> Rotation:
        return Rotation(self.directory, self.keys)

    @property
    def authority(self) -> Authority:
        state = read_state(self.directory)
        return Authority(self.keys, state, read_certificates(self.directory, state))

    @property
    def anchors(self) -> TrustAnchors:
        return self.authority.anchors

    def card(self, on: date) -> bytes:
        """A security object signed on that day."""
        return build_sod(HASHES, self.authority.document_signer(on=on), signed_at=at_noon(on))

    def terminal(self, on: date) -> list[bytes]:
        return list(self.authority.terminal_chain("UTK00100001", new_signer().public_point, on=on))


def at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
