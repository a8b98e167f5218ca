"""Identifiers. A card's number is never a person's id: people lose cards, and one person has many in a life."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", str)
HouseholdId = NewType("HouseholdId", str)
KioskId = NewType("KioskId", str)
OperatorId = NewType("OperatorId", str)
ProgrammeCode = NewType("ProgrammeCode", str)
AreaCode = NewType("AreaCode", str)
SubmissionId = NewType("SubmissionId", str)
OrderId = NewType("OrderId", str)
EventId = NewType("EventId", str)
DeliveryId = NewType("DeliveryId", str)
GrievanceNumber = NewType("GrievanceNumber", str)

_RANDOM_BYTES = 10
_VERSION_7 = 0x7
_VARIANT_RFC = 0b10


def make_uuid7(*, unix_ms: int, random: bytes) -> str:
    """A time-ordered UUID (RFC 9562, 5.7) from the caller's clock and 10 random bytes."""
    if len(random) != _RANDOM_BYTES:
        raise ValueError(f"{_RANDOM_BYTES} random bytes are needed")
    tail = int.from_bytes(random, "big")
    rand_a = tail >> 68
    rand_b = tail & ((1 << 62) - 1)
    value = (unix_ms & ((1 << 48) - 1)) << 80
    value |= _VERSION_7 << 76 | rand_a << 64 | _VARIANT_RFC << 62 | rand_b
    return str(UUID(int=value))
