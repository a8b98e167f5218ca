"""Boxes: across, down, cards with a thin line, and cards that can be touched."""

from __future__ import annotations

from kiosk.screens import tokens
from kiosk.screens.toolkit import (
    BooleanProperty,
    BoxLayout,
    Color,
    Line,
    NumericProperty,
    ObjectProperty,
    RoundedRectangle,
    StringProperty,
    Touch,
    later,
)

#: Key in ``touch.ud``: the widget that took the touch. The pilot reads it to see what a touch really hit.
TAKEN_BY = "single_window.taken_by"


class Across(BoxLayout):
    """Side by side in reading order: mirrored where reading runs from right to left."""

    def do_layout(self, *ignored: object) -> None:
        super().do_layout(*ignored)
        if tokens.PANEL.is_right_to_left and self.orientation == "horizontal":
            for child in self.children:
                child.x = self.x + self.right - child.right


class Down(Across):
    """One below the other."""

    def __init__(self, **properties: object) -> None:
        properties.setdefault("orientation", "vertical")
        super().__init__(**properties)


class Card(Across):
    """A rounded surface with a thin line and no shadow."""

    fill = StringProperty(tokens.CARD)
    edge = StringProperty(tokens.LINE)
    edge_mm = NumericProperty(tokens.STROKE_MM)
    radius_mm = NumericProperty(tokens.RADIUS_MM)
    #: The surface is drawn so much smaller than the target on each side.
    inset_mm = NumericProperty(0.0)

    def __init__(self, **properties: object) -> None:
        self._due = False
        super().__init__(**properties)
        for name in ("pos", "size", "fill", "edge", "edge_mm", "radius_mm", "inset_mm"):
            self.fbind(name, self._mark_due)
        self._mark_due()

    def shown_fill(self) -> str:
        return self.fill

    def _mark_due(self, *_changed: object) -> None:
        """Paint once before the next frame, however much changes until then."""
        if not self._due:
            self._due = True
            later(self._paint, -1)

    def _paint(self) -> None:
        self._due = False
        canvas = self.canvas.before
        canvas.clear()
        inset = tokens.mm(self.inset_mm)
        pos = (self.x + inset, self.y + inset)
        size = (max(0.0, self.width - 2 * inset), max(0.0, self.height - 2 * inset))
        radius = min(tokens.mm(self.radius_mm), size[0] / 2, size[1] / 2)
        with canvas:
            if self.fill:
                Color(*tokens.rgba(self.shown_fill()))
                RoundedRectangle(pos=pos, size=size, radius=[radius])
            if self.edge:
                width = max(1.0, tokens.mm(self.edge_mm) / 2)
                Color(*tokens.rgba(self.edge))
                box = (pos[0] + width, pos[1] + width, size[0] - 2 * width, size[1] - 2 * width, radius)
                Line(rounded_rectangle=box, width=width)


class Touchable(Card):
    """A card that answers a touch: pressed while the finger is on it, chosen when it is lifted inside."""

    action_id = StringProperty("")
    pressed_fill = StringProperty(tokens.PRESSED)
    is_pressed = BooleanProperty(False)
    #: Called without arguments when chosen.
    choose = ObjectProperty(None, allownone=True)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.fbind("is_pressed", self._mark_due)
        self.fbind("disabled", self._dim)

    def shown_fill(self) -> str:
        return self.pressed_fill if self.is_pressed else self.fill

    def _dim(self, *_changed: object) -> None:
        self.opacity = 0.42 if self.disabled else 1.0

    def on_touch_down(self, touch: Touch) -> bool:
        if self.disabled or not self.collide_point(*touch.pos):
            return False
        touch.grab(self)
        touch.ud[TAKEN_BY] = self
        self.is_pressed = True
        return True

    def on_touch_move(self, touch: Touch) -> bool:
        if touch.grab_current is not self:
            return False
        self.is_pressed = self.collide_point(*touch.pos)
        return True

    def on_touch_up(self, touch: Touch) -> bool:
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        was_pressed, self.is_pressed = self.is_pressed, False
        if was_pressed and not self.disabled and callable(self.choose):
            self.choose()
        return True
