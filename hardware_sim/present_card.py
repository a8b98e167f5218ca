"""``python -m hardware_sim.card present --box DIR --reader 0 --card NUMBER``: one card in the system's reader."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from domain.errors import ProjectError
from hardware_sim.card_box import CardBox
from hardware_sim.system_reader import SystemReader

_CHECK_INTERVAL_S = 0.5


def main(arguments: list[str] | None = None) -> int:
    """0 when stopped by a signal, 1 with a message when the card cannot be presented."""
    options = _options(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        present(options.box, options.reader, options.card, stopped)
    except ProjectError as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    return 0


def present(box: Path, reader: int, number: str, stopped: threading.Event) -> None:
    """Keep the card in the reader until stopped, putting it back if the daemon is started anew."""
    card = CardBox(box).get(number)
    system = SystemReader(reader)
    try:
        system.insert(card)
        sys.stdout.write(f"Card {number} is in reader {reader}; stop with Ctrl-C\n")
        sys.stdout.flush()
        while not stopped.wait(_CHECK_INTERVAL_S):
            system.ensure()
    finally:
        system.close()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hardware_sim.card", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("present")
    box = Path(os.environ.get("SINGLE_WINDOW_HOME", "var")) / "cards"
    command.add_argument("--box", type=Path, default=box, help="directory of the box of cards")
    command.add_argument("--reader", type=int, choices=(0, 1), default=0)
    command.add_argument("--card", required=True, help="the number on the card's face")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
