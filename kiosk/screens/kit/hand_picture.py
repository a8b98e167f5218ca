"""A hand, seen as the person sees it on the reader, with the finger that is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from domain.fingers import FingerPosition
from kiosk.screens import tokens
from kiosk.screens.toolkit import ClockEvent, Color, Ellipse, Line, Widget, every

#: A right hand, palm down, in a square of 100: (base, tip, thickness) of thumb to little finger.
_RIGHT_HAND = (
    ((43, 20), (14, 47), 15.0),
    ((38, 44), (32, 82), 12.5),
    ((51, 47), (50, 91), 12.8),
    ((64, 45), (67, 85), 12.2),
    ((75, 38), (83, 69), 10.8),
)
_PALM = ((44, 22), (70, 22), (71, 38), (44, 40))
_PALM_THICKNESS = 24.0
_SKIN, _SKIN_LINE = "#EBD9C6", "#9C8468"
_OUTLINE = 1.3
_PULSE_S = 0.5


class HandPicture(Widget):
    """One hand, or both when fingers of both are in play; the finger asked for is lit and its tip pulses."""

    def __init__(self, **properties: object) -> None:
        self._position = FingerPosition.RIGHT_THUMB
        self._done: Mapping[FingerPosition, bool] = {}
        self._glow = tokens.PRIMARY
        self._is_wide = False
        self._pulse: ClockEvent | None = None
        super().__init__(**properties)
        self.fbind("pos", self._paint)
        self.fbind("size", self._paint)
        self.fbind("parent", self._start_or_stop)

    def show(self, position: FingerPosition, done: Mapping[FingerPosition, bool], glow: str) -> None:
        if (position, dict(done), glow) != (self._position, dict(self._done), self._glow):
            self._position, self._done, self._glow = position, dict(done), glow
            self._paint()

    def _start_or_stop(self, *_changed: object) -> None:
        if self.parent is None and self._pulse is not None:
            self._pulse.cancel()
            self._pulse = None
        elif self.parent is not None and self._pulse is None:
            self._pulse = every(self._beat, _PULSE_S)

    def _beat(self) -> None:
        self._is_wide = not self._is_wide
        self._paint()

    def _paint(self, *_changed: object) -> None:
        self.canvas.clear()
        hands = (False, True) if self._done else (self._position.is_right_hand,)
        side = min(self.width / len(hands), self.height)
        left = self.center_x - side * len(hands) / 2
        with self.canvas:
            for number, is_right in enumerate(hands):
                self._paint_hand(is_right, left + number * side, self.center_y - side / 2, side / 100)

    def _paint_hand(self, is_right: bool, x: float, y: float, unit: float) -> None:
        def at(point: tuple[float, float]) -> tuple[float, float]:
            return x + (point[0] if is_right else 100 - point[0]) * unit, y + (point[1] + 2) * unit

        for colour, grow in ((_SKIN_LINE, _OUTLINE), (_SKIN, 0.0)):
            Color(*tokens.rgba(colour))
            palm = [c for p in (*_PALM, _PALM[0]) for c in at(p)]
            Line(points=palm, width=(_PALM_THICKNESS / 2 + grow) * unit, cap="round", joint="round")
            for base, tip, thick in _RIGHT_HAND:
                Line(points=[*at(base), *at(tip)], width=(thick / 2 + grow) * unit, cap="round")
        for number, (base, tip, thick) in enumerate(_RIGHT_HAND):
            position = FingerPosition(number + (1 if is_right else 6))
            self._paint_tip(position, at(base), at(tip), thick, unit)

    def _paint_tip(
        self,
        position: FingerPosition,
        base: tuple[float, float],
        tip: tuple[float, float],
        thick: float,
        unit: float,
    ) -> None:
        if position is self._position:
            upper = (base[0] + (tip[0] - base[0]) * 0.45, base[1] + (tip[1] - base[1]) * 0.45)
            Color(*tokens.rgba(self._glow))
            Line(points=[*upper, *tip], width=thick / 2 * unit, cap="round")
            Color(*tokens.rgba(self._glow, 0.9 if self._is_wide else 0.5))
            radius = (thick * (1.05 if self._is_wide else 0.85)) * unit
            Line(circle=(*tip, radius), width=1.1 * unit)
            Color(*tokens.rgba(tokens.ON_COLOUR))
            for ring in (1.4, 2.9, 4.4):
                Line(circle=(*tip, ring * unit * thick / 13, -100, 100), width=max(1.0, 0.45 * unit), cap="round")
        elif position in self._done:
            Color(*tokens.rgba(tokens.OK if self._done[position] else tokens.CONTROL_LINE))
            size = thick * 0.8 * unit
            Ellipse(pos=(tip[0] - size / 2, tip[1] - size / 2), size=(size, size))
            Color(*tokens.rgba(tokens.ON_COLOUR))
            self._paint_sign(tip, size, self._done[position])

    def _paint_sign(self, at: tuple[float, float], size: float, is_good: bool) -> None:
        tick = [(-0.24, 0.0), (-0.06, -0.18), (0.26, 0.18)] if is_good else [(-0.24, 0.0), (0.24, 0.0)]
        Line(points=[c for dx, dy in tick for c in (at[0] + dx * size, at[1] + dy * size)], width=max(1.0, size * 0.07))
