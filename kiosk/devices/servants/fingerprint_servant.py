"""The fingerprint sensor's process. Opens the sensor at the first call, and anew after every failure."""

from __future__ import annotations

from collections.abc import Mapping

from enrolment.devices.ports import FingerprintSensor, SensorError
from enrolment.devices.zfm import open_zfm
from kiosk.devices.frames import Value
from kiosk.devices.servants.settings_reading import Settings, number, text
from kiosk.devices.serving import Call, MethodUnknown

_POLL_S = 0.05


class FingerprintServant:
    """Answers ``check``, ``wait_for_finger``, ``wait_for_no_finger`` and ``capture``."""

    def __init__(self, port: str, baud: int) -> None:
        self._port = port
        self._baud = baud
        self._sensor: FingerprintSensor | None = None

    def serve(self, method: str, _args: Mapping[str, Value], call: Call) -> Value:
        try:
            return self._serve(self._opened(), method, call)
        except SensorError:
            # After a failure nothing on the line can be trusted; a plugged-in-again sensor is another port.
            self.close()
            raise

    def close(self) -> None:
        sensor, self._sensor = self._sensor, None
        if sensor is not None:
            sensor.close()

    def _serve(self, sensor: FingerprintSensor, method: str, call: Call) -> Value:
        if method == "check":
            sensor.finger_present()
            return True
        if method == "wait_for_finger":
            return _wait(sensor, call, wanted=True)
        if method == "wait_for_no_finger":
            return _wait(sensor, call, wanted=False)
        if method == "capture":
            image = sensor.capture()
            if image is None:
                return None
            return {"pixels": image.pixels, "width": image.width_px, "height": image.height_px, "dpi": image.dpi}
        raise MethodUnknown(method)

    def _opened(self) -> FingerprintSensor:
        if self._sensor is None:
            self._sensor = open_zfm(self._port, baud=self._baud)
        return self._sensor


def _wait(sensor: FingerprintSensor, call: Call, *, wanted: bool) -> bool:
    while call.is_wanted:
        if sensor.finger_present() is wanted:
            return True
        call.pause(_POLL_S)
    return False


def make(settings: Settings) -> FingerprintServant:
    """For the sensor at ``port``."""
    return FingerprintServant(text(settings, "port"), number(settings, "baud", 57600))
