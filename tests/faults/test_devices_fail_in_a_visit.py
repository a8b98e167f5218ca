"""Sensor, camera and printers broken in the middle of a visit, with real drivers in their processes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from domain.card_number import make_card_number
from domain.cards import CardProfile
from hardware_sim.camera import CameraSim
from hardware_sim.card_printer import CardPrinterSim
from hardware_sim.faults import CameraFault, PrinterFault, SensorFault
from hardware_sim.fingerprint_sensor import FingerprintSensorSim
from hardware_sim.people import Part, get_person
from hardware_sim.receipt_printer import ReceiptPrinterSim
from kiosk.devices.failure import DeviceName
from kiosk.devices.remote_devices import RemoteCamera, RemoteCardPrinter, RemoteFingerReader, RemoteReceiptPrinter
from kiosk.flows.enrol_portrait import take_portrait
from kiosk.flows.finger_reading import Reading, read_finger
from kiosk.flows.notices import insist
from kiosk.flows.slip import Slip, SlipKind
from kiosk.flows.slip_printing import print_slip
from kiosk.screen_models.people import FingerCapture, FingerPhase
from kiosk.screen_models.text import t, verbatim
from tests.faults.real_devices import AnyFinger, Mender, desk_with_workers, slowest, tell, uses_the_photograph

pytestmark = pytest.mark.timeout(300)
#: Two seconds of silence, a new process, and a loaded machine.
_TOLD_WITHIN_S = 15.0
_FINGER = bytes(256 * 288)
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c63600000000200015e0de5f60000000049454e44ae426082"
)
"""One black pixel."""
Break = tuple[str, Callable[[], None]]


def sensor_breaks(sensor: FingerprintSensorSim) -> list[Break]:
    faults = [fault for fault in SensorFault if fault is not SensorFault.NONE]
    # Two swapped bytes are healed by reading twice: no failure to tell.
    told = [fault for fault in faults if fault is not SensorFault.SWAPPED_BYTES]
    return [(fault.value, lambda fault=fault: sensor.faults.set(fault)) for fault in told] + [
        ("unplugged", sensor.unplug)
    ]


def test_a_sensor_that_fails_in_any_way_is_named_and_works_again_without_a_restart(tmp_path: Path) -> None:
    async def story() -> None:
        with FingerprintSensorSim(tmp_path / "sensor") as sensor:
            sensor.place(_FINGER)
            async with desk_with_workers() as (desk, workers, ticking):
                work = desk.bench.work
                worker = workers.make(DeviceName.FINGERPRINT, "fingerprint_servant", port=str(sensor.path))
                work.finger_reader, work.biometrics = RemoteFingerReader(worker), AnyFinger()

                def mend() -> None:
                    sensor.faults.clear()
                    if not sensor.is_plugged:
                        sensor.replug()

                told: list[float] = []
                for name, spoil in sensor_breaks(sensor):
                    spoil()
                    person = Mender(desk, lambda _: None, mend)
                    reading = await insist(person, partial(read_finger, work, person, FINGER_SCREEN))
                    assert isinstance(reading, Reading), name
                    assert reading.template, name
                    assert person.told_after_s, name
                    told += person.told_after_s
            report("sensor", told, worker.starts, ticking)

    tell(story)


FINGER_SCREEN = FingerCapture(
    title=t("serve.finger_title"),
    person=verbatim("Asha"),
    position=1,  # type: ignore[arg-type]
    phase=FingerPhase.WAITING,
    attempt=1,
    tries=3,
)


def report(device: str, told_s: list[float], starts: int, ticking: object) -> None:
    print(  # noqa: T201  a zero is worth its N
        f"\n{device}: {len(told_s)} failures, each told within {slowest(told_s)}, {starts} process starts; {ticking}"
    )
    assert max(told_s) < _TOLD_WITHIN_S
    assert ticking.is_kept, ticking  # type: ignore[attr-defined]


def test_a_camera_that_stalls_or_goes_is_named_and_works_again_without_a_restart() -> None:
    async def story() -> None:
        with CameraSim() as sim:
            sim.show(get_person(Part.MOTHER).face)
            async with desk_with_workers() as (desk, workers, ticking):
                work = desk.bench.work
                worker = workers.make(DeviceName.CAMERA, "camera_servant", source=sim.url)
                work.camera, work.biometrics = RemoteCamera(worker), AnyFinger()
                breaks: list[Break] = [
                    ("stalled", lambda: sim.faults.set(CameraFault.STALLED)),
                    ("dropped", lambda: sim.faults.set(CameraFault.DROPPED)),
                    ("unplugged", sim.unplug),
                ]

                def mend() -> None:
                    sim.faults.clear()
                    if not sim.is_plugged:
                        sim.replug()

                told: list[float] = []
                for name, spoil in breaks:
                    await work.camera.latest()
                    spoil()
                    work.biometrics = NeverGreenWhile(lambda: sim.is_plugged and sim.faults.now is CameraFault.NONE)
                    person = Mender(desk, uses_the_photograph, mend)
                    portrait = await take_portrait(work, person, verbatim("Asha"))
                    assert portrait is not None, name
                    assert person.told_after_s, name
                    told += person.told_after_s
            report("camera", told, worker.starts, ticking)

    tell(story)


class NeverGreenWhile(AnyFinger):
    """No photograph is taken of frames that were under way before the camera broke."""

    def __init__(self, is_whole: Callable[[], bool]) -> None:
        super().__init__()
        self._is_whole = is_whole

    async def check_portrait(self, frame):  # type: ignore[no-untyped-def]
        verdict = await super().check_portrait(frame)
        if self._is_whole():
            return verdict
        return type(verdict)({}, {"sharpness": False}, (), False, True)


SLIP = Slip(
    kind=SlipKind.DELIVERY,
    title=t("slip.delivery_title"),
    lines=(),
    footer=t("slip.delivery_footer"),
    reference="TEST-1",
    desk=verbatim("Test desk"),
    at=None,  # type: ignore[arg-type]
)


def test_a_receipt_printer_that_fails_shows_the_receipt_and_prints_it_once_mended(tmp_path: Path) -> None:
    async def story() -> None:
        with ReceiptPrinterSim(tmp_path / "receipts") as sim:
            async with desk_with_workers() as (desk, workers, ticking):
                work = desk.bench.work
                worker = workers.make(
                    DeviceName.RECEIPT_PRINTER, "receipt_printer_servant", host=sim.host, port=sim.port
                )
                work.receipt_printer = RemoteReceiptPrinter(worker)
                desk.bench.artist.draw_slip = lambda *_: _PNG  # type: ignore[method-assign]
                faults = (PrinterFault.PAPER_OUT, PrinterFault.OFFLINE, PrinterFault.JAMMED)
                breaks: list[Break] = [(fault.value, lambda fault=fault: sim.faults.set(fault)) for fault in faults]
                breaks.append(("unplugged", sim.unplug))

                def mend() -> None:
                    sim.faults.clear()
                    if not sim.is_plugged:
                        sim.replug()

                told: list[float] = []
                for number, (name, spoil) in enumerate(breaks, start=1):
                    spoil()
                    person = Mender(desk, lambda _: None, mend)
                    await print_slip(work, person, SLIP)
                    assert person.told_after_s, name
                    assert len(sim.receipts()) == number, name
                    told += person.told_after_s
            report("receipt printer", told, worker.starts, ticking)

    tell(story)


def test_a_card_printer_that_fails_is_named_and_prints_once_mended(tmp_path: Path) -> None:
    async def story() -> None:
        with CardPrinterSim(tmp_path / "faces", lambda *_: True) as sim:
            async with desk_with_workers() as (desk, workers, ticking):
                worker = workers.make(DeviceName.CARD_PRINTER, "card_printer_servant", target=sim.url)
                printer = RemoteCardPrinter(worker)
                faults = (PrinterFault.PAPER_OUT, PrinterFault.OFFLINE, PrinterFault.JAMMED)
                breaks: list[Break] = [(fault.value, lambda fault=fault: sim.faults.set(fault)) for fault in faults]
                breaks.append(("unplugged", sim.unplug))

                def mend() -> None:
                    sim.faults.clear()
                    if not sim.is_plugged:
                        sim.replug()

                told: list[float] = []
                for number, (name, spoil) in enumerate(breaks, start=1):
                    spoil()
                    person = Mender(desk, lambda _: None, mend)
                    card_number = make_card_number(bytes([number] * 5))
                    await insist(
                        person, lambda n=card_number: printer.print_face(n, "123456", _PNG, CardProfile.HOUSEHOLD)
                    )  # type: ignore[misc]
                    assert person.told_after_s, name
                    assert len(sim.faces()) == number, name
                    told += person.told_after_s
            report("card printer", told, worker.starts, ticking)

    tell(story)


def test_a_driver_that_hangs_for_ever_is_ended_at_its_deadline_and_the_next_one_works(tmp_path: Path) -> None:
    async def story() -> None:
        with FingerprintSensorSim(tmp_path / "sensor") as sensor:
            sensor.place(_FINGER)
            async with desk_with_workers() as (desk, workers, ticking):
                work = desk.bench.work
                worker = workers.make(DeviceName.FINGERPRINT, "fingerprint_servant", port=str(sensor.path))
                work.finger_reader, work.biometrics = RemoteFingerReader(worker), AnyFinger()
                work.patience = type(work.patience)(finger_s=1.0)
                assert await work.finger_reader.wait_for_finger(timeout_s=5)
                process = worker._process
                assert process is not None, "it has just answered"
                os.kill(process.pid, signal.SIGSTOP)
                person = Mender(desk, lambda _: None, lambda: None)
                reading = await insist(person, partial(read_finger, work, person, FINGER_SCREEN))
                assert isinstance(reading, Reading)
                assert worker.starts == 2
            report("a hanging driver", person.told_after_s, worker.starts, ticking)

    tell(story)


def test_the_harness_finds_a_flow_that_waits_for_a_device_on_the_loop(tmp_path: Path) -> None:
    async def story() -> None:
        with FingerprintSensorSim(tmp_path / "sensor") as sensor:
            async with desk_with_workers() as (_, workers, ticking):
                worker = workers.make(DeviceName.FINGERPRINT, "fingerprint_servant", port=str(sensor.path))
                worker.call_blocking("wait_for_finger", {"timeout_s": 1.5}, deadline_s=5.0)
                for _ in range(3):
                    await asyncio.sleep(0.01)
            assert not ticking.is_kept, ticking

    tell(story)
