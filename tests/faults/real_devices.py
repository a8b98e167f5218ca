"""Real device processes on simulated devices, put into the flows' hands, and people who mend what is broken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from domain.fingers import FingerPosition
from enrolment.devices.ports import CameraFrame, FingerImage
from kiosk.devices.failure import DeviceName
from kiosk.devices.ports import FingerReading, PortraitVerdict
from kiosk.devices.worker import Worker, WorkerPlan
from kiosk.screen_models.base import Screen
from kiosk.screen_models.general import Mood, Notice, PictureView
from kiosk.screen_models.people import PortraitCapture
from kiosk.ui import Answer
from tests.faults.people_at_desk import AtDesk
from tests.faults.story import ShakyDesk, fresh_home, open_desk
from tests.faults.ticking import Ticking
from tests.flows.fake_devices import FakeBiometrics

_SERVANTS = "kiosk.devices.servants"
#: Beyond every deadline in these stories, on a machine that is busy with other things.
_STORY_S = 100.0


class AnyFinger(FakeBiometrics):
    """Whatever came over the line is the holder's finger, and a good photograph."""

    async def extract(self, image: FingerImage, position: FingerPosition) -> FingerReading:
        return FingerReading(b"FMR\x00 holder", 80, ())

    async def check_portrait(self, frame: CameraFrame) -> PortraitVerdict:
        return PortraitVerdict({"sharpness": 90}, {"sharpness": True}, (), True, True)


class Mender(AtDesk):
    """Mends the device when the screen names it, then tries again; measures how long the screen took to say so."""

    def __init__(self, desk: ShakyDesk, answers: Callable[[Screen], Answer | None], mend: Callable[[], None]) -> None:
        self.desk = desk
        self.seen = []
        self.questions = 0
        self._answers = answers
        self._mend = mend
        self._began_s = time.monotonic()
        self.told_after_s: list[float] = []

    def look_at(self, screen: Screen) -> None:
        """Eyes only."""

    async def put_card_in(self) -> None:
        """The card is in."""

    async def decide(self, screen: Screen) -> Answer:
        is_reprint = isinstance(screen, PictureView) and any(action.id == "retry" for action in screen.actions)
        if is_reprint or (isinstance(screen, Notice) and screen.mood is Mood.PROBLEM):
            assert screen.title.key == "device.failed" or is_reprint, screen
            assert {"retry"} < {action.id for action in screen.actions}, "a way on, and another"
            self.told_after_s.append(time.monotonic() - self._began_s)
            self._mend()
            return Answer("retry")
        answer = self._answers(screen)
        assert answer is not None, screen
        return answer


def uses_the_photograph(screen: Screen) -> Answer | None:
    return Answer("use") if isinstance(screen, PortraitCapture) else None


class Workers:
    """The device processes of one story."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []

    def make(self, device: DeviceName, servant: str, **settings: str | int) -> Worker:
        worker = Worker(WorkerPlan(device, f"{_SERVANTS}.{servant}:make", settings))
        worker.start()
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        for worker in self._workers:
            worker.close()


@asynccontextmanager
async def desk_with_workers() -> AsyncIterator[tuple[ShakyDesk, Workers, Ticking]]:
    workers = Workers()
    with fresh_home() as home:
        async with open_desk(home) as desk, Ticking() as ticking:
            try:
                yield desk, workers, ticking
            finally:
                workers.close()


def tell(story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await asyncio.wait_for(story(), _STORY_S)

    asyncio.run(run())


def slowest(times_s: Sequence[float]) -> str:
    return f"{max(times_s):.1f} s" if times_s else "never"


def folder(home: Path, name: str) -> Path:
    made = home / name
    made.mkdir(parents=True, exist_ok=True)
    return made
