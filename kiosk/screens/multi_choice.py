"""One question with several answers."""

from __future__ import annotations

from functools import partial

from kiosk.screen_models.base import Action
from kiosk.screen_models.general import MultiChoice, Option
from kiosk.screens.body import DONE, Body, load_kv, with_done
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.words import Words
from kiosk.screens.option_tile import OptionTile, Ticked
from kiosk.screens.toolkit import Widget

load_kv(__file__)


class MultiChoiceBody(Body[MultiChoice]):
    shows = MultiChoice

    def built(self) -> None:
        self._chosen: list[str] = []
        self._options: tuple[Option, ...] = ()

    def draw(self, model: MultiChoice) -> None:
        self.part("question", Words).text = self.say(model.question)
        self._options, self._chosen = model.options, list(model.chosen)
        self._show_options(keep_page=False)

    def _show_options(self, *, keep_page: bool) -> None:
        makers = [partial(self._tile, option) for option in self._options]
        self.part("options", Paged).show(makers, keep_page=keep_page)

    def _tile(self, option: Option) -> Widget:
        tile = OptionTile(option, self.say(option.text))
        is_chosen = option.value in self._chosen
        tile.mark_chosen(is_chosen)
        tile.choose = lambda: self._toggle(tile, option.value)
        return Ticked(tile, is_chosen)

    def _toggle(self, tile: OptionTile, value: str) -> None:
        if value in self._chosen:
            self._chosen.remove(value)
        else:
            self._chosen.append(value)
        tile.mark_chosen(value in self._chosen)
        if isinstance(tile.parent, Ticked):
            tile.parent.tick(value in self._chosen)

    def footer(self, model: MultiChoice) -> tuple[Action, ...]:
        return with_done(model.actions)

    def value_of(self, action_id: str) -> str | int | None:
        """The values in the order of the options, joined by commas."""
        if action_id != DONE.id:
            return None
        return ",".join(option.value for option in self._options if option.value in self._chosen)
