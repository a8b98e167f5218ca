"""Invented fingers: any number of people, ten fingers each, no real person's print among them."""

from __future__ import annotations

from pathlib import Path

from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import Finger, FingerCondition
from hardware_sim.fingers.impression import draw_impression
from hardware_sim.fingers.master import MasterShelf


class SyntheticFingers:
    """A FingerSource that draws fingers from their seed; ``directory`` keeps the master prints between runs."""

    def __init__(self, directory: Path) -> None:
        self._shelf = MasterShelf(directory)

    def has(self, finger: Finger) -> bool:
        """Everybody has all ten."""
        return finger.position is not FingerPosition.UNKNOWN

    def picture(self, finger: Finger, impression: int, condition: FingerCondition) -> bytes:
        """That impression of the finger; see FingerSource."""
        return draw_impression(self._shelf.get_master(finger), finger, impression, condition)
