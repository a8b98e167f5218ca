"""Screens of enrolment and of showing who somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.fingers import FingerPosition
from kiosk.screen_models.base import CheckLine, Picture, RawPicture, Screen
from kiosk.screen_models.text import Text


class FingerPhase(StrEnum):
    WAITING = "waiting"
    READING = "reading"
    GOOD = "good"
    TRY_AGAIN = "try_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerCapture(Screen):
    """Place this finger: hand picture, live print, quality bar, attempts, one hint. Used at enrolment and service."""

    person: Text
    position: FingerPosition
    phase: FingerPhase
    attempt: int
    tries: int
    #: 0–100, None before the first reading.
    quality: int | None = None
    hint: Text | None = None
    preview: RawPicture | None = None
    #: Fingers already done (True) or excepted (False), for the hand picture.
    done: Mapping[FingerPosition, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitCapture(Screen):
    """Live camera picture with the checks beside it."""

    person: Text
    frame: RawPicture | None
    checks: tuple[CheckLine, ...]
    attempt: int
    #: The one thing to do for a better picture.
    hint: Text | None = None
    #: The picture just taken, while it is offered for "use this / take again".
    taken: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentQuestion(Screen):
    """Read aloud; answered ``yes`` or ``no``."""

    person: Text
    text: Text
    points: tuple[CheckLine, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberCard:
    person_id: str
    name: Text
    detail: Text
    portrait: Picture | None
    fingers: int
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRoster(Screen):
    """The household so far. Answers ``open`` with a person id, or an action (``add``, ``continue``)."""

    members: tuple[MemberCard, ...]
    address: Text | None = None


@dataclass(frozen=True, slots=True)
class PersonPanel:
    heading: Text
    name: Text
    local_name: Text
    lines: tuple[Text, ...]
    portrait: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateReview(Screen):
    """Two people side by side and the evidence; the officer decides by an action."""

    captured: PersonPanel
    known: PersonPanel
    evidence: tuple[CheckLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperScan(Screen):
    """A paper is held before the camera until its code is read."""

    hint: Text
    frame: RawPicture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceComparison(Screen):
    """The photograph from the card beside the live face; the officer decides by an action."""

    person: Text
    from_card: Picture
    frame: RawPicture | None
    #: What a face model says, where the desk has one.
    advice: CheckLine | None = None
