"""Each device with what is wrong and what to do."""

from __future__ import annotations

from functools import partial

from kiosk.screen_models.services import DeviceHealth, DeviceRow
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.surface import Card
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import Widget


class DeviceCard(Card):
    """One device."""


load_kv(__file__)


class DeviceHealthBody(Body[DeviceHealth]):
    shows = DeviceHealth
    audience = tokens.Audience.STAFF

    def draw(self, model: DeviceHealth) -> None:
        rows = sorted(model.rows, key=lambda row: row.is_working)
        self.part("rows", Paged).show([partial(self._card, row) for row in rows], keep_page=True)

    def _card(self, row: DeviceRow) -> Widget:
        card = DeviceCard(fill=tokens.CARD if row.is_working else tokens.WARNING_SOFT)
        for name, text in (("name", row.name), ("detail", row.detail)):
            line = card.ids[name]
            assert isinstance(line, Words)
            line.text = self.say(text)
        icon, state = card.ids["icon"], card.ids["state"]
        assert isinstance(icon, Mark)
        assert isinstance(state, Mark)
        icon.icon, icon.ink = row.icon, tokens.PRIMARY if row.is_working else tokens.WARNING
        state.icon = "check_circle" if row.is_working else "alert"
        state.ink = tokens.OK if row.is_working else tokens.WARNING
        return card
