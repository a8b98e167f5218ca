"""``./run demo``: with a display a desk to play with, without one (or with ``--script``) the whole day by itself."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from domain.errors import ProjectError
from kiosk.demo.day import Day
from kiosk.demo.network import DESKS, Network
from kiosk.demo.prepare import prepare
from kiosk.demo.processes import Processes
from kiosk.demo.timeline import Timeline

_CANNOT = 2
_ENDED = 143


def main() -> int:
    """0 when every step held; 1 when one did not; 2 when the day could not begin."""
    options = _parse()
    if options.fingers is not None and not options.fingers.is_dir():
        print(f"There is no folder {options.fingers}", file=sys.stderr)
        return _CANNOT
    # Asked to end, we end what we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_ENDED))
    home: Path = options.home
    for old in (home / "registry", home / "kiosks", home / "desks", home / "cards", home / "pilots"):
        shutil.rmtree(old, ignore_errors=True)
    try:
        if options.script or not _has_display():
            return _script(home, options.out, options.fingers, is_headless=options.without_window)
        return _window(home, options.fingers)
    except ProjectError as error:
        print(f"The demo cannot go on: {error}", file=sys.stderr)
        return _CANNOT
    except KeyboardInterrupt:
        return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo", description="One family, from registration to a benefit")
    parser.add_argument("--script", action="store_true", help="play the day by itself in a headless window")
    parser.add_argument("--fingers", type=Path, help="folder of <finger>_<impression>.png to use for every finger")
    parser.add_argument("--without-window", action="store_true", help="with --script: draw nothing, quicker")
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("SINGLE_WINDOW_HOME", "var")))
    parser.add_argument("--out", type=Path, default=Path("out/demo"))
    return parser.parse_args()


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY"))


def _script(home: Path, out: Path, fingers: Path | None, *, is_headless: bool) -> int:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    timeline = Timeline(out)
    with Processes(out / "logs") as processes:
        network = Network(home, processes, fingers, has_window=False)
        print("Preparing: registry, keys, three desks, the first officer, people registered before …", flush=True)
        began = time.monotonic()
        prepared = prepare(network)
        print(f"  ready in {time.monotonic() - began:.1f} s. The day:", flush=True)
        Day(network, timeline, prepared, out, is_headless=is_headless).play()
        timeline.write()
    print(f"Pictures, receipts and timeline: {out / 'index.html'}")
    print(timeline.summary())
    return 0 if timeline.failed == 0 else 1


def _window(home: Path, fingers: Path | None) -> int:
    with Processes(home / "logs") as processes:
        network = Network(home, processes, fingers, has_window=True)
        print("Preparing: registry, keys, desks, the first officer, people registered before …", flush=True)
        prepared = prepare(network)
        desk = DESKS[0]
        network.start_kiosk(desk).close()
        print(
            f"The kiosk is open. On the bench page you hold the cards, the fingers and the cables:\n"
            f"  {network.bench(desk).addresses['control_url']}/\n"
            f"The registry's console: {network.registry_url}/console\n"
            f"Officer's card: {prepared.officer_card} (put it into reader 1, then place the officer's finger)\n"
            f"Grandfather's card: {prepared.grandfather_card}\n"
            f"Close the window or press Ctrl-C to end."
        )
        while processes.is_running(f"kiosk-{desk}"):
            time.sleep(0.5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
