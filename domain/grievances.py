"""Complaints. Lodging one needs no login, no name and no reading."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.ids import AreaCode, GrievanceNumber, ProgrammeCode
from domain.record import Record


class GrievanceReason(StrEnum):
    DENIED = "denied"
    TOO_LITTLE = "too_little"
    MONEY_ASKED = "money_asked"
    BAD_QUALITY = "bad_quality"
    RUDE = "rude"
    DETAILS_WRONG = "details_wrong"
    OTHER = "other"


class GrievanceChannel(StrEnum):
    KIOSK = "kiosk"
    AUTOMATIC = "automatic"


class GrievanceState(StrEnum):
    RECEIVED = "received"
    IN_WORK = "in_work"
    RESOLVED = "resolved"


class Grievance(Record):
    number: GrievanceNumber
    channel: GrievanceChannel
    reason: GrievanceReason
    area: AreaCode
    programme: ProgrammeCode | None = None
    #: Empty for an anonymous complaint.
    card_number: str | None = None
    state: GrievanceState = GrievanceState.RECEIVED
    lodged_at: datetime


def make_grievance_number(*, kiosk: str, sequence: int, year: int) -> GrievanceNumber:
    """A short number that can be read aloud, given without asking the registry: kiosk, year, count."""
    return GrievanceNumber(f"G-{kiosk}-{year % 100:02d}-{sequence:04d}")
