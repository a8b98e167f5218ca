"""Hands that work a headless kiosk through its pilot, lose it to kill -9, start it anew and go on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.desk.simulated_desk import SimulatedDesk
from kiosk.pilot import PilotClient, PilotRefused
from tests.faults.killed_kiosk import GREY_OF
from tests.faults.townspeople import FACTS, FOOD_SCHEME

State = Mapping[str, object]
_LOOK_S = 0.02
_STUCK_S = 45.0
#: How long a killed process may take to be gone.
_DYING_S = 1.0
_PIXELS = 256 * 288
HOLDER, OFFICER = 0, 1
_WORDS = {"enrol.name_latin": "Sunita Devi", "enrol.name_local": "सुनीता देवी"}


class Stuck(Exception):
    """Nothing went on."""


class KioskProcess:
    """The kiosk as a process, and its pilot."""

    def __init__(self, home: Path, desk_file: Path, socket: Path) -> None:
        self._arguments = [str(home), str(desk_file), str(socket)]
        self._socket = socket
        self._process: subprocess.Popen[bytes] | None = None
        self._pilot: PilotClient | None = None
        self.starts = 0

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.faults.killed_kiosk", *self._arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.starts += 1
        deadline = time.monotonic() + _STUCK_S
        while self._pilot is None:
            assert self._process.poll() is None, "the kiosk ended by itself"
            assert time.monotonic() < deadline, "the kiosk does not come up"
            try:
                self._pilot = PilotClient(self._socket)
            except OSError:
                time.sleep(_LOOK_S)

    def kill(self) -> None:
        """As a power cut would: nothing is told. Its device processes notice that it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.kill()
        if self._pilot is not None:
            self._pilot.close()
            self._pilot = None

    def is_dead(self) -> bool:
        """Whether it was killed; its sockets are closed a moment before it can be buried."""
        if self._process is None:
            return True
        try:
            self._process.wait(_DYING_S)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill_now(self) -> None:
        """From another thread: the process dies at once, and is buried by whoever looks next."""
        if self._process is not None:
            self._process.kill()

    @property
    def pilot(self) -> PilotClient:
        assert self._pilot is not None, "it was started"
        return self._pilot


@dataclass
class Hands:
    """What the officer and the mother do at each screen; ``acts`` counts it over all lives of the kiosk."""

    desk: SimulatedDesk
    kiosk: KioskProcess
    officer_card: VirtualCard
    acts: int = 0
    #: After so many acts the kiosk is killed.
    kill_at_acts: Sequence[int] = ()
    is_issued: bool = False
    is_served: bool = False
    wants_service: bool = False
    chip_serial: str | None = None
    #: Told which card lies in the holder's reader, every time one is put in.
    watch_chip: Callable[[VirtualCard], None] = lambda _: None
    log: list[str] = field(default_factory=list)
    _answered: int = -1

    def play(self, until: Callable[[State], bool]) -> None:
        """Until the screen is the one waited for; a kiosk that was killed is started anew on the way."""
        deadline = time.monotonic() + _STUCK_S
        while True:
            try:
                state = self.kiosk.pilot.state()
                if until(state):
                    return
                if self._act(state):
                    deadline = time.monotonic() + _STUCK_S
                    self._count(state)
            except (OSError, ValueError, PilotRefused) as error:
                if self.kiosk.is_dead():
                    self._restart()
                elif not isinstance(error, PilotRefused):
                    raise
            if time.monotonic() > deadline:
                raise Stuck(
                    f"at {state.get('screen')} {state.get('title_key')} {state.get('body_key')}: {self.log[-8:]}"
                )
            time.sleep(_LOOK_S)

    def _count(self, state: State) -> None:
        self.acts += 1
        self.log.append(f"{state['screen']}:{state['title_key']}")
        if self.acts in self.kill_at_acts:
            self.kiosk.kill()

    def _restart(self) -> None:
        self.kiosk.close()
        self._answered = -1
        self.desk.sensor.lift()
        self.kiosk.start()

    # -- what is done at a screen; True when something was done

    def _act(self, state: State) -> bool:
        handler = getattr(self, f"_at_{state['screen']}", None)
        return bool(handler is not None and handler(state))

    def _once(self, state: State) -> bool:
        if not state.get("is_waiting") or state["waits"] == self._answered:
            return False
        self._answered = int(str(state["waits"]))
        return True

    def _press(self, state: State, action: str) -> bool:
        if not self._once(state):
            return False
        self.kiosk.pilot.press(action)
        return True

    def _pick(self, state: State, value: str) -> bool:
        if not self._once(state):
            return False
        self.kiosk.pilot.pick(value)
        return True

    def _actions(self, state: State) -> list[str]:
        actions = state.get("actions")
        return [str(action["id"]) for action in actions] if isinstance(actions, list) else []

    def _at_Attract(self, state: State) -> bool:
        if not self.is_issued:
            return self._press(state, "staff")
        if self.wants_service and not self.is_served and self.desk.readers.card_in(HOLDER) is None:
            return self._put_in(HOLDER)
        return False

    def _at_OfficerHome(self, state: State) -> bool:
        if self.desk.readers.card_in(OFFICER) is not None:
            self.desk.readers.remove(OFFICER)
        if self.is_issued and self.desk.readers.card_in(HOLDER) is not None:
            self.desk.readers.remove(HOLDER)
            return True
        # What was cut off after the card was out is closed by going on with it.
        return self._press(state, "continue" if "continue" in self._actions(state) else self._begin_or_leave())

    def _begin_or_leave(self) -> str:
        return "logout" if self.is_issued else "enrol"

    def _at_ConsentQuestion(self, state: State) -> bool:
        return self._press(state, "yes")

    def _at_TextEntry(self, state: State) -> bool:
        if not self._once(state):
            return False
        self.kiosk.pilot.type_text(_WORDS.get(str(state["question_key"]), "12 Neem Lane"))
        self.kiosk.pilot.press("done")
        return True

    def _at_BirthEntry(self, state: State) -> bool:
        if not self._once(state):
            return False
        self.kiosk.pilot.birth("1990-05-17")
        return True

    def _at_NumberEntry(self, state: State) -> bool:
        if not self._once(state):
            return False
        fact = str(state["question_key"]).rpartition(".")[2]
        self.kiosk.pilot.number(int(FACTS.get(fact, 0)))
        return True

    def _at_Choice(self, state: State) -> bool:
        key, values = str(state["question_key"]), state["values"]
        assert isinstance(values, list), "a choice has values"
        fact = str(FACTS.get(key.rpartition(".")[2], ""))
        if key == "enrol.sex":
            return self._pick(state, "F")
        if key.startswith(("enrol.", "home.")):
            return self._pick(state, str(values[0]))
        return self._pick(state, fact if fact in values else str(values[-1]))

    def _at_MultiChoice(self, state: State) -> bool:
        if not self._once(state):
            return False
        values = state["values"]
        for value in values if isinstance(values, list) else []:
            self.kiosk.pilot.pick(str(value))
        self.kiosk.pilot.press("done")
        return True

    def _at_HouseholdRoster(self, state: State) -> bool:
        return self._press(state, "confirm" if state["title_key"] == "enrol.review_title" else "continue")

    def _at_PortraitCapture(self, state: State) -> bool:
        return "use" in self._actions(state) and self._press(state, "use")

    def _at_FingerCapture(self, state: State) -> bool:
        if state.get("phase") != "waiting":
            self.desk.sensor.lift()
            return False
        if self.desk.sensor.has_finger:
            return False
        who = "officer" if state["title_key"] == "login.title" else "mother"
        self.desk.sensor.place(bytes([GREY_OF[who]]) * _PIXELS)
        return True

    def _at_ScreeningResults(self, state: State) -> bool:
        return self._press(state, "apply")

    def _at_Entitlements(self, state: State) -> bool:
        rows = state["rows"]
        assert isinstance(rows, list), "entitlements have rows"
        row = next(row for row in rows if row["scheme"] == str(FOOD_SCHEME))
        if row["state"] == "ready":
            return self._pick(state, str(FOOD_SCHEME))
        self.is_served = row["state"] == "drawn"
        return self._press(state, "done")

    def _at_ConfirmDelivery(self, state: State) -> bool:
        return self._press(state, "confirm")

    def _at_PictureView(self, state: State) -> bool:
        return self._press(state, "ok")

    def _at_Notice(self, state: State) -> bool:
        title, mood, reader = str(state["title_key"]), state.get("mood"), self.desk.readers
        if title == "login.title" and mood == "info":
            return self._put_in(OFFICER)
        if title == "issue.title" and mood == "info":
            return self._put_in(HOLDER)
        if title == "desk.take_card" and reader.card_in(HOLDER) is not None:
            reader.remove(HOLDER)
            return True
        if title == "issue.done_title" and not self.is_issued:
            self.is_issued = True
        actions = self._actions(state)
        return bool(actions) and self._press(state, "retry" if "retry" in actions else "ok")

    def _put_in(self, index: int) -> bool:
        if self.desk.readers.card_in(index) is not None:
            return False
        if index == OFFICER:
            self.desk.readers.insert(OFFICER, self.officer_card.serial_hex)
        else:
            self.chip_serial = self.desk.readers.insert(HOLDER, self.chip_serial or "blank")
            chip = self.desk.readers.card_in(HOLDER)
            assert chip is not None, "it was just put in"
            self.watch_chip(chip)
        return True
