"""What a person presses: a call to action, a tile with a picture, a round icon button."""

from __future__ import annotations

from kiosk.screen_models.base import Tone
from kiosk.screens import tokens
from kiosk.screens.kit.surface import Card, Touchable
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import StringProperty
from kiosk.text_shaping import text_width

_FILLS = {
    Tone.PRIMARY: (tokens.PRIMARY, tokens.PRIMARY_PRESSED, tokens.ON_COLOUR, tokens.PRIMARY),
    Tone.PLAIN: (tokens.CARD, tokens.PRESSED, tokens.INK, tokens.CONTROL_LINE),
    Tone.DANGER: (tokens.DANGER, tokens.DANGER_PRESSED, tokens.ON_COLOUR, tokens.DANGER),
}


class Cta(Touchable):
    """Icon and word in one line; the way on."""

    icon = StringProperty("")
    text = StringProperty("")
    tone = StringProperty(Tone.PLAIN)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.padding = [tokens.mm(3.5), tokens.mm(1), tokens.mm(3.5), tokens.mm(1)]
        self.spacing = tokens.mm(2.4)
        self.mark = Mark(size_hint=(None, 1), width=tokens.text_mm(8.5), share=1.0)
        self.label = Words(bold=True, role="body", align="start")
        self.add_widget(self.mark)
        self.add_widget(self.label)
        for name in ("icon", "text", "tone"):
            self.fbind(name, self._show)
        self._show()

    def natural_width(self) -> float:
        """Wide enough for the word in one line."""
        style = self.label.style()
        return self.padding[0] * 2 + self.mark.width + self.spacing + text_width(self.text, style) + tokens.mm(1)

    def _show(self, *_changed: object) -> None:
        self.fill, self.pressed_fill, ink, self.edge = _FILLS[Tone(self.tone)]
        self.mark.icon, self.mark.ink = self.icon, ink
        self.label.text, self.label.ink = self.text, ink

    def do_layout(self, *ignored: object) -> None:
        """Icon and word stay together in the middle of a wide button."""
        side = tokens.mm(3.5)
        inner = self.mark.width + self.spacing + text_width(self.text, self.label.style()) + tokens.mm(0.5)
        slack = max(0.0, self.width - 2 * side - inner)
        self.padding = [side + slack / 2, tokens.mm(1), side + slack / 2, tokens.mm(1)]
        super().do_layout(*ignored)


class Badge(Card):
    """A white picture on the colour of its meaning: how a programme is known without reading."""

    icon = StringProperty("")
    hue = StringProperty(tokens.PRIMARY)

    def __init__(self, **properties: object) -> None:
        properties.setdefault("radius_mm", 3.0)
        super().__init__(**properties)
        self.edge = ""
        self.mark = Mark(share=0.66, ink=tokens.ON_COLOUR)
        self.add_widget(self.mark)
        self.fbind("icon", self._show)
        self.fbind("hue", self._show)
        self._show()

    def _show(self, *_changed: object) -> None:
        self.fill = self.hue
        self.mark.icon = self.icon


class Tile(Touchable):
    """A picture over its word."""

    icon = StringProperty("")
    text = StringProperty("")
    hue = StringProperty(tokens.PRIMARY)

    def __init__(self, **properties: object) -> None:
        properties.setdefault("orientation", "vertical")
        super().__init__(**properties)
        self.edge = tokens.CONTROL_LINE
        self.padding = [tokens.mm(2.5)] * 4
        self.spacing = tokens.mm(1.4)
        self.mark = Mark(share=0.86, size_hint=(1, 1.25))
        self.label = Words(bold=True, align="center", size_hint=(1, 1))
        self.add_widget(self.mark)
        self.add_widget(self.label)
        for name in ("icon", "text", "hue"):
            self.fbind(name, self._show)
        self._show()

    def _show(self, *_changed: object) -> None:
        self.mark.icon, self.mark.ink = self.icon, self.hue
        self.label.text = self.text


class IconButton(Touchable):
    """A square with an icon, for the few signs that stand on every screen."""

    icon = StringProperty("")
    ink = StringProperty(tokens.PRIMARY)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.edge = tokens.CONTROL_LINE
        self.mark = Mark(share=0.56)
        self.add_widget(self.mark)
        self.fbind("icon", self._show)
        self.fbind("ink", self._show)
        self._show()

    def _show(self, *_changed: object) -> None:
        self.mark.icon, self.mark.ink = self.icon, self.ink
