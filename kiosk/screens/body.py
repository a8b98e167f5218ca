"""What every screen's body is: it binds one model to the widgets of its ``.kv`` file and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Generic, TypeAlias, TypeVar

from kiosk.i18n.phrasebook import Phrasebook
from kiosk.screen_models.base import Action, Screen, Tone
from kiosk.screen_models.text import Text, t
from kiosk.screens import tokens
from kiosk.screens.kit import (  # noqa: F401 - kv rules name these widgets
    buttons,
    hand_picture,
    key_grid,
    number_pad,
    paged,
    picture_box,
    progress,
    status_bar,
    surface,
    words,
)
from kiosk.screens.kit.buttons import Cta
from kiosk.screens.kit.surface import Across
from kiosk.screens.toolkit import Builder, Widget

M = TypeVar("M", bound=Screen)
W = TypeVar("W", bound=Widget)

Reply: TypeAlias = Callable[[str, str | int | None], None]


class Body(Across, Generic[M]):
    """The part of a screen between its title and its way on."""

    shows: ClassVar[type[Screen]]
    audience: ClassVar[tokens.Audience] = tokens.Audience.BENEFICIARY
    #: The body draws its own way back and way on; the frame draws none.
    owns_footer: ClassVar[bool] = False
    #: The actions are drawn in the body, not in the way on.
    actions_are_tiles: ClassVar[bool] = False

    def __init__(self, phrasebook: Phrasebook, reply: Reply) -> None:
        self.phrasebook = phrasebook
        self.reply = reply
        super().__init__()
        self.built()

    def built(self) -> None:
        """Called once, when the kv rule has made the parts."""

    def owns_header(self) -> bool:
        """Whether the body says by itself what the screen is about, and the frame shows no title."""
        return False

    def draw(self, model: M) -> None:
        """Show the model; called again for each update of the same screen."""
        raise NotImplementedError

    def spoken(self, model: M) -> tuple[Text, ...]:
        """What the speaker button reads."""
        return (model.speak if model.speak is not None else model.title,)

    def heading(self, model: M) -> Text:
        """What stands at the top."""
        return model.title

    def footer(self, model: M) -> tuple[Action, ...]:
        """The actions in the way on."""
        return () if self.actions_are_tiles else model.actions

    def say(self, text: Text) -> str:
        return self.phrasebook.text(text)

    def part(self, name: str, kind: type[W]) -> W:
        """The widget of that id in the kv rule."""
        widget = self.ids[name].__self__
        assert isinstance(widget, kind), f"{name} is not a {kind.__name__}"
        return widget

    def cta(self, action: Action) -> Cta:
        """A button that answers the action."""
        button = Cta(icon=action.icon, text=self.say(action.text), tone=action.tone, action_id=action.id)
        button.choose = lambda: self.reply(action.id, self.value_of(action.id))
        return button

    def value_of(self, action_id: str) -> str | int | None:  # noqa: ARG002 - subclasses need it
        """The value that goes with an action, on screens that collect one."""
        return None


DONE = Action("done", t("action.done"), "check", Tone.PRIMARY)


def with_done(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """A screen that collects a value always has the way on, last, beside whatever else the flow offers."""
    return actions if any(action.id == DONE.id for action in actions) else (*actions, DONE)


def load_kv(module_file: str) -> None:
    """Load the ``.kv`` beside a module, once, when the module is imported."""
    Builder.load_file(str(Path(module_file).with_suffix(".kv")))
