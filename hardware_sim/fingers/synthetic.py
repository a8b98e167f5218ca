"""Invented fingers: any number of people, ten fingers each, no real person's print among them."""

from __future__ import annotations

from pathlib import Path

from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import ZFM_WINDOW, Finger, FingerCondition, Window
from hardware_sim.fingers.impression import draw_everyday_impression, draw_impression
from hardware_sim.fingers.master import MasterShelf
from hardware_sim.fingers.skin_surface import Grey


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

    def everyday_picture(self, finger: Finger, impression: int, window: Window = ZFM_WINDOW) -> Grey:
        """That impression as the finger comes, on that window: for measuring, where GOOD would flatter.

        8-bit grey, ridges dark; the same arguments give the same picture.
        """
        return draw_everyday_impression(self._shelf.get_master(finger), finger, impression, window)
