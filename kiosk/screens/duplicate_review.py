"""Two people side by side, and the evidence."""

from __future__ import annotations

from kiosk.screen_models.people import DuplicateReview, PersonPanel
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.check_list import draw_checks
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.surface import Card, Down
from kiosk.screens.kit.words import Words


class PersonCard(Card):
    """One person of the comparison."""


load_kv(__file__)


class DuplicateReviewBody(Body[DuplicateReview]):
    shows = DuplicateReview
    audience = tokens.Audience.STAFF

    def draw(self, model: DuplicateReview) -> None:
        self._draw_person(self.part("captured", PersonCard), model.captured)
        self._draw_person(self.part("known", PersonCard), model.known)
        # A short panel has a narrow, high card beside the two people; others a wide, low one below them.
        first = len(model.evidence) if tokens.PANEL.is_short else (len(model.evidence) + 1) // 2
        draw_checks(self.part("evidence", Down), model.evidence[:first], self.say)
        draw_checks(self.part("more_evidence", Down), model.evidence[first:], self.say)

    def _draw_person(self, card: PersonCard, person: PersonPanel) -> None:
        texts = {
            "heading": self.say(person.heading),
            "name": self.say(person.name),
            "local_name": self.say(person.local_name),
            # On a short panel there is more room below the names than beside the portrait.
            f"lines_{'below' if tokens.PANEL.is_short else 'beside'}": "\n".join(map(self.say, person.lines)),
        }
        for name, text in texts.items():
            line = card.ids[name]
            assert isinstance(line, Words)
            line.text = text
        portrait = card.ids["portrait"]
        assert isinstance(portrait, PictureBox)
        portrait.show(person.portrait)
