"""One question with pictures to touch."""

from __future__ import annotations

from functools import partial

from kiosk.screen_models.general import Choice, Option
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.words import Words
from kiosk.screens.option_tile import OptionTile
from kiosk.screens.toolkit import Widget

load_kv(__file__)


class ChoiceBody(Body[Choice]):
    shows = Choice

    def draw(self, model: Choice) -> None:
        self.part("question", Words).text = self.say(model.question)
        self.part("options", Paged).show([partial(self._tile, option) for option in model.options])

    def _tile(self, option: Option) -> Widget:
        tile = OptionTile(option, self.say(option.text))
        tile.choose = lambda: self.reply("choose", option.value)
        return tile
