"""Sensor, camera and printers through their processes and the real libraries: silent, unplugged, and back again."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from domain.card_number import make_card_number
from domain.cards import CardProfile
from domain.fingers import FingerPosition
from enrolment.devices.ports import FingerImage
from hardware_sim.camera import CameraSim
from hardware_sim.desk.hand import Hand
from hardware_sim.faults import CameraFault, PrinterFault, SensorFault
from hardware_sim.fingerprint_sensor import FingerprintSensorSim
from hardware_sim.fingers.finger import Finger, FingerCondition
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.people import Part, get_person
from hardware_sim.receipt_printer import ReceiptPrinterSim
from hardware_sim.sbi_device import SbiDeviceSim
from kiosk.devices.failure import DeviceFailed, DeviceName, FailureReason
from kiosk.devices.ports import OtherFinger
from kiosk.devices.remote_devices import (
    RemoteBiometrics,
    RemoteCamera,
    RemoteCardPrinter,
    RemoteFingerReader,
    RemoteReceiptPrinter,
)
from kiosk.devices.worker import Worker, WorkerPlan

SERVANTS = "kiosk.devices.servants"
Workers = Callable[..., Worker]


@pytest.fixture
def workers() -> Iterator[Workers]:
    made: list[Worker] = []

    def make(device: DeviceName, servant: str, **settings: str | int) -> Worker:
        made.append(Worker(WorkerPlan(device, f"{SERVANTS}.{servant}:make", settings)))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


def play(story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await asyncio.wait_for(story(), 100)

    asyncio.run(run())


async def fails(work: Awaitable[object]) -> FailureReason:
    with pytest.raises(DeviceFailed) as failure:
        await work
    return failure.value.reason


def test_a_finger_is_read_extracted_and_matched_across_two_processes(tmp_path: Path, workers: Workers) -> None:
    async def story() -> None:
        with FingerprintSensorSim(tmp_path / "sensor") as sensor:
            hand = Hand(sensor, SyntheticFingers(tmp_path / "fingers"), "desk1")
            reader = RemoteFingerReader(workers(DeviceName.FINGERPRINT, "fingerprint_servant", port=str(sensor.path)))
            biometrics = RemoteBiometrics(workers(DeviceName.BIOMETRICS, "biometrics_servant"))

            async def read(part: Part, position: FingerPosition) -> bytes:
                hand.place(part, position)
                assert await reader.wait_for_finger(timeout_s=5)
                image = await reader.capture(position)
                assert isinstance(image, FingerImage)
                hand.lift()
                assert await reader.wait_for_no_finger(timeout_s=5)
                found = await biometrics.extract(image, position)
                assert found.quality > 20
                return found.template

            first = await read(Part.MOTHER, FingerPosition.RIGHT_THUMB)
            again = await read(Part.MOTHER, FingerPosition.RIGHT_THUMB)
            other = await read(Part.FATHER, FingerPosition.RIGHT_THUMB)
            assert await biometrics.match(again, [other, first]) == [None, FingerPosition.RIGHT_THUMB]
            assert await reader.wait_for_finger(timeout_s=0.2) is False

    play(story)


def test_a_certified_scanner_is_asked_for_the_finger_on_the_screen_and_names_another_one(
    tmp_path: Path, workers: Workers
) -> None:
    async def story() -> None:
        fingers = SyntheticFingers(tmp_path / "fingers")
        picture = fingers.picture(Finger(1, FingerPosition.LEFT_INDEX), 1, FingerCondition.GOOD)
        with SbiDeviceSim() as scanner:
            trust = str(scanner.write_trust(tmp_path / "anchors.pem"))
            settings = {"first_port": scanner.port, "last_port": scanner.port, "environment": "Developer"}
            worker = workers(DeviceName.FINGERPRINT, "sbi_servant", trust=trust, **settings)
            reader = RemoteFingerReader(worker)
            scanner.place(picture, finger=FingerPosition.LEFT_INDEX, nfiq2=61)
            assert await reader.wait_for_finger(timeout_s=5, expected=FingerPosition.RIGHT_THUMB)
            assert await reader.capture(FingerPosition.RIGHT_THUMB) == OtherFinger()
            assert reader.health.is_working
            image = await reader.capture(FingerPosition.LEFT_INDEX)
            assert isinstance(image, FingerImage)
            assert (image.pixels, image.nfiq2) == (picture, 61)

    play(story)


def test_a_sensor_that_is_silent_lies_or_is_pulled_out_is_named_and_comes_back(
    tmp_path: Path, workers: Workers
) -> None:
    async def story() -> None:
        with FingerprintSensorSim(tmp_path / "sensor") as sensor:
            worker = workers(DeviceName.FINGERPRINT, "fingerprint_servant", port=str(sensor.path))
            reader = RemoteFingerReader(worker)
            assert (await reader.check()).is_working
            for fault, reason in (
                (SensorFault.SILENT, FailureReason.SILENT),
                (SensorFault.GARBAGE, FailureReason.GARBAGE),
                (SensorFault.WRONG_ADDRESS, FailureReason.GARBAGE),
            ):
                sensor.faults.set(fault)
                began = time.monotonic()
                assert await fails(reader.wait_for_finger(timeout_s=5)) is reason
                assert time.monotonic() - began < 10
                assert reader.health.reason is reason
                sensor.faults.clear()
                assert (await reader.check()).is_working
            sensor.unplug()
            assert await fails(reader.wait_for_finger(timeout_s=5)) is FailureReason.UNPLUGGED
            sensor.replug()
            assert (await reader.check()).is_working
            assert worker.starts == 1

    play(story)


def test_a_camera_gives_new_frames_and_is_named_when_it_stalls_or_is_pulled_out(workers: Workers) -> None:
    async def story() -> None:
        with CameraSim() as sim:
            sim.show(get_person(Part.MOTHER).face)
            camera = RemoteCamera(workers(DeviceName.CAMERA, "camera_servant", source=sim.url))
            frame = None
            while frame is None:
                frame = await camera.latest()
            later = await camera.latest(after=frame.sequence)
            assert later is not None
            assert later.sequence > frame.sequence
            for spoil, reason in (
                (lambda: sim.faults.set(CameraFault.STALLED), FailureReason.SILENT),
                (sim.unplug, FailureReason.UNPLUGGED),
            ):
                spoil()
                assert await _until_failed(camera, later.sequence) is reason
                sim.faults.clear()
                sim.replug()
                while not (await camera.check()).is_working:
                    await asyncio.sleep(0.05)

    play(story)


async def _until_failed(camera: RemoteCamera, after: int) -> FailureReason:
    try:
        while True:
            frame = await camera.latest(after=after)
            after = after if frame is None else frame.sequence
    except DeviceFailed as failure:
        return failure.reason


def test_a_receipt_comes_out_as_it_was_drawn_and_paper_out_is_said(tmp_path: Path, workers: Workers) -> None:
    async def story() -> None:
        with ReceiptPrinterSim(tmp_path / "receipts") as sim:
            worker = workers(DeviceName.RECEIPT_PRINTER, "receipt_printer_servant", host=sim.host, port=sim.port)
            printer = RemoteReceiptPrinter(worker)
            await printer.print_picture(_png())
            while not sim.receipts():
                await asyncio.sleep(0.02)
            for fault, reason in (
                (PrinterFault.OFFLINE, FailureReason.UNPLUGGED),
                (PrinterFault.PAPER_OUT, FailureReason.REFUSED),
            ):
                sim.faults.set(fault)
                assert await fails(printer.print_picture(_png())) is reason
                sim.faults.clear()
                assert (await printer.check()).is_working
            sim.unplug()
            assert await fails(printer.print_picture(_png())) is FailureReason.UNPLUGGED
            sim.replug()
            await printer.print_picture(_png())
            while len(sim.receipts()) < 2:
                await asyncio.sleep(0.02)
            assert await fails(printer.print_picture(b"no picture")) is FailureReason.REFUSED

    play(story)


def test_a_card_face_goes_into_a_folder_where_there_is_no_printer(tmp_path: Path, workers: Workers) -> None:
    async def story() -> None:
        worker = workers(DeviceName.CARD_PRINTER, "card_printer_servant", target=str(tmp_path))
        printer = RemoteCardPrinter(worker)
        assert (await printer.check()).is_working
        number = make_card_number(bytes(5))
        assert await fails(printer.print_face("../../etc", "1", _png(), CardProfile.HOUSEHOLD)) is FailureReason.REFUSED
        await printer.print_face(number, "123456", _png(), CardProfile.HOUSEHOLD)
        assert [path.name for path in tmp_path.iterdir()] == [f"card-{number}.png"]

    play(story)


def test_a_picture_bomb_is_refused_and_the_process_serves_on(workers: Workers) -> None:
    async def story() -> None:
        worker = workers(DeviceName.BIOMETRICS, "biometrics_servant")
        bomb = {"rgb": b"", "width": 60_000, "height": 60_000}
        with pytest.raises(Exception, match="image_refused"):
            await worker.call("check_portrait", bomb, deadline_s=20)
        assert await worker.call("check", deadline_s=5) is True
        assert worker.starts == 1

    play(story)


def _png() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((384, 100), 90).convert("1").save(out, "PNG")
    return out.getvalue()
