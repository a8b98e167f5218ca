"""Somebody at a desk: looks at the screen, and touches, places a finger or puts a card as their part asks for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeAlias

from domain.fingers import FingerPosition
from kiosk.demo.bench import Bench
from kiosk.demo.timeline import Shot, Step, StepDidNotHold
from kiosk.pilot import PilotClient, PilotRefused

State: TypeAlias = Mapping[str, object]

_LOOK_S = 0.05
_SLOW_S = 60.0


class Part(Protocol):
    """What somebody does at a screen that waits for them; True when they did something."""

    def act(self, actor: Actor, state: State) -> bool: ...


class Album:
    """Pictures of every screen that was passed, each kind once a step."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._count = 0
        directory.mkdir(parents=True, exist_ok=True)

    def next_path(self, name: str) -> Path:
        self._count += 1
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        return self._directory / f"{self._count:03d}-{plain}.png"


class Actor:
    """One pair of eyes and hands at one kiosk. Without an album no pictures are taken."""

    def __init__(self, pilot: PilotClient, bench: Bench, album: Album | None = None) -> None:
        self.pilot = pilot
        self.bench = bench
        self._album = album
        self._step: Step | None = None
        self._seen: set[tuple[object, ...]] = set()
        self._answered = -1
        self._has_finger = False

    def begin(self, step: Step | None) -> None:
        """From here on pictures belong to that step."""
        self._step = step
        self._seen = set()

    def state(self) -> State:
        return self.pilot.state()

    def play(self, part: Part, until: Callable[[State], bool], *, timeout_s: float = _SLOW_S) -> State:
        """Act until the screen is the one waited for; returns its state. Raises StepDidNotHold when time is up."""
        deadline = time.monotonic() + timeout_s
        while True:
            state = self.state()
            self._photograph(state)
            if until(state):
                return state
            self._lift_if_read(state)
            if part.act(self, state):
                deadline = time.monotonic() + timeout_s
            elif time.monotonic() > deadline:
                raise StepDidNotHold(f"nothing went on at: {_short(state)}")
            time.sleep(_LOOK_S)

    def once(self, state: State) -> bool:
        """Whether this screen waits for an answer that was not given yet; then it counts as given."""
        if not state.get("is_waiting") or state["waits"] == self._answered:
            return False
        self._answered = int(str(state["waits"]))
        return True

    def touch(self, do: Callable[[], None]) -> bool:
        """Do it; a screen that changed in the same moment is looked at anew."""
        try:
            do()
        except PilotRefused:
            self._answered = -1
            return False
        return True

    def press(self, state: State, action: str) -> bool:
        return self.once(state) and self.touch(lambda: self.pilot.press(action))

    def pick(self, state: State, value: str) -> bool:
        return self.once(state) and self.touch(lambda: self.pilot.pick(value))

    def type_and_go_on(self, state: State, text: str) -> bool:
        def do() -> None:
            self.pilot.type_text(text)
            self.pilot.press("done")

        return self.once(state) and self.touch(do)

    def place_finger(self, state: State, person: str, condition: str = "good", position: int | None = None) -> bool:
        """Lay the asked finger (or another) on the sensor, once for each time the screen asks."""
        if state.get("phase") != "waiting" or self._has_finger:
            return False
        asked = position if position is not None else int(str(state["position"]))
        self.bench.place(person, FingerPosition(asked), condition)
        self._has_finger = True
        return True

    def _lift_if_read(self, state: State) -> None:
        """The finger goes away as soon as the screen says that it was read, or asks for something else."""
        is_under_way = state["screen"] == "FingerCapture" and state.get("phase") in ("waiting", "reading")
        if self._has_finger and not is_under_way:
            self.bench.lift()
            self._has_finger = False

    def lift(self) -> None:
        self.bench.lift()
        self._has_finger = False

    def _photograph(self, state: State) -> None:
        keys = ("screen", "title_key", "question_key", "body_key", "phase", "person_key", "has_frame")
        actions = state["actions"] if state["screen"] == "PortraitCapture" else []
        offered = [action["id"] for action in actions] if isinstance(actions, list) else []
        seen = (*(state.get(key) for key in keys), *offered)
        if self._album is None or self._step is None or seen in self._seen or state["screen"] is None:
            return
        self._seen.add(seen)
        self.picture(str(state["title"]) or str(state["screen"]))

    def picture(self, caption: str) -> None:
        """Take a picture of the screen now."""
        if self._album is None or self._step is None:
            return
        path = self._album.next_path(f"{self._step.number:02d} {caption}")
        self.pilot.shot(path)
        self._step.shots.append(Shot(f"{path.parent.name}/{path.name}", caption))


def _short(state: State) -> dict[str, object]:
    keys = ("screen", "title", "body", "question", "phase", "hint", "is_waiting", "actions")
    return {key: state[key] for key in keys if key in state}


def on_screen(name: str, *title_keys: str) -> Callable[[State], bool]:
    """A condition: that screen, with one of those titles where any are given."""
    return lambda state: state["screen"] == name and (not title_keys or state["title_key"] in title_keys)
