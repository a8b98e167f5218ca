"""The fingerprint sensor's process. Opens the sensor at the first call, and anew after every failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.fingers import FingerPosition
from enrolment.devices.ports import FingerprintSensor, SensorError, SensorOtherFinger, SensorSameImage
from enrolment.devices.replay_guard import GuardedSensor
from enrolment.devices.zfm import open_zfm
from kiosk.devices.frames import Value
from kiosk.devices.servants.settings_reading import Settings, number, text
from kiosk.devices.serving import Call, MethodUnknown

_POLL_S = 0.05
_POSITIONS = frozenset(int(position) for position in FingerPosition)


class FingerprintServant:
    """Answers ``check``, ``wait_for_finger``, ``wait_for_no_finger`` and ``capture``, for any kind of sensor.

    ``expected`` with ``wait_for_finger`` and ``capture`` is the finger asked for. ``capture`` never gives one picture
    twice: SensorSameImage instead.
    """

    def __init__(self, open_sensor: Callable[[], FingerprintSensor]) -> None:
        self._sensor = GuardedSensor(open_sensor)

    def serve(self, method: str, args: Mapping[str, Value], call: Call) -> Value:
        try:
            return self._serve(method, args, call)
        except SensorSameImage:
            raise
        except SensorError:
            # After a failure nothing on the line can be trusted; a plugged-in-again sensor is another port.
            self.close()
            raise

    def close(self) -> None:
        self._sensor.let_go()

    def _serve(self, method: str, args: Mapping[str, Value], call: Call) -> Value:
        if "expected" in args:
            self._sensor.expect(_position(args["expected"]))
        if method == "check":
            self._sensor.finger_present()
            return True
        if method == "wait_for_finger":
            return _wait(self._sensor, call, wanted=True)
        if method == "wait_for_no_finger":
            return _wait(self._sensor, call, wanted=False)
        if method == "capture":
            return self._capture()
        raise MethodUnknown(method)

    def _capture(self) -> Value:
        try:
            image = self._sensor.capture()
        except SensorOtherFinger:
            # No fault of the sensor: the person is shown which finger is meant.
            return {"other_finger": True}
        if image is None:
            return None
        picture: dict[str, Value] = {"pixels": image.pixels, "width": image.width_px, "height": image.height_px}
        sensor = None if image.sensor is None else image.sensor.model_dump()
        told: dict[str, Value] = {} if image.nfiq2 is None else {"nfiq2": image.nfiq2}
        return {**picture, "dpi": image.dpi, "sensor": sensor, **told}


def _wait(sensor: FingerprintSensor, call: Call, *, wanted: bool) -> bool:
    while call.is_wanted:
        if sensor.finger_present() is wanted:
            return True
        call.pause(_POLL_S)
    return False


def _position(value: Value) -> FingerPosition:
    return FingerPosition(value) if isinstance(value, int) and value in _POSITIONS else FingerPosition.UNKNOWN


def make(settings: Settings) -> FingerprintServant:
    """For the ZFM-20 at ``port``; ``baud`` is the speed it has from the factory."""
    port, baud = text(settings, "port"), number(settings, "baud", 57600)
    return FingerprintServant(lambda: open_zfm(port, baud=baud))
