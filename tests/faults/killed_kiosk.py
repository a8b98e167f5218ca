"""The headless kiosk that crash tests kill: ``python -m tests.faults.killed_kiosk HOME DESK_FILE PILOT_SOCKET``.

All of it is the real kiosk with its device processes, but the recognition of fingers and faces: nothing is kept by
that process, and loading it would take most of the time of a restart.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from domain.fingers import FingerPosition
from enrolment.devices.ports import CameraFrame, FingerImage
from kiosk.core import KioskCore
from kiosk.devices.desk_devices import make_devices
from kiosk.devices.failure import DeviceName
from kiosk.devices.ports import FingerReading, PortraitVerdict
from kiosk.headless import run_headless
from kiosk.printing.artist import PrintArtist
from kiosk.settings import read_desk_plan
from kiosk.store.kiosk_store import KioskStore, open_database
from kiosk.ui import Ui
from tests.faults.townspeople import InkedFingers

#: Each of the town's people has a grey of their own on the sensor; the module knows 16.
GREY_OF = {"officer": 0x33, "mother": 0x77}
_NAME_OF = {grey: name for name, grey in GREY_OF.items()}


class GreyFingers(InkedFingers):
    """InkedFingers whose pictures come over the sensor's line."""

    async def extract(self, image: FingerImage, position: FingerPosition) -> FingerReading:
        name = _NAME_OF.get(image.pixels[0])
        if name is None:
            return FingerReading(b"", 0, ("capture.hint.press_harder",))
        return await super().extract(FingerImage(name.encode(), len(name), 1, image.dpi), position)

    async def check_portrait(self, frame: CameraFrame) -> PortraitVerdict:
        return PortraitVerdict({"sharpness": 90}, {"sharpness": True}, (), True, True)


def main(arguments: Sequence[str]) -> None:
    home, desk_file, pilot = (Path(each) for each in arguments)

    async def run(ui: Ui) -> None:
        desk = read_desk_plan(desk_file)
        made = make_devices(desk)
        workers = tuple(worker for worker in made.workers if worker.device is not DeviceName.BIOMETRICS)
        devices = replace(made, biometrics=GreyFingers(), workers=workers)  # type: ignore[arg-type]
        core = KioskCore(home, KioskStore(open_database(home)), devices, desk, PrintArtist())
        core.start()
        try:
            await core.run(ui)
        finally:
            await core.close()

    run_headless(run, pilot_socket=pilot)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(None)
    main(sys.argv[1:])
