"""Devices that do what the test says, behind the ports of the flows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from card_service.connection import CardConnection
from card_service.errors import NoCard
from domain.cards import CardProfile
from domain.fingers import FingerPosition
from domain.messages.cards import FacePrint
from enrolment.devices.ports import CameraFrame, FingerImage
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.devices.failure import DeviceFailed, DeviceName, FailureReason, Health
from kiosk.devices.ports import FaceAdvice, FaceModelCard, FingerReading, Likeness, OtherFinger, PortraitVerdict, QrLook
from kiosk.flows.slip import Slip
from kiosk.flows.workplace import DrawnFace
from tests.unit.card_service_terminal.reader import SimulatedReader

Result = TypeVar("Result")


class Failing:
    """What every fake can do: fail as told, once for each entry."""

    name: DeviceName

    def __init__(self) -> None:
        self.failures: list[FailureReason] = []

    def fail_if_told(self) -> None:
        if self.failures:
            raise DeviceFailed(self.name, self.failures.pop(0))

    async def check(self) -> Health:
        return Health(self.name, is_working=True)


class FakeReader(Failing):
    """A reader whose card is a simulated chip in this process, with a thread like the real one."""

    def __init__(self, name: DeviceName) -> None:
        super().__init__()
        self.name = name
        self.card: VirtualCard | None = None
        self.wrap: Callable[[CardConnection], CardConnection] = lambda connection: connection
        self._open: CardConnection | None = None

    @property
    def device(self) -> DeviceName:
        return self.name

    async def is_card_present(self) -> bool:
        self.fail_if_told()
        return self.card is not None

    async def run(self, work: Callable[[CardConnection], Result]) -> Result:
        try:
            return await self.keep(work)
        finally:
            await self.release()

    async def keep(self, work: Callable[[CardConnection], Result]) -> Result:
        self.fail_if_told()
        await self.release()
        return await asyncio.to_thread(lambda: work(self._connect()))

    async def proceed(self, work: Callable[[], Result]) -> Result:
        return await asyncio.to_thread(work)

    async def release(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            connection.close()

    def _connect(self) -> CardConnection:
        if self.card is None:
            raise NoCard("empty reader")
        self._open = self.wrap(SimulatedReader(self.card))
        return self._open


class FakeFingers(Failing):
    """Gives the fingers of the queue one after the other: a name, or None for nobody there.

    A name that begins with ``other-`` is a finger that the sensor knows to be another one than was asked for.
    """

    name = DeviceName.FINGERPRINT

    def __init__(self) -> None:
        super().__init__()
        self.queue: list[str | None] = []
        #: Which finger each picture was asked to be of.
        self.asked: list[FingerPosition] = []

    async def wait_for_finger(self, *, timeout_s: float, expected: FingerPosition = FingerPosition.UNKNOWN) -> bool:
        await asyncio.sleep(0.005)
        self.fail_if_told()
        if not self.queue:
            await asyncio.sleep(3600)
        if self.queue[0] is None:
            self.queue.pop(0)
            return False
        return True

    async def wait_for_no_finger(self, *, timeout_s: float) -> bool:
        return True

    async def capture(self, expected: FingerPosition = FingerPosition.UNKNOWN) -> FingerImage | OtherFinger | None:
        finger = self.queue.pop(0)
        assert finger is not None
        self.asked.append(expected)
        if finger.startswith("other-"):
            return OtherFinger()
        pixels = finger.encode().ljust(64, b" ")
        return FingerImage(pixels, 8, 8, 500)


class FakeBiometrics(Failing):
    """A template is ``FMR\\0`` and the finger's name; ``bad`` in the name is a bad picture."""

    name = DeviceName.BIOMETRICS

    async def extract(self, image: FingerImage, position: FingerPosition) -> FingerReading:
        self.fail_if_told()
        name = image.pixels.strip()
        if b"bad" in name:
            return FingerReading(b"", 0, ("capture.hint.press_harder",))
        return FingerReading(b"FMR\x00 " + name, 80, ("capture.hint.good",))

    async def match(self, probe: bytes, references: Sequence[bytes]) -> list[FingerPosition | None]:
        return [FingerPosition.RIGHT_THUMB if probe in reference else None for reference in references]

    async def likeness(self, probe: bytes, references: Sequence[bytes]) -> list[Likeness]:
        found = await self.match(probe, references)
        return [Likeness(position or FingerPosition.UNKNOWN, 1e-9 if position else 1.0) for position in found]

    async def shrink_picture(self, frame: CameraFrame, *, max_bytes: int) -> bytes:
        return b"\xff\xd8 hands"

    async def check_portrait(self, frame: CameraFrame) -> PortraitVerdict:
        self.fail_if_told()
        is_good = frame.rgb != bytes(12)
        checks = {"sharpness": is_good}
        return PortraitVerdict({"sharpness": 90}, checks, (), is_good, is_good)

    async def crop_portrait(self, frame: CameraFrame, *, max_bytes: int) -> PortraitVerdict:
        verdict = await self.check_portrait(frame)
        return PortraitVerdict(verdict.scores, verdict.passed, (), True, True, b"\xff\xd8 portrait")


class FakeCamera(Failing):
    name = DeviceName.CAMERA

    def __init__(self) -> None:
        super().__init__()
        self.sequence = 0
        #: What is written in the code of the paper before the camera, frame by frame; the last one stays.
        self.papers: list[str | None] = [None]
        self.rgb = b"\x80" * 12

    async def latest(self, *, after: int = -1) -> CameraFrame | None:
        await asyncio.sleep(0.001)
        self.fail_if_told()
        self.sequence += 1
        return CameraFrame(self.rgb, 2, 2, self.sequence)

    async def read_qr(self, *, after: int = -1) -> QrLook | None:
        frame = await self.latest(after=after)
        text = self.papers.pop(0) if len(self.papers) > 1 else self.papers[0]
        return None if frame is None else QrLook(frame, text)


class FakeFaces(Failing):
    """A face model that says what it was told to, frame by frame; the last word stays."""

    name = DeviceName.FACES
    model = FaceModelCard("tiny", "ab" * 32, 363, 1_000)

    def __init__(self, *said: FaceAdvice) -> None:
        super().__init__()
        self._said = list(said)
        self.compared: list[bytes] = []

    async def compare(self, frame: CameraFrame, portrait: bytes) -> FaceAdvice:
        await asyncio.sleep(0.001)
        self.fail_if_told()
        self.compared.append(portrait)
        return self._said.pop(0) if len(self._said) > 1 else self._said[0]


class FakeReceiptPrinter(Failing):
    name = DeviceName.RECEIPT_PRINTER

    def __init__(self) -> None:
        super().__init__()
        self.printed: list[bytes] = []

    async def print_picture(self, png: bytes) -> None:
        self.fail_if_told()
        self.printed.append(png)


class FakeCardPrinter(Failing):
    name = DeviceName.CARD_PRINTER

    def __init__(self) -> None:
        super().__init__()
        self.printed: list[str] = []

    async def print_face(self, card_number: str, can: str, document: bytes, profile: CardProfile) -> None:
        self.fail_if_told()
        self.printed.append(card_number)


class FakeArtist:
    """Keeps what should be drawn."""

    def __init__(self) -> None:
        self.slips: list[Slip] = []

    def draw_slip(self, slip: Slip, language: str) -> bytes:
        self.slips.append(slip)
        return b"\x89PNG slip"

    def draw_face(self, face: FacePrint) -> DrawnFace:
        return DrawnFace(document=b"%PDF- face", front_png=b"")
