"""What every Camera does. Runs on the simulator, and with SINGLE_WINDOW_TEST_CAMERA=0 on a real one."""

import os

import pytest

from enrolment.devices.opencv_camera import open_opencv_camera
from hardware_sim.camera import CameraSim
from hardware_sim.people import MOTHER
from tests.unit.hardware_sim_devices.waiting import eventually

REAL_SOURCE = os.environ.get("SINGLE_WINDOW_TEST_CAMERA")
FRESH_S = 1.0


@pytest.fixture(params=["simulated", *(["real"] if REAL_SOURCE else [])])
def source(request):
    if request.param == "real":
        yield int(REAL_SOURCE) if REAL_SOURCE.isdigit() else REAL_SOURCE
        return
    with CameraSim() as sim:
        sim.show(MOTHER.face)
        yield sim.url


def test_frames_are_whole_and_their_numbers_grow(source):
    with open_opencv_camera(source) as camera:
        first = eventually(lambda: camera.latest(FRESH_S))
        second = eventually(lambda: (frame := camera.latest(FRESH_S)) and frame.sequence > first.sequence and frame)
    for frame in (first, second):
        assert len(frame.rgb) == 3 * frame.width_px * frame.height_px


def test_the_same_frame_may_be_asked_for_twice(source):
    with open_opencv_camera(source) as camera:
        eventually(lambda: camera.latest(FRESH_S))
        assert camera.latest(FRESH_S) is not None


def test_a_closed_camera_gives_no_fresh_frame(source):
    camera = open_opencv_camera(source)
    eventually(lambda: camera.latest(FRESH_S))
    camera.close()
    assert camera.latest(-1.0) is None
