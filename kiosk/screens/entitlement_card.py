"""One thing that a household may draw: picture, name, amount, state."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.screen_models.services import DueState, EntitlementRow
from kiosk.screen_models.text import Text
from kiosk.screens import tokens
from kiosk.screens.kit.buttons import Badge
from kiosk.screens.kit.surface import Touchable
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import StringProperty, Touch

#: Sign, ink of the detail, for each state.
_STATES = {
    DueState.READY: ("right", tokens.OK),
    DueState.DRAWN: ("check_circle", tokens.MUTED),
    DueState.LATER: ("calendar", tokens.MUTED),
}


class EntitlementCard(Touchable):
    """Touchable when it is handed over here; the colour of its badge is that of its programme."""

    value = StringProperty("")

    def show(self, row: EntitlementRow, say: Callable[[Text], str]) -> None:
        icon, ink = _STATES[row.state]
        can_take = row.state is DueState.READY and row.is_delivered_here
        self.value = str(row.scheme)
        asks = tokens.CONTROL_LINE if row.is_delivered_here else tokens.LINE
        self.edge = tokens.PRIMARY if can_take else asks
        self.edge_mm = 0.6 if can_take else tokens.STROKE_MM
        for name, text in (("name", row.name), ("detail", row.detail), ("amount", row.amount)):
            self._words(name).text = say(text)
        self._words("detail").ink = ink
        self._words("amount").ink = tokens.INK if row.state is DueState.READY else tokens.MUTED
        badge, state = self.ids["badge"], self.ids["state"]
        assert isinstance(badge, Badge)
        assert isinstance(state, Mark)
        badge.icon = row.icon
        badge.hue = tokens.hue_of(row.icon) if row.state is DueState.READY else tokens.CONTROL_LINE
        state.icon = icon if row.state is not DueState.READY or can_take else "info"
        state.ink = tokens.PRIMARY if can_take else tokens.CONTROL_LINE

    def _words(self, name: str) -> Words:
        line = self.ids[name]
        assert isinstance(line, Words)
        return line

    def on_touch_down(self, touch: Touch) -> bool:
        """A row that cannot be taken is not pressed in."""
        if not callable(self.choose):
            return False
        return super().on_touch_down(touch)
