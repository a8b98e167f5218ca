"""The camera's process: keeps the newest frame, and opens the camera anew after a failure."""

from __future__ import annotations

from collections.abc import Mapping

from enrolment.devices.opencv_camera import open_opencv_camera
from enrolment.devices.ports import Camera, CameraError, CameraFrame
from kiosk.devices.frames import Value
from kiosk.devices.servants.settings_reading import Settings, text
from kiosk.devices.serving import Call, MethodUnknown

_POLL_S = 0.02


class CameraServant:
    """Answers ``check`` and ``latest`` (a frame newer than the sequence number given)."""

    def __init__(self, source: int | str) -> None:
        self._source = source
        self._camera: Camera | None = None

    def serve(self, method: str, args: Mapping[str, Value], call: Call) -> Value:
        try:
            return self._serve(method, args, call)
        except CameraError:
            self.close()
            raise

    def close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()

    def _serve(self, method: str, args: Mapping[str, Value], call: Call) -> Value:
        if self._camera is None:
            self._camera = open_opencv_camera(self._source)
        after, max_age_s = args.get("after", -1), args.get("max_age_s", 1.0)
        if method not in ("check", "latest") or not isinstance(after, int) or not isinstance(max_age_s, int | float):
            raise MethodUnknown(method)
        frame = self._await_frame(self._camera, after, float(max_age_s), call)
        if method == "check":
            return frame is not None
        return None if frame is None else _encode(frame)

    @staticmethod
    def _await_frame(camera: Camera, after: int, max_age_s: float, call: Call) -> CameraFrame | None:
        while call.is_wanted:
            frame = camera.latest(max_age_s)
            if frame is not None and frame.sequence > after:
                return frame
            call.pause(_POLL_S)
        return None


def _encode(frame: CameraFrame) -> dict[str, Value]:
    return {"rgb": frame.rgb, "width": frame.width_px, "height": frame.height_px, "sequence": frame.sequence}


def make(settings: Settings) -> CameraServant:
    """For the camera at ``source``: an address or a device number."""
    source = text(settings, "source")
    return CameraServant(int(source) if source.isdigit() else source)
