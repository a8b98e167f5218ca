"""Screens of programmes, entitlements, deliveries and of the desk itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.eligibility import Answer as EligibilityAnswer
from kiosk.screen_models.base import Picture, Screen
from kiosk.screen_models.text import Text


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    code: str
    name: Text
    icon: str
    for_whom: Text
    answer: EligibilityAnswer
    reason: Text
    #: Papers to bring; empty when none is missing.
    papers: tuple[Text, ...]
    value: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningResults(Screen):
    """Every programme with its yes or no, the reason, and the papers missing."""

    rows: tuple[ProgrammeRow, ...]


class DueState(StrEnum):
    READY = "ready"
    DRAWN = "drawn"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class EntitlementRow:
    scheme: int
    name: Text
    icon: str
    amount: Text
    state: DueState
    detail: Text
    is_delivered_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlements(Screen):
    """What the household is entitled to, at once after card and finger. Answers ``take`` with a scheme number."""

    holder: Text
    card_number: str
    portrait: Picture | None
    rows: tuple[EntitlementRow, ...]
    is_online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDelivery(Screen):
    """Hand over this? One row, big; actions ``confirm`` and back."""

    holder: Text
    portrait: Picture | None
    row: EntitlementRow


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerHome(Screen):
    """Tiles of the officer's work."""

    officer: Text
    is_online: bool
    waiting_events: int
    #: What the officer should know before beginning: signatures left, an old list of refused cards.
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboxRow:
    what: Text
    age: Text
    state: Text
    is_problem: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxView(Screen):
    """What has not reached the registry yet, each with its age and state in words."""

    rows: tuple[OutboxRow, ...]
    is_online: bool


@dataclass(frozen=True, slots=True)
class DeviceRow:
    name: Text
    icon: str
    is_working: bool
    detail: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceHealth(Screen):
    """Each device with what is wrong and what to do."""

    rows: tuple[DeviceRow, ...]
