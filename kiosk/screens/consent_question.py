"""Consent, read aloud: what is asked, point by point, and yes or no."""

from __future__ import annotations

from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.people import ConsentQuestion
from kiosk.screen_models.text import Text, t
from kiosk.screens.body import Body, load_kv
from kiosk.screens.check_list import draw_points
from kiosk.screens.kit.surface import Down
from kiosk.screens.kit.words import Words

load_kv(__file__)

_YES_NO = (Action("no", t("action.no"), "no", Tone.PLAIN), Action("yes", t("action.yes"), "yes", Tone.PRIMARY))


class ConsentQuestionBody(Body[ConsentQuestion]):
    shows = ConsentQuestion

    def draw(self, model: ConsentQuestion) -> None:
        self.part("person", Words).text = self.say(model.person)
        self.part("sentence", Words).text = self.say(model.text)
        points = self.part("points", Down)
        points.size_hint_y = min(1.6, 0.42 * len(model.points)) if model.points else 0.001
        draw_points(points, model.points, self.say)

    def footer(self, model: ConsentQuestion) -> tuple[Action, ...]:
        return model.actions or _YES_NO

    def spoken(self, model: ConsentQuestion) -> tuple[Text, ...]:
        first = model.text if model.speak is None else model.speak
        return (first, *(point.text for point in model.points))
