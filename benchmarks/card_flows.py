"""Flows A and D, issuing and a batch re-check, measured on the zero-delay card in this process."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from card_service.data_groups import decode_dg13, decode_dg14
from card_service.delivery_receipt import verify_receipt
from card_service.flow_figures import FlowFigure, figure_a, figure_d
from card_service.layout import DATA_GROUPS, DG13, DG14, EF_SOD
from card_service.personalisation import lock_card, prepare_chip, write_card
from card_service.security_object import verify_sod
from hardware_sim.card.delay_model import Exchange, LinkSpeed, floor_ms, modelled_session_ms
from hardware_sim.card.virtual_card import VirtualCard

# The invented registry and desk of the card tests stand in for real ones.
from tests.unit.card_service_terminal.desk import (
    REGISTRY,
    activate,
    active_card,
    deliver,
    issue,
    kiosk,
    present,
    read_all_back,
)
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import CAN, TODAY

#: A current chip's pace, assumed: one scalar multiplication on a 256-bit curve.
MS_PER_MULTIPLICATION = 30.0
# Scalar multiplications of the chip by command: PACE 5 (its second step maps, its third agrees), chip authentication 1,
# a check of a signature 2, a signature 1.
_GENERAL_AUTHENTICATE, _PSO, _EXTERNAL_AUTHENTICATE, _APPEND = 0x86, 0x2A, 0x82, 0xE2
_PACE_MULTIPLICATIONS = (0, 3, 2, 0)
_CHECK, _SIGN = 2, 1


#: What a card without family, counters and names took when the profile was designed.
_SKELETON_BYTES = {"A": "511 / 1,988 (design)", "D": "1,444 / 8,076 (design)"}


@dataclass(frozen=True)
class FlowTimes:
    """What a flow costs: the figure, and milliseconds of each repeat, by the clock and of this process alone."""

    figure: FlowFigure
    taken_ms: tuple[float, ...]
    cpu_ms: tuple[float, ...]
    exchanges: tuple[Exchange, ...]

    def as_json(self) -> dict[str, float]:
        """Keys of the issue."""
        return {
            "apdus": self.figure.apdus,
            "bytes_up": self.figure.bytes_up,
            "bytes_down": self.figure.bytes_down,
            "p50_ms": round(statistics.median(self.taken_ms), 1),
            "p95_ms": round(statistics.quantiles(self.taken_ms, n=20)[-1], 1),
            "cpu_p50_ms": round(statistics.median(self.cpu_ms), 1),
            "cpu_p95_ms": round(statistics.quantiles(self.cpu_ms, n=20)[-1], 1),
        }


class MeasuringReader(SimulatedReader):
    """Keeps every exchange with the chip's share of the arithmetic."""

    def __init__(self, card: VirtualCard) -> None:
        super().__init__(card, is_contact=False)
        self.exchanges: list[Exchange] = []
        self._agreements = 0

    def transmit(self, apdu: bytes) -> bytes:
        answer = super().transmit(apdu)
        self.exchanges.append(Exchange(len(apdu), len(answer), self._multiplications(apdu[1])))
        return answer

    def _multiplications(self, ins: int) -> int:
        if ins == _GENERAL_AUTHENTICATE:
            step, self._agreements = self._agreements, self._agreements + 1
            return _PACE_MULTIPLICATIONS[step] if step < len(_PACE_MULTIPLICATIONS) else 1
        return {_PSO: _CHECK, _EXTERNAL_AUTHENTICATE: _CHECK, _APPEND: _CHECK + _SIGN}.get(ins, 0)


def measure_flows(repeats: int, progress: Callable[[str], None]) -> dict[str, FlowTimes]:
    """Both flows, taking turns, each on a fresh card."""
    times: dict[str, list[float]] = {"A": [], "D": []}
    worked: dict[str, list[float]] = {"A": [], "D": []}
    figures: dict[str, FlowFigure] = {}
    exchanges: dict[str, tuple[Exchange, ...]] = {}
    for number in range(repeats):
        for flow, taken in times.items():
            reader = MeasuringReader(active_card())
            began, began_work = time.perf_counter(), time.process_time()
            figures[flow] = _run(flow, reader)
            worked[flow].append((time.process_time() - began_work) * 1000)
            taken.append((time.perf_counter() - began) * 1000)
            exchanges[flow] = tuple(reader.exchanges)
        if not (number + 1) % 10:
            progress(f"flows: {number + 1} of {repeats}")
    return {flow: FlowTimes(figures[flow], tuple(times[flow]), tuple(worked[flow]), exchanges[flow]) for flow in times}


def _run(flow: str, reader: SimulatedReader) -> FlowFigure:
    if flow == "A":
        return figure_a(reader, REGISTRY.anchors, on=TODAY, can=CAN)
    return figure_d(reader, REGISTRY.anchors, kiosk(), on=TODAY, can=CAN)[1]


def modelled_ms(flows: dict[str, FlowTimes]) -> dict[str, dict[str, dict[str, float]]]:
    """For each link and flow: the whole session on a modelled chip, the link's share, and the floor of the bytes."""
    return {
        link.name.lower(): {
            flow: {
                "session_ms": round(modelled_session_ms(each.exchanges, link, MS_PER_MULTIPLICATION), 1),
                "link_ms": round(modelled_session_ms(each.exchanges, link, 0.0), 1),
                "floor_ms": round(floor_ms(each.exchanges, link), 1),
            }
            for flow, each in flows.items()
        }
        for link in LinkSpeed
    }


def measure_issue_ms(repeats: int, progress: Callable[[str], None]) -> float:
    """Median of issuing a family card: keys, files, lock, read-back and activation; the registry's part apart."""
    taken = []
    for number in range(repeats):
        reader = SimulatedReader(VirtualCard.blank())
        began = time.perf_counter()
        keys = prepare_chip(reader)
        paused = time.perf_counter()
        data = REGISTRY.package(keys)
        resumed = time.perf_counter()
        write_card(reader, data)
        lock_card(reader, data)
        read_all_back(reader, data)
        activate(reader, data)
        taken.append((time.perf_counter() - began - (resumed - paused)) * 1000)
        progress(f"issue: {number + 1} of {repeats}")
    return round(statistics.median(taken), 1)


def measure_verify_per_s(seconds: float) -> float:
    """Stored SOD, data groups and one receipt, checked again in a batch on one core."""
    files = issue()["active"].data.files
    card = present(active_card())
    proof = deliver(card, 1)
    groups = {number: files[file.key] for number, file in DATA_GROUPS.items()}

    def check() -> bool:
        content = verify_sod(files[EF_SOD.key], REGISTRY.anchors, at=TODAY)
        is_unaltered = all(hashlib.sha256(groups[n]).digest() == digest for n, digest in content.hashes.items())
        anchor = decode_dg13(files[DG13.key])
        decode_dg14(files[DG14.key])
        return is_unaltered and verify_receipt(proof, anchor.receipt_public_key)

    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        if not check():
            raise ValueError("The stored card must hold")
        done += 1
    return round(done / (time.perf_counter() - began), 1)


def rows(flows: dict[str, FlowTimes]) -> Iterator[tuple[str, str, str]]:
    """Name, measured and target, for the table."""
    for flow, most, p95_ms in (("A", 15, 40), ("D", 27, 60)):
        each = flows[flow].as_json()
        yield f"{flow}: commands", f"{each['apdus']:.0f}", f"<= {most}"
        yield f"{flow}: bytes up / down", f"{each['bytes_up']:.0f} / {each['bytes_down']:.0f}", _SKELETON_BYTES[flow]
        yield f"{flow}: p50 / p95 ms", f"{each['p50_ms']} / {each['p95_ms']}", f"p95 <= {p95_ms}"
        yield f"{flow}: p50 / p95 ms, this process alone", f"{each['cpu_p50_ms']} / {each['cpu_p95_ms']}", "stated"
