"""How far we are: dots, a bar, lines of steps and of checks, the ten blocks of quality."""

from __future__ import annotations

from kiosk.screen_models.general import StepState
from kiosk.screens import tokens
from kiosk.screens.kit.surface import Across
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import Color, Ellipse, NumericProperty, RoundedRectangle, StringProperty, Widget


class Dots(Widget):
    """Steps of a flow: done, now, to come. In reading order."""

    now = NumericProperty(0)
    count = NumericProperty(0)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.size_hint_x = None
        for name in ("now", "count", "pos", "size"):
            self.fbind(name, self._paint)

    def _paint(self, *_changed: object) -> None:
        pitch, small, large = tokens.mm(4.6), tokens.mm(2.2), tokens.mm(3.2)
        count, now = int(self.count), int(self.now)
        self.width = pitch * count
        self.canvas.clear()
        with self.canvas:
            for number in range(1, count + 1):
                Color(*tokens.rgba(tokens.PRIMARY if number <= now else tokens.LINE))
                size = large if number == now else small
                place = count - number if tokens.PANEL.is_right_to_left else number - 1
                x = self.x + pitch * (place + 0.5)
                Ellipse(pos=(x - size / 2, self.y + (self.height - size) / 2), size=(size, size))


class Bar(Widget):
    """A share of one, from the start of reading."""

    share = NumericProperty(0.0)
    ink = StringProperty(tokens.PRIMARY)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        for name in ("share", "ink", "pos", "size"):
            self.fbind(name, self._paint)

    def _paint(self, *_changed: object) -> None:
        self.canvas.clear()
        radius = self.height / 2
        filled = max(self.height, self.width * min(1.0, max(0.0, self.share)))
        x = self.x + self.width - filled if tokens.PANEL.is_right_to_left else self.x
        with self.canvas:
            Color(*tokens.rgba(tokens.LINE))
            RoundedRectangle(pos=self.pos, size=self.size, radius=[radius])
            if self.share > 0:
                Color(*tokens.rgba(self.ink))
                RoundedRectangle(pos=(x, self.y), size=(filled, self.height), radius=[radius])


class QualityBar(Widget):
    """Ten blocks: how good the finger's picture is, 0 to 100; below 0 none yet."""

    quality = NumericProperty(-1)

    BLOCKS = 10
    GOOD_FROM = 60
    FAIR_FROM = 40

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        for name in ("quality", "pos", "size"):
            self.fbind(name, self._paint)

    def colour(self) -> str:
        if self.quality >= self.GOOD_FROM:
            return tokens.OK
        return tokens.WARNING if self.quality >= self.FAIR_FROM else tokens.DANGER

    def _paint(self, *_changed: object) -> None:
        self.canvas.clear()
        gap = tokens.mm(1.1)
        size = ((self.width - gap * (self.BLOCKS - 1)) / self.BLOCKS, self.height)
        lit = round(self.quality / 10) if self.quality >= 0 else 0
        with self.canvas:
            for number in range(self.BLOCKS):
                Color(*tokens.rgba(self.colour() if number < lit else tokens.LINE))
                place = self.BLOCKS - 1 - number if tokens.PANEL.is_right_to_left else number
                pos = (self.x + place * (size[0] + gap), self.y)
                RoundedRectangle(pos=pos, size=size, radius=[tokens.mm(1.2)])


_STEP_MARKS = {
    StepState.WAITING: ("circle_outline", tokens.CONTROL_LINE, tokens.MUTED),
    StepState.DOING: ("wait", tokens.PRIMARY, tokens.INK),
    StepState.DONE: ("check_circle", tokens.OK, tokens.INK),
    StepState.FAILED: ("cross_circle", tokens.DANGER, tokens.DANGER),
}
_CHECK_MARKS = {
    None: ("circle_outline", tokens.CONTROL_LINE, tokens.MUTED),
    True: ("check_circle", tokens.OK, tokens.INK),
    False: ("cross_circle", tokens.DANGER, tokens.DANGER),
}


class MarkedLine(Across):
    """A sign and a sentence."""

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.spacing = tokens.mm(2.5)
        self.mark = Mark(size_hint=(None, 1), width=tokens.text_mm(7.5), share=1.0)
        self.label = Words(role="body")
        self.add_widget(self.mark)
        self.add_widget(self.label)

    def show_step(self, text: str, state: StepState) -> None:
        self.mark.icon, self.mark.ink, self.label.ink = _STEP_MARKS[state]
        self.label.text, self.label.bold = text, state is StepState.DOING

    def show_check(self, text: str, passed: bool | None) -> None:
        self.mark.icon, self.mark.ink, self.label.ink = _CHECK_MARKS[passed]
        self.label.text = text
