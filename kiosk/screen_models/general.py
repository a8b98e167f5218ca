"""Screens that any flow may use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.screen_models.base import Picture, Screen
from kiosk.screen_models.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Attract(Screen):
    """The resting screen: a big sign to tap the card, and tiles (``actions``)."""

    is_online: bool
    waiting_events: int = 0
    desk_name: Text


class Mood(StrEnum):
    WAIT = "wait"
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    #: Refused with a reason, an alternative and a number: nobody is turned away in silence.
    REFUSED = "refused"
    #: A device, disk or network failed; never the person's fault.
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Screen):
    """One message with a picture, and the ways on."""

    mood: Mood
    body: Text
    icon: str
    #: A number to keep: receipt, grievance.
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    text: Text
    icon: str | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Screen):
    """One question with pictures to touch. Answers ``choose`` with the option's value."""

    question: Text
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiChoice(Screen):
    """Several may be touched. Answers ``done`` with the values joined by commas."""

    question: Text
    options: tuple[Option, ...]
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEntry(Screen):
    """One line typed on our own key grid. Answers ``done`` with the text. ``script`` is ISO 15924."""

    question: Text
    value: str = ""
    script: str = "Latn"
    problem: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberEntry(Screen):
    """Digits on a pad. Answers ``done`` with the number."""

    question: Text
    value: int | None = None
    unit: Text | None = None
    largest: int = 9_999_999
    problem: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinEntry(Screen):
    """Digits that nobody may read, on a big pad. Answers ``done`` with the digits as text."""

    question: Text
    problem: Text | None = None
    shortest: int = 4
    longest: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthEntry(Screen):
    """Answers ``done`` with an ISO date, or ``about`` with an age in years."""

    question: Text
    problem: Text | None = None


class StepState(StrEnum):
    WAITING = "waiting"
    DOING = "doing"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepLine:
    text: Text
    state: StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps(Screen):
    """A long piece of work, step by step, with a bar."""

    steps: tuple[StepLine, ...]
    #: 0.0 to 1.0
    share_done: float
    picture: Picture | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView(Screen):
    """A receipt or a card face as printed."""

    picture: Picture
    note: Text | None = None
