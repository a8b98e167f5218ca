"""The list of refused cards, whole or as changes, as kiosks fetch it."""

from __future__ import annotations

from domain.record import Record

#: GET with ``after=<number>&fingerprint=<hex>`` of the list held -> RevocationUpdate; without both, the whole list.
REVOCATIONS = "/v1/revocations"


class RevocationUpdate(Record):
    """Leads from the list held to the newest one; see card_service/revocation.py for what the bytes are."""

    #: COSE_Sign1 by an entitlement signer.
    head_cose: bytes
    #: One packed set for a whole list, two for changes: put on, taken off.
    content: tuple[bytes, ...]
