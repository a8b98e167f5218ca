"""What leaves the card in answer to a command, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Delivery(Enum):
    """What a reader notices of an answer."""

    WHOLE = "whole"
    PARTIAL = "partial"
    NEVER = "never"
    CARD_GONE = "gone"


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """The bytes that leave the card, and whether all of them, some, or none do."""

    delivery: Delivery
    data: bytes = b""
