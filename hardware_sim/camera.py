"""A network camera: the chosen person before a plain wall, as a stream of JPEG pictures over HTTP."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware_sim.faces import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, FaceTraits, draw_portrait, draw_wall
from hardware_sim.faults import CameraFault, FaultSwitch
from hardware_sim.loopback_server import LOOPBACK, LoopbackServer

STREAM_PATH = "/stream.mjpg"
STILL_PATH = "/still.jpg"
BOUNDARY = "picture"
FRAME_INTERVAL_S = 1 / 12
SLOW_INTERVAL_S = 0.5
SWAY_STEPS = 24
SWAY_PX = 3.0
JPEG_QUALITY = 88
DARKNESS = 0.10
BLUR_PX = 11.0
WRONG_LENGTH_FACTOR = 3

Picture = NDArray[np.uint8]
Scene = tuple[FaceTraits | None, CameraFault]


class CameraSim:
    """A camera at ``url``. ``show`` seats somebody before it; ``faults`` spoil it; it can be unplugged."""

    def __init__(self) -> None:
        self.faults = FaultSwitch(CameraFault.NONE)
        self._face: FaceTraits | None = None
        self._bystander = FaceTraits(seed=7, age_years=45)
        self._drawn: dict[FaceTraits | None, Picture] = {}
        self._film: dict[Scene, list[bytes]] = {}
        self._film_lock = threading.Lock()
        self._server: _Server | None = None
        self._port = 0
        self.replug()

    @property
    def url(self) -> str:
        """Where the stream is."""
        return f"http://{LOOPBACK}:{self._port}{STREAM_PATH}"

    @property
    def still_url(self) -> str:
        """Where a single picture is."""
        return f"http://{LOOPBACK}:{self._port}{STILL_PATH}"

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in."""
        return self._server is not None

    def show(self, face: FaceTraits | None) -> None:
        """Seat somebody before the camera, or nobody."""
        self._face = face

    def unplug(self) -> None:
        """Pull the cable: connections break and new ones are refused."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def replug(self) -> None:
        """Put the cable back; the address stays the same."""
        self.unplug()
        self._server = _Server(self, self._port)
        self._port = self._server.port

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def jpeg(self, step: int) -> bytes:
        """The picture at that moment, as it leaves the camera."""
        scene = (self._face, self.faults.now)
        with self._film_lock:
            if scene not in self._film:
                self._film = {scene: self._film_scene(*scene)}
            pictures = self._film[scene]
        return pictures[step % len(pictures)]

    def _film_scene(self, face: FaceTraits | None, fault: CameraFault) -> list[bytes]:
        picture = self._compose(face, fault)
        if fault is CameraFault.BLACK:
            picture = np.zeros_like(picture)
        elif fault is CameraFault.DARK:
            picture = np.asarray(picture * DARKNESS, dtype=np.uint8)
        elif fault is CameraFault.BLURRED:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), BLUR_PX), dtype=np.uint8)
        return [_encode(_sway(picture, step)) for step in range(SWAY_STEPS)]

    def _compose(self, face: FaceTraits | None, fault: CameraFault) -> Picture:
        if fault is CameraFault.NOBODY:
            return self._draw(None)
        if fault is CameraFault.TWO_FACES:
            quarter = FRAME_WIDTH_PX // 4
            middle = slice(quarter, 3 * quarter)
            return np.hstack([self._draw(face)[:, middle], self._draw(self._bystander)[:, middle]])
        return self._draw(face)

    def _draw(self, face: FaceTraits | None) -> Picture:
        if face not in self._drawn:
            self._drawn[face] = draw_wall() if face is None else draw_portrait(face)
        return self._drawn[face]


def _sway(picture: Picture, step: int) -> Picture:
    """Nobody sits quite still."""
    phase = 2 * np.pi * step / SWAY_STEPS
    shift = np.array([[1, 0, SWAY_PX * np.sin(phase)], [0, 1, 0.5 * SWAY_PX * np.sin(2 * phase)]])
    size = (FRAME_WIDTH_PX, FRAME_HEIGHT_PX)
    return np.asarray(cv2.warpAffine(picture, shift, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _encode(picture: Picture) -> bytes:
    blue_first = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


class _Server(LoopbackServer):
    """The listening half."""

    def __init__(self, camera: CameraSim, port: int) -> None:
        self.camera = camera
        super().__init__(port, _Handler)


class _Handler(BaseHTTPRequestHandler):
    """One viewer."""

    server: _Server

    def do_GET(self) -> None:
        with contextlib.suppress(OSError):
            if self.path.split("?")[0] == STILL_PATH:
                self._send_still()
            elif self.path == STREAM_PATH:
                self._send_stream()
            else:
                self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: who looked when is not for a log."""

    def _send_still(self) -> None:
        picture = self.server.camera.jpeg(0)
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(picture)))
        self.end_headers()
        self.wfile.write(picture)

    def _send_stream(self) -> None:
        camera, stopping = self.server.camera, self.server.stopping
        if camera.faults.now is CameraFault.DROPPED:
            return
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        step = 0
        while not stopping.is_set():
            fault = _fault_now(camera)
            if fault is CameraFault.DROPPED:
                return
            if fault is not CameraFault.STALLED:
                self._send_part(camera.jpeg(step), fault)
                step += 1
            stopping.wait(SLOW_INTERVAL_S if fault is CameraFault.SLOW else FRAME_INTERVAL_S)

    def _send_part(self, picture: bytes, fault: CameraFault) -> None:
        length = len(picture) * (WRONG_LENGTH_FACTOR if fault is CameraFault.WRONG_LENGTH else 1)
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n"
        self.wfile.write(head.encode() + picture + b"\r\n")


def _fault_now(camera: CameraSim) -> CameraFault:
    return camera.faults.now
