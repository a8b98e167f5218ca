"""The programmes of the day: one registry, three desks, three kiosks; started, found, stopped."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from domain.errors import ProjectError
from kiosk.demo.actor import Actor, Album
from kiosk.demo.bench import Bench
from kiosk.demo.processes import Processes
from kiosk.pilot import PilotClient

#: The desks: registration desk, ration shop, and a shop that has never heard of the other.
DESKS = ("desk1", "desk2", "desk3")
DESK_NAMES = {"desk1": "Neemgaon help desk", "desk2": "Neemgaon ration shop", "desk3": "Champapur ration shop"}
_AREA = "UT-01-01-01"
_READY_S = 60.0
_KEYS = "central_api.keys_cli"
_BATCH = "demo-batch"
_KEY_BYTES = 16
#: Where the simulated maker leaves its key: hardware_sim.card_box reads it.
MAKER_KEY_NAME = "maker.key"
_CODE = re.compile(r"one-time code for a kiosk: (\S+)")


class NotReady(ProjectError):
    """Something the day needs did not come up."""

    code = "demo.not_ready"
    message_key = "error.unexpected"


class Network:
    """Everything that runs, and where it is."""

    def __init__(self, home: Path, processes: Processes, fingers: Path | None, *, has_window: bool) -> None:
        self.home = home
        self.processes = processes
        self._fingers = fingers
        self._has_window = has_window
        self._benches: dict[str, Bench] = {}
        self.registry_url = ""

    @property
    def registry_home(self) -> Path:
        return self.home / "registry"

    def kiosk_home(self, desk: str) -> Path:
        return self.home / "kiosks" / desk

    def desk_file(self, desk: str) -> Path:
        return self.home / "desks" / f"{desk}.json"

    def pilot_socket(self, desk: str) -> Path:
        return self.home / "pilots" / f"{desk}.socket"

    def stock_up(self) -> None:
        """A box of chips from their maker, whose master key two custodians bring into the registry's token."""
        master, first = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_KEY_BYTES)
        second = bytes(left ^ right for left, right in zip(master, first, strict=True))
        box = self.home / "cards"
        box.mkdir(parents=True, exist_ok=True)
        maker_key = box / MAKER_KEY_NAME
        maker_key.touch(mode=0o600)
        maker_key.write_text(master.hex(), encoding="ascii")
        home = ["--home", str(self.registry_home)]
        self.processes.run("keys", _KEYS, ["ceremony", *home])
        parts = f"{first.hex()}\n{second.hex()}\n"
        self.processes.run("keys", _KEYS, ["import-transport-key", _BATCH, *home], told=parts)

    def start_registry(self, *, port: int = 0) -> list[str]:
        """The registry with its invented district; returns one-time codes for kiosks."""
        ready = self.registry_home / "registry.json"
        ready.unlink(missing_ok=True)
        arguments = ["--home", str(self.registry_home), "--port", str(port), "--sample"]
        self.processes.start("registry", "central_api", ["serve", *arguments], {})
        self.processes.wait_for("registry", ready.exists, timeout_s=_READY_S)
        self.registry_url = str(json.loads(ready.read_text())["url"])
        return _CODE.findall(self.processes.log_end("registry"))

    def start_desk(self, desk: str) -> Bench:
        """A simulated desk with its bench."""
        self.desk_file(desk).unlink(missing_ok=True)
        arguments = ["--home", str(self.home), "--name", desk, "--registry", self.registry_url]
        if self._fingers is not None:
            arguments += ["--fingers", str(self._fingers)]
        self.processes.start(f"sim-{desk}", "hardware_sim", arguments, {})
        self.processes.wait_for(f"sim-{desk}", self.desk_file(desk).exists, timeout_s=_READY_S)
        self._benches[desk] = Bench(self.desk_file(desk))
        return self._benches[desk]

    def bench(self, desk: str) -> Bench:
        return self._benches[desk]

    def join(self, desk: str, code: str) -> None:
        """A new kiosk joins the registry."""
        arguments = ["join", "--home", str(self.kiosk_home(desk)), "--registry", self.registry_url, "--code", code]
        self.processes.run(f"join-{desk}", "kiosk", [*arguments, "--name", DESK_NAMES[desk], "--area", _AREA])

    def start_kiosk(self, desk: str, *, headless: bool = False, command: tuple[str, ...] = ("run",)) -> PilotClient:
        """A kiosk at that desk; returns once it takes touches."""
        name, socket = f"kiosk-{desk}", self.pilot_socket(desk)
        socket.unlink(missing_ok=True)
        arguments = [*command, "--home", str(self.kiosk_home(desk)), "--desk", str(self.desk_file(desk))]
        arguments += ["--pilot", str(socket)] + (["--headless"] if headless and command == ("run",) else [])
        self.processes.start(name, "kiosk", arguments, self._screen(headless))
        self.processes.wait_for(name, _answers(socket), timeout_s=_READY_S)
        return PilotClient(socket)

    def _screen(self, headless: bool) -> dict[str, str]:
        if self._has_window or headless:
            return {}
        return {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}

    def stop_kiosk(self, desk: str) -> None:
        self.processes.stop(f"kiosk-{desk}")

    def kill_kiosk(self, desk: str) -> None:
        self.processes.kill(f"kiosk-{desk}")

    def actor(self, desk: str, pilot: PilotClient, album: Album | None = None) -> Actor:
        return Actor(pilot, self.bench(desk), album)

    def ask_registry(self, *arguments: str) -> str:
        """What a command of the registry's staff prints."""
        return self.processes.run("registry-staff", "central_api", [*arguments, "--home", str(self.registry_home)])


def _answers(socket: Path) -> Callable[[], bool]:
    """Whether a pilot can look at a screen there."""

    def looks() -> bool:
        if not socket.exists():
            return False
        try:
            with PilotClient(socket) as pilot:
                return pilot.state()["screen"] is not None
        except (OSError, ProjectError):
            return False

    return looks
