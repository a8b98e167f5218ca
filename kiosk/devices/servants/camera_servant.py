"""The camera's process: looks only while somebody wants a picture, and keeps trying while the camera warms up."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from enrolment.devices.opencv_camera import open_opencv_camera
from enrolment.devices.ports import Camera, CameraError, CameraFrame
from kiosk.devices.frames import Value
from kiosk.devices.servants.qr_decoding import decode_qr
from kiosk.devices.servants.settings_reading import Settings, text
from kiosk.devices.serving import Call, MethodUnknown

_POLL_S = 0.02
#: A camera just switched on may be silent for so long.
_WARM_UP_S = 10.0
#: A warm camera that gave nothing for so long has failed; the driver has tried to reach it again by then.
_STALL_S = 4.0
#: Nobody asked for a picture for so long: the camera is switched off.
_IDLE_S = 15.0
_METHODS = ("check", "latest", "read_qr")


class CameraServant:
    """Answers ``check``, ``latest`` (a frame newer than the sequence number given) and ``read_qr`` (with its code)."""

    def __init__(self, source: int | str) -> None:
        self._source = source
        self._turn = threading.Lock()
        self._camera: Camera | None = None
        #: Until when silence is forgiven (``time.monotonic``).
        self._patient_until_s = 0.0
        self._newest = 0
        self._idle: threading.Timer | None = None

    def serve(self, method: str, args: Mapping[str, Value], call: Call) -> Value:
        after, max_age_s = args.get("after", -1), args.get("max_age_s", 1.0)
        if method not in _METHODS or not isinstance(after, int) or not isinstance(max_age_s, int | float):
            raise MethodUnknown(method)
        with self._turn:
            frame = self._await_frame(self._opened(), after, float(max_age_s), call)
        self._switch_off_later()
        if method == "check":
            return frame is not None
        if frame is None:
            return None
        return {**_encode(frame), "qr": decode_qr(frame)} if method == "read_qr" else _encode(frame)

    def close(self) -> None:
        with self._turn:
            camera, self._camera = self._camera, None
            if camera is not None:
                camera.close()

    def _opened(self) -> Camera:
        if self._idle is not None:
            self._idle.cancel()
        if self._camera is None:
            self._camera = open_opencv_camera(self._source)
            self._patient_until_s = time.monotonic() + _WARM_UP_S
        return self._camera

    def _await_frame(self, camera: Camera, after: int, max_age_s: float, call: Call) -> CameraFrame | None:
        while call.is_wanted:
            try:
                frame = camera.latest(max_age_s)
            except CameraError:
                # The driver opens the camera again by itself, so a short silence is no failure.
                if time.monotonic() > self._patient_until_s:
                    # Whoever tries again has perhaps just plugged it in: the driver is given time to find it.
                    self._patient_until_s = time.monotonic() + _STALL_S
                    raise
                frame = None
            if frame is not None:
                self._note(frame.sequence)
                if frame.sequence > after:
                    return frame
            call.pause(_POLL_S)
        return None

    def _note(self, sequence: int) -> None:
        """A picture came: from now on silence is forgiven for less long than at the start."""
        if sequence != self._newest:
            self._newest = sequence
            self._patient_until_s = time.monotonic() + _STALL_S

    def _switch_off_later(self) -> None:
        self._idle = threading.Timer(_IDLE_S, self.close)
        self._idle.daemon = True
        self._idle.start()


def _encode(frame: CameraFrame) -> dict[str, Value]:
    return {"rgb": frame.rgb, "width": frame.width_px, "height": frame.height_px, "sequence": frame.sequence}


def make(settings: Settings) -> CameraServant:
    """For the camera at ``source``: an address or a device number."""
    source = text(settings, "source")
    return CameraServant(int(source) if source.isdigit() else source)
