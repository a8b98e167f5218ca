"""A hand as a picture: drawn four times as large and made small, so that every edge is smooth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageDraw

from domain.fingers import FingerPosition
from kiosk.screens import tokens

Point = tuple[float, float]

#: A right hand, palm down, in a square of 100, y upwards: base, tip and thickness of thumb to little finger.
_RIGHT_HAND: tuple[tuple[Point, Point, float], ...] = (
    ((43, 20), (13, 46), 15.0),
    ((37, 44), (31, 82), 12.6),
    ((50.5, 47), (49.5, 91), 12.9),
    ((63.5, 45), (67, 85), 12.3),
    ((74.5, 38), (83, 69), 11.0),
)
_PALM: tuple[Point, ...] = ((42, 20), (70, 20), (70, 38), (44, 40))
_PALM_THICKNESS = 23.0
_SKIN, _SKIN_LINE, _NAIL = "#EBD9C6", "#A08A70", "#F7EEE4"
_OUTLINE = 1.2
#: Leaves room for the ring around a tip.
_SCALE = 0.88
_SMOOTHING = 3


@dataclass(frozen=True, slots=True)
class HandState:
    """What a picture of hands shows. ``glow`` is the colour of the finger asked for."""

    position: FingerPosition
    done: tuple[tuple[FingerPosition, bool], ...]
    glow: str
    is_wide: bool

    @property
    def hands(self) -> tuple[bool, ...]:
        """Left and right, or the one hand of the finger; True is right."""
        return (False, True) if self.done else (self.position.is_right_hand,)

    @classmethod
    def of(
        cls, position: FingerPosition, done: Mapping[FingerPosition, bool], glow: str, *, is_wide: bool
    ) -> HandState:
        return cls(position, tuple(sorted(done.items())), glow, is_wide)


def draw_hands(state: HandState, side_px: int) -> Image.Image:
    """The hands beside one another, each in a square of that side, on nothing."""
    side = side_px * _SMOOTHING
    image = Image.new("RGBA", (side * len(state.hands), side), (255, 255, 255, 0))
    for number, is_right in enumerate(state.hands):
        _Hand(ImageDraw.Draw(image), number * side, side / 100, is_right).draw(state)
    return image.resize((side_px * len(state.hands), side_px), Image.Resampling.LANCZOS)


class _Hand:
    def __init__(self, draw: ImageDraw.ImageDraw, left_px: float, unit: float, is_right: bool) -> None:
        self._draw, self._left, self._unit, self._is_right = draw, left_px, unit, is_right
        self._length = unit * _SCALE

    def draw(self, state: HandState) -> None:
        for colour, grow in ((_SKIN_LINE, _OUTLINE), (_SKIN, 0.0)):
            self._polygon(colour, grow)
            for base, tip, thick in _RIGHT_HAND:
                self._capsule(base, tip, thick + 2 * grow, colour)
        for number, (base, tip, thick) in enumerate(_RIGHT_HAND):
            position = FingerPosition(number + (1 if self._is_right else 6))
            self._finger(state, position, base, tip, thick)

    def _finger(self, state: HandState, position: FingerPosition, base: Point, tip: Point, thick: float) -> None:
        done = dict(state.done)
        if position is state.position:
            middle = (base[0] + (tip[0] - base[0]) * 0.5, base[1] + (tip[1] - base[1]) * 0.5)
            self._capsule(middle, tip, thick, state.glow)
            self._print_lines(tip, thick)
            self._ring(tip, thick * (1.16 if state.is_wide else 0.94), state.glow)
        elif position in done:
            self._badge(tip, thick * 0.92, is_good=done[position])
        else:
            self._nail(base, tip, thick)

    def _at(self, point: Point) -> Point:
        x = point[0] if self._is_right else 100 - point[0]
        x, y = 50 + (x - 50) * _SCALE, 50 + (50 - point[1]) * _SCALE
        return self._left + x * self._unit, y * self._unit

    def _disc(self, middle: Point, diameter: float, colour: str) -> None:
        x, y = self._at(middle)
        half = diameter / 2 * self._length
        self._draw.ellipse([x - half, y - half, x + half, y + half], fill=colour)

    def _capsule(self, start: Point, end: Point, thick: float, colour: str) -> None:
        self._draw.line([self._at(start), self._at(end)], fill=colour, width=round(thick * self._length))
        self._disc(start, thick, colour)
        self._disc(end, thick, colour)

    def _polygon(self, colour: str, grow: float) -> None:
        self._draw.polygon([self._at(p) for p in _PALM], fill=colour)
        for start, end in zip(_PALM, (*_PALM[1:], _PALM[0]), strict=True):
            self._capsule(start, end, _PALM_THICKNESS + 2 * grow, colour)

    def _nail(self, base: Point, tip: Point, thick: float) -> None:
        inner = (tip[0] + (base[0] - tip[0]) * 0.06, tip[1] + (base[1] - tip[1]) * 0.06)
        self._capsule(inner, tip, thick * 0.46, _NAIL)

    def _ring(self, middle: Point, radius: float, colour: str) -> None:
        x, y = self._at(middle)
        half = radius * self._length
        self._draw.ellipse([x - half, y - half, x + half, y + half], outline=colour, width=round(1.5 * self._length))

    def _print_lines(self, tip: Point, thick: float) -> None:
        """Ridges on the tip: this is where it touches the glass."""
        x, y = self._at(tip)
        for share in (0.12, 0.24, 0.36):
            half = thick * share * self._length
            box = (x - half, y - half, x + half, y + half)
            self._draw.arc(box, 190, 350, fill=tokens.ON_COLOUR, width=max(1, round(0.7 * self._length)))

    def _badge(self, tip: Point, diameter: float, *, is_good: bool) -> None:
        self._disc(tip, diameter, tokens.OK if is_good else tokens.CONTROL_LINE)
        x, y = self._at(tip)
        size = diameter * self._length
        sign = [(-0.24, 0.02), (-0.06, 0.2), (0.26, -0.18)] if is_good else [(-0.24, 0.0), (0.24, 0.0)]
        points = [(x + dx * size, y + dy * size) for dx, dy in sign]
        self._draw.line(points, fill=tokens.ON_COLOUR, width=max(2, round(size * 0.13)), joint="curve")
