"""The parts of Kivy that the screens use, with types: Kivy ships none, and ``mypy --strict`` reads these instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

__all__ = [
    "AliasProperty",
    "Animation",
    "BooleanProperty",
    "BoxLayout",
    "Builder",
    "ClockEvent",
    "Color",
    "ColorProperty",
    "Ellipse",
    "FloatLayout",
    "Line",
    "ListProperty",
    "Mesh",
    "MotionEvent",
    "NumericProperty",
    "ObjectProperty",
    "PopMatrix",
    "PushMatrix",
    "Rectangle",
    "RoundedRectangle",
    "StencilPop",
    "StencilPush",
    "StencilUnUse",
    "StencilUse",
    "StringProperty",
    "Texture",
    "Touch",
    "Widget",
    "centre_of",
    "every",
    "later",
]


class Touch(Protocol):
    """A finger on the glass."""

    ud: dict[str, object]
    grab_current: object
    x: float
    y: float
    pos: tuple[float, float]

    def grab(self, widget: object) -> None: ...
    def ungrab(self, widget: object) -> None: ...


class ClockEvent(Protocol):
    def cancel(self) -> None: ...


if TYPE_CHECKING:

    class Texture:
        size: tuple[int, int]
        width: int
        height: int

        @staticmethod
        def create(size: tuple[int, int], colorfmt: str = "rgb") -> Texture: ...
        def blit_buffer(self, data: bytes, *, colorfmt: str, bufferfmt: str) -> None: ...
        def flip_vertical(self) -> None: ...
        def get_region(self, x: float, y: float, width: float, height: float) -> Texture: ...

    class Instruction:
        pos: tuple[float, float]
        size: tuple[float, float]

    class Color(Instruction):
        rgba: tuple[float, float, float, float]

        def __init__(self, *rgba: float) -> None: ...

    class Rectangle(Instruction):
        texture: Texture | None

        def __init__(self, *, texture: Texture | None = ..., pos: object = ..., size: object = ...) -> None: ...

    class RoundedRectangle(Rectangle):
        radius: list[float]

        def __init__(
            self, *, texture: Texture | None = ..., pos: object = ..., size: object = ..., radius: list[float] = ...
        ) -> None: ...

    class Ellipse(Rectangle):
        def __init__(
            self, *, pos: object = ..., size: object = ..., angle_start: float = ..., angle_end: float = ...
        ) -> None: ...

    class Line(Instruction):
        points: list[float]

        def __init__(
            self,
            *,
            points: list[float] = ...,
            width: float = ...,
            circle: tuple[float, ...] = ...,
            rounded_rectangle: tuple[float, ...] = ...,
            rectangle: tuple[float, ...] = ...,
            ellipse: tuple[float, ...] = ...,
            cap: str = ...,
            joint: str = ...,
            close: bool = ...,
        ) -> None: ...

    class Mesh(Instruction):
        def __init__(self, *, vertices: list[float], indices: list[int], mode: str) -> None: ...

    class PushMatrix(Instruction): ...

    class PopMatrix(Instruction): ...

    class StencilPush(Instruction): ...

    class StencilUse(Instruction): ...

    class StencilUnUse(Instruction): ...

    class StencilPop(Instruction): ...

    class Canvas:
        opacity: float

        def clear(self) -> None: ...
        def add(self, instruction: Instruction) -> None: ...
        def __enter__(self) -> Canvas: ...
        def __exit__(self, *error: object) -> None: ...

    class CanvasBase(Canvas):
        before: Canvas
        after: Canvas

        def ask_update(self) -> None: ...

    class Widget:
        x: float
        y: float
        width: float
        height: float
        right: float
        top: float
        center: tuple[float, float]
        center_x: float
        center_y: float
        pos: tuple[float, float]
        size: tuple[float, float]
        size_hint: tuple[float | None, float | None]
        size_hint_x: float | None
        size_hint_y: float | None
        pos_hint: dict[str, float]
        opacity: float
        disabled: bool
        parent: Widget | None
        children: list[Widget]
        ids: dict[str, Widget]
        canvas: CanvasBase
        #: what the weak proxies of ``ids`` stand for
        __self__: Widget

        def __init__(self, **properties: object) -> None: ...
        def add_widget(self, widget: Widget, index: int = 0) -> None: ...
        def remove_widget(self, widget: Widget) -> None: ...
        def clear_widgets(self) -> None: ...
        def bind(self, **callbacks: Callable[..., object]) -> None: ...
        def unbind(self, **callbacks: Callable[..., object]) -> None: ...
        def fbind(self, name: str, callback: Callable[..., object]) -> None: ...
        def collide_point(self, x: float, y: float) -> bool: ...
        def on_touch_down(self, touch: Touch) -> bool: ...
        def on_touch_move(self, touch: Touch) -> bool: ...
        def on_touch_up(self, touch: Touch) -> bool: ...
        def walk(self) -> list[Widget]: ...
        def to_window(self, x: float, y: float) -> tuple[float, float]: ...
        def register_event_type(self, name: str) -> None: ...
        def dispatch(self, name: str, *values: object) -> None: ...

    class BoxLayout(Widget):
        orientation: str
        spacing: float
        padding: list[float]

        def do_layout(self, *ignored: object) -> None: ...

    class FloatLayout(Widget):
        def do_layout(self, *ignored: object) -> None: ...

    class MotionEvent:
        is_touch: bool
        sx: float
        sy: float
        ud: dict[str, object]
        profile: list[str]

        def __init__(self, device: str, id: int | str, args: object, **options: object) -> None: ...
        def depack(self, args: object) -> None: ...

    class Builder:
        @staticmethod
        def load_file(path: str) -> Widget | None: ...

    class Animation:
        def __init__(self, *, duration: float, transition: str = ..., **targets: object) -> None: ...
        def start(self, widget: Widget) -> None: ...
        @staticmethod
        def cancel_all(widget: Widget) -> None: ...

    def StringProperty(default: str = "") -> str: ...
    def NumericProperty(default: float = 0) -> float: ...
    def BooleanProperty(default: bool = False) -> bool: ...
    def ListProperty(default: list[float] | None = None) -> list[float]: ...
    def ColorProperty(default: str = "#ffffff") -> str: ...
    def ObjectProperty(default: object = None, allownone: bool = False) -> object: ...
    def AliasProperty(getter: Callable[..., object], setter: object = None, bind: tuple[str, ...] = ()) -> object: ...

else:
    from kivy.animation import Animation
    from kivy.graphics import (
        Color,
        Mesh,
        PopMatrix,
        PushMatrix,
        Rectangle,
        StencilPop,
        StencilPush,
        StencilUnUse,
        StencilUse,
    )
    from kivy.graphics import SmoothEllipse as Ellipse
    from kivy.graphics import SmoothLine as Line
    from kivy.graphics import SmoothRoundedRectangle as RoundedRectangle
    from kivy.graphics.texture import Texture
    from kivy.input.motionevent import MotionEvent
    from kivy.lang import Builder
    from kivy.properties import (
        AliasProperty,
        BooleanProperty,
        ColorProperty,
        ListProperty,
        NumericProperty,
        ObjectProperty,
        StringProperty,
    )
    from kivy.uix.boxlayout import BoxLayout
    from kivy.uix.floatlayout import FloatLayout
    from kivy.uix.widget import Widget


def centre_of(widget: Widget) -> tuple[float, float]:
    """The middle, computed: Kivy's own ``center`` is still the old one while a change of ``pos`` is told round."""
    return widget.x + widget.width / 2, widget.y + widget.height / 2


def later(call: Callable[[], object], delay_s: float = 0.0) -> ClockEvent:
    """Call once, after so many seconds of Kivy's clock; keep the answer to cancel."""
    from kivy.clock import Clock

    event: ClockEvent = Clock.schedule_once(lambda _passed: call(), delay_s)
    return event


def every(call: Callable[[], object], interval_s: float) -> ClockEvent:
    """Call again and again; keep the answer to cancel."""
    from kivy.clock import Clock

    event: ClockEvent = Clock.schedule_interval(lambda _passed: call(), interval_s)
    return event
