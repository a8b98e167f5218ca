"""The real window in a process of its own: drawn, driven by the pilot, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from kiosk.pilot import PilotClient, PilotRefused

pytestmark = pytest.mark.screen

ROOT = Path(__file__).parents[2]
_START_S = 60.0

KIOSK = """
import asyncio, json, sys
from pathlib import Path
from kiosk.app import run_kiosk
from kiosk.screens.samples import all_samples

async def main(ui):
    samples = all_samples()
    try:
        print((await ui.ask(samples["attract"])).action, flush=True)
        print((await ui.ask(samples["choice"])).value, flush=True)
        ui.show(samples["notice_wait"])
        await asyncio.sleep(3600)
    finally:
        print("flows cancelled", flush=True)

run_kiosk(main, pilot_socket=Path(sys.argv[1]), language="hi")
print("closed", sorted({"cv2", "smartcard", "pyfingerprint", "serial"} & set(sys.modules)), flush=True)
"""


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], PilotClient]]:
    environment = {
        **os.environ,
        "SDL_VIDEODRIVER": "offscreen",
        "SDL_AUDIODRIVER": "dummy",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
    }
    socket_path = tmp_path / "pilot.sock"
    process = subprocess.Popen(
        [sys.executable, "-c", KIOSK, str(socket_path)], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process, _client(process, socket_path)
    finally:
        process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def _client(process: subprocess.Popen[str], socket_path: Path) -> PilotClient:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        if socket_path.exists():
            return PilotClient(socket_path)
        time.sleep(0.05)  # another process opens its window; there is no event to wait for
    raise AssertionError(f"the kiosk did not start (exit code {process.poll()})")


def test_a_pilot_goes_through_the_screens_and_sigterm_ends_it_cleanly(
    kiosk: tuple[subprocess.Popen[str], PilotClient], tmp_path: Path
) -> None:
    process, pilot = kiosk
    with pilot:
        pilot.wait("Attract", timeout_s=_START_S)
        pilot.shot(tmp_path / "attract.png")
        with pytest.raises(PilotRefused, match="not on this screen"):
            pilot.press("no_such_action")
        pilot.press("language")
        assert pilot.wait("Choice", "Notice", timeout_s=_START_S) == "Choice"
        pilot.pick("child")
        pilot.wait("Notice", timeout_s=_START_S)
        assert pilot.state()["language"] == "hi"
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert output.split("\n") == ["language", "child", "flows cancelled", "closed []", ""]
    assert process.returncode == 0
    with Image.open(tmp_path / "attract.png") as picture:
        assert picture.size == (1280, 800)
        colours = picture.convert("RGB").getcolors(1_000_000)
        assert colours is not None
        assert len(colours) > 100  # drawn, not one colour


def test_what_the_flows_raise_is_raised_after_the_window_is_closed(tmp_path: Path) -> None:
    code = """
from kiosk.app import run_kiosk

async def main(ui):
    raise LookupError("planted")

try:
    run_kiosk(main)
except LookupError as error:
    print("raised", error)
"""
    environment = {**os.environ, "SDL_VIDEODRIVER": "offscreen", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.stdout == "raised planted\n", done.stderr
