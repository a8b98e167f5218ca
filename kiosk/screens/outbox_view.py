"""What has not reached the registry yet."""

from __future__ import annotations

from functools import partial

from kiosk.screen_models.services import OutboxRow, OutboxView
from kiosk.screen_models.text import t
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.surface import Card, Down
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import Widget


class OutboxCard(Card):
    """One event that waits."""


load_kv(__file__)


class OutboxViewBody(Body[OutboxView]):
    shows = OutboxView
    audience = tokens.Audience.STAFF

    def draw(self, model: OutboxView) -> None:
        empty, rows = self.part("empty", Down), self.part("rows", Paged)
        empty.opacity = 0.0 if model.rows else 1.0
        empty.size_hint_x = 0.001 if model.rows else 1.0
        rows.size_hint_x = 1.0 if model.rows else 0.001
        self.part("nothing", Words).text = "" if model.rows else self.say(t("outbox.nothing_waiting"))
        rows.show([partial(self._card, row) for row in model.rows], keep_page=True)

    def _card(self, row: OutboxRow) -> Widget:
        card = OutboxCard()
        for name, text in (("what", row.what), ("age", row.age), ("state", row.state)):
            line = card.ids[name]
            assert isinstance(line, Words)
            line.text = self.say(text)
            if name == "state":
                line.ink = tokens.DANGER if row.is_problem else tokens.MUTED
        sign = card.ids["sign"]
        assert isinstance(sign, Mark)
        sign.icon = "sync_problem" if row.is_problem else "outbox"
        sign.ink = tokens.DANGER if row.is_problem else tokens.PRIMARY
        return card
