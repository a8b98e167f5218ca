"""A hand, seen as the person sees it on the reader, with the finger that is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from domain.fingers import FingerPosition
from kiosk.screens import tokens
from kiosk.screens.kit.hand_drawing import HandState, draw_hands
from kiosk.screens.toolkit import ClockEvent, Color, Rectangle, Texture, Widget, centre_of, every

_PULSE_S = 0.5


class HandPicture(Widget):
    """One hand, or both when fingers of both are in play; the finger asked for is lit and a ring beats on its tip."""

    def __init__(self, **properties: object) -> None:
        self._position = FingerPosition.RIGHT_THUMB
        self._done: Mapping[FingerPosition, bool] = {}
        self._glow = tokens.PRIMARY
        self._is_wide = False
        self._pulse: ClockEvent | None = None
        self._drawn: dict[tuple[HandState, int], Texture] = {}
        super().__init__(**properties)
        with self.canvas:
            Color(1, 1, 1, 1)
            self._box = Rectangle(size=(0, 0))
        self.fbind("pos", self._paint)
        self.fbind("size", self._paint)
        self.fbind("parent", self._start_or_stop)

    def show(self, position: FingerPosition, done: Mapping[FingerPosition, bool], glow: str) -> None:
        if (position, dict(done), glow) != (self._position, dict(self._done), self._glow):
            self._position, self._done, self._glow = position, dict(done), glow
            self._drawn.clear()
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
        state = HandState.of(self._position, self._done, self._glow, is_wide=self._is_wide)
        side = int(min(self.width / len(state.hands), self.height))
        if side < 8:
            return
        texture = self._drawn.get((state, side)) or self._draw(state, side)
        x, y = centre_of(self)
        self._box.texture = texture
        self._box.size = texture.size
        self._box.pos = (round(x - texture.size[0] / 2), round(y - texture.size[1] / 2))

    def _draw(self, state: HandState, side_px: int) -> Texture:
        image = draw_hands(state, side_px)
        texture = Texture.create(size=image.size, colorfmt="rgba")
        texture.blit_buffer(image.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
        texture.flip_vertical()
        self._drawn[state, side_px] = texture
        return texture
