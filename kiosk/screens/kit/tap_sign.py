"""The sign of the resting screen: a card and three waves that light up one after the other."""

from __future__ import annotations

import math

from kiosk.screens import tokens
from kiosk.screens.toolkit import ClockEvent, Color, Ellipse, Line, RoundedRectangle, Widget, centre_of, every

#: Seconds from one wave to the next: two pictures a second are enough to be seen, and leave the processor alone.
_BEAT_S = 0.5
_WAVES = 3


class TapSign(Widget):
    """Drawn, not an icon, so that it can move."""

    def __init__(self, **properties: object) -> None:
        self._lit = _WAVES
        self._beat: ClockEvent | None = None
        super().__init__(**properties)
        self.fbind("pos", self._paint)
        self.fbind("size", self._paint)
        self.fbind("parent", self._start_or_stop)

    def _start_or_stop(self, *_changed: object) -> None:
        if self.parent is None and self._beat is not None:
            self._beat.cancel()
            self._beat = None
        elif self.parent is not None and self._beat is None:
            self._beat = every(self._step, _BEAT_S)

    def _step(self) -> None:
        self._lit = self._lit % _WAVES + 1
        self._paint()

    def _paint(self, *_changed: object) -> None:
        self.canvas.clear()
        unit = min(self.width / 104, self.height / 64)
        middle = centre_of(self)
        x, y = middle[0] - 52 * unit, middle[1] - 32 * unit
        with self.canvas:
            self._paint_card(x, y + 12 * unit, unit)
            for number in range(1, _WAVES + 1):
                Color(*tokens.rgba(tokens.PRIMARY if number <= self._lit else tokens.FAINT))
                radius = (8 + 11.5 * number) * unit
                Line(circle=(x + 58 * unit, y + 32 * unit, radius, 48, 132), width=2.4 * unit)
                self._round_ends((x + 58 * unit, y + 32 * unit), radius, 2.4 * unit)

    def _round_ends(self, middle: tuple[float, float], radius: float, half: float) -> None:
        """Smooth lines have no round caps; angles are Kivy's, clockwise from the top."""
        for degrees in (48, 132):
            x = middle[0] + radius * math.sin(math.radians(degrees))
            y = middle[1] + radius * math.cos(math.radians(degrees))
            Ellipse(pos=(x - half, y - half), size=(2 * half, 2 * half))

    def _paint_card(self, x: float, y: float, unit: float) -> None:
        """An ID-1 card (85.6 x 54 mm) with a portrait, a chip and two lines of writing."""
        Color(*tokens.rgba(tokens.PRIMARY))
        RoundedRectangle(pos=(x, y), size=(63 * unit, 40 * unit), radius=[4 * unit])
        Color(*tokens.rgba(tokens.PAPER))
        RoundedRectangle(pos=(x + 6 * unit, y + 17 * unit), size=(13 * unit, 17 * unit), radius=[2 * unit])
        Color(*tokens.rgba(tokens.PRIMARY))
        Ellipse(pos=(x + 9.6 * unit, y + 26 * unit), size=(5.8 * unit, 5.8 * unit))
        RoundedRectangle(pos=(x + 7.8 * unit, y + 17 * unit), size=(9.4 * unit, 7.6 * unit), radius=[3.4 * unit])
        Color(*tokens.rgba(tokens.CHIP_GOLD))
        RoundedRectangle(pos=(x + 42 * unit, y + 20 * unit), size=(14 * unit, 11 * unit), radius=[2 * unit])
        Color(*tokens.rgba(tokens.SOFT))
        for number, width in enumerate((44, 30)):
            pos = (x + 6 * unit, y + (10.5 - 5.4 * number) * unit)
            RoundedRectangle(pos=pos, size=(width * unit, 2.4 * unit), radius=[1.2 * unit])
