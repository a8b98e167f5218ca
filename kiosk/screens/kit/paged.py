"""Lists and grids that never scroll: as many as fit at full target size, and two large arrows for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.screens import tokens
from kiosk.screens.kit.buttons import IconButton
from kiosk.screens.kit.surface import Across, Down
from kiosk.screens.kit.words import Words
from kiosk.screens.toolkit import NumericProperty, Widget, later

Maker = Callable[[], Widget]


class Paged(Across):
    """Rows (or cells of a grid) by pages. ``items`` are makers: a widget exists only while its page is shown."""

    #: No row is lower than this, in millimetres; rows share the room up to ``tallest_mm``.
    row_mm = NumericProperty(20.0)
    tallest_mm = NumericProperty(34.0)
    #: Cells of a grid are at least so wide; 0 makes a list of full width.
    cell_mm = NumericProperty(0.0)
    arrow_mm = NumericProperty(20.0)

    def __init__(self, **properties: object) -> None:
        self._items: Sequence[Maker] = ()
        self._page = 0
        self._due = False
        super().__init__(**properties)
        self.spacing = tokens.gap()
        self.fbind("size", self._mark_due)

    def show(self, items: Sequence[Maker], *, keep_page: bool = False) -> None:
        self._items = list(items)
        self._page = self._page if keep_page else 0
        self._mark_due()

    @property
    def page(self) -> int:
        return self._page

    @property
    def page_count(self) -> int:
        return max(1, -(-len(self._items) // self._per_page()))

    def turn(self, by: int) -> None:
        self._page = min(max(0, self._page + by), self.page_count - 1)
        self._mark_due()

    def _mark_due(self, *_changed: object) -> None:
        if not self._due:
            self._due = True
            later(self._build, -1)

    def _columns(self) -> int:
        if not self.cell_mm:
            return 1
        fitting = max(1, int((self.width + self.spacing) // (tokens.mm(self.cell_mm) + self.spacing)))
        return min(fitting, self._even_columns(fitting))

    def _even_columns(self, fitting: int) -> int:
        """No lonely last cell: four options are two by two rather than three and one."""
        count = len(self._items)
        rows = max(1, min(self._rows(), -(-count // fitting)))
        return max(1, -(-min(count, rows * fitting) // rows))

    def _rows(self) -> int:
        return max(1, int((self.height + self.spacing) // (tokens.mm(self.row_mm) + self.spacing)))

    def _per_page(self) -> int:
        return self._rows() * self._columns()

    def _build(self) -> None:
        self._due = False
        self.clear_widgets()
        if self.width < 2 or self.height < 2 or not self._items:
            return
        self._page = min(self._page, self.page_count - 1)
        columns, per_page = self._columns(), self._per_page()
        shown = self._items[self._page * per_page : (self._page + 1) * per_page]
        self.add_widget(self._grid([make() for make in shown], columns))
        if self.page_count > 1:
            self.add_widget(self._arrows())

    def _grid(self, widgets: list[Widget], columns: int) -> Widget:
        grid = Down(spacing=self.spacing)
        rows = self._rows() if self.page_count > 1 else -(-len(widgets) // columns)
        height = (self.height - self.spacing * (rows - 1)) / rows
        height = min(height, tokens.text_mm(self.tallest_mm))
        for start in range(0, len(widgets), columns):
            row = Across(spacing=self.spacing, size_hint_y=None, height=height)
            cells = widgets[start : start + columns]
            for widget in cells:
                row.add_widget(widget)
            for _empty in range(columns - len(cells)):
                row.add_widget(Widget())
            grid.add_widget(row)
        if height * rows + self.spacing * rows < self.height:
            grid.add_widget(Widget())
        return grid

    def _arrows(self) -> Widget:
        column = Down(spacing=self.spacing, size_hint_x=None, width=tokens.mm(self.arrow_mm))
        target = tokens.mm(self.arrow_mm)
        up = IconButton(icon="up", action_id="page_up", size_hint_y=None, height=target, choose=lambda: self.turn(-1))
        down = IconButton(icon="down", action_id="page_down", size_hint_y=None, height=target)
        down.choose = lambda: self.turn(1)
        up.disabled, down.disabled = self._page == 0, self._page >= self.page_count - 1
        column.add_widget(up)
        if self.height < 2 * target + tokens.mm(14):
            column.add_widget(Widget())
            column.add_widget(down)
            return column
        count = Words(text=f"{self._page + 1} / {self.page_count}", role="small", align="center", ink=tokens.MUTED)
        count.language = "en"
        column.add_widget(count)
        column.add_widget(down)
        return column
