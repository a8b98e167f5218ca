"""What may lie over a screen: "are you still there?" with its ring, and "a person is being called"."""

from __future__ import annotations

from kiosk.screens import tokens
from kiosk.screens.kit.buttons import Cta
from kiosk.screens.kit.surface import Card
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import Color, FloatLayout, Line, NumericProperty, Rectangle, Touch, Widget, centre_of


class TimeRing(Widget):
    """A ring that empties; ``share`` is what is left, 1 to 0."""

    share = NumericProperty(1.0)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        for name in ("share", "pos", "size"):
            self.fbind(name, self._paint)

    def _paint(self, *_changed: object) -> None:
        self.canvas.clear()
        radius = max(1.0, min(self.width, self.height) / 2 - tokens.mm(1.2))
        with self.canvas:
            Color(*tokens.rgba(tokens.LINE))
            Line(circle=(*centre_of(self), radius), width=tokens.mm(1.0))
            Color(*tokens.rgba(tokens.PRIMARY))
            if self.share > 0:
                Line(circle=(*centre_of(self), radius, 0, 360 * self.share), width=tokens.mm(1.0), cap="round")


class Curtain(FloatLayout):
    """Dims the screen and takes every touch that its own parts do not."""

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas.before:
            Color(*tokens.rgba(tokens.SHADE, 0.55))
            self._shade = Rectangle(pos=self.pos, size=self.size)
        self.fbind("pos", self._follow)
        self.fbind("size", self._follow)

    def _follow(self, *_changed: object) -> None:
        self._shade.pos, self._shade.size = self.pos, self.size

    def on_touch_down(self, touch: Touch) -> bool:
        super().on_touch_down(touch)
        return True


class _Sheet(Curtain):
    """A card in the middle of the curtain: a picture, a sentence and one button."""

    def __init__(self, action_id: str, button_icon: str) -> None:
        super().__init__()
        width = min(tokens.mm(130), tokens.PANEL.width_px - 2 * tokens.mm(6))
        height = min(tokens.mm(96), tokens.PANEL.height_px - 2 * tokens.mm(4))
        self.card = Card(size_hint=(None, None), size=(width, height), orientation="vertical")
        self.card.pos_hint = {"center_x": 0.5, "center_y": 0.5}
        self.card.padding = [tokens.mm(5)] * 4
        self.card.spacing = tokens.mm(3)
        self.sentence = Words(role="heading", bold=True, align="center", size_hint_y=0.8)
        self.button = Cta(icon=button_icon, tone="primary", action_id=action_id, size_hint_y=None, height=tokens.mm(20))
        self.add_widget(self.card)

    def _fill(self, picture: Widget) -> None:
        for part in (picture, self.sentence, self.button):
            self.card.add_widget(part)


class StillThere(_Sheet):
    """One touch anywhere keeps the person's place."""

    def __init__(self) -> None:
        super().__init__("still_here", "yes")
        self.ring = TimeRing()
        self._fill(self.ring)


class HelperCalled(_Sheet):
    """Shown after "call a person"."""

    def __init__(self) -> None:
        super().__init__("help_close", "check")
        self._fill(Mark(icon="help", ink=tokens.PRIMARY, share=0.9))
