"""Tiles of the officer's work."""

from __future__ import annotations

from functools import partial

from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.services import OfficerHome
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.buttons import Tile
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.words import Words
from kiosk.screens.toolkit import Widget

load_kv(__file__)


class OfficerHomeBody(Body[OfficerHome]):
    shows = OfficerHome
    audience = tokens.Audience.STAFF

    actions_are_tiles = True

    def draw(self, model: OfficerHome) -> None:
        self.part("officer", Words).text = self.say(model.officer)
        notes = self.part("notes", Words)
        notes.text = " · ".join(self.say(note) for note in model.notes)
        notes.height = tokens.text_mm(8 if notes.text else 0)
        self.part("tiles", Paged).show([partial(self._tile, action) for action in model.actions])

    def _tile(self, action: Action) -> Widget:
        tile = Tile(icon=action.icon, text=self.say(action.text), action_id=action.id)
        tile.choose = lambda: self.reply(action.id, None)
        if action.tone is Tone.PRIMARY:
            tile.fill, tile.edge = tokens.SOFT, tokens.PRIMARY
        if action.tone is Tone.DANGER:
            tile.hue = tokens.DANGER
        return tile
