"""The household so far."""

from __future__ import annotations

from functools import partial

from kiosk.screen_models.people import HouseholdRoster, MemberCard
from kiosk.screen_models.text import t
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.surface import Across, Touchable
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import StringProperty, Widget


class MemberTile(Touchable):
    """Photo, name, age and relation, and what is still missing."""

    value = StringProperty("")


load_kv(__file__)


class HouseholdRosterBody(Body[HouseholdRoster]):
    shows = HouseholdRoster
    audience = tokens.Audience.STAFF

    def draw(self, model: HouseholdRoster) -> None:
        self.part("address", Words).text = "" if model.address is None else self.say(model.address)
        place = self.part("place", Across)
        place.height, place.opacity = (0, 0.0) if model.address is None else (tokens.text_mm(9), 1.0)
        self.part("members", Paged).show([partial(self._tile, member) for member in model.members])

    def _tile(self, member: MemberCard) -> Widget:
        tile = MemberTile(value=member.person_id, edge=tokens.CONTROL_LINE)
        tile.choose = lambda: self.reply("open", member.person_id)
        texts = {
            "name": self.say(member.name),
            "detail": self.say(member.detail),
            "fingers": self.say(t("roster.fingers", count=member.fingers)),
        }
        for name, text in texts.items():
            line = tile.ids[name]
            assert isinstance(line, Words)
            line.text = text
        portrait, state = tile.ids["portrait"], tile.ids["state"]
        assert isinstance(portrait, PictureBox)
        assert isinstance(state, Mark)
        portrait.show(member.portrait)
        state.icon = "check_circle" if member.is_done else "circle_outline"
        state.ink = tokens.OK if member.is_done else tokens.CONTROL_LINE
        return tile
