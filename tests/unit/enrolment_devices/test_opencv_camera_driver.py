"""The camera driver against the simulated camera: row F-16 of the fault catalogue."""

import pytest

from enrolment.devices.opencv_camera import open_opencv_camera
from enrolment.devices.ports import CameraFrame, CameraSilent, CameraUnplugged
from hardware_sim.camera import CameraSim
from hardware_sim.faults import CameraFault
from hardware_sim.people import MOTHER
from tests.unit.hardware_sim_devices.waiting import eventually

FRESH_S = 1.0
STALL_S = 0.3


@pytest.fixture
def sim():
    with CameraSim() as camera:
        camera.show(MOTHER.face)
        camera.jpeg(0)
        yield camera


@pytest.fixture
def camera(sim):
    with open_opencv_camera(sim.url, read_timeout_s=STALL_S, reopen_after_s=0.05) as opened:
        eventually(lambda: opened.latest(FRESH_S))
        yield opened


def error_of(camera, max_age_s=0.0):
    try:
        camera.latest(max_age_s)
    except (CameraSilent, CameraUnplugged) as error:
        return type(error)
    return None


def test_frames_come_in_order_and_in_colour(camera):
    first = eventually(lambda: camera.latest(FRESH_S))
    later = eventually(lambda: (frame := camera.latest(FRESH_S)) and frame.sequence > first.sequence and frame)
    assert (later.width_px, later.height_px) == (960, 720)
    middle = 3 * (180 * later.width_px + later.width_px // 2)
    red, green, blue = later.rgb[middle : middle + 3]
    assert red > green, "skin, not the wall: red comes first"
    assert red > blue


def test_a_frame_that_is_too_old_is_none_while_the_camera_runs(camera):
    assert camera.latest(-1.0) is None


@pytest.mark.parametrize("fault", [CameraFault.STALLED, CameraFault.DROPPED])
def test_a_camera_that_stops_is_silent_and_recovers_by_itself(sim, camera, fault):
    sim.faults.set(fault)
    assert eventually(lambda: error_of(camera)) is CameraSilent
    sim.faults.clear()
    eventually(lambda: error_of(camera) is None and camera.latest(FRESH_S))


def test_an_unplugged_camera_is_told_from_a_silent_one_and_recovers(sim, camera):
    sim.unplug()
    eventually(lambda: error_of(camera) is CameraUnplugged)
    sim.replug()
    eventually(lambda: error_of(camera) is None and camera.latest(FRESH_S))


def test_a_wrong_length_in_the_stream_yields_whole_frames_or_none(sim, camera):
    sim.faults.set(CameraFault.WRONG_LENGTH)
    start = camera.latest(FRESH_S)

    def newer():
        frame = camera.latest(FRESH_S)
        return frame if frame is not None and frame.sequence > start.sequence else None

    frame = eventually(lambda: error_of(camera) or newer())
    assert frame is CameraSilent or len(frame.rgb) == 3 * frame.width_px * frame.height_px


def test_a_camera_that_was_never_there_is_unplugged():
    with CameraSim() as gone:
        url = gone.url
    with open_opencv_camera(url, reopen_after_s=0.05) as camera:
        assert eventually(lambda: error_of(camera)) is CameraUnplugged


def test_closing_twice_is_allowed(sim):
    camera = open_opencv_camera(sim.url)
    camera.close()
    camera.close()


def test_a_frame_says_nothing_of_its_content():
    assert "rgb" not in repr(CameraFrame(bytes(12), 2, 2, 1))
