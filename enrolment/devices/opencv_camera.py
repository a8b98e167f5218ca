"""A camera read through OpenCV: a web camera by its number, or a stream by its address.

A reader that is slower than the camera falls ever further behind, and a stalled stream blocks a read for 30 s unless
time-outs are given at open. So a thread of its own reads all the time, keeps the newest frame only, and opens the
camera again when it is lost.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import cv2
import numpy as np
from numpy.typing import NDArray

from enrolment.devices.ports import Camera, CameraError, CameraFrame, CameraSilent, CameraUnplugged

MAX_PIXELS = 4_000_000
PROBE_TIMEOUT_S = 0.5

Pixels = NDArray[np.uint8]


def open_opencv_camera(
    source: int | str, *, open_timeout_s: float = 2.0, read_timeout_s: float = 1.5, reopen_after_s: float = 0.5
) -> Camera:
    """A camera that starts at once and keeps trying; it never fails here, but in ``latest``. Must be closed."""
    # Each lost connection would fill the log otherwise; what matters is raised by ``latest``.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return _OpenCvCamera(source, open_timeout_s, read_timeout_s, reopen_after_s)


class _OpenCvCamera:
    """A Camera over cv2.VideoCapture."""

    def __init__(self, source: int | str, open_timeout_s: float, read_timeout_s: float, reopen_after_s: float) -> None:
        self._source = source
        self._time_outs = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            round(open_timeout_s * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            round(read_timeout_s * 1000),
        ]
        self._reopen_after_s = reopen_after_s
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._newest: tuple[Pixels, int, float] | None = None
        self._sequence = 0
        self._trouble: type[CameraError] | None = None
        self._thread = threading.Thread(target=self._grab, daemon=True)
        self._thread.start()

    def latest(self, max_age_s: float) -> CameraFrame | None:
        with self._lock:
            newest, trouble = self._newest, self._trouble
        if newest is not None and time.monotonic() - newest[2] <= max_age_s:
            pixels, sequence, _ = newest
            rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
            return CameraFrame(rgb.tobytes(), pixels.shape[1], pixels.shape[0], sequence)
        if trouble is not None:
            raise trouble("no picture from the camera")
        return None

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _grab(self) -> None:
        while not self._closing.is_set():
            capture = self._open()
            if capture.isOpened():
                self._read_until_lost(capture)
            else:
                self._set_trouble(self._why_not_open())
            capture.release()
            self._closing.wait(self._reopen_after_s)

    def _open(self) -> cv2.VideoCapture:
        if isinstance(self._source, int):
            return cv2.VideoCapture(self._source, cv2.CAP_V4L2)  # this backend knows no time-outs at open
        return cv2.VideoCapture(self._source, cv2.CAP_FFMPEG, self._time_outs)

    def _read_until_lost(self, capture: cv2.VideoCapture) -> None:
        while not self._closing.is_set():
            is_read, pixels = capture.read()
            if not is_read:
                self._set_trouble(CameraSilent)
                return
            if pixels.shape[0] * pixels.shape[1] <= MAX_PIXELS:
                self._keep(np.asarray(pixels, dtype=np.uint8))

    def _keep(self, pixels: Pixels) -> None:
        with self._lock:
            self._sequence += 1
            self._newest = (pixels, self._sequence, time.monotonic())
            self._trouble = None

    def _set_trouble(self, trouble: type[CameraError]) -> None:
        with self._lock:
            self._trouble = trouble

    def _why_not_open(self) -> type[CameraError]:
        """Unplugged when nobody answers at all; silent when somebody does and sends no picture."""
        if isinstance(self._source, int):
            return CameraUnplugged
        address = urlsplit(self._source)
        try:
            with socket.create_connection((address.hostname or "", address.port or 80), PROBE_TIMEOUT_S):
                return CameraSilent
        except OSError:
            return CameraUnplugged
