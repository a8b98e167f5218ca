"""Stand-ins for the hardware module, the matcher and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from biometrics.iso19794 import decode_record
from biometrics.template import Template
from card_service.trust import TrustAnchors
from central_api.households.biometrics_repository import list_fingers, list_persons_with_fingers
from central_api.vault import Vault, template_place
from domain.ids import PersonId

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


class SoftwareTrust:
    """Keys in memory. Certificates are texts that say what they certify."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    @property
    def receipt_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign_receipt(self, message: bytes) -> bytes:
        return self._key.sign(message)

    @property
    def anchors(self) -> TrustAnchors:
        return TrustAnchors((b"root",), frozenset(), 1, (b"entitlements",), (b"cvca",))

    def terminal_chain(self, reference: str, terminal_point: bytes, *, on: date) -> tuple[bytes, ...]:
        return b"DV", f"{reference} {terminal_point.hex()} {on}".encode()


class ExactFingers:
    """Finds persons by fingers whose minutiae are exactly the same: quick, and enough to test what follows."""

    def __init__(self) -> None:
        self._enrolled: list[tuple[PersonId, Template]] = []

    def refresh(self, connection: Connection, vault: Vault) -> None:
        self._enrolled = []
        for finger in list_fingers(connection, list_persons_with_fingers(connection)):
            record = vault.open(finger.template, template_place(finger.person_id, finger.position))
            self._enrolled += [(finger.person_id, template) for template in decode_record(record)]

    def search(self, probes: Sequence[Template]) -> dict[PersonId, int]:
        found: dict[PersonId, int] = {}
        for probe in probes:
            same = {person for person, template in self._enrolled if template.minutiae == probe.minutiae}
            for person in same:
                found[person] = found.get(person, 0) + 1
        return found


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, span: timedelta) -> None:
        self.now += span
