"""What the household is entitled to, at once after card and finger."""

from __future__ import annotations

from functools import partial

from domain.card_number import CardNumber, spaced
from kiosk.screen_models.services import EntitlementRow, Entitlements
from kiosk.screen_models.text import Text, t
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.entitlement_card import EntitlementCard
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.surface import Card
from kiosk.screens.kit.words import Words
from kiosk.screens.toolkit import Widget

load_kv(__file__)


class EntitlementsBody(Body[Entitlements]):
    shows = Entitlements

    def built(self) -> None:
        self._holder_card = self.part("holder_card", Card)
        self._portrait, self._holder = self.part("portrait", PictureBox), self.part("holder", Words)
        self._number = self.part("number", Words)
        if tokens.PANEL.is_short:
            # no room beside the rows: the name stands in the title there
            self.remove_widget(self._holder_card)

    def heading(self, model: Entitlements) -> Text:
        return t("joined", a=model.title, b=model.holder) if tokens.PANEL.is_short else model.title

    def draw(self, model: Entitlements) -> None:
        self._portrait.show(model.portrait)
        self._holder.text = self.say(model.holder)
        self._number.language, self._number.text = "en", spaced(CardNumber(model.card_number))
        self.part("rows", Paged).show([partial(self._card, row) for row in model.rows])

    def _card(self, row: EntitlementRow) -> Widget:
        card = EntitlementCard()
        card.show(row, self.say)
        if row.is_delivered_here:
            # Also when it is drawn: who asks again gets the reason, a number and a slip, never a dead button.
            card.choose = lambda: self.reply("take", row.scheme)
        return card

    def spoken(self, model: Entitlements) -> tuple[Text, ...]:
        """The title, then every row: name, amount, state."""
        rows = [t("entitlements.spoken_row", name=r.name, amount=r.amount, detail=r.detail) for r in model.rows]
        return (*super().spoken(model), *rows)
