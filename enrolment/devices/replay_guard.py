"""The very same picture of a finger twice: what a recording gives, and a living finger never does (F120)."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

from domain.fingers import FingerPosition
from enrolment.devices.ports import FingerImage, FingerprintSensor, SensorSameImage

#: Pictures of some days at one desk.
PICTURES_REMEMBERED = 10_000
_KEY_BYTES = 32
_DIGEST_BYTES = 16


class CaptureOutcome(Enum):
    """What came of a capture."""

    TAKEN = "taken"
    NO_FINGER = "no_finger"
    SAME_IMAGE = "same_image"
    """Bit for bit a picture that was delivered before: a recording, or a sensor that shows its memory."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture; there is a picture only when it was TAKEN."""

    outcome: CaptureOutcome
    image: FingerImage | None = field(default=None, repr=False)


class ReplayGuard:
    """Remembers which pictures were delivered, by a digest under a key that never leaves this process.

    The digests say nothing to anybody who has other pictures of the finger, nor after the process has ended.
    """

    def __init__(self, *, remembered: int = PICTURES_REMEMBERED) -> None:
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._order: deque[bytes] = deque(maxlen=remembered)
        self._seen: set[bytes] = set()

    def judge(self, image: FingerImage | None) -> Capture:
        """The capture that this picture makes; a picture once TAKEN is SAME_IMAGE ever after."""
        if image is None:
            return Capture(CaptureOutcome.NO_FINGER)
        digest = self._digest(image)
        if digest in self._seen:
            return Capture(CaptureOutcome.SAME_IMAGE)
        self._remember(digest)
        return Capture(CaptureOutcome.TAKEN, image)

    def _digest(self, image: FingerImage) -> bytes:
        size = b"%d,%d;" % (image.width_px, image.height_px)
        return hashlib.blake2b(size + image.pixels, key=self._key, digest_size=_DIGEST_BYTES).digest()

    def _remember(self, digest: bytes) -> None:
        if len(self._order) == self._order.maxlen:
            self._seen.discard(self._order[0])
        self._order.append(digest)
        self._seen.add(digest)


class GuardedSensor:
    """Any FingerprintSensor with a guard before it. ``open_sensor`` is called at first use and after ``let_go``.

    The guard outlives the sensor, so that a fault and a new start do not make an old picture new.
    """

    def __init__(self, open_sensor: Callable[[], FingerprintSensor], guard: ReplayGuard | None = None) -> None:
        self._open_sensor = open_sensor
        self._guard = guard or ReplayGuard()
        self._sensor: FingerprintSensor | None = None
        self._expected = FingerPosition.UNKNOWN

    def expect(self, position: FingerPosition) -> None:
        """Which finger is asked for from now on, also of a sensor opened later."""
        self._expected = position
        if self._sensor is not None:
            self._sensor.expect(position)

    def finger_present(self) -> bool:
        """Whether a finger lies on the window now. Raises a SensorError when the sensor cannot say."""
        return self._opened().finger_present()

    def take(self) -> Capture:
        """The picture of the finger now on the window, or why there is none. Raises a SensorError for a fault."""
        return self._guard.judge(self._opened().capture())

    def capture(self) -> FingerImage | None:
        """As FingerprintSensor has it; raises SensorSameImage besides."""
        taken = self.take()
        if taken.outcome is CaptureOutcome.SAME_IMAGE:
            raise SensorSameImage("the sensor gave a picture that it gave before")
        return taken.image

    def let_go(self) -> None:
        """Close the sensor until the next call: what it said last cannot be trusted, or it was plugged in anew."""
        sensor, self._sensor = self._sensor, None
        if sensor is not None:
            sensor.close()

    def close(self) -> None:
        """Let go of the sensor; calling it twice is allowed."""
        self.let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> FingerprintSensor:
        if self._sensor is None:
            self._sensor = self._open_sensor()
            self._sensor.expect(self._expected)
        return self._sensor
