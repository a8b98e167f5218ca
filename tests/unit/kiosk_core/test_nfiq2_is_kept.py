"""An NFIQ 2 value that somebody else computed stays with the finger: a scanner's record, or an outside tool."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from biometrics.iso19794 import decode_record
from domain.fingers import FingerPosition
from enrolment.devices.ports import FingerImage
from enrolment.devices.sbi.sbi_sensor import open_sbi
from enrolment.devices.sbi.vocabulary import Environment
from hardware_sim.fingers.finger import Finger, FingerCondition
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.sbi_device import SbiDeviceSim
from kiosk.devices.desk_devices import plan_workers
from kiosk.devices.failure import DeviceName
from kiosk.devices.servants.biometrics_servant import BiometricsServant
from kiosk.devices.servants.fingerprint_servant import FingerprintServant
from kiosk.devices.servants.outside_nfiq2 import OutsideNfiq2
from kiosk.devices.serving import Call
from kiosk.settings import DeskPlan
from tests.unit.enrolment_devices.test_finger_servants import DESK

THUMB = FingerPosition.RIGHT_THUMB
#: Stands in for the tool: opens the picture as the tool would, and answers with a figure made of what it saw.
TOOL = """
import sys
from PIL import Image
with Image.open(sys.argv[-1]) as picture:
    picture.load()
    assert picture.format == "PNG" and picture.mode == "L", picture
    print(picture.width // 8 + round(picture.info["dpi"][0]) // 100)
"""


def command(folder: Path, programme: str = TOOL) -> str:
    path = folder / "tool.py"
    path.write_text(programme)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))} -F"


@pytest.fixture(scope="module")
def thumb(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    fingers = SyntheticFingers(tmp_path_factory.mktemp("fingers"))
    return fingers.picture(Finger(1, THUMB), 1, FingerCondition.GOOD)


@pytest.fixture
def scanner(thumb: bytes) -> Iterator[SbiDeviceSim]:
    with SbiDeviceSim() as sim:
        sim.place(thumb)
        yield sim


def kept(pixels: bytes, outside: OutsideNfiq2 | None = None, **told: int) -> int | None:
    """What stands in the template's record."""
    args = {"pixels": pixels, "width": 256, "height": 288, "dpi": 500, "position": int(THUMB), **told}
    answer = BiometricsServant(outside).serve("extract", args, Call(60))  # type: ignore[arg-type]
    assert isinstance(answer, dict)
    record = answer["template"]
    assert isinstance(record, bytes)
    return decode_record(record)[0].nfiq2


def test_the_value_in_a_certified_scanners_record_comes_with_the_picture_and_stays_in_the_template(
    scanner: SbiDeviceSim, thumb: bytes, tmp_path: Path
) -> None:
    scanner.place(thumb, nfiq2=61)
    trust = scanner.write_trust(tmp_path / "anchors.pem")
    servant = FingerprintServant(lambda: open_sbi(trust, environment=Environment.DEVELOPER, ports=[scanner.port]))
    picture = servant.serve("capture", {}, Call(20))
    assert isinstance(picture, dict)
    assert (picture["pixels"], picture["nfiq2"]) == (thumb, 61)
    assert kept(thumb, nfiq2=61) == 61


def test_an_outside_tool_is_asked_where_the_desk_has_one(thumb: bytes, tmp_path: Path) -> None:
    assert kept(thumb, OutsideNfiq2(command(tmp_path))) == 256 // 8 + 5
    assert kept(thumb, OutsideNfiq2(command(tmp_path)), nfiq2=61) == 61, "the scanner's own word goes first"


def test_without_a_tool_nothing_stands_in_for_the_value(thumb: bytes) -> None:
    assert kept(thumb) is None


@pytest.mark.parametrize(
    "programme",
    ["print(101)", "print(-1)", "print('NA')", "print(40, 50)", "print(40); raise SystemExit(3)", ""],
)
def test_what_is_no_value_is_not_kept(thumb: bytes, tmp_path: Path, programme: str) -> None:
    image = np.frombuffer(thumb, np.uint8).reshape(288, 256)
    assert OutsideNfiq2(command(tmp_path, programme)).measure(image, 500) is None


def test_a_tool_that_hangs_or_is_missing_holds_nobody_up(thumb: bytes, tmp_path: Path) -> None:
    image = np.frombuffer(thumb, np.uint8).reshape(288, 256)
    began = time.monotonic()
    hanging = OutsideNfiq2(command(tmp_path, "import time; time.sleep(60)"), deadline_s=0.5)
    assert hanging.measure(image, 500) is None
    assert time.monotonic() - began < 10
    assert OutsideNfiq2("/nowhere/nfiq2").measure(image, 500) is None
    assert OutsideNfiq2('"unclosed').measure(image, 500) is None


def test_the_desks_file_names_the_tool() -> None:
    said = {**DESK, "nfiq2_command": "nfiq2 -F"}
    plans = {plan.device: plan.settings for plan in plan_workers(DeskPlan.model_validate(said))}
    assert plans[DeviceName.BIOMETRICS] == {"nfiq2_command": "nfiq2 -F"}
    usual = {plan.device: plan.settings for plan in plan_workers(DeskPlan.model_validate(DESK))}
    assert usual[DeviceName.BIOMETRICS] == {}


def test_a_picture_with_a_value_is_the_same_picture() -> None:
    assert FingerImage(b"\0", 1, 1, 500).nfiq2 is None
    assert "61" in repr(FingerImage(b"\0", 1, 1, 500, 61))
