"""An option to touch: a picture or an icon over its word."""

from __future__ import annotations

from kiosk.screen_models.general import Option
from kiosk.screens import tokens
from kiosk.screens.body import load_kv
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.surface import Touchable
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import FloatLayout, StringProperty


class OptionTile(Touchable):
    """A picture (or an icon) over its word; a tick in the corner when it is chosen."""

    text = StringProperty("")
    icon = StringProperty("")
    value = StringProperty("")

    def __init__(self, option: Option, text: str) -> None:
        super().__init__(text=text, icon=option.icon or "", value=option.value)
        self.edge = tokens.CONTROL_LINE
        box = self.ids["picture"]
        assert isinstance(box, PictureBox)
        box.mark.share, box.mark.ink = 0.82, tokens.hue_of(option.icon or "")
        if option.picture is not None:
            box.show(option.picture)
        elif not option.icon:
            self.remove_widget(box)
            label = self.ids["label"]
            assert isinstance(label, Words)
            label.role = "title"

    def mark_chosen(self, is_chosen: bool) -> None:
        self.fill = tokens.SOFT if is_chosen else tokens.CARD
        self.edge = tokens.PRIMARY if is_chosen else tokens.CONTROL_LINE
        self.edge_mm = tokens.MARK_STROKE_MM if is_chosen else tokens.STROKE_MM


class Ticked(FloatLayout):
    """A tile with a tick in its corner: chosen by shape, not by colour alone."""

    def __init__(self, tile: OptionTile, is_chosen: bool) -> None:
        super().__init__()
        self._mark = Mark(icon="", ink=tokens.PRIMARY, size_hint=(None, None), size=(tokens.mm(8), tokens.mm(8)))
        self._mark.pos_hint = {"right": 0.97, "top": 0.95}
        tile.pos_hint = {"x": 0.0, "y": 0.0}
        self.add_widget(tile)
        self.add_widget(self._mark)
        self.tick(is_chosen)

    def tick(self, is_chosen: bool) -> None:
        self._mark.icon = "check_circle" if is_chosen else "circle_outline"
        self._mark.ink = tokens.PRIMARY if is_chosen else tokens.CONTROL_LINE


load_kv(__file__)
