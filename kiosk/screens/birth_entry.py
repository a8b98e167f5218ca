"""A date of birth by day, month and year; or an age, where nobody wrote the day down."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from kiosk.i18n.catalogue import get_sentence
from kiosk.screen_models.base import Action
from kiosk.screen_models.general import BirthEntry
from kiosk.screen_models.text import t
from kiosk.screens import tokens
from kiosk.screens.body import DONE, Body, load_kv
from kiosk.screens.kit.buttons import Cta
from kiosk.screens.kit.key_grid import Key
from kiosk.screens.kit.number_pad import CLEAR, DELETE, NumberPad
from kiosk.screens.kit.surface import Across, Down, Touchable
from kiosk.screens.kit.words import Words
from kiosk.screens.toolkit import Widget
from kiosk.ui import BACK

load_kv(__file__)


class Field(StrEnum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    AGE = "age"


_LENGTHS = {Field.DAY: 2, Field.YEAR: 4, Field.AGE: 3}
_NEXT = {Field.DAY: Field.MONTH, Field.MONTH: Field.YEAR}
_DATE_FIELDS = (Field.DAY, Field.MONTH, Field.YEAR)
_OLDEST_AGE_YEARS = 125


class BirthEntryBody(Body[BirthEntry]):
    shows = BirthEntry
    audience = tokens.Audience.STAFF
    owns_footer = True

    def built(self) -> None:
        self._digits: dict[Field, str] = {}
        self._field = Field.DAY

    def draw(self, model: BirthEntry) -> None:
        self._digits = dict.fromkeys(Field, "")
        self.part("question", Words).text = self.say(model.question)
        self.part("problem", Words).text = "" if model.problem is None else self.say(model.problem)
        self._draw_ways(model)
        self._enter(Field.DAY)

    def _draw_ways(self, model: BirthEntry) -> None:
        ways = self.part("ways", Across)
        ways.clear_widgets()
        if model.has_back:
            ways.add_widget(self.cta(Action(BACK, t("action.back"), "back")))
        self._done = self.cta(DONE)
        self._done.choose = self._finish
        ways.add_widget(self._done)
        about = self.part("about", Cta)
        about.choose = lambda: self._enter(Field.DAY if self._is_about else Field.AGE)

    @property
    def _is_about(self) -> bool:
        return self._field is Field.AGE

    def _enter(self, field: Field) -> None:
        """Go to a field: its keys on one side, lit on the other."""
        self._field = field
        keys = self.ids["keys"]
        keys.clear_widgets()
        keys.add_widget(self._months() if field is Field.MONTH else self._pad())
        about = self.part("about", Cta)
        about.text = self.say(t("birth.exact_date" if self._is_about else "birth.about_age"))
        about.icon = "calendar" if self._is_about else "elder"
        self._draw_fields()

    def _pad(self) -> Widget:
        pad = NumberPad()
        pad.typed = self._type
        return pad

    def _months(self) -> Widget:
        grid = Down()
        for first in range(1, 13, 3):
            row = Across()
            for number in range(first, first + 3):
                key = Key(f"month_{number}", shown=get_sentence(self.phrasebook.language, f"month.{number}"))
                key.choose = lambda number=number: self._set_month(number)
                row.add_widget(key)
            grid.add_widget(row)
        return grid

    def _set_month(self, number: int) -> None:
        self._digits[Field.MONTH] = str(number)
        self._enter(Field.YEAR)

    def _type(self, key: str) -> None:
        digits = self._digits[self._field]
        if key == CLEAR:
            digits = ""
        elif key == DELETE:
            digits = digits[:-1]
        elif len(digits) < _LENGTHS[self._field]:
            digits += key
        self._digits[self._field] = digits
        if len(digits) == _LENGTHS[self._field] and self._field in _NEXT:
            self._enter(_NEXT[self._field])
        else:
            self._draw_fields()

    def _draw_fields(self) -> None:
        fields = self.part("fields", Across)
        fields.clear_widgets()
        for field in (Field.AGE,) if self._is_about else _DATE_FIELDS:
            fields.add_widget(self._field_card(field))
        self._done.disabled = self._answer() is None

    def _field_card(self, field: Field) -> Widget:
        card = Touchable(action_id=f"field_{field}", choose=lambda: self._enter(field), orientation="vertical")
        card.padding = [tokens.mm(1.5)] * 4
        is_now = field is self._field
        card.edge = tokens.PRIMARY if is_now else tokens.CONTROL_LINE
        card.edge_mm = tokens.MARK_STROKE_MM if is_now else tokens.STROKE_MM
        card.size_hint_x = {Field.DAY: 0.8, Field.MONTH: 1.5}.get(field, 1.1)
        shown = self._digits[field]
        if field is Field.MONTH and shown:
            shown = get_sentence(self.phrasebook.language, f"month.{shown}")
        label = self.say(t(f"birth.{field}"))
        card.add_widget(Words(text=label, role="small", ink=tokens.MUTED, align="center", size_hint_y=0.6))
        card.add_widget(Words(text=shown or "–", role="title", bold=True, align="center"))
        return card

    def _answer(self) -> tuple[str, str | int] | None:
        """The action and its value, when what is typed is a day or an age that can be."""
        if self._is_about:
            age = self._digits[Field.AGE]
            return ("about", int(age)) if age and int(age) <= _OLDEST_AGE_YEARS else None
        day, month, year = (self._digits[field] for field in _DATE_FIELDS)
        if not (day and month and len(year) == _LENGTHS[Field.YEAR]):
            return None
        try:
            return "done", date(int(year), int(month), int(day)).isoformat()
        except ValueError:  # 31 April
            return None

    def _finish(self) -> None:
        answer = self._answer()
        if answer is not None:
            self.reply(*answer)
