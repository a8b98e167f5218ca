"""The fingerprint sensor's process. Opens the sensor at the first call, and anew after every failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from enrolment.devices.ports import FingerprintSensor, SensorError, SensorSameImage
from enrolment.devices.replay_guard import GuardedSensor
from enrolment.devices.zfm import open_zfm
from kiosk.devices.frames import Value
from kiosk.devices.servants.settings_reading import Settings, number, text
from kiosk.devices.serving import Call, MethodUnknown

_POLL_S = 0.05


class FingerprintServant:
    """Answers ``check``, ``wait_for_finger``, ``wait_for_no_finger`` and ``capture``, for any kind of sensor.

    ``capture`` never gives one picture twice: SensorSameImage instead.
    """

    def __init__(self, open_sensor: Callable[[], FingerprintSensor]) -> None:
        self._sensor = GuardedSensor(open_sensor)

    def serve(self, method: str, _args: Mapping[str, Value], call: Call) -> Value:
        try:
            return self._serve(method, call)
        except SensorSameImage:
            raise
        except SensorError:
            # After a failure nothing on the line can be trusted; a plugged-in-again sensor is another port.
            self.close()
            raise

    def close(self) -> None:
        self._sensor.let_go()

    def _serve(self, method: str, call: Call) -> Value:
        if method == "check":
            self._sensor.finger_present()
            return True
        if method == "wait_for_finger":
            return _wait(self._sensor, call, wanted=True)
        if method == "wait_for_no_finger":
            return _wait(self._sensor, call, wanted=False)
        if method == "capture":
            image = self._sensor.capture()
            if image is None:
                return None
            return {
                "pixels": image.pixels,
                "width": image.width_px,
                "height": image.height_px,
                "dpi": image.dpi,
                "sensor": None if image.sensor is None else image.sensor.model_dump(),
            }
        raise MethodUnknown(method)


def _wait(sensor: FingerprintSensor, call: Call, *, wanted: bool) -> bool:
    while call.is_wanted:
        if sensor.finger_present() is wanted:
            return True
        call.pause(_POLL_S)
    return False


def make(settings: Settings) -> FingerprintServant:
    """For the ZFM-20 at ``port``; ``baud`` is the speed it has from the factory."""
    port, baud = text(settings, "port"), number(settings, "baud", 57600)
    return FingerprintServant(lambda: open_zfm(port, baud=baud))
