"""Every programme with its yes, no or not yet, the reason, and the papers missing."""

from __future__ import annotations

from functools import partial

from domain.eligibility import Answer
from kiosk.screen_models.services import ProgrammeRow, ScreeningResults
from kiosk.screen_models.text import Text, t
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.buttons import Badge
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.surface import Card
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import Widget


class ProgrammeCard(Card):
    """One programme of the result."""


load_kv(__file__)

_ANSWERS = {
    Answer.YES: ("check_circle", tokens.OK),
    Answer.NO: ("cross_circle", tokens.CONTROL_LINE),
    Answer.UNKNOWN: ("question", tokens.WARNING),
}


class ScreeningResultsBody(Body[ScreeningResults]):
    shows = ScreeningResults

    def draw(self, model: ScreeningResults) -> None:
        self.part("rows", Paged).show([partial(self._card, row) for row in model.rows])

    def _card(self, row: ProgrammeRow) -> Widget:
        card = ProgrammeCard()
        papers = self.say(t("list.separator")).join(self.say(paper) for paper in row.papers)
        texts = {
            "name": self.say(row.name),
            "reason": self.say(row.reason),
            "papers": self.say(t("screening.bring", papers=papers)) if papers else "",
            "value": "" if row.value is None else self.say(row.value),
            "for_whom": self.say(row.for_whom),
        }
        for name, text in texts.items():
            line = card.ids[name]
            assert isinstance(line, Words)
            line.text = text
            if not text and name == "papers":
                line.size_hint_y = 0.001
        badge, answer = card.ids["badge"], card.ids["answer"]
        assert isinstance(badge, Badge)
        assert isinstance(answer, Mark)
        badge.icon = row.icon
        badge.hue = tokens.hue_of(row.icon) if row.answer is not Answer.NO else tokens.CONTROL_LINE
        answer.icon, answer.ink = _ANSWERS[row.answer]
        return card

    def spoken(self, model: ScreeningResults) -> tuple[Text, ...]:
        """The title, then each programme that is a yes."""
        yes = [row for row in model.rows if row.answer is Answer.YES]
        return (*super().spoken(model), *(t("joined", a=row.name, b=row.value or row.reason) for row in yes))
