"""What is printed for a person to keep: a delivery, a denial, a complaint, a registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.screen_models.text import Text


class SlipKind(StrEnum):
    DELIVERY = "delivery"
    DENIAL = "denial"
    GRIEVANCE = "grievance"
    REGISTRATION = "registration"
    CARD_BLOCKED = "card_blocked"


@dataclass(frozen=True, slots=True)
class Slip:
    """Heading, lines of label and value, and a number to keep."""

    kind: SlipKind
    title: Text
    lines: tuple[tuple[Text, Text], ...]
    #: Sentence at the end: what to do next, whom to ask.
    footer: Text
    reference: str
    desk: Text
    at: datetime
    #: Content of the code at the foot; empty prints none.
    qr: str = ""
