"""Hand over this? One thing, big."""

from __future__ import annotations

from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.services import ConfirmDelivery
from kiosk.screen_models.text import Text, t
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.buttons import Badge
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.words import Words

load_kv(__file__)

_CONFIRM = (Action("confirm", t("action.confirm"), "yes", Tone.PRIMARY),)


class ConfirmDeliveryBody(Body[ConfirmDelivery]):
    shows = ConfirmDelivery

    def draw(self, model: ConfirmDelivery) -> None:
        self.part("portrait", PictureBox).show(model.portrait)
        self.part("holder", Words).text = self.say(model.holder)
        badge = self.part("badge", Badge)
        badge.icon, badge.hue = model.row.icon, tokens.hue_of(model.row.icon)
        for name, text in (("name", model.row.name), ("amount", model.row.amount), ("detail", model.row.detail)):
            self.part(name, Words).text = self.say(text)

    def footer(self, model: ConfirmDelivery) -> tuple[Action, ...]:
        return model.actions or _CONFIRM

    def spoken(self, model: ConfirmDelivery) -> tuple[Text, ...]:
        row = model.row
        sentence = t("entitlements.spoken_row", name=row.name, amount=row.amount, detail=row.detail)
        return (*super().spoken(model), sentence)
