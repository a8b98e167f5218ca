"""The frame of every screen: title, voice and help above, the body, the way back and the way on below."""

from __future__ import annotations

import time
from collections.abc import Callable

from kiosk.i18n.phrasebook import Phrasebook
from kiosk.screen_models.base import Action, Screen, Tone
from kiosk.screen_models.general import Attract
from kiosk.screen_models.text import t
from kiosk.screens import tokens
from kiosk.screens.body import Body, Reply, load_kv
from kiosk.screens.kit.buttons import Cta, IconButton
from kiosk.screens.kit.overlays import HelperCalled, StillThere
from kiosk.screens.kit.progress import Dots
from kiosk.screens.kit.status_bar import StatusBar
from kiosk.screens.kit.words import Words
from kiosk.screens.toolkit import FloatLayout, Touch, Widget
from kiosk.text_shaping import text_width
from kiosk.ui import BACK

load_kv(__file__)

_LOW_HEADER_MM = 10.0


class Frame(FloatLayout):
    """Draws one screen at a time; touches are passed on only when the screen has stood long enough to be seen."""

    def __init__(self, reply: Reply, replay: Callable[[], None], call_helper: Callable[[], None]) -> None:
        self._reply = reply
        self.body: Body[Screen] | None = None
        self._has_rail = False
        self.overlay: StillThere | HelperCalled | None = None
        self.guard_until = 0.0
        self.touched: Callable[[], None] = lambda: None
        super().__init__()
        # ids are weak: a part that is taken out of the tree would be lost
        self._parts: dict[str, Widget] = {name: widget.__self__ for name, widget in self.ids.items()}
        self._button("speaker").choose = replay
        self._button("help").choose = call_helper

    def _button(self, name: str) -> IconButton:
        button = self._parts[name]
        assert isinstance(button, IconButton)
        return button

    def show(self, model: Screen, kind: type[Body[Screen]], phrasebook: Phrasebook) -> None:
        """Draw the model: a new body when the kind or the language changed, else the body there is."""
        if self.body is None or type(self.body) is not kind or self.body.phrasebook != phrasebook:
            self._stage(kind(phrasebook, self._reply))
        assert self.body is not None
        self._arrange(self.body)
        self._draw_header(model, self.body)
        self._draw_footer(model, self.body)
        self.body.draw(model)

    def guard(self) -> None:
        self.guard_until = time.monotonic() + tokens.GUARD_S

    def _stage(self, body: Body[Screen]) -> None:
        self.body = body
        stage = self._parts["stage"]
        stage.clear_widgets()
        stage.add_widget(body)

    def _arrange(self, body: Body[Screen]) -> None:
        """Low panels have no room for targets above and below: voice, help and back stand at the side there."""
        self._has_rail = tokens.PANEL.is_short and body.audience is tokens.Audience.BENEFICIARY
        rail, header = self._parts["rail"], self._parts["header"]
        _present(rail, self._parts["sides"], self._has_rail, 0)
        rail.clear_widgets()
        for name in ("help", "speaker"):
            button = self._parts[name]
            if button.parent is not None:
                button.parent.remove_widget(button)
        home = rail if self._has_rail else header
        order = ("speaker", "help") if self._has_rail else ("help", "speaker")
        for name in order:
            button = self._parts[name]
            is_wanted = name == "speaker" or body.audience is tokens.Audience.BENEFICIARY
            if is_wanted:
                home.add_widget(button)
        _shape(self._parts["speaker"], self._parts["help"], tokens.target_px(body.audience))

    def _draw_header(self, model: Screen, body: Body[Screen]) -> None:
        title, dots, status = self._parts["title"], self._parts["dots"], self._parts["status"]
        assert isinstance(title, Words)
        assert isinstance(dots, Dots)
        assert isinstance(status, StatusBar)
        header = self._parts["header"]
        header.height = tokens.mm(_LOW_HEADER_MM) if self._has_rail else tokens.target_px(body.audience)
        _present(header, self._parts["column"], not body.owns_header(), 2)
        title.text = body.say(body.heading(model))
        title.ink = tokens.PRIMARY if isinstance(model, Attract) else tokens.INK
        now, count = model.progress or (0, 0)
        dots.now, dots.count = now, count
        self._draw_status(model, body, status)

    def _draw_status(self, model: Screen, body: Body[Screen], status: StatusBar) -> None:
        is_online = getattr(model, "is_online", None)
        buttons_after = 0 if self._has_rail else 2 if body.audience is tokens.Audience.BENEFICIARY else 1
        _present(status, self._parts["header"], is_online is not None, buttons_after + 1)
        if is_online is None:
            return
        waiting = getattr(model, "waiting_events", 0)
        key = "status.online" if is_online else "status.offline"
        sentence = body.say(t(f"{key}_waiting", count=waiting) if waiting else t(key))
        status.show(bool(is_online), sentence)
        wanted = text_width(sentence, status.label.style()) + tokens.text_mm(14)
        status.width = min(wanted, tokens.PANEL.width_px * 0.3)

    def _draw_footer(self, model: Screen, body: Body[Screen]) -> None:
        footer, column = self._parts["footer"], self._parts["column"]
        actions = () if body.owns_footer else body.footer(model)
        has_back = model.has_back and not body.owns_footer and not self._has_rail
        footer.clear_widgets()
        _present(footer, column, bool(actions) or has_back, 0)
        footer.height = tokens.target_px(body.audience) * (tokens.LARGE_PANEL_TEXT if tokens.PANEL.is_large else 1.0)
        if self._has_rail:
            self._parts["rail"].add_widget(Widget())
        if self._has_rail and model.has_back:
            self._parts["rail"].add_widget(self._back_sign(body))
        if has_back:
            footer.add_widget(self._back(body))
        if has_back and len(actions) < 2:
            footer.add_widget(Widget(size_hint_x=0.5))
        for action in actions:
            footer.add_widget(body.cta(action))

    def _back(self, body: Body[Screen]) -> Cta:
        button = body.cta(Action(BACK, t("action.back"), "back", Tone.PLAIN))
        button.size_hint_x = None
        button.width = max(tokens.target_px(body.audience), button.natural_width())
        return button

    def _back_sign(self, body: Body[Screen]) -> IconButton:
        button = IconButton(icon="back", ink=tokens.INK, action_id=BACK)
        _shape(button, button, tokens.target_px(body.audience))
        button.choose = lambda: self._reply(BACK, None)
        return button

    def lay_over(self, overlay: StillThere | HelperCalled | None) -> None:
        """Put a sheet over the screen, or take it away."""
        if self.overlay is not None:
            self.remove_widget(self.overlay)
        self.overlay = overlay
        if overlay is not None:
            self.add_widget(overlay)

    def on_touch_down(self, touch: Touch) -> bool:
        if time.monotonic() < self.guard_until:
            return True
        # first the parts: a touch that takes away "still there?" must not fall through to the screen below it
        was_taken = super().on_touch_down(touch)
        self.touched()
        return was_taken


def _shape(one: Widget, other: Widget, side_px: float) -> None:
    """Squares of one size."""
    for button in (one, other):
        button.size_hint = (None, None)
        button.size = (side_px, side_px)


def _present(widget: Widget, parent: Widget, wanted: bool, index: int) -> None:
    """Add or remove a part; a hidden widget would still take room and touches."""
    is_there = widget.parent is not None
    if wanted and not is_there:
        parent.add_widget(widget, index=min(index, len(parent.children)))
    elif is_there and not wanted:
        parent.remove_widget(widget)
