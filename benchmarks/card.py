"""Commands, bytes and time of a card check and of a delivery, and of an APDU through pcscd and vpcd."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from card_service.flow_figures import figure_a, figure_d
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import PrivatePcscd

_REPEATS = 30
_ROUND_TRIPS = 2_000
#: GET DATA 0110, life state: the smallest command the chip answers.
_LIFE = [0x00, 0xCA, 0x01, 0x10, 0x00]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--round-trips-only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.round_trips_only is not None:
        print(json.dumps(_round_trips(options.round_trips_only)))
        return 0
    figures = {"flows": _flows(), "rtt_us_median": _through_pcscd(), "n": {"flows": _REPEATS, "rtt": _ROUND_TRIPS}}
    print(json.dumps(figures, indent=1))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _flows() -> dict[str, dict[str, float]]:
    """Flows A and D on the zero-delay card in this process, median and 95th percentile of the repeats."""
    # The invented registry and desk of the card tests stand in for a real ones.
    from tests.unit.card_service_terminal.desk import REGISTRY, active_card, kiosk
    from tests.unit.card_service_terminal.reader import SimulatedReader
    from tests.unit.card_service_terminal.registry import CAN, TODAY

    found: dict[str, dict[str, float]] = {}
    times: dict[str, list[float]] = {"A": [], "D": []}
    for _ in range(_REPEATS):
        for flow in ("A", "D"):
            reader = SimulatedReader(active_card(), is_contact=False)
            began = time.perf_counter()
            if flow == "A":
                figure = figure_a(reader, REGISTRY.anchors, on=TODAY, can=CAN)
            else:
                _, figure = figure_d(reader, REGISTRY.anchors, kiosk(), on=TODAY, can=CAN)
            times[flow].append((time.perf_counter() - began) * 1000)
            found[flow] = {"apdus": figure.apdus, "bytes_up": figure.bytes_up, "bytes_down": figure.bytes_down}
    for flow, taken in times.items():
        found[flow]["p50_ms"] = round(statistics.median(taken), 1)
        found[flow]["p95_ms"] = round(statistics.quantiles(taken, n=20)[-1], 1)
    return found


def _through_pcscd() -> float:
    """Median round trip in µs; the client is another process, as pyscard reads the socket's path at import."""
    with tempfile.TemporaryDirectory(prefix="sw-") as directory, PrivatePcscd(Path(directory)) as daemon:
        daemon.slot(0).insert(VirtualCard.blank())
        command = [sys.executable, "-m", "benchmarks.card", "--round-trips-only", daemon.reader_names[0]]
        environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(daemon.socket_path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return float(json.loads(done.stdout))


def _round_trips(reader: str) -> float:
    from smartcard.System import readers

    connection = next(each for each in readers() if str(each) == reader).createConnection()
    connection.connect()
    taken = []
    for _ in range(_ROUND_TRIPS):
        began = time.perf_counter()
        connection.transmit(_LIFE)
        taken.append((time.perf_counter() - began) * 1e6)
    return round(statistics.median(taken), 1)


if __name__ == "__main__":
    sys.exit(main())
