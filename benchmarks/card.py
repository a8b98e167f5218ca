"""Commands, bytes and time of card checks, deliveries and issuing; links modelled; bytes on card; a batch re-check.

python -m benchmarks.card --json FILE
"""

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

from benchmarks.card_flows import (
    MS_PER_MULTIPLICATION,
    measure_flows,
    measure_issue_ms,
    measure_verify_per_s,
    modelled_ms,
    rows,
)
from benchmarks.card_storage import CARD_32_KB, CARD_64_KB, bytes_on_card
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import PrivatePcscd

_REPEATS, _ISSUES = 50, 5
_ROUND_TRIPS = 2_000
_BATCH_S = 2.0
#: GET DATA 0110, life state: the smallest command the chip answers.
_LIFE = [0x00, 0xCA, 0x01, 0x10, 0x00]
_ROW = "{:<58}{:>18}   {}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--repeats", type=int, default=_REPEATS, help="how often each flow is run")
    parser.add_argument("--round-trips-only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.round_trips_only is not None:
        print(json.dumps(_round_trips(options.round_trips_only)))
        return 0
    flows = measure_flows(options.repeats, _progress)
    figures = {
        "flows": {flow: each.as_json() for flow, each in flows.items()},
        "rtt_us_median": _through_pcscd(),
        "issue_ms": measure_issue_ms(_ISSUES, _progress),
        "modelled": modelled_ms(flows),
        "bytes_on_card": bytes_on_card(),
        "verify_per_s": measure_verify_per_s(_BATCH_S),
        "n": {"flows": options.repeats, "rtt": _ROUND_TRIPS, "issue": _ISSUES},
    }
    for row in [*rows(flows), *_other_rows(figures)]:
        print(_ROW.format(*row))
    _print_modelled(figures["modelled"])
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _progress(text: str) -> None:
    print(text, file=sys.stderr)


def _other_rows(figures: dict[str, object]) -> list[tuple[str, str, str]]:
    storage = bytes_on_card()
    family_2, family_4 = storage["5 members, 2 fingers"], storage["5 members, 4 fingers"]
    sizes = [
        (f"bytes: {name}", f"{each['bytes']:,} / {each['bytes_small_photos']:,}", "") for name, each in storage.items()
    ]
    return [
        ("round trip through pcscd, median us", f"{figures['rtt_us_median']}", "< 1,000"),
        ("issue of a family card, median ms", f"{figures['issue_ms']}", "<= 1,500"),
        ("stored cards checked again per second", f"{figures['verify_per_s']}", "stated"),
        ("family of 5, 2 fingers, small photographs", f"{family_2['bytes_small_photos']:,}", f"<= {CARD_32_KB:,}"),
        ("family of 5, 4 fingers, large photographs", f"{family_4['bytes']:,}", f"<= {CARD_64_KB:,}"),
        *sizes,
    ]


def _print_modelled(modelled: object) -> None:
    print(f"\nmodelled, {MS_PER_MULTIPLICATION:.0f} ms a multiplication: session ms (link ms; floor of the bytes)")
    assert isinstance(modelled, dict)
    for link, flows in modelled.items():
        cells = [
            f"{flow} {each['session_ms']:>8} ({each['link_ms']}; {each['floor_ms']})" for flow, each in flows.items()
        ]
        print(f"{link:<20}{'   '.join(cells)}")


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
