"""What is said over the control API."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from domain.fingers import FingerPosition
from hardware_sim.card.faults import FaultKind
from hardware_sim.desk.addresses import DeskAddresses
from hardware_sim.fingers.finger import FingerCondition
from hardware_sim.people import Part


class Message(BaseModel):
    """Unknown fields are mistakes, and are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InsertCard(Message):
    """Which card: a number, a chip serial, "blank", "officer" or "copy of NUMBER"."""

    card: str = Field(min_length=1, max_length=80)


class CopyCard(Message):
    """Copy every file of this card, and no key."""

    number: str


class OrderCardFault(Message):
    """How the card in the reader fails, and at which of its next commands (1: the very next)."""

    kind: str = Field(description=", ".join(kind.name for kind in FaultKind))
    in_commands: int = Field(default=1, ge=1)


class PlaceFinger(Message):
    """Which finger, how it is laid, and whether it is taken away by itself."""

    person: Part
    position: FingerPosition = FingerPosition.RIGHT_THUMB
    condition: FingerCondition = FingerCondition.GOOD
    impression: int | None = Field(default=None, ge=0, description="None: one not seen before")
    lift_after_s: float | None = Field(default=None, gt=0, le=600)


class ShowFace(Message):
    """Who sits before the camera; None for nobody."""

    person: Part | None


class SetFault(Message):
    """A device's fault, for ever or for so many uses; "none" ends it."""

    fault: str
    uses: int | None = Field(default=None, ge=1)


class SetRoad(Message):
    """How the network behaves while it is up; what is left out stays."""

    latency_s: float | None = Field(default=None, ge=0, le=60)
    late_s: float | None = Field(default=None, ge=0, le=600)
    bytes_per_s: int | None = Field(default=None, ge=0, description="0: unlimited")


class CardState(Message):
    """One card, as printed on it; a blank has no number."""

    serial: str
    number: str | None
    can: str | None
    kind: str


class PlacedFingerState(Message):
    """What lies on the sensor."""

    person: Part
    position: FingerPosition
    condition: FingerCondition
    impression: int


class DeviceState(Message):
    """One device."""

    is_plugged: bool
    fault: str
    faults: list[str]


class RoadState(Message):
    """The network."""

    latency_s: float
    late_s: float
    bytes_per_s: int | None
    requests: int


class DeskState(Message):
    """The whole desk at this moment."""

    addresses: DeskAddresses
    readers: list[CardState | None]
    cards: list[CardState]
    finger: PlacedFingerState | None
    seated: Part | None
    devices: dict[str, DeviceState]
    road: RoadState
    receipts: list[str]
    card_faces: list[str]


class PersonState(Message):
    """One of the cast."""

    part: Part
    names: dict[str, str]
    is_female: bool
    age_years: int
    birth_date: str
    occupation: str
    fingers: list[FingerPosition]
    """Those with a picture at this desk."""
    usual_fingers: list[FingerPosition]
    """Those that exist with every source of pictures: what a script may rely on."""
