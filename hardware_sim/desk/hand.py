"""The hand that lays fingers on the sensor."""

from __future__ import annotations

import threading
import zlib
from collections import Counter
from dataclasses import dataclass

from domain.fingers import FingerPosition
from hardware_sim.fingerprint_sensor import FingerprintSensorSim
from hardware_sim.fingers.finger import FingerCondition, FingerSource
from hardware_sim.people import CAST, Part, Person, get_person

IMPRESSION_OFFSETS = 997


@dataclass(frozen=True)
class PlacedFinger:
    """What lies on the window."""

    part: Part
    position: FingerPosition
    condition: FingerCondition
    impression: int


class Hand:
    """Lays one finger of one of the cast at a time; no two impressions are alike, at this desk or at another."""

    def __init__(self, sensor: FingerprintSensorSim, fingers: FingerSource, desk_name: str) -> None:
        self._sensor = sensor
        self._fingers = fingers
        self._first_impression = zlib.crc32(desk_name.encode()) % IMPRESSION_OFFSETS
        self._count: Counter[tuple[Part, FingerPosition]] = Counter()
        self._lifting: threading.Timer | None = None
        self.placed: PlacedFinger | None = None
        self.picture: bytes | None = None

    def place(
        self,
        part: Part,
        position: FingerPosition,
        condition: FingerCondition = FingerCondition.GOOD,
        *,
        impression: int | None = None,
        lift_after_s: float | None = None,
    ) -> PlacedFinger:
        """Lay the finger down. WRONG lays somebody else's, as when people mix up who is asked."""
        self.lift()
        if impression is None:
            self._count[part, position] += 1
            impression = self._first_impression + self._count[part, position]
        finger = get_person(part).finger(position)
        if condition is FingerCondition.WRONG:
            finger = _somebody_else(part).finger(FingerPosition.RIGHT_THUMB)
        self.picture = self._fingers.picture(finger, impression, condition)
        self._sensor.place(self.picture)
        self.placed = PlacedFinger(part, position, condition, impression)
        if lift_after_s is not None:
            self._lifting = threading.Timer(lift_after_s, self.lift)
            self._lifting.daemon = True
            self._lifting.start()
        return self.placed

    def can_place(self, part: Part, position: FingerPosition) -> bool:
        """Whether there is a picture of that finger."""
        return self._fingers.has(get_person(part).finger(position))

    def lift(self) -> None:
        """Take the finger away."""
        if self._lifting is not None:
            self._lifting.cancel()
            self._lifting = None
        self._sensor.lift()
        self.placed = self.picture = None


def _somebody_else(part: Part) -> Person:
    return next(person for person in reversed(CAST) if person.part is not part and person.fingers)
