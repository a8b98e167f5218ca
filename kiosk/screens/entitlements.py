"""What the household is entitled to, at once after card and finger."""

from __future__ import annotations

from functools import partial

from domain.card_number import CardNumber, spaced
from kiosk.screen_models.services import DueState, EntitlementRow, Entitlements
from kiosk.screen_models.text import Text, t
from kiosk.screens.body import Body, load_kv
from kiosk.screens.entitlement_card import EntitlementCard
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.words import Words
from kiosk.screens.toolkit import Widget

load_kv(__file__)


class EntitlementsBody(Body[Entitlements]):
    shows = Entitlements

    def draw(self, model: Entitlements) -> None:
        self.part("portrait", PictureBox).show(model.portrait)
        self.part("holder", Words).text = self.say(model.holder)
        number = self.part("number", Words)
        number.language, number.text = "en", spaced(CardNumber(model.card_number))
        self.part("rows", Paged).show([partial(self._card, row) for row in model.rows])

    def _card(self, row: EntitlementRow) -> Widget:
        card = EntitlementCard()
        card.show(row, self.say)
        if row.state is DueState.READY and row.is_delivered_here:
            card.choose = lambda: self.reply("take", row.scheme)
        return card

    def spoken(self, model: Entitlements) -> tuple[Text, ...]:
        """The title, then every row: name, amount, state."""
        rows = [t("entitlements.spoken_row", name=r.name, amount=r.amount, detail=r.detail) for r in model.rows]
        return (*super().spoken(model), *rows)
