import socket
from urllib.parse import urlsplit

import cv2
import httpx
import numpy as np
import pytest

from hardware_sim.camera import CameraSim
from hardware_sim.faults import CameraFault
from hardware_sim.people import FATHER, MOTHER


@pytest.fixture
def camera():
    with CameraSim() as sim:
        yield sim


def still(camera):
    answer = httpx.get(camera.still_url)
    assert answer.status_code == 200
    return cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)


def first_bytes(camera, count):
    address = urlsplit(camera.url)
    with socket.create_connection((address.hostname, address.port), 5) as viewer:
        viewer.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: here\r\n\r\n")
        viewer.settimeout(5)
        data = b""
        while len(data) < count and (part := viewer.recv(65536)):
            data += part
        return data


def test_the_stream_is_a_row_of_jpeg_pictures(camera):
    data = first_bytes(camera, 200_000)
    assert b"multipart/x-mixed-replace" in data
    assert data.count(b"--picture\r\nContent-Type: image/jpeg") >= 2


def test_whoever_sits_there_is_seen(camera):
    wall = still(camera)
    camera.show(MOTHER.face)
    mother = still(camera)
    camera.show(FATHER.face)
    assert np.abs(wall.astype(int) - mother).mean() > 10
    assert np.abs(still(camera).astype(int) - mother).mean() > 5
    camera.show(None)
    assert (still(camera) == wall).all()


def test_each_picture_fault_shows(camera):
    camera.show(MOTHER.face)
    good = still(camera).astype(int)
    sharpness = cv2.Laplacian(good.astype(np.uint8), cv2.CV_64F).var()
    camera.faults.set(CameraFault.BLACK)
    assert still(camera).max() < 8
    camera.faults.set(CameraFault.DARK)
    assert still(camera).mean() < 0.2 * good.mean()
    camera.faults.set(CameraFault.BLURRED)
    assert cv2.Laplacian(still(camera), cv2.CV_64F).var() < 0.2 * sharpness
    camera.faults.set(CameraFault.NOBODY)
    assert np.abs(still(camera) - good).mean() > 10
    camera.faults.set(CameraFault.TWO_FACES)
    assert np.abs(still(camera) - good).mean() > 10


def test_a_camera_that_drops_connections_sends_nothing(camera):
    camera.faults.set(CameraFault.DROPPED)
    assert first_bytes(camera, 1) == b""


def test_an_unplugged_camera_refuses_and_comes_back_at_the_same_address(camera):
    url = camera.url
    camera.unplug()
    with pytest.raises(ConnectionRefusedError):
        first_bytes(camera, 1)
    camera.replug()
    assert camera.url == url
    assert len(first_bytes(camera, 1000)) >= 1000


def test_other_paths_are_not_found(camera):
    assert httpx.get(camera.url.replace("stream.mjpg", "else")).status_code == 404
