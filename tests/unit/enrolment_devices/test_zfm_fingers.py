"""Wet, dry, worn and partial fingers, grease on the glass and recordings, from the window to our own verdict."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from biometrics.extraction.pipeline import CLASSICAL_ENGINE, extract
from biometrics.extraction.result import CaptureHint, Extraction
from biometrics.images import GreyImage
from biometrics.matcher import compare
from biometrics.replay import SeenPictures
from biometrics.thresholds import FMR, decide
from domain.fingers import FingerPosition
from enrolment.devices.ports import FingerImage, SensorGarbage, SensorSameImage
from enrolment.devices.replay_guard import GuardedSensor
from enrolment.devices.zfm import FeatureRefusal, ZfmSensor, open_zfm
from hardware_sim.fingerprint_sensor import FingerprintSensorSim, Glass
from hardware_sim.fingerprint_sensor.instructions import Instruction
from hardware_sim.fingers.finger import Finger, FingerCondition
from hardware_sim.fingers.synthetic import SyntheticFingers

pytest.importorskip("pyfingerprint.pyfingerprint", reason="the optional extra 'zfm'")
THUMB = FingerPosition.RIGHT_THUMB
PEOPLE = range(1, 5)
MIDDLE_GREY = 128


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[FingerprintSensorSim]:
    with FingerprintSensorSim(tmp_path / "port", seed=3) as sensor:
        yield sensor


@pytest.fixture(scope="module")
def fingers(tmp_path_factory: pytest.TempPathFactory) -> SyntheticFingers:
    return SyntheticFingers(tmp_path_factory.mktemp("fingers"))


def grey(image: FingerImage) -> GreyImage:
    return np.frombuffer(image.pixels, np.uint8).reshape(image.height_px, image.width_px)


@dataclass(frozen=True)
class Seen:
    """A thumb as our extractor reads it behind the driver; ``likeness`` to the same thumb laid down well before."""

    found: Extraction
    dark_share: float
    likeness: float


def read(sensor: ZfmSensor) -> tuple[GreyImage, Extraction]:
    image = sensor.capture()
    assert image is not None
    return grey(image), extract(grey(image), dpi=image.dpi, position=THUMB, configuration=CLASSICAL_ENGINE)


def seen_as(sim: FingerprintSensorSim, fingers: SyntheticFingers, condition: FingerCondition) -> list[Seen]:
    """Thumbs of four people, laid down so."""
    seen = []
    with open_zfm(sim.path, is_read_twice=False) as sensor:
        for person in PEOPLE:
            sim.place(fingers.picture(Finger(person, THUMB), 1, FingerCondition.GOOD))
            _, enrolled = read(sensor)
            sim.place(fingers.picture(Finger(person, THUMB), 2, condition))
            picture, found = read(sensor)
            likeness = compare(enrolled.template, found.template)
            seen.append(Seen(found, float((picture < MIDDLE_GREY).mean()), likeness))
    return seen


def mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def test_dry_wet_worn_and_partial_fingers_show_as_such_behind_the_driver(
    sim: FingerprintSensorSim, fingers: SyntheticFingers
) -> None:
    good, dry, wet, worn, short = (
        seen_as(sim, fingers, FingerCondition(name)) for name in ("good", "dry", "wet", "worn", "short")
    )
    dark = {name: mean(each.dark_share for each in seen) for name, seen in (("good", good), ("dry", dry), ("wet", wet))}
    assert dark["dry"] < 0.7 * dark["good"] < dark["good"] < 0.9 * dark["wet"]
    likeness = mean(each.likeness for each in good)
    for spoilt in (dry, worn, short):
        assert mean(each.likeness for each in spoilt) < likeness
    for spoilt in (worn, short):
        assert mean(each.found.quality for each in spoilt) < mean(each.found.quality for each in good)
    assert all(CaptureHint.TOO_SMALL in each.found.hints for each in short)
    assert all(each.found.hints == (CaptureHint.GOOD,) for each in good)
    # Worn to the skin: not every visit ends at the first finger, and the ladder goes on.
    assert not all(decide(each.likeness, fmr=FMR.ONE_IN_10_000) for each in worn)
    assert all(decide(each.likeness, fmr=FMR.ONE_IN_10_000) for each in (*good, *dry, *wet))


def test_the_module_itself_refuses_what_holds_too_little_before_a_picture_is_fetched(
    sim: FingerprintSensorSim, fingers: SyntheticFingers
) -> None:
    picture = fingers.picture(Finger(1, THUMB), 1, FingerCondition.GOOD)
    with open_zfm(sim.path) as sensor:
        sim.place(bytes([255]) * (256 * 250) + picture[256 * 250 :])
        assert sensor.read_features() is FeatureRefusal.TOO_FEW_POINTS
        sim.place(picture)
        assert isinstance(sensor.read_features(), bytes)


def test_grease_of_the_last_finger_is_known_again_and_counts_as_nobodys_touch(
    sim: FingerprintSensorSim, fingers: SyntheticFingers
) -> None:
    seen = SeenPictures()
    with GuardedSensor(lambda: open_zfm(sim.path)) as sensor:
        sim.place(fingers.picture(Finger(1, THUMB), 1, FingerCondition.GOOD))
        touched = sensor.capture()
        assert touched is not None
        assert not seen.is_repeated(grey(touched))
        sim.lift()
        assert sensor.capture() is None
        sim.glass = Glass.LATENT
        left = sensor.capture()
        assert left is not None, "the guard of the driver knows bit for bit only, and grease is paler"
        assert seen.is_repeated(grey(left))
        sim.glass = Glass.CLEAN
        sim.place(fingers.picture(Finger(1, THUMB), 2, FingerCondition.GOOD))
        again = sensor.capture()
        assert again is not None
        assert not seen.is_repeated(grey(again)), "the same finger, laid down again"


def test_a_recording_behind_the_port_is_refused_by_the_driver(
    sim: FingerprintSensorSim, fingers: SyntheticFingers
) -> None:
    sim.place(fingers.picture(Finger(2, THUMB), 1, FingerCondition.GOOD))
    with GuardedSensor(lambda: open_zfm(sim.path)) as sensor:
        assert sensor.capture() is not None
        sim.glass = Glass.REPLAY
        sim.lift()
        with pytest.raises(SensorSameImage):
            sensor.capture()


@pytest.mark.parametrize("rows", [287, 289], ids=["a row short", "a row long"])
def test_a_module_with_another_window_gives_no_crooked_picture(sim: FingerprintSensorSim, rows: int) -> None:
    module = sim._module
    whole = bytes(range(256)) * 288

    def other_size(_: bytes) -> list[object]:
        return [*module._ack(0), *module._data((whole * 2)[: rows * 128])]  # type: ignore[arg-type]

    module._table[Instruction.IMAGE_TO_HOST] = other_size  # type: ignore[assignment]
    sim.place(whole)
    with open_zfm(sim.path) as sensor, pytest.raises(SensorGarbage, match="wrong size"):
        sensor.capture()


@pytest.mark.parametrize("code", range(4))
def test_every_packet_size_gives_the_same_picture(
    sim: FingerprintSensorSim, fingers: SyntheticFingers, code: int
) -> None:
    quiet = FingerprintSensorSim(sim.path.with_name("quiet"), is_noisy=False)
    with quiet, open_zfm(quiet.path) as sensor:
        quiet.place(fingers.picture(Finger(3, THUMB), 1, FingerCondition.GOOD))
        usual = sensor.capture()
        quiet._module._packet_size_code = code
        assert sensor.capture() == usual


def test_no_picture_touches_a_disk(
    sim: FingerprintSensorSim, fingers: SyntheticFingers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    monkeypatch.setattr(tempfile, "tempdir", str(empty))
    sim.place(fingers.picture(Finger(4, THUMB), 1, FingerCondition.GOOD))
    with open_zfm(sim.path) as sensor:
        assert sensor.capture() is not None
        assert isinstance(sensor.read_features(), bytes)
    assert list(empty.iterdir()) == []
