"""The resting screen."""

from __future__ import annotations

from functools import partial

from kiosk.i18n.catalogue import LANGUAGES
from kiosk.i18n.phrasebook import Phrasebook
from kiosk.screen_models.base import Action
from kiosk.screen_models.general import Attract
from kiosk.screen_models.text import Text
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit import tap_sign  # noqa: F401 - named in the kv rule
from kiosk.screens.kit.buttons import Tile
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.words import Words
from kiosk.screens.toolkit import Widget

load_kv(__file__)


class AttractBody(Body[Attract]):
    shows = Attract

    actions_are_tiles = True

    def heading(self, model: Attract) -> Text:
        return model.desk_name

    def draw(self, model: Attract) -> None:
        """The invitation in the language chosen, and smaller in the others: a stranger must see theirs."""
        others = [code for code in LANGUAGES if code != self.phrasebook.language]
        for name, code in zip(("first", "second", "third"), (self.phrasebook.language, *others), strict=False):
            line = self.part(name, Words)
            line.language, line.text = code, Phrasebook(code).text(model.title)
        tiles = self.part("tiles", Paged)
        tiles.height = tokens.mm(112 if tokens.PANEL.is_portrait else 25 if tokens.PANEL.is_short else 38)
        tiles.show([partial(self._tile, action) for action in model.actions])

    def _tile(self, action: Action) -> Widget:
        tile = Tile(icon=action.icon, text=self.say(action.text), action_id=action.id)
        tile.choose = lambda: self.reply(action.id, None)
        return tile
