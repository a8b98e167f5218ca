"""Every table of the registry. Importing this package fills the one ``metadata`` that migrations compare with."""

from __future__ import annotations

from central_api.tables import (
    area_gallery,
    benefits,
    cards,
    finger_changes,
    fingers,
    issuing,
    journal,
    kiosks,
    people,
    revocations,
    service,
)
from central_api.tables.base import UtcDateTime, metadata

__all__ = [
    "UtcDateTime",
    "area_gallery",
    "benefits",
    "cards",
    "finger_changes",
    "fingers",
    "issuing",
    "journal",
    "kiosks",
    "metadata",
    "people",
    "revocations",
    "service",
]
