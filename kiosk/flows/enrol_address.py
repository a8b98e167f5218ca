"""Where the household lives: touched down the tree of places, so that nothing has to be spelt."""

from __future__ import annotations

from collections.abc import Sequence

from domain.areas import Area, children_of, path_to
from domain.ids import AreaCode
from kiosk.screen_models.general import Choice, Option, TextEntry
from kiosk.screen_models.text import by_language, t
from kiosk.ui import BACK, Ui

_LEVEL_ICONS = {0: "map", 1: "map", 2: "town", 3: "town", 4: "village"}


async def ask_address(ui: Ui, areas: Sequence[Area], desk_area: AreaCode, before: str) -> tuple[AreaCode, str] | None:
    """The smallest place, and a line of free words; None when the way back was taken at the start."""
    area = await _ask_place(ui, areas, _start(areas, desk_area))
    if area is None:
        return None
    question = t("enrol.address_line", place=by_language(area.names))
    answer = await ui.ask(
        TextEntry(
            title=t("enrol.address_title"),
            question=question,
            speak=question,
            value=before,
            has_back=True,
            timeout_s=None,
        )
    )
    if answer.action == BACK:
        return await ask_address(ui, areas, desk_area, before)
    return area.code, str(answer.value or "").strip()


def _start(areas: Sequence[Area], desk_area: AreaCode) -> list[Area]:
    """Where to begin: the desk's own place, or the one above it when nothing lies inside."""
    path = path_to(areas, desk_area)
    if path and not children_of(areas, path[-1].code):
        path = path[:-1]
    return path


async def _ask_place(ui: Ui, areas: Sequence[Area], path: list[Area]) -> Area | None:
    floor = len(path)
    while True:
        inside = children_of(areas, path[-1].code if path else None)
        if not inside:
            return path[-1] if path else None
        question = t("enrol.place_in", place=by_language(path[-1].names)) if path else t("enrol.place")
        options = tuple(Option(area.code, by_language(area.names), _LEVEL_ICONS[area.level]) for area in inside)
        answer = await ui.ask(
            Choice(
                title=t("enrol.address_title"),
                question=question,
                speak=question,
                options=options,
                has_back=True,
                timeout_s=None,
            )
        )
        if answer.action == "choose":
            path = [*path, next(area for area in inside if area.code == answer.value)]
        elif len(path) <= floor:
            return None
        else:
            path = path[:-1]
