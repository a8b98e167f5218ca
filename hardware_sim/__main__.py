"""Run one simulated desk: ``python -m hardware_sim --home DIR --name desk1 --registry URL [--fingers DIR]``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from domain.errors import ProjectError
from hardware_sim.card_box import CardBox
from hardware_sim.control.server import ControlServer
from hardware_sim.desk.addresses import addresses_path, write_addresses
from hardware_sim.desk.simulated_desk import SimulatedDesk
from hardware_sim.fingers.finger import FingerSource
from hardware_sim.fingers.real import RealFingers
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.people import finger_order

DEFAULT_REGISTRY = "http://127.0.0.1:8080"
CANNOT_START = 2


def main(arguments: list[str] | None = None) -> int:
    """Run a desk until SIGTERM or Ctrl-C; the exit status."""
    options = _parse(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        _run(options, stopped)
    except ProjectError as error:
        print(f"The desk cannot start: {error}", file=sys.stderr)
        return CANNOT_START
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hardware_sim", description="One simulated desk")
    home = os.environ.get("SINGLE_WINDOW_HOME", "var")
    parser.add_argument("--home", type=Path, default=Path(home), help="where desks keep their cards and receipts")
    parser.add_argument("--name", default="desk1", help="this desk's name")
    parser.add_argument("--registry", default=DEFAULT_REGISTRY, help="address of the registry")
    parser.add_argument("--fingers", type=Path, help="folder of <finger>_<impression>.png instead of drawn fingers")
    parser.add_argument("--port", type=int, default=0, help="port of the bench page (0: any free one)")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace, stopped: threading.Event) -> None:
    home: Path = options.home
    with (
        SimulatedDesk(
            home / "desks" / options.name,
            name=options.name,
            registry_url=options.registry,
            fingers=_fingers(options.fingers, home),
            box=CardBox.of_maker(home / "cards"),
        ) as desk,
        ControlServer(desk, port=options.port) as control,
    ):
        addresses = desk.addresses(control.url)
        write_addresses(home, addresses)
        print(addresses.model_dump_json(indent=1))
        print(f"Bench page: {control.url}/", flush=True)
        stopped.wait()
        addresses_path(home, options.name).unlink(missing_ok=True)


def _fingers(directory: Path | None, home: Path) -> FingerSource:
    if directory is None:
        return SyntheticFingers(home / "cache" / "fingers")
    return RealFingers(directory, finger_order())


if __name__ == "__main__":
    sys.exit(main())
