"""A certified scanner as a FingerprintSensor.

The interface knows no "is a finger there": a short capture is the answer to it, and its picture is kept for the
capture that follows. Quality below ``requested_score`` is no refusal: the specification has the device give its best
picture, and our own extractor judges it, so that worn fingers are not turned away by a number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path as FilePath
from types import TracebackType
from typing import Self

from domain.fingers import FingerPosition
from domain.sensors import SensorIdentity
from enrolment.devices.ports import FingerImage, SensorOtherFinger, SensorUnplugged
from enrolment.devices.sbi.answers import DeviceInfo
from enrolment.devices.sbi.capture import FIRST_HASH, CaptureRequest, SbiCapture, read_capture
from enrolment.devices.sbi.device_trust import DeviceTrust, read_device_trust
from enrolment.devices.sbi.discovery import get_proven_device
from enrolment.devices.sbi.http_line import ask
from enrolment.devices.sbi.vocabulary import PORTS, Environment, Path, Verb

LOOK_TIMEOUT_S = 0.5
CAPTURE_TIMEOUT_S = 10.0
#: On top of what the device itself may take.
ANSWER_MARGIN_S = 3.0
#: A picture taken when the finger was noticed is as good as a new one for so long.
PENDING_FOR_S = 2.0
USUAL_SCORE = 40
_LONGEST_SERIAL = 80


def _now() -> datetime:
    return datetime.now(UTC)


def open_sbi(
    trust: DeviceTrust | FilePath,
    *,
    environment: Environment = Environment.PRODUCTION,
    ports: Iterable[int] = PORTS,
    requested_score: int = USUAL_SCORE,
    capture_timeout_s: float = CAPTURE_TIMEOUT_S,
    answer_margin_s: float = ANSWER_MARGIN_S,
    now: Callable[[], datetime] = _now,
) -> SbiSensor:
    """The first trusted finger device on these ports. ``trust`` may be a PEM file of anchors.

    Raises SensorUnplugged, SensorSilent, SensorBusy, SensorGarbage or SensorUntrusted.
    """
    anchors = trust if isinstance(trust, DeviceTrust) else read_device_trust(trust)
    port, info = get_proven_device(ports, anchors, environment, now=now())
    return SbiSensor(
        port,
        info,
        anchors,
        environment,
        requested_score=requested_score,
        capture_timeout_s=capture_timeout_s,
        answer_margin_s=answer_margin_s,
        now=now,
    )


class SbiSensor:
    """One proven device. Every picture it gives was signed for one request of ours, and continues a chain of hashes."""

    def __init__(
        self,
        port: int,
        info: DeviceInfo,
        trust: DeviceTrust,
        environment: Environment,
        *,
        requested_score: int,
        capture_timeout_s: float,
        answer_margin_s: float,
        now: Callable[[], datetime],
    ) -> None:
        self.port = port
        self.info = info
        self._trust = trust
        self._environment = environment
        self._requested_score = requested_score
        self._capture_timeout_s = capture_timeout_s
        self._answer_margin_s = answer_margin_s
        self._now = now
        self._expected = FingerPosition.UNKNOWN
        self._previous_hash = FIRST_HASH
        self._pending: tuple[float, SbiCapture] | None = None
        self._is_closed = False
        #: The code under which the device was registered: no other device can sign as it.
        self._identity = SensorIdentity(driver="sbi", serial=info.deviceCode[:_LONGEST_SERIAL])

    def expect(self, position: FingerPosition) -> None:
        """Ask for that finger from now on; answers that name another are refused. UNKNOWN asks for any."""
        if position is not self._expected:
            self._expected, self._pending = position, None

    def finger_present(self) -> bool:
        """Whether the device could take a picture just now, be it of another finger. Raises a SensorError."""
        try:
            capture = self._capture_within(LOOK_TIMEOUT_S)
        except SensorOtherFinger:
            # A finger lies there: whoever takes its picture next is told which it is, or finds the right one by then.
            self._pending = None
            return True
        self._pending = None if capture is None else (time.monotonic(), capture)
        return capture is not None

    def capture(self) -> FingerImage | None:
        """The picture taken when the finger was noticed, or one of now; None without a finger.

        Raises a SensorError; SensorOtherFinger for a finger that was not asked for.
        """
        capture = self._take_pending() or self._capture_within(self._capture_timeout_s)
        return None if capture is None else replace(capture.record.image, sensor=self._identity)

    def close(self) -> None:
        """Forget the device; calling it twice is allowed."""
        self._is_closed, self._pending = True, None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_pending(self) -> SbiCapture | None:
        pending, self._pending = self._pending, None
        if pending is None or time.monotonic() - pending[0] > PENDING_FOR_S:
            return None
        return pending[1]

    def _capture_within(self, timeout_s: float) -> SbiCapture | None:
        if self._is_closed:
            raise SensorUnplugged("the sensor was closed")
        request = CaptureRequest(
            device_id=self.info.deviceId,
            device_code=self.info.deviceCode,
            environment=self._environment,
            position=self._expected,
            requested_score=self._requested_score,
            previous_hash=self._previous_hash,
            timeout_s=timeout_s,
            asked_at=self._now(),
        )
        limit_s = timeout_s + self._answer_margin_s
        body = ask(self.port, Verb.REGISTRATION_CAPTURE, Path.CAPTURE, request.as_json(), timeout_s=limit_s)
        capture = read_capture(body, request, self._trust, now=self._now())
        if capture is not None:
            self._previous_hash = capture.hash
        return capture
