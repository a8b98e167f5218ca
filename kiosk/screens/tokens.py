"""Design tokens: colours, sizes in millimetres, motion. The one place where the kiosk's look is decided.

Sizes are millimetres because fingers are: 20 mm targets for beneficiaries (Colle & Hiszem 2004; Duff et al. 2010),
15 mm floor for staff. Contrast is WCAG 2.2: 4.5:1 for text, 3:1 for borders of controls; a test computes it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Rgba: TypeAlias = tuple[float, float, float, float]


def rgba(colour: str, alpha: float = 1.0) -> Rgba:
    """``#RRGGBB`` as four floats."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, alpha


# Surfaces
PAPER = "#F6F1EA"
CARD = "#FFFFFF"
SOFT = "#E1EEE8"
LINE = "#DDD4C7"
CONTROL_LINE = "#857D70"
SHADE = "#16211C"
# Ink
INK = "#16211C"
MUTED = "#5B625D"
ON_COLOUR = "#FFFFFF"
# Meaning
PRIMARY = "#0B5D48"
PRIMARY_PRESSED = "#084636"
OK = "#17714A"
OK_SOFT = "#DDF0E4"
DANGER = "#A3271D"
DANGER_PRESSED = "#7D1D15"
DANGER_SOFT = "#F9E3DF"
WARNING = "#8A5200"
WARNING_SOFT = "#FBEBCF"
INFO = "#1F5A8C"
INFO_SOFT = "#E0ECF6"
PRESSED = "#EFE8DD"
CHIP_GOLD = "#E8C46A"
#: Primary, hardly there: what is not lit.
FAINT = "#B4CFC5"


class Hue(StrEnum):
    """Colour of a programme's picture: the same wherever it is shown, so that it is known without reading."""

    AMBER = "#A85B00"
    GREEN = "#17714A"
    BLUE = "#1F5A8C"
    PLUM = "#7A3B78"
    TEAL = "#0F6B70"
    BROWN = "#7A4A2B"
    ROSE = "#AF2F5B"
    SLATE = "#4A5A6A"


HUE_OF_ICON: dict[str, Hue] = {
    **dict.fromkeys(("food", "ration", "wheat", "grain"), Hue.AMBER),
    **dict.fromkeys(("cash", "coins", "bank", "rupee", "pension", "elder"), Hue.GREEN),
    **dict.fromkeys(("scholarship", "school", "student", "book"), Hue.BLUE),
    **dict.fromkeys(("insurance", "shield", "wheelchair"), Hue.PLUM),
    **dict.fromkeys(("training", "water", "light"), Hue.TEAL),
    **dict.fromkeys(("job", "office", "worker", "farmer"), Hue.BROWN),
    **dict.fromkeys(("health", "stethoscope", "medicine", "pregnant", "mother", "baby"), Hue.ROSE),
    **dict.fromkeys(("housing", "house", "gas"), Hue.SLATE),
}


def hue_of(icon: str) -> str:
    return HUE_OF_ICON.get(icon, PRIMARY)


class Audience(StrEnum):
    """Who touches the screen; decides how large the targets are."""

    BENEFICIARY = "beneficiary"
    STAFF = "staff"


TARGET_MM = {Audience.BENEFICIARY: 20.0, Audience.STAFF: 15.0}

GAP_MM = 3.0
MARGIN_MM = 4.0
#: The same on panels lower than 100 mm, whose ten keys of 15 mm need every millimetre.
LOW_PANEL_GAP_MM = 2.0
LOW_PANEL_MARGIN_MM = 1.4
LOW_PANEL_TEXT = 0.8
LARGE_PANEL_TEXT = 1.4
RADIUS_MM = 2.6
STROKE_MM = 0.28
MARK_STROKE_MM = 0.9

#: Type scale: size of the em in millimetres.
TYPE_MM = {"display": 10.5, "heading": 7.6, "title": 6.4, "body": 5.2, "small": 4.3}
#: Text may shrink to this share of its size to fit; the layout lint refuses less.
SMALLEST_SHARE = 0.72

PRESS_S = 0.18
#: After a new screen, touches are ignored so long: the second tap of a double tap is not an answer.
GUARD_S = 0.30
#: The "still there?" notice comes so long before the time-out (WCAG 2.2, 2.2.1: at least 20 s).
WARN_BEFORE_S = 20.0

#: Pixels per inch of the panels we have measured sizes for: 10.1", 7" and 21.5".
PANEL_DPI = {(1280, 800): 149.0, (1024, 600): 170.0, (1080, 1920): 102.0}
DEFAULT_DPI = 149.0
_MM_PER_INCH = 25.4


def dpi_for(size_px: tuple[int, int]) -> float:
    """KIVY_DPI when the installer set it, else that of the panel usually sold with so many pixels."""
    configured = os.environ.get("KIVY_DPI", "")
    return float(configured) if configured else PANEL_DPI.get(size_px, DEFAULT_DPI)


@dataclass(slots=True)
class Panel:
    """The panel that is drawn on now: size, density, and the direction of the language."""

    width_px: int = 1280
    height_px: int = 800
    dpi: float = DEFAULT_DPI
    language: str = "en"

    @property
    def is_portrait(self) -> bool:
        return self.height_px > self.width_px

    @property
    def is_short(self) -> bool:
        """Seven-inch panels: less than 100 mm high."""
        return self.height_px / mm(1) < 100

    @property
    def is_large(self) -> bool:
        """Standing kiosks of twenty inches and more."""
        return min(self.width_px, self.height_px) / mm(1) > 200

    @property
    def is_right_to_left(self) -> bool:
        return self.language in ("ar", "fa", "ur")


PANEL = Panel()


def set_panel(size_px: tuple[int, int], dpi: float | None = None) -> None:
    PANEL.width_px, PANEL.height_px = size_px
    PANEL.dpi = dpi if dpi is not None else dpi_for(size_px)


def mm(millimetres: float) -> float:
    """Pixels on the panel drawn on now."""
    return millimetres * PANEL.dpi / _MM_PER_INCH


def text_mm(millimetres: float) -> float:
    """Pixels for text and the rows that hold it: a low panel is read from nearer, a large one by standing people."""
    return mm(millimetres * (LOW_PANEL_TEXT if PANEL.is_short else LARGE_PANEL_TEXT if PANEL.is_large else 1.0))


def type_px(role: str) -> int:
    return round(text_mm(TYPE_MM[role]))


def gap(times: float = 1.0) -> float:
    """Pixels between parts."""
    return mm((LOW_PANEL_GAP_MM if PANEL.is_short else GAP_MM) * times)


def margin() -> float:
    """Pixels around the screen."""
    return mm(LOW_PANEL_MARGIN_MM if PANEL.is_short else MARGIN_MM)


def target_px(audience: Audience) -> float:
    return mm(TARGET_MM[audience])


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition)."""
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in rgba(colour)[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
